#include "terraform_http_answer.h"

#include <stdio.h>

#include "base/line.h"
#include "base/text.h"

#define SAID_READ 65536 /* bytes of a body that are looked at for words */

static const char *const what[] = {[TERRAFORM_READ] = "read",
                                   [TERRAFORM_WRITE] = "written",
                                   [TERRAFORM_LOCK] = "locked",
                                   [TERRAFORM_UNLOCK] = "unlocked"};

/* ---- What the service says ------------------------------------------------------------------- */

/* The text of one of these members; of GitLab's "message" that is an object, all of it as JSON. */
static bool member_words(const struct json *doc, struct buf *out)
{
    static const char *const names[] = {"message", "error_description", "error", "detail"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct json *v = json_member(doc, names[i]);
        const char *text;
        if (json_as_str(v, &text) && *text)
            buf_add_str(out, text);
        else if (json_is_object(v) || json_is_array(v))
            json_print(v, out);
        if (out->len > 0)
            return true;
    }
    return false;
}

void terraform_said(struct bytes body, char *out, size_t size)
{
    struct buf words = {0};
    struct error ignored;
    out[0] = '\0';
    while (body.len > 0 && text_is_blank(*body.data))
        body = bytes_make(body.data + 1, body.len - 1);
    if (body.len == 0 || body.len > SAID_READ || *body.data == '<')
        return;
    struct json *doc = json_doc_parse(body, &ignored);
    if (doc && member_words(doc, &words))
        text_one_line(buf_bytes(&words), out, size);
    else if (!doc && *body.data != '{' && *body.data != '[' && utf8_valid(body))
        text_one_line(body, out, size);
    json_doc_free(doc);
    buf_release(&words);
}

/* ": what it said", or nothing. */
static const char *colon(const struct terraform_asked *asked)
{
    return asked->said[0] ? ": " : "";
}

/* ---- Locks ----------------------------------------------------------------------------------- */

/* A lease that ends when the answer says so. */
static bool read_info(struct bytes text, struct lease *lease, int64_t *expires)
{
    if (!lease_read_lock_info(text, lease, expires))
        return false;
    if (*expires > 0) {
        if (lease->seconds == 0)
            lease->seconds = LEASE_SECONDS;
        lease->renewed = *expires - lease->seconds;
    } else {
        lease->seconds = 0;
    }
    return true;
}

/* "Expires" of a lock that was granted, and whose lock it replaced. */
static void read_grant(struct bytes body, struct remote_answer *out, int64_t *expires)
{
    struct lease granted;
    struct error ignored;
    struct buf replaced = {0};
    int64_t ended;
    if (!read_info(body, &granted, expires) || *expires == 0)
        return;
    struct json *doc = json_doc_parse(body, &ignored);
    const struct json *old = json_member(doc, "Replaced");
    if (json_is_object(old)) {
        json_print(old, &replaced);
        read_info(buf_bytes(&replaced), &out->holder, &ended);
    }
    json_doc_free(doc);
    buf_release(&replaced);
}

static enum remote_outcome held_by_another(const struct terraform_asked *asked, unsigned status,
                                           const struct remote_answer *out, struct error *err)
{
    struct buf who = {0};
    lease_words(&out->holder, 0, &who);
    if (!out->holder.id[0])
        error_set(err, ERR_LOCKED, "%s is locked, and does not say by whom (HTTP %u%s%s)",
                  asked->name, status, colon(asked), asked->said);
    else if (asked->step == TERRAFORM_WRITE)
        error_set(err, ERR_LOCKED, "the lock on %s was taken from us by %s", asked->name, who.data);
    else
        error_set(err, ERR_LOCKED, "%s is locked by %s", asked->name, who.data);
    buf_release(&who);
    return REMOTE_MOVED;
}

static bool is_ours(const struct terraform_asked *asked, const struct lease *holder)
{
    return asked->id[0] && strcmp(asked->id, holder->id) == 0;
}

