#include "s3_client.h"

#include "base/clock.h"
#include "base/mem.h"

#define BODY_MAX ((size_t)1024 * 1024) /* of what is no state */

unsigned s3_pace_ms(int64_t last_ms, int64_t now_ms, unsigned unit_ms)
{
    int64_t unit = unit_ms ? unit_ms : 1000, gone = now_ms - last_ms;
    if (last_ms == 0 || gone < 0 || gone >= unit)
        return 0;
    return (unsigned)((unit - gone) * 1000 / unit);
}

/* ---- Credentials ----------------------------------------------------------------------------- */

static bool refresh(struct s3 *s, struct error *err)
{
    struct state_access *a = s->access;
    bool changed = false;
    if (!state_access_fresh(a, clock_now(), &changed, err))
        return false;
    if (s->has_credentials && !changed)
        return true;
    if (!state_access_need(a, a->endpoint, err))
        return false;
    struct http_credentials c = {.aws_id = a->aws_id,
                                 .aws_secret = a->aws_secret,
                                 .aws_session = a->aws_session,
                                 .aws_region = a->region};
    s->has_credentials = http_add_credentials(s->http, &c, &s->credentials, err);
    return s->has_credentials;
}

/* ---- One request ----------------------------------------------------------------------------- */

static void add_condition(struct buf *line, const struct s3_request *r)
{
    struct bytes etag = bytes_of(r->etag);
    if (r->condition == S3_IF_ABSENT) {
        buf_add_str(line, "If-None-Match: *");
        return;
    }
    if (r->unquoted && etag.len >= 2)
        etag = bytes_make(etag.data + 1, etag.len - 2);
    buf_add_str(line, "If-Match: ");
    buf_add_bytes(line, etag);
}

static unsigned pace(const struct s3 *s, const struct s3_request *r)
{
    bool same = s->put_path && strcmp(s->put_path, r->path) == 0;
    if (!s->is_r2 || r->method != HTTP_PUT || !same)
        return 0;
    return s3_pace_ms(s->put_ms, clock_monotonic_ms(), s->wait_unit_ms);
}

static void note_put(struct s3 *s, const struct s3_request *r)
{
    char *path = mem_text(bytes_of(r->path));
    mem_free(s->put_path);
    s->put_path = path;
    s->put_ms = clock_monotonic_ms();
}

/* No answer came. */
static bool refuse_lost(const struct s3 *s, const struct http_answer *a, struct error *err)
{
    bool is_network = err->code == ERR_FAILED;
    if (is_network)
        err->code = ERR_AWAY;
    error_wrap(err, "%s", s->address->text);
    if (err->code == ERR_LIMIT)
        error_hint(err,
                   "a state is not as large: is it the right key, and an S3 service behind %s?",
                   s->access->endpoint);
    if (is_network && !*err->hint)
        error_hint(err,
                   a->unreached ? "check the endpoint, %s, and the network"
                                : "check the network between here and %s, and try again",
                   s->access->endpoint);
    return false;
}

/* A request with a condition may be repeated: the second has no effect when the first had, and what
 * it is then answered (412) is said with maybe_done. */
bool s3_send(struct s3 *s, const struct s3_request *r, struct http_answer *answer,
             struct error *err)
{
    *answer = (struct http_answer){.status = 0};
    if (!refresh(s, err))
        return false;
    struct buf line = {0};
    if (r->condition != S3_NONE)
        add_condition(&line, r);
    const char *headers[] = {line.data, NULL};
    unsigned due = pace(s, r);
    struct http_request request = {
        .method = r->method,
        .path = r->path,
        .content_type = r->method == HTTP_PUT ? "application/json" : NULL,
        .body = r->body,
        .headers = headers,
        .credentials = s->credentials,
        .repeatable = true,
        /* What services that want the quotes answer to an ETag without them. */
        .final_status = r->unquoted ? 500 : 0,
        .delay_ms = r->delay_ms > due ? r->delay_ms : due,
        .max_body = r->method == HTTP_GET ? REMOTE_SIZE_MAX : BODY_MAX,
    };
    bool ok = http_send(s->http, &request, answer, err);
    if (ok && r->method == HTTP_PUT && s3_accepted(answer))
        note_put(s, r);
    buf_release(&line);
    return ok || refuse_lost(s, answer, err);
}
