/*
 * s3_probe.c: whether a service does what conditions ask for.
 *
 * Several take If-Match and If-None-Match and write all the same: with those every writer would
 * believe to be the only one. What is done, on an object of its own beside the state's:
 *
 *     PUT  If-None-Match: *         is accepted, and gives an ETag
 *     PUT  If-None-Match: *         412: there is one already
 *     PUT  If-Match: that ETag      is accepted; else as well without its quotes (s3.h)
 *     PUT  If-Match: that ETag      412: it is another by now
 *     DELETE
 */
#include "s3_client.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"

#define SUFFIX     ".probe-"
#define MARK_BYTES 8

struct probe {
    struct s3 *s;
    struct buf path;
    char etag[S3_ETAG_MAX]; /* of the first writing */
    bool unquoted;
    unsigned writings; /* bodies differ: an ETag may be made of the body */
    bool is_there;     /* an object of that name may have to be removed */
};

static bool begin(struct probe *p, struct error *err)
{
    unsigned char mark[MARK_BYTES];
    if (!hash_random(mark, sizeof mark))
        return error_set(err, ERR_IO, "the system gives no random bytes");
    buf_clear(&p->path);
    buf_addf(&p->path, "%s" SUFFIX, p->s->path);
    buf_add_hex(&p->path, mark, sizeof mark);
    return true;
}

static bool write_once(struct probe *p, enum s3_condition condition, struct http_answer *a,
                       struct error *err)
{
    char body[96];
    int len = snprintf(body, sizeof body, "cfkv asks whether conditions are kept: writing %u\n",
                       ++p->writings);
    struct s3_request r = {.method = HTTP_PUT,
                           .path = p->path.data,
                           .body = bytes_make(body, (size_t)len),
                           .condition = condition,
                           .etag = p->etag,
                           .unquoted = p->unquoted};
    bool ok = s3_send(p->s, &r, a, err);
    p->is_there = p->is_there || (ok && (s3_accepted(a) || a->status == 412));
    return ok;
}

/* What cannot be removed stays, and harms nobody. */
static void discard(struct probe *p)
{
    struct s3_request r = {.method = HTTP_DELETE, .path = p->path.data};
    struct http_answer a = {.status = 0};
    struct error why;
    if (p->is_there)
        s3_send(p->s, &r, &a, &why);
    buf_release(&a.body);
    p->is_there = false;
}

/* ---- What is wrong with it ------------------------------------------------------------------- */

static bool refuse_service(const struct probe *p, const char *what, struct error *err)
{
    const struct s3 *s = p->s;
    error_set(err, ERR_FAILED, "the service behind %s cannot keep %s: it %s", s->access->endpoint,
              s->address->text, what);
    return error_hint(err, "two runs at the same time would overwrite each other's state there. "
                           "Services that keep conditions: R2, AWS S3, Ceph, MinIO; or an "
                           "https:// address that locks");
}

static bool refuse_answer(const struct probe *p, const char *condition, const struct http_answer *a,
                          struct error *err)
{
    char what[128];
    if (s3_accepted(a)) {
        snprintf(what, sizeof what, "takes '%s' and writes all the same", condition);
        return refuse_service(p, what, err);
    }
    if (a->status == 400 || a->status == 501) {
        snprintf(what, sizeof what, "does not know '%s' (HTTP %u)", condition, a->status);
        return refuse_service(p, what, err);
    }
    return s3_refused(p->s, "write", a, err);
}

static bool is_refusal(const struct http_answer *a)
{
    return a->status == 412;
}

/* ---- The steps ------------------------------------------------------------------------------- */

/* Where the first answer was lost the repeated request is answered 412: then all begins anew under
 * another name. */
static bool create(struct probe *p, struct error *err)
{
    struct http_answer a = {.status = 412};
    bool ok = true;
    for (unsigned tries = 0; ok && is_refusal(&a) && tries < 3; tries++) {
        discard(p);
        buf_release(&a.body);
        ok = begin(p, err) && write_once(p, S3_IF_ABSENT, &a, err);
    }
    if (ok && is_refusal(&a))
        ok = refuse_service(p, "answers 412 to 'If-None-Match: *' where nothing is", err);
    else if (ok && !s3_accepted(&a))
        ok = refuse_answer(p, "If-None-Match: *", &a, err);
    if (ok && (ok = s3_check_etag(p->s, a.etag, err)))
        snprintf(p->etag, sizeof p->etag, "%s", a.etag);
    buf_release(&a.body);
    return ok;
}

static bool must_refuse(struct probe *p, enum s3_condition condition, const char *shown,
                        struct error *err)
{
    struct http_answer a = {.status = 0};
    bool ok = write_once(p, condition, &a, err);
    if (ok && !is_refusal(&a))
        ok = refuse_answer(p, shown, &a, err);
    buf_release(&a.body);
    return ok;
}

/* A 412 after a lost answer may mean that it was done: then the object has another ETag, and what
 * follows holds all the same. */
static bool replace(struct probe *p, struct error *err)
{
    struct http_answer a = {.status = 0};
    bool ok = write_once(p, S3_IF_MATCH, &a, err);
    if (ok && is_refusal(&a) && !a.maybe_done) {
        buf_release(&a.body);
        p->unquoted = true;
        ok = write_once(p, S3_IF_MATCH, &a, err);
    }
    if (ok && is_refusal(&a) && !a.maybe_done)
        ok = refuse_service(p, "answers 412 to 'If-Match' with its own ETag", err);
    else if (ok && !s3_accepted(&a) && !is_refusal(&a))
        ok = refuse_answer(p, "If-Match", &a, err);
    buf_release(&a.body);
    return ok;
}

static void add_verdict(const struct probe *p, struct buf *service)
{
    struct json_writer w = json_writer_to(service, 0);
    json_begin_object(&w);
    json_field_str(&w, "bucket", p->s->address->bucket);
    json_field_str(&w, "conditions", p->unquoted ? "unquoted" : "quoted");
    json_field_str(&w, "endpoint", p->s->access->endpoint);
    json_end_object(&w);
}

bool s3_probe(void *ctx, struct buf *service, struct error *err)
{
    struct probe p = {.s = ctx};
    bool ok = create(&p, err) && must_refuse(&p, S3_IF_ABSENT, "If-None-Match: *", err) &&
              replace(&p, err) &&
              must_refuse(&p, S3_IF_MATCH, "If-Match: an ETag of the past", err);
    discard(&p);
    if (ok) {
        p.s->unquoted = p.unquoted;
        add_verdict(&p, service);
    }
    buf_release(&p.path);
    return ok;
}
