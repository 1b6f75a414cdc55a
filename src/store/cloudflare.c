#include "cloudflare.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "check.h"
#include "cloudflare_job.h"

/* Pairs are a few MiB at once at the most (plan/ makes batches), and 100 MB is where the service
 * says no (fact sheet 3.11). */
#define PUT_BYTES ((size_t)90 * 1000 * 1000)

/* A namespace is known everywhere some seconds after it was created (fact sheet 3.2). */
#define FRESH_MS  30000
#define WAITS_MAX 6

/* ---- Jobs ------------------------------------------------------------------------------------ */

static const struct job_class *const classes[] = {
    [STORE_NAMESPACE_LIST] = &job_namespace_list,
    [STORE_NAMESPACE_GET] = &job_namespace_get,
    [STORE_NAMESPACE_CREATE] = &job_namespace_create,
    [STORE_NAMESPACE_RENAME] = &job_namespace_rename,
    [STORE_NAMESPACE_DELETE] = &job_namespace_delete,
    [STORE_KEY_LIST] = &job_key_list,
    [STORE_BULK_GET] = &job_bulk_get,
    [STORE_BULK_PUT] = &job_bulk_put,
    [STORE_BULK_DELETE] = &job_bulk_delete,
};

void job_release(struct job *j)
{
    arena_release(&j->arena);
    buf_release(&j->path);
    buf_release(&j->body);
    buf_release(&j->value);
    mem_free(j->order);
    mem_free(j->refused);
}

/* ---- What the machines ask with -------------------------------------------------------------- */

void job_path_account(struct job *j)
{
    struct bytes account = j->op.account.len ? j->op.account : bytes_of(j->cf->account);
    buf_clear(&j->path);
    buf_add_str(&j->path, "/accounts/");
    http_encode(&j->path, account);
    buf_add_str(&j->path, "/storage/kv/namespaces");
}

void job_path_namespace(struct job *j)
{
    job_path_account(j);
    buf_add_char(&j->path, '/');
    http_encode(&j->path, j->op.id);
}

void job_ask(struct job *j, struct http_request *r, enum http_method method, bool repeatable)
{
    j->method = method;
    r->method = method;
    r->path = j->path.data;
    r->repeatable = repeatable;
    r->delay_ms = j->delay_ms;
    r->max_body = ANSWER_MAX;
    r->credentials = job_credentials(j);
    r->tag = j;
    j->delay_ms = 0;
}

void job_ask_json(struct job *j, struct http_request *r, enum http_method method, bool repeatable)
{
    r->content_type = JSON_TYPE;
    r->body = buf_bytes(&j->body);
    job_ask(j, r, method, repeatable);
}

/* ---- Namespaces that were just created ------------------------------------------------------- */

void job_created(struct job *j, struct bytes id)
{
    map_set(&j->cf->fresh, arena_copy(&j->cf->fresh_ids, id), (size_t)clock_monotonic_ms());
}

bool job_waits_for_namespace(struct job *j, const struct http_response *r)
{
    size_t since = map_get(&j->cf->fresh, j->op.id);
    if (since == MAP_NONE || (size_t)clock_monotonic_ms() - since > FRESH_MS ||
        j->waits == WAITS_MAX || !r->ok || r->status != 404 || job_code(r) != 10013)
        return false;
    j->delay_ms = 250U << j->waits++;
    return true;
}

/* ---- Pages that contradict themselves -------------------------------------------------------- */

#define RETAKES_MAX 2

bool job_retakes(struct job *j)
{
    if (j->retakes == RETAKES_MAX)
        return false;
    j->retakes++;
    j->delay_ms = 1000;
    return true;
}

/* ---- The loop -------------------------------------------------------------------------------- */

struct run {
    struct cloudflare *cf;
    store_next_fn next;
    store_done_fn done;
    void *ctx;
    struct job *ready, *last; /* jobs that ask again, in order */
    size_t n;                 /* jobs there are */
    bool ended;
    bool lacks_account; /* a job waits for the default account to be known */
    struct error no_account;
    struct error fatal; /* its code is ERR_NONE until something ends the run */
};

static void stop(struct run *run, const struct error *err)
{
    if (run->fatal.code == ERR_NONE)
        run->fatal = *err;
    run->ended = true;
}

/* Reports the operation and ends the job. */
static void finish(struct run *run, struct job *j)
{
    struct store_op op = j->op;
    run->n--;
    run->done(run->ctx, &op, &j->result);
    job_release(j);
    mem_free(j);
}

static void ready_push(struct run *run, struct job *j)
{
    j->next = NULL;
    if (run->last)
        run->last->next = j;
    else
        run->ready = j;
    run->last = j;
}

static struct job *ready_pop(struct run *run)
{
    struct job *j = run->ready;
    if (j)
        run->ready = j->next;
    if (!run->ready)
        run->last = NULL;
    return j;
}

/* The next job that has something to ask; NULL, with `*answer`, when there is none. */
static struct job *next_job(struct run *run, enum http_next *answer)
{
    struct job *j = ready_pop(run);
    while (!j && !run->ended) {
        struct store_op op = {0};
        enum store_next next = run->next(run->ctx, &op);
        run->ended = next == NEXT_END;
        if (next != NEXT_OP)
            break;
        j = mem_zalloc(1, sizeof *j);
        j->cf = run->cf;
        j->op = op;
        run->n++;
        bool good = store_check(&op, &j->result.error) &&
                    store_check_mode(&run->cf->base, &op, &j->result.error);
        j->result.ok =
            good && op.n == 0 && (op.kind == STORE_BULK_PUT || op.kind == STORE_BULK_DELETE);
        if (good && !j->result.ok) {
            j->cls = classes[op.kind];
        } else { /* over before its first request */
            finish(run, j);
            j = NULL;
        }
    }
    *answer = run->ended && run->n == 0 ? HTTP_NEXT_END : HTTP_NEXT_WAIT;
    return j;
}

