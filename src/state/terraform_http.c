#include "terraform_http.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "terraform_http_answer.h"

#define LOCK_ANSWER_MAX 65536
#define SAID_SIZE       200
#define HEADER_SIZE     (REMOTE_ETAG_MAX + 32)
#define JSON_TYPE       "application/json"

struct client {
    const struct state_address *address;
    struct state_access *access;
    struct http_options options;
    char *origin; /* "https://HOST[:PORT]", of all its URLs */
    struct http *http;
    size_t credentials;
    char lock_id[sizeof((struct lease *)0)->id]; /* that writes carry; "": none was taken */
    struct buf lock_info;                        /* as it was sent: what unlocks it */
    bool leases;                                 /* the service's locks end by themselves */
    bool absent;                                 /* the last read found nothing, and said so */
};

/* ---- One request ----------------------------------------------------------------------------- */

static struct http_credentials credentials_of(const struct state_access *a)
{
    if (a->token)
        return (struct http_credentials){.token = a->token};
    if (a->user)
        return (struct http_credentials){.user = a->user, .password = a->password};
    return (struct http_credentials){.none = true};
}

/* Sees to it that there is an http, and that it has the credentials of now. */
static bool make_ready(struct client *c, struct error *err)
{
    bool changed = false;
    if (!state_access_fresh(c->access, clock_now(), &changed, err))
        return false;
    struct http_credentials credentials = credentials_of(c->access);
    if (c->http)
        return !changed || http_add_credentials(c->http, &credentials, &c->credentials, err);
    c->options.credentials = credentials;
    c->http = http_open(&c->options, err);
    return c->http != NULL;
}

/* The path of one of our URLs, with the lock's id where there is one, instead of any in its query.
 */
static void add_path(const struct client *c, const char *url, const char *id, struct buf *out)
{
    const char *path = url + strlen(c->origin);
    size_t len = strcspn(path, "?");
    char sign = '?';
    buf_add_str(out, len > 0 ? "" : "/");
    buf_add(out, path, len);
    for (const char *p = path + len; *p; p += strcspn(p, "&")) {
        size_t n = strcspn(++p, "&");
        if (id[0] && n >= 3 && memcmp(p, "ID=", 3) == 0)
            continue;
        buf_add_char(out, sign);
        buf_add(out, p, n);
        sign = '&';
    }
    if (id[0]) {
        buf_add_char(out, sign);
        buf_add_str(out, "ID=");
        http_encode(out, bytes_of(id));
    }
}

static void content_md5(struct bytes body, struct buf *out)
{
    uint8_t md5[HASH_MD5_SIZE];
    hash_md5(body, md5);
    buf_add_base64(out, bytes_make((const char *)md5, sizeof md5));
}

struct exchange {
    struct terraform_asked asked;
    const char *verb, *url;
    struct bytes body;     /* data NULL: none */
    const char *condition; /* a header line; NULL: none */
};

static bool send_it(struct client *c, const struct exchange *x, struct http_answer *answer,
                    struct error *err)
{
    struct buf path = {0}, md5 = {0};
    /* What compresses on the way makes the ETag another. */
    const char *headers[4] = {"Accept-Encoding: identity"};
    size_t n = 1;
    enum terraform_step step = x->asked.step;
    add_path(c, x->url, step == TERRAFORM_WRITE ? x->asked.id : "", &path);
    if (x->body.data) {
        buf_add_str(&md5, "Content-MD5: ");
        content_md5(x->body, &md5);
        headers[n++] = md5.data;
    }
    if (x->condition)
        headers[n++] = x->condition;
    struct http_request request = {
        .method = x->body.data ? HTTP_POST : HTTP_GET,
        .verb = x->verb,
        .path = path.data,
        .headers = headers,
        .content_type = x->body.data ? JSON_TYPE : NULL,
        .body = x->body,
        .credentials = c->credentials,
        .repeatable = true,
        .final_status = 501, /* a method that it does not know now it will not know later */
        .max_body = step == TERRAFORM_READ ? REMOTE_SIZE_MAX : LOCK_ANSWER_MAX};
    bool came = http_send(c->http, &request, answer, err);
    buf_release(&path);
    buf_release(&md5);
    return came;
}

/* An answer that brings the sum of its body along, and another body. */
static bool check_sum(const struct client *c, const struct http_answer *answer, struct error *err)
{
    struct buf sum = {0};
    if (!answer->content_md5[0] || answer->status != 200)
        return true;
    content_md5(buf_bytes(&answer->body), &sum);
    bool same = strcmp(sum.data, answer->content_md5) == 0;
    buf_release(&sum);
    if (same)
        return true;
    error_set(err, ERR_ANSWER, "what came of %s is not what was sent: its Content-MD5 is another",
              c->address->text);
    return error_hint(err, "try again; something between may change or cut what it passes on");
}

static enum remote_outcome exchange(struct client *c, struct exchange *x, struct remote_answer *out,
                                    int64_t *expires, struct error *err)
{
    struct http_answer answer = {0};
    char said[SAID_SIZE];
    if (!make_ready(c, err))
        return REMOTE_FAILED;
    bool came = send_it(c, x, &answer, err);
    terraform_said(buf_bytes(&answer.body), said, sizeof said);
    if (http_shows_credentials(c->http, said))
        said[0] = '\0';
    x->asked.name = c->address->text;
    x->asked.source = c->access->source;
    x->asked.hint = c->access->hint;
    x->asked.shown = c->access->token || c->access->user;
    x->asked.said = said;
    enum remote_outcome outcome = REMOTE_FAILED;
    if (!came || x->asked.step != TERRAFORM_READ || check_sum(c, &answer, err))
        outcome = terraform_judge(&x->asked, &answer, came, out, expires, err);
    buf_release(&answer.body);
    return outcome;
}

