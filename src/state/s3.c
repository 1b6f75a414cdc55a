#include "s3.h"

#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "s3_client.h"

#define CONFLICT_TRIES    6    /* of a PUT that is answered 409 */
#define CONFLICT_DELAY_MS 200u /* before the second, twice that before the next … */

/* ---- Reading --------------------------------------------------------------------------------- */

static bool keep_version(const struct s3 *s, const struct http_answer *a,
                         struct remote_answer *answer, struct error *err)
{
    if (!s3_check_etag(s, a->etag, err))
        return false;
    answer->version.exists = true;
    snprintf(answer->version.etag, sizeof answer->version.etag, "%s", a->etag);
    return true;
}

/* Takes what a GET was answered. Only a service that says NoSuchKey knows the bucket and misses the
 * object: any other 404 may be of a page that has nothing to do with S3. */
static bool take_read(const struct s3 *s, struct http_answer *a, struct remote_answer *answer,
                      struct error *err)
{
    buf_release(&answer->body);
    answer->date = a->date;
    answer->version = (struct remote_version){.exists = false};
    if (a->status == 404 && s3_code_is(a, "NoSuchKey"))
        return true;
    if (a->status != 200)
        return s3_refused(s, "read", a, err);
    if (!keep_version(s, a, answer, err))
        return false;
    answer->body = a->body;
    a->body = (struct buf){.data = NULL};
    return true;
}