/* Counts the request that a job is about to send, and what the service bills for it. Reading
 * metadata by itself is not billed, as far as anybody knows. */
static void count_request(struct job *j)
{
    struct store_cost *spent = &j->cf->base.spent;
    spent->requests++;
    switch (j->op.kind) {
    case STORE_KEY_LIST:
        spent->lists++;
        break;
    case STORE_BULK_GET:
        spent->reads += j->has_value ? 0 : j->n_sent;
        break;
    case STORE_BULK_PUT:
        spent->writes += j->n_sent;
        break;
    case STORE_BULK_DELETE:
        spent->deletes += j->n_sent;
        break;
    default:
        break;
    }
}

static enum http_next next_request(void *ctx, struct http_request *request)
{
    struct run *run = ctx;
    struct error interrupted = {0}, denied = {0};
    enum http_next answer;
    struct job *j;
    if (run->cf->base.interrupted && *run->cf->base.interrupted) {
        error_set(&interrupted, ERR_INTERRUPTED, "interrupted");
        stop(run, &interrupted);
    }
    while (!run->lacks_account && (j = next_job(run, &answer)) != NULL) {
        bool needs_account = j->op.account.len == 0 && !run->cf->account[0];
        const struct error *ended = run->fatal.code != ERR_NONE ? &run->fatal
                                    : needs_account             ? &run->no_account
                                                                : NULL;
        j->result.ok = false;
        if (!ended && !job_has_credentials(j, &denied))
            ended = &denied;
        if (!ended) {
            j->cls->ask(j, request);
            count_request(j);
            return HTTP_NEXT_REQUEST;
        }
        run->lacks_account = ended->code == ERR_NONE;
        if (run->lacks_account) {
            ready_push(run, j);
            break;
        }
        j->result.error = *ended;
        finish(run, j);
    }
    return run->lacks_account ? HTTP_NEXT_END : answer;
}

static void request_done(void *ctx, const struct http_request *request,
                         const struct http_response *response)
{
    struct run *run = ctx;
    struct job *j = request->tag;
    run->cf->base.ahead = http_clock_ahead(run->cf->http);
    j->lost = j->lost || response->maybe_done;
    if (j->cls->hear(j, response) == JOB_ASKS) {
        ready_push(run, j);
        return;
    }
    job_blame_answer(j);
    finish(run, j);
}

static bool cloudflare_run(struct store *s, store_next_fn next, store_done_fn done, void *ctx,
                           struct error *err)
{
    struct run run = {.cf = (struct cloudflare *)(void *)s, .next = next, .done = done, .ctx = ctx};
    struct error *no_account = &run.no_account;
    struct job *j;
    struct bytes id;
    bool ok = http_run(run.cf->http, next_request, request_done, &run, err);
    while (ok && run.lacks_account) {
        /* Nothing is in flight: asking for the account takes a run of http by itself. */
        if (!cloudflare_store_account(s, &id, no_account) && no_account->code == ERR_INTERRUPTED)
            stop(&run, no_account);
        run.lacks_account = false;
        ok = http_run(run.cf->http, next_request, request_done, &run, err);
    }
    /* What asked again when http had ended is over with what ended it. */
    while (!ok && (j = ready_pop(&run)) != NULL) {
        j->result.ok = false;
        j->result.error = *err;
        finish(&run, j);
    }
    if (run.fatal.code == ERR_NONE)
        return ok;
    *err = run.fatal;
    return false;
}

struct http *cloudflare_store_begin(struct store *s, struct bytes account)
{
    struct cloudflare *cf = (struct cloudflare *)(void *)s;
    struct job j = {.cf = cf, .op = {.kind = STORE_NAMESPACE_LIST, .account = account, .page = 1}};
    struct http_request request = {0};
    struct error denied;
    if ((account.len == 0 && !cf->account[0]) || !job_has_credentials(&j, &denied))
        return NULL;
    job_namespace_list.ask(&j, &request);
    http_begin(cf->http, &request);
    job_release(&j);
    return cf->http;
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static void cloudflare_close(struct store *s)
{
    struct cloudflare *cf = (struct cloudflare *)(void *)s;
    http_close(cf->http);
    map_release(&cf->fresh);
    arena_release(&cf->fresh_ids);
    arena_release(&cf->arena);
    pages_release(&cf->pages);
    mem_free(cf);
}

struct store *cloudflare_store_open(const struct cloudflare_options *options, struct error *err)
{
    static const struct store_class cls = {
        .target = "cloudflare", .run = cloudflare_run, .close = cloudflare_close};
    struct cloudflare *cf = mem_zalloc(1, sizeof *cf);
    cf->base.cls = &cls;
    cf->put_pairs = STORE_BULK_MAX;
    cf->put_bytes = PUT_BYTES;
    cf->delete_keys = STORE_BULK_MAX;
    cf->source = options->source ? options->source : "CLOUDFLARE_API_TOKEN";
    cf->is_own_api =
        options->http.base_url && strcmp(options->http.base_url, CLOUDFLARE_API_URL) == 0;
    cf->has_common = options->http.credentials.token || options->http.credentials.key;
    if ((!options->account_id || account_keep(cf, bytes_of(options->account_id), err)) &&
        (cf->http = http_open(&options->http, err)) != NULL)
        return &cf->base;
    cloudflare_close(&cf->base);
    return NULL;
}

const char *cloudflare_store_library(struct error *err)
{
    return http_library(err);
}

struct http_stats cloudflare_store_stats(const struct store *s)
{
    return http_stats(((const struct cloudflare *)(const void *)s)->http);
}