/* ---- The document ---------------------------------------------------------------------------- */

static enum remote_outcome read_document(void *ctx, struct remote_answer *answer, struct error *err)
{
    struct client *c = ctx;
    int64_t expires;
    struct exchange x = {.asked = {.step = TERRAFORM_READ, .id = ""}, .url = c->address->url};
    enum remote_outcome outcome = exchange(c, &x, answer, &expires, err);
    c->absent = outcome == REMOTE_DONE && !answer->version.exists;
    return outcome;
}

static enum remote_outcome write_document(void *ctx, struct bytes document,
                                          const struct remote_version *expected,
                                          struct remote_answer *answer, struct error *err)
{
    struct client *c = ctx;
    char condition[HEADER_SIZE];
    int64_t expires;
    struct exchange x = {
        .asked = {.step = TERRAFORM_WRITE, .id = c->lock_id, .replaces = expected->exists},
        .verb = c->address->update_method,
        .url = c->address->url,
        .body = document};
    if (expected->exists && expected->etag[0])
        snprintf(condition, sizeof condition, "If-Match: %s", expected->etag);
    else if (!expected->exists && c->absent)
        snprintf(condition, sizeof condition, "If-None-Match: *");
    else
        condition[0] = '\0';
    x.condition = condition[0] ? condition : NULL;
    return exchange(c, &x, answer, &expires, err);
}

static bool checks(void *ctx, const struct remote_version *version)
{
    const struct client *c = ctx;
    return c->address->gitlab || c->leases || (version->exists && version->etag[0]);
}

/* ---- The lock -------------------------------------------------------------------------------- */

static enum remote_outcome lock(void *ctx, struct lease *lease, struct remote_answer *answer,
                                struct error *err)
{
    struct client *c = ctx;
    int64_t expires;
    buf_clear(&c->lock_info);
    lease_write_lock_info(lease, c->address->text, !c->address->gitlab, &c->lock_info);
    struct exchange x = {.asked = {.step = TERRAFORM_LOCK, .id = lease->id},
                         .verb = c->address->lock_method,
                         .url = c->address->lock_url,
                         .body = buf_bytes(&c->lock_info)};
    enum remote_outcome outcome = exchange(c, &x, answer, &expires, err);
    if (outcome != REMOTE_DONE)
        return outcome;
    memcpy(c->lock_id, lease->id, sizeof c->lock_id);
    c->leases = expires > 0;
    lease->seconds = c->leases ? LEASE_SECONDS : 0;
    return REMOTE_DONE;
}

/* What Terraform sends to free a lock of which it knows the id alone: all seven members. */
static void add_bare_info(const char *id, struct buf *out)
{
    static const char *const rest[] = {"Info", "Operation", "Path", "Version", "Who"};
    struct json_writer w = json_writer_to(out, 0);
    json_begin_object(&w);
    json_field_str(&w, "Created", "0001-01-01T00:00:00Z");
    json_field_str(&w, "ID", id);
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        json_field_str(&w, rest[i], "");
    json_end_object(&w);
}

static enum remote_outcome unlock(void *ctx, const char *id, struct remote_answer *answer,
                                  struct error *err)
{
    struct client *c = ctx;
    int64_t expires;
    bool ours = c->lock_id[0] && strcmp(id, c->lock_id) == 0;
    struct buf bare = {0};
    if (!ours)
        add_bare_info(id, &bare);
    struct exchange x = {.asked = {.step = TERRAFORM_UNLOCK, .id = id},
                         .verb = c->address->unlock_method,
                         .url = c->address->unlock_url,
                         .body = buf_bytes(ours ? &c->lock_info : &bare)};
    x.asked.was_there = ours && strcmp(c->address->lock_url, c->address->unlock_url) == 0;
    enum remote_outcome outcome = exchange(c, &x, answer, &expires, err);
    if (ours && (outcome == REMOTE_DONE || outcome == REMOTE_MOVED))
        c->lock_id[0] = '\0';
    buf_release(&bare);
    return outcome;
}

/* ---- Its life -------------------------------------------------------------------------------- */

static void close_client(void *ctx)
{
    struct client *c = ctx;
    http_close(c->http);
    mem_free(c->origin);
    buf_release(&c->lock_info);
    mem_free(c);
}

/* "https://HOST:PORT" of an address, which has been judged (address.h). */
static char *origin_of(const char *url)
{
    size_t scheme = (size_t)(strstr(url, "://") - url) + 3;
    return mem_text(bytes_make(url, scheme + strcspn(url + scheme, "/?")));
}

bool terraform_http_object(const struct state_address *address, struct state_access *access,
                           const struct http_options *http, struct remote_object *out,
                           struct error *err)
{
    struct http_credentials credentials = credentials_of(access);
    if (!credentials.none && !http_check_credentials(&credentials, err))
        return false;
    struct client *c = mem_zalloc(1, sizeof *c);
    c->address = address;
    c->access = access;
    c->origin = origin_of(address->url);
    c->options = *http;
    c->options.base_url = c->origin;
    c->options.jobs = 1;
    c->options.unbudgeted = true;
    c->options.cert_pem = access->cert_pem;
    c->options.key_pem = access->key_pem;
    c->options.ca_pem = access->ca_pem;
    c->options.ca_file = access->ca_file ? access->ca_file : http->ca_file;
    *out = (struct remote_object){.ctx = c,
                                  .name = address->text,
                                  .read = read_document,
                                  .write = write_document,
                                  .checks = checks,
                                  .lock = lock,
                                  .unlock = unlock,
                                  .close = close_client};
    return true;
}
