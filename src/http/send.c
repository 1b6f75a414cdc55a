/* One request at a time, on top of http_run. */
#include "http.h"

#include "retry.h"
#include "transfer.h"

const char *http_header(const struct http_response *response, const char *name)
{
    return response->transfer ? transfer_header(response->transfer, name, 0) : NULL;
}

struct one {
    const struct http_request *request;
    bool asked, answered;
    struct http_answer *answer;
    struct error *err;
};

static enum http_next next_one(void *ctx, struct http_request *request)
{
    struct one *one = ctx;
    if (one->asked)
        return HTTP_NEXT_END;
    one->asked = true;
    *request = *one->request;
    return HTTP_NEXT_REQUEST;
}

static void keep_header(const struct http_response *response, const char *name, char *out,
                        size_t size)
{
    const char *value = http_header(response, name);
    if (value && strlen(value) < size)
        memcpy(out, value, strlen(value) + 1);
}

static void take_one(void *ctx, const struct http_request *request,
                     const struct http_response *response)
{
    struct one *one = ctx;
    const char *date = http_header(response, "date");
    struct http_answer *a = one->answer;
    (void)request;
    *a = (struct http_answer){.status = response->status,
                              .retry_after_s = response->retry_after_s,
                              .maybe_done = response->maybe_done,
                              .is_challenge = response->is_challenge,
                              .unreached = response->unreached,
                              .attempts = response->attempts};
    one->answered = response->ok;
    if (!response->ok) {
        *one->err = response->error;
        return;
    }
    buf_add_bytes(&a->body, response->body);
    keep_header(response, "etag", a->etag, sizeof a->etag);
    keep_header(response, "content-type", a->content_type, sizeof a->content_type);
    keep_header(response, "content-md5", a->content_md5, sizeof a->content_md5);
    keep_header(response, "location", a->location, sizeof a->location);
    int64_t then = date ? retry_date_seconds(date) : -1;
    a->date = then > 0 ? then : 0;
}

bool http_send(struct http *h, const struct http_request *request, struct http_answer *answer,
               struct error *err)
{
    struct error failed = {.code = ERR_NONE};
    struct one one = {.request = request, .answer = answer, .err = &failed};
    *answer = (struct http_answer){.status = 0};
    if (!http_run(h, next_one, take_one, &one, err))
        return false;
    if (!one.answered)
        *err = failed;
    return one.answered;
}
