#include "cloudflare_probe.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "cloudflare_job.h"

#define NO_ID "00000000000000000000000000000000"

#define ANALYTICS_QUERY                                                                            \
    "query($a:String!,$d:Date!){viewer{accounts(filter:{accountTag:$a}){"                          \
    "kvOperationsAdaptiveGroups(limit:1,filter:{date_geq:$d}){sum{requests}}}}}"

struct probe_job {
    struct job job; /* first */
    enum probe_kind kind;
    struct arena *arena;
    struct probe *out;
};

/* ---- Asking ---------------------------------------------------------------------------------- */

static void ask_path(struct probe_job *p)
{
    /* Behind /accounts/ID. */
    static const char *const paths[] = {
        [PROBE_ACCOUNT_TOKEN] = "/tokens/verify",
        [PROBE_ACCOUNT] = "",
        [PROBE_KV_READ] = "/storage/kv/namespaces?page=1&per_page=5",
        [PROBE_KV_WRITE] = "/storage/kv/namespaces/" NO_ID,
        [PROBE_R2] = "/r2/buckets?per_page=1",
    };
    struct buf *path = &p->job.path;
    buf_clear(path);
    if (p->kind == PROBE_USER_TOKEN || p->kind == PROBE_ANALYTICS) {
        buf_add_str(path, p->kind == PROBE_ANALYTICS ? "/graphql" : "/user/tokens/verify");
        return;
    }
    buf_add_str(path, "/accounts/");
    http_encode(path, p->job.op.account);
    buf_add_str(path, paths[p->kind]);
}

static void ask_analytics(struct probe_job *p, struct http_request *r)
{
    struct json_writer w = json_writer_to(&p->job.body, 0);
    char now[17], today[16];
    clock_stamp(store_now(&p->job.cf->base), now);
    snprintf(today, sizeof today, "%.4s-%.2s-%.2s", now, now + 4, now + 6);
    json_begin_object(&w);
    json_field_str(&w, "query", ANALYTICS_QUERY);
    json_field_object(&w, "variables");
    json_field_string(&w, "a", p->job.op.account);
    json_field_str(&w, "d", today);
    json_end_object(&w);
    json_end_object(&w);
    job_ask_json(&p->job, r, HTTP_POST, true);
}

static void probe_ask(struct job *j, struct http_request *r)
{
    struct probe_job *p = (struct probe_job *)(void *)j;
    ask_path(p);
    if (p->kind == PROBE_ANALYTICS) {
        ask_analytics(p, r);
    } else if (p->kind == PROBE_KV_WRITE) {
        buf_add_str(&j->body, "{\"title\":\"\"}");
        job_ask_json(j, r, HTTP_PUT, true);
    } else {
        job_ask(j, r, HTTP_GET, true);
    }
}

/* ---- Hearing --------------------------------------------------------------------------------- */

static void take_text(struct probe_job *p, const struct json *object, const char *name,
                      struct bytes *out)
{
    const char *s;
    if (json_as_str(json_member(object, name), &s) && !http_shows_credentials(p->job.cf->http, s))
        *out = arena_copy(p->arena, bytes_of(s));
}

/* GraphQL says no under HTTP 200. */
static bool has_errors(const struct json *doc)
{
    return json_is_array(json_member(doc, "errors")) && json_count(json_member(doc, "errors")) > 0;
}

static bool take_answer(struct probe_job *p, const struct json *doc, struct error *why)
{
    const struct json *result = json_member(doc, "result");
    const struct json *info = json_member(doc, "result_info");
    struct bytes said = {0};
    bool success;
    if (p->kind == PROBE_ANALYTICS && json_member(doc, "data") && has_errors(doc)) {
        take_text(p, json_first(json_member(doc, "errors")), "message", &said);
        p->out->verdict = PROBE_MAY_NOT;
        return error_set(why, ERR_DENIED, "%.*s", BYTES_FMT(said));
    }
    if (p->kind != PROBE_ANALYTICS &&
        (!json_as_bool(json_member(doc, "success"), &success) || !success))
        return error_set(why, ERR_FORMAT, "the answer does not say that it succeeded");
    take_text(p, result, "status", &p->out->status);
    take_text(p, result, "expires_on", &p->out->expires_on);
    take_text(p, result, "not_before", &p->out->not_before);
    take_text(p, result, "name", &p->out->name);
    take_text(p, result, "id", &p->out->id);
    if (!json_as_int(json_member(info, "total_count"), &p->out->total))
        p->out->total = -1;
    p->out->verdict = PROBE_MAY;
    return true;
}

/* That there is nothing to be renamed is said only to who may rename. */
static bool is_let_through(const struct probe_job *p, const struct http_response *r)
{
    return p->kind == PROBE_KV_WRITE && r->ok && r->status / 100 == 4 && r->status != 429 &&
           r->status != 408 && p->job.result.error.code != ERR_DENIED && job_code(r) != 0;
}

static bool is_refused(const struct probe_job *p, const struct http_response *r)
{
    bool asks_token = p->kind == PROBE_USER_TOKEN || p->kind == PROBE_ACCOUNT_TOKEN;
    return p->job.result.error.code == ERR_DENIED ||
           (asks_token && r->ok && r->status / 100 == 4 && r->status != 408 && r->status != 429);
}

static enum job_turn probe_hear(struct job *j, const struct http_response *r)
{
    struct probe_job *p = (struct probe_job *)(void *)j;
    struct error why = {0};
    p->out->unreached = r->unreached != HTTP_REACHED;
    if (!job_accepted(r)) {
        job_refused(j, r);
        p->out->verdict = is_let_through(p, r) ? PROBE_MAY
                          : is_refused(p, r)   ? PROBE_MAY_NOT
                                               : PROBE_FAILED;
        return JOB_OVER;
    }
    struct json *doc = json_doc_parse(r->body, &why);
    if ((!doc || !take_answer(p, doc, &why)) && p->out->verdict == PROBE_FAILED)
        job_misheard(j, r, false, &why);
    else
        j->result.error = why;
    json_doc_free(doc);
    return JOB_OVER;
}

void cloudflare_store_probe(struct store *s, enum probe_kind kind, struct bytes account,
                            struct arena *arena, struct probe *out)
{
    static const struct job_class cls = {probe_ask, probe_hear};
    struct probe_job p = {.job = {.cf = (struct cloudflare *)(void *)s, .cls = &cls},
                          .kind = kind,
                          .arena = arena,
                          .out = out};
    struct error *failed = &p.job.result.error;
    p.job.op.account = account;
    *out = (struct probe){.verdict = PROBE_FAILED, .total = -1};
    if (!job_has_credentials(&p.job, failed))
        out->verdict = PROBE_MAY_NOT;
    else
        job_run_once(&p.job, failed);
    if (out->verdict != PROBE_MAY)
        out->error = *failed;
    job_release(&p.job);
}