static enum remote_outcome s3_read(void *ctx, struct remote_answer *answer, struct error *err)
{
    struct s3 *s = ctx;
    struct s3_request get = {.method = HTTP_GET, .path = s->path};
    struct http_answer a;
    bool ok = s3_send(s, &get, &a, err) && take_read(s, &a, answer, err);
    buf_release(&a.body);
    return ok ? REMOTE_DONE : REMOTE_FAILED;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* One PUT. 409 says that another write of the object is under way: once that is over the condition
 * can be judged. */
static bool put(struct s3 *s, struct s3_request *request, struct http_answer *a, struct error *err)
{
    bool maybe_done = false;
    for (unsigned tries = 1;; tries++) {
        bool ok = s3_send(s, request, a, err);
        a->maybe_done = maybe_done = maybe_done || a->maybe_done;
        if (!ok || a->status != 409 || tries == CONFLICT_TRIES)
            return ok;
        buf_release(&a->body);
        request->delay_ms = CONFLICT_DELAY_MS << (tries - 1);
    }
}

/* Whether the object is still the one that was to be replaced, so that the service refused the way
 * its ETag was written. */
static bool still_stands(struct s3 *s, const struct remote_version *expected)
{
    struct remote_answer now = {.date = 0};
    struct error why;
    bool same = s3_read(s, &now, &why) == REMOTE_DONE && now.version.exists &&
                strcmp(now.version.etag, expected->etag) == 0;
    buf_release(&now.body);
    return same;
}

static bool is_form_refused(const struct s3_request *r, unsigned status)
{
    return r->condition == S3_IF_MATCH &&
           (status == 412 || (r->unquoted && (status == 400 || status == 500)));
}

static bool refuse_own_etag(const struct s3 *s, struct error *err)
{
    error_set(err, ERR_FAILED, "%s cannot be replaced: the service refuses its own ETag",
              s->address->text);
    return error_hint(err,
                      "it does not do what If-Match asks for, with quotes or without: keep the "
                      "state on another service");
}

/* Sends it as the service is known to want it, and once the other way when it was the quotes that
 * were refused. */
static bool put_either_way(struct s3 *s, struct s3_request *r,
                           const struct remote_version *expected, struct http_answer *a,
                           struct error *err)
{
    r->unquoted = s->unquoted;
    if (!put(s, r, a, err))
        return false;
    if (!is_form_refused(r, a->status) || !still_stands(s, expected))
        return true;
    buf_release(&a->body);
    r->unquoted = !r->unquoted;
    if (!put(s, r, a, err))
        return false;
    if (s3_accepted(a))
        s->unquoted = r->unquoted;
    if (is_form_refused(r, a->status) && !a->maybe_done && still_stands(s, expected))
        return refuse_own_etag(s, err);
    return true;
}

/* What stands there is not `expected`; or, after an attempt whose answer was lost, it is ours. */
static enum remote_outcome moved(const struct s3 *s, struct error *err)
{
    error_set(err, ERR_STALE, "%s was changed meanwhile", s->address->text);
    return REMOTE_MOVED;
}

static enum remote_outcome take_write(struct s3 *s, const struct s3_request *r,
                                      const struct http_answer *a, struct remote_answer *answer,
                                      struct error *err)
{
    struct error why;
    answer->date = a->date;
    if (s3_accepted(a)) {
        answer->version = (struct remote_version){.exists = true};
        /* Without a good one it happened all the same: remote.h reads before the next. */
        if (s3_check_etag(s, a->etag, &why))
            keep_version(s, a, answer, &why);
        return REMOTE_DONE;
    }
    bool gone = a->status == 404 && r->condition == S3_IF_MATCH && s3_code_is(a, "NoSuchKey");
    if (a->status == 412 || a->status == 409 || gone)
        return moved(s, err);
    s3_refused(s, "write", a, err);
    return a->maybe_done ? REMOTE_UNKNOWN : REMOTE_FAILED;
}

static enum remote_outcome s3_write(void *ctx, struct bytes document,
                                    const struct remote_version *expected,
                                    struct remote_answer *answer, struct error *err)
{
    struct s3 *s = ctx;
    struct s3_request request = {.method = HTTP_PUT,
                                 .path = s->path,
                                 .body = document,
                                 .condition = expected->exists ? S3_IF_MATCH : S3_IF_ABSENT,
                                 .etag = expected->etag};
    struct http_answer a = {.status = 0};
    if (expected->exists && !s3_check_etag(s, expected->etag, err))
        return REMOTE_FAILED;
    enum remote_outcome outcome = REMOTE_FAILED;
    if (put_either_way(s, &request, expected, &a, err))
        outcome = take_write(s, &request, &a, answer, err);
    else if (a.maybe_done)
        outcome = REMOTE_UNKNOWN;
    buf_release(&a.body);
    return outcome;
}

static bool s3_checks(void *ctx, const struct remote_version *version)
{
    struct error why;
    return !version->exists || s3_check_etag(ctx, version->etag, &why);
}

/* ---- What the envelope remembers ------------------------------------------------------------- */

static bool text_is(const struct json *v, const char *text)
{
    const char *have;
    return json_as_str(v, &have) && strcmp(have, text) == 0;
}

static bool s3_recall(void *ctx, struct bytes service)
{
    struct s3 *s = ctx;
    struct error why;
    struct json *doc = service.len > 0 ? json_doc_parse(service, &why) : NULL;
    if (!doc)
        return false;
    const struct json *conditions = json_member(doc, "conditions");
    bool quoted = text_is(conditions, "quoted"), unquoted = text_is(conditions, "unquoted");
    bool known = (quoted || unquoted) &&
                 text_is(json_member(doc, "endpoint"), s->access->endpoint) &&
                 text_is(json_member(doc, "bucket"), s->address->bucket);
    if (known)
        s->unquoted = unquoted;
    json_doc_free(doc);
    return known;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static void s3_close(void *ctx)
{
    struct s3 *s = ctx;
    http_close(s->http);
    mem_free(s->path);
    mem_free(s->put_path);
    mem_free(s);
}

static bool is_r2(const char *endpoint)
{
    static const char r2[] = ".r2.cloudflarestorage.com";
    struct bytes host = bytes_of(endpoint);
    return bytes_ends_with(host, bytes_make(r2, sizeof r2 - 1));
}

static char *path_of(const struct state_address *address)
{
    struct buf path = {0};
    buf_addf(&path, "/%s/%s", address->bucket, address->key);
    char *text = mem_text(buf_bytes(&path));
    buf_release(&path);
    return text;
}

bool s3_object(const struct state_address *address, struct state_access *access,
               const struct http_options *http, struct remote_object *object, struct error *err)
{
    if (!access->endpoint)
        return state_access_need(access, address->text, err) &&
               error_set(err, ERR_USAGE, "%s has no endpoint", address->text);
    struct s3 *s = mem_zalloc(1, sizeof *s);
    struct http_options o = *http;
    o.base_url = access->endpoint;
    o.credentials = (struct http_credentials){.token = NULL};
    o.ca_file = access->ca_file;
    o.cert_pem = access->cert_pem;
    o.key_pem = access->key_pem;
    o.ca_pem = access->ca_pem;
    o.unbudgeted = true;
    o.jobs = 1;
    *s = (struct s3){.address = address,
                     .access = access,
                     .http = http_open(&o, err),
                     .path = path_of(address),
                     .is_r2 = is_r2(access->endpoint),
                     .wait_unit_ms = http->wait_unit_ms};
    if (!s->http) {
        s3_close(s);
        return error_wrap(err, "%s", address->text);
    }
    *object = (struct remote_object){.ctx = s,
                                     .name = address->text,
                                     .read = s3_read,
                                     .write = s3_write,
                                     .checks = s3_checks,
                                     .recall = s3_recall,
                                     .probe = s3_probe,
                                     .close = s3_close};
    return true;
}