/* 409 or 423: `out->holder` is who has the lock, as far as the body told. */
static enum remote_outcome judge_held(const struct terraform_asked *asked,
                                      const struct http_answer *answer, struct remote_answer *out,
                                      struct error *err)
{
    bool ours = is_ours(asked, &out->holder);
    if (asked->step == TERRAFORM_UNLOCK && !out->holder.id[0] && answer->maybe_done)
        return REMOTE_DONE; /* by an earlier attempt */
    if (asked->step == TERRAFORM_UNLOCK && (ours || !out->holder.id[0])) {
        error_set(err, ERR_FAILED, "%s could not be unlocked: HTTP %u%s%s", asked->name,
                  answer->status, colon(asked), asked->said);
        return answer->maybe_done ? REMOTE_UNKNOWN : REMOTE_FAILED;
    }
    if (asked->step == TERRAFORM_WRITE && (ours || !out->holder.id[0])) {
        error_set(err, ERR_LOCKED, "the lock on %s is not ours any more (HTTP %u%s%s)", asked->name,
                  answer->status, colon(asked), asked->said);
        return REMOTE_MOVED;
    }
    if (ours)
        return REMOTE_DONE; /* taken by an earlier attempt, or by an earlier run of ours */
    return held_by_another(asked, answer->status, out, err);
}

static enum remote_outcome no_lock(const struct terraform_asked *asked, unsigned status,
                                   struct error *err)
{
    error_set(err, ERR_USAGE,
              "a lock is required to write %s, and its service has none there: "
              "HTTP %u%s%s",
              asked->name, status, colon(asked), asked->said);
    if (status == 404)
        error_hint(err, "the address, or lock_address, may be wrong, or these credentials may not "
                        "see it");
    else
        error_hint(err, "say where it is locked by lock_address and lock_method, or use a service "
                        "with locks; 'cfkv help state' names some");
    return REMOTE_FAILED;
}

/* ---- What failed ----------------------------------------------------------------------------- */

static bool fail_denied(const struct terraform_asked *asked, unsigned status, struct error *err)
{
    const char *source = asked->shown && asked->source ? asked->source : "";
    const char *hint = asked->hint;
    if (!asked->shown)
        error_set(err, ERR_DENIED, "%s could not be %s: its service asks for credentials (HTTP %u)",
                  asked->name, what[asked->step], status);
    else
        error_set(err, ERR_DENIED, "%s could not be %s: the credentials%s%s %s (HTTP %u%s%s)",
                  asked->name, what[asked->step], *source ? " of " : "", source,
                  status == 401 ? "are not accepted" : "do not allow it", status, colon(asked),
                  asked->said);
    if (!hint && !asked->shown)
        hint = "'cfkv help state' says where they are looked for";
    if (!hint)
        hint = status == 401 ? "they may have expired, or be another service's"
                             : "reading, writing and locking may each need a right";
    return error_hint(err, "%s", hint);
}

static bool fail_status(const struct terraform_asked *asked, const struct http_answer *a,
                        struct error *err)
{
    const char *name = asked->name, *step = what[asked->step];
    unsigned status = a->status;
    if (a->is_challenge) {
        error_set(err, ERR_DENIED,
                  "%s could not be %s: a firewall before its service stopped the "
                  "request (HTTP %u)",
                  name, step, status);
        return error_hint(err, "let this machine's address through");
    }
    if (status == 401 || status == 403)
        return fail_denied(asked, status, err);
    if (status == 413) {
        error_set(err, ERR_LIMIT,
                  "%s could not be %s: it is larger than its service takes (HTTP 413%s%s)", name,
                  step, colon(asked), asked->said);
        return error_hint(err, "raise the limit of the service, or make two projects of it: each "
                               "has a state of its own");
    }
    if (status / 100 == 3) {
        error_set(err, ERR_FAILED, "%s could not be %s: its service sends us elsewhere (HTTP %u)",
                  name, step, status);
        return error_hint(err, "redirects are not followed, so that credentials stay with their "
                               "host: name the final address");
    }
    if (status == 429 || status >= 500)
        return error_set(err, ERR_AWAY, "%s could not be %s: HTTP %u%s%s", name, step, status,
                         colon(asked), asked->said);
    error_set(err, status / 100 == 4 ? ERR_FAILED : ERR_ANSWER, "%s could not be %s: HTTP %u%s%s",
              name, step, status, colon(asked), asked->said);
    return error_hint(err, "the address may be none of a state, or its service may want another "
                           "method: see 'cfkv help state'");
}

