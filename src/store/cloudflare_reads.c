/* Reading keys and values: listings and bulk gets (fact sheet 3.6, 3.7, 3.9, 3.12). */
#include "cloudflare_job.h"

#include "base/json.h"
#include "model/model.h"

#define CODE_KEY_NOT_FOUND 10009
#define CODE_TOO_LARGE     10024
#define CODE_INVALID       10029 /* of a bulk get: among others, a value that is not text */

/* ---- Listing --------------------------------------------------------------------------------- */

static void add_query(struct buf *path, const char *name, struct bytes value)
{
    if (value.len == 0)
        return;
    buf_addf(path, "&%s=", name);
    http_encode(path, value);
}

static void list_ask(struct job *j, struct http_request *r)
{
    job_path_namespace(j);
    buf_addf(&j->path, "/keys?limit=%d", STORE_PAGE);
    add_query(&j->path, "prefix", j->op.prefix);
    add_query(&j->path, "cursor", j->op.cursor);
    job_ask(j, r, HTTP_GET, true);
}

static enum job_turn list_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct answer_keys page;
    struct error why = {0};
    if (!job_accepted(r))
        return job_waits_for_namespace(j, r) ? JOB_ASKS : job_refused(j, r);
    bool parsed = answer_keys(r->body, &j->arena, &a, &page, &why);
    if (!parsed || !a.success)
        return job_misheard(j, r, parsed, &why);
    if (page.n < page.count && job_retakes(j))
        return JOB_ASKS;
    if (!pages_take_keys(&j->cf->pages, &j->op, &page, &why))
        return job_misheard(j, r, false, &why);
    j->result.keys = page.items;
    j->result.n_keys = page.n;
    j->result.cursor = page.cursor;
    j->result.ok = true;
    return JOB_OVER;
}

const struct job_class job_key_list = {list_ask, list_hear};

/* ---- Bulk get: what is asked ----------------------------------------------------------------- */

/*
 * A bulk get that is refused as a whole (a value that is not text; values that are too many bytes
 * together) is asked again in halves, down to single keys, which are read by GET. So is at once the
 * only key of an operation that wants no metadata.
 */

/* Values of up to 25 MiB in all (fact sheet 3.12); escaped, a text can take six times its bytes. */
#define BULK_MAX ((size_t)64 * 1024 * 1024)

static struct slice *top(struct job *j)
{
    return &j->slices[j->n_slices - 1];
}

static void write_keys(struct job *j, const struct slice *s)
{
    struct json_writer w = json_writer_to(&j->body, 0);
    buf_clear(&j->body);
    json_begin_object(&w);
    json_field_array(&w, "keys");
    for (size_t i = s->from; i < s->upto; i++)
        json_string(&w, j->op.keys[i]);
    json_end_array(&w);
    json_field_str(&w, "type", "text");
    json_field_bool(&w, "withMetadata", true);
    json_end_object(&w);
}

static void get_ask(struct job *j, struct http_request *r)
{
    if (j->n_slices == 0) {
        j->slices[j->n_slices++] = (struct slice){0, j->op.n};
        j->single = j->op.values_only && j->op.n == 1;
    }
    job_path_namespace(j);
    if (j->single) {
        buf_addf(&j->path, "/%s/", j->has_value ? "metadata" : "values");
        http_encode(&j->path, j->op.keys[top(j)->from]);
        job_ask(j, r, HTTP_GET, true);
        if (!j->has_value)
            r->max_body = KV_VALUE_MAX;
        return;
    }
    write_keys(j, top(j));
    buf_add_str(&j->path, "/bulk/get");
    job_ask_json(j, r, HTTP_POST, true);
    r->max_body = BULK_MAX;
}

size_t job_reads(const struct job *j)
{
    const struct slice *s = &j->slices[j->n_slices - 1];
    return j->single ? !j->has_value : s->upto - s->from;
}

/* ---- Bulk get: what is heard ----------------------------------------------------------------- */

static enum job_turn pop(struct job *j)
{
    j->single = j->has_value = false;
    j->result.ok = --j->n_slices == 0;
    return j->result.ok ? JOB_OVER : JOB_ASKS;
}