/* No whole answer; `err` has http's reason. */
static bool fail_transport(const struct terraform_asked *asked, const struct http_answer *a,
                           struct error *err)
{
    bool away = a->unreached != HTTP_REACHED || a->maybe_done || a->status > 0;
    if (asked->step == TERRAFORM_READ && err->code == ERR_LIMIT) {
        error_set(err, ERR_LIMIT, "%s could not be read: it is larger than %d MiB", asked->name,
                  (int)(REMOTE_SIZE_MAX >> 20));
        return error_hint(err, "no state is that large: the address may be another document's");
    }
    if (err->code == ERR_FAILED && away)
        err->code = ERR_AWAY;
    return error_wrap(err, "%s could not be %s", asked->name, what[asked->step]);
}

/* ---- The answer ------------------------------------------------------------------------------ */

static enum remote_outcome take_document(struct http_answer *answer, struct remote_answer *out)
{
    out->version.exists = answer->status == 200 && answer->body.len > 0;
    if (!out->version.exists)
        out->version.etag[0] = '\0';
    buf_release(&out->body);
    out->body = answer->body;
    answer->body = (struct buf){0};
    if (!out->version.exists)
        buf_clear(&out->body);
    return REMOTE_DONE;
}

static bool is_done(enum terraform_step step, const struct http_answer *a,
                    const struct terraform_asked *asked)
{
    unsigned s = a->status;
    if (step == TERRAFORM_READ)
        return s == 200 || s == 204 || s == 404;
    if (step == TERRAFORM_UNLOCK && (s == 404 || s == 410))
        return asked->was_there || a->maybe_done;
    return s == 200 || s == 201 || s == 204 || (s == 202 && step == TERRAFORM_UNLOCK);
}

static bool is_moved(const struct terraform_asked *asked, unsigned status)
{
    return asked->step == TERRAFORM_WRITE &&
           (status == 412 || status == 422 || (status == 404 && asked->replaces));
}

/* An ETag that If-Match can name: a weak one never matches, and often is of the answer alone. */
static void take_version(const struct http_answer *a, struct remote_version *version)
{
    size_t len = strlen(a->etag);
    bool weak = strncmp(a->etag, "W/", 2) == 0;
    version->exists = true;
    version->etag[0] = '\0';
    if (!weak && len < sizeof version->etag)
        memcpy(version->etag, a->etag, len + 1);
}

enum remote_outcome terraform_judge(const struct terraform_asked *asked, struct http_answer *answer,
                                    bool came, struct remote_answer *out, int64_t *expires,
                                    struct error *err)
{
    enum terraform_step step = asked->step;
    unsigned status = answer->status;
    *expires = 0;
    out->date = answer->date;
    out->holder = (struct lease){0};
    take_version(answer, &out->version);
    if (!came && (status == 0 || status / 100 == 2)) {
        fail_transport(asked, answer, err);
        return step != TERRAFORM_READ && answer->maybe_done ? REMOTE_UNKNOWN : REMOTE_FAILED;
    }
    if (is_done(step, answer, asked)) {
        if (step == TERRAFORM_LOCK)
            read_grant(buf_bytes(&answer->body), out, expires);
        return step == TERRAFORM_READ ? take_document(answer, out) : REMOTE_DONE;
    }
    if (step != TERRAFORM_READ && (status == 409 || status == 423)) {
        read_info(buf_bytes(&answer->body), &out->holder, expires);
        return judge_held(asked, answer, out, err);
    }
    if (step == TERRAFORM_LOCK && (status == 404 || status == 405 || status == 501))
        return no_lock(asked, status, err);
    if (is_moved(asked, status)) {
        error_set(err, ERR_STALE, "something else stands at %s (HTTP %u%s%s)", asked->name, status,
                  colon(asked), asked->said);
        return REMOTE_MOVED;
    }
    fail_status(asked, answer, err);
    bool unsure = answer->maybe_done || status / 100 == 2;
    return step != TERRAFORM_READ && unsure ? REMOTE_UNKNOWN : REMOTE_FAILED;
}