/* The slice is asked for in halves; a single key by itself. */
static enum job_turn divide(struct job *j)
{
    struct slice s = *top(j);
    if (s.upto - s.from == 1) {
        j->single = true;
        return JOB_ASKS;
    }
    size_t middle = s.from + (s.upto - s.from) / 2;
    *top(j) = (struct slice){middle, s.upto};
    j->slices[j->n_slices++] = (struct slice){s.from, middle};
    return JOB_ASKS;
}

static bool is_divisible(const struct http_response *r)
{
    if (!r->ok)
        return r->error.code == ERR_LIMIT; /* longer than what is kept */
    if (r->status == 413)
        return true;
    int64_t code = r->status == 400 ? job_code(r) : 0;
    return code == CODE_INVALID || code == CODE_TOO_LARGE;
}

/* Pairs must have been asked for, and each once: the caller relies on it. */
struct wanted {
    struct job *j;
    const struct slice *slice;
    uint64_t seen[STORE_GET_MAX / 64 + 1];
};

static bool hand_on(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct wanted *w = ctx;
    const struct store_op *op = &w->j->op;
    for (size_t i = w->slice->from; i < w->slice->upto; i++) {
        uint64_t bit = UINT64_C(1) << (i % 64);
        if ((w->seen[i / 64] & bit) || !bytes_equal(op->keys[i], pair->key))
            continue;
        w->seen[i / 64] |= bit;
        return op->on_pair(op->on_pair_ctx, pair, err);
    }
    return error_set(err, ERR_FORMAT,
                     "the answer holds a key that was not asked for, or one twice");
}

static enum job_turn hear_bulk(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct error why = {0};
    struct wanted wanted = {.j = j, .slice = top(j)};
    if (is_divisible(r))
        return divide(j);
    if (!job_accepted(r))
        return job_waits_for_namespace(j, r) ? JOB_ASKS : job_refused(j, r);
    bool parsed = answer_values(r->body, &a, hand_on, &wanted, &why);
    return parsed && a.success ? pop(j) : job_misheard(j, r, parsed, &why);
}

/* ---- A value by itself ----------------------------------------------------------------------- */

/* The key is absent when it is gone since the bulk get; all else is an error, the namespace that is
 * gone as well. */
static enum job_turn miss(struct job *j, const struct http_response *r)
{
    if (r->ok && r->status == 404 && job_code(r) == CODE_KEY_NOT_FOUND)
        return pop(j);
    return job_refused(j, r);
}

static enum job_turn hand_on_single(struct job *j, struct bytes metadata)
{
    struct store_pair pair = {.key = j->op.keys[top(j)->from],
                              .value = bytes_make(j->value.data ? j->value.data : "", j->value.len),
                              .metadata = metadata,
                              .expiration = j->expiration};
    return j->op.on_pair(j->op.on_pair_ctx, &pair, &j->result.error) ? pop(j) : JOB_OVER;
}

static enum job_turn hear_value(struct job *j, const struct http_response *r)
{
    if (!job_accepted(r))
        return job_waits_for_namespace(j, r) ? JOB_ASKS : miss(j, r);
    buf_clear(&j->value);
    buf_add_bytes(&j->value, r->body);
    j->expiration = r->expiration;
    if (j->op.values_only)
        return hand_on_single(j, bytes_make(NULL, 0));
    j->has_value = true;
    return JOB_ASKS;
}

static enum job_turn hear_metadata(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct error why = {0};
    struct bytes metadata = {0};
    if (!job_accepted(r))
        return miss(j, r);
    bool parsed = answer_metadata(r->body, &j->arena, &a, &metadata, &why);
    if (!parsed || !a.success)
        return job_misheard(j, r, parsed, &why);
    return hand_on_single(j, metadata);
}

static enum job_turn get_hear(struct job *j, const struct http_response *r)
{
    if (!j->single)
        return hear_bulk(j, r);
    return j->has_value ? hear_metadata(j, r) : hear_value(j, r);
}

const struct job_class job_bulk_get = {get_ask, get_hear};
