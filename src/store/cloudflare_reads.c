/* Reading keys and values: listings and bulk gets (fact sheet 3.6, 3.7, 3.9, 3.12). */
#include "cloudflare_job.h"

#include "base/json.h"
#include "base/text.h"
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
 * A bulk get that holds a value that is no text (an odd one) is refused as a whole, and only a GET
 * reads that value. Odd ones among many are found with few requests: what was refused is asked in
 * halves, from its beginning; a half that is taken shows that the odd one is in the other, which
 * needs not be asked as a whole again; and what lies behind the one that was found is asked anew,
 * in pieces as large as is likely to go well. One among 100 takes 9 requests, ten take 59, and when
 * all are odd it takes 112. Values that are too many bytes together are asked in halves likewise.
 *
 * Who knows that a value is odd says so (`singly`), and it is read by GET at once.
 */

/* Values of up to 25 MiB in all (fact sheet 3.12); escaped, a text can take six times its bytes. */
#define BULK_MAX ((size_t)64 * 1024 * 1024)

static void write_keys(struct job *j)
{
    struct json_writer w = json_writer_to(&j->body, 0);
    buf_clear(&j->body);
    json_begin_object(&w);
    json_field_array(&w, "keys");
    for (size_t i = j->at; i < j->at + j->n_sent; i++)
        json_string(&w, j->op.keys[i]);
    json_end_array(&w);
    json_field_str(&w, "type", "text");
    json_field_bool(&w, "withMetadata", true);
    json_end_object(&w);
}

/* Where one of a few keys is odd, half of them are asked for; once two are found, as many as are
 * all text about every second time, as far as those before tell: 0.7 / (their share). Fewer than 3
 * are not worth the try. */
static size_t count_next(const struct job *j)
{
    size_t left = j->op.n - j->at, n = left;
    if (j->odd_upto > j->at)
        n = (j->odd_upto - j->at) / 2;
    else if (j->n_odd > 1)
        n = 7 * (j->at + 4) / (10 * j->n_odd);
    if (j->most > 0 && n > j->most)
        n = j->most;
    if (n == 0 || (j->n_odd > 1 && n < 3))
        n = 1;
    return n < left ? n : left;
}

/* Only where its value is all that is wanted does a GET cost no more than asking in bulk, whatever
 * it is. */
static bool goes_singly(const struct job *j)
{
    bool is_known = j->op.singly || j->odd_upto == j->at + 1 || j->n_odd > 1;
    return is_known || (j->op.values_only && (j->n_odd > 0 || j->odd_upto > j->at));
}

static void get_ask(struct job *j, struct http_request *r)
{
    /* There is no metadata in an instant namespace. */
    j->op.values_only = j->op.values_only || store_is_instant(&j->cf->base, j->op.id);
    if (!j->has_value) {
        j->n_sent = count_next(j);
        j->single = j->n_sent == 1 && goes_singly(j);
    }
    job_path_namespace(j);
    if (j->single) {
        buf_addf(&j->path, "/%s/", j->has_value ? "metadata" : "values");
        http_encode(&j->path, j->op.keys[j->at]);
        job_ask(j, r, HTTP_GET, true);
        if (!j->has_value)
            r->max_body = KV_VALUE_MAX;
        return;
    }
    write_keys(j);
    buf_add_str(&j->path, "/bulk/get");
    job_ask_json(j, r, HTTP_POST, true);
    r->max_body = BULK_MAX;
}

/* ---- Bulk get: what is heard ----------------------------------------------------------------- */

static enum job_turn go_on(struct job *j)
{
    j->at += j->n_sent;
    if (j->single && j->is_odd) {
        j->n_odd++;
        j->odd_upto = 0;
    }
    j->has_value = j->is_odd = false;
    j->result.ok = j->at == j->op.n;
    return j->result.ok ? JOB_OVER : JOB_ASKS;
}

static bool is_too_large(const struct http_response *r)
{
    if (!r->ok)
        return r->error.code == ERR_LIMIT; /* longer than what is kept */
    return r->status == 413 || (r->status == 400 && job_code(r) == CODE_TOO_LARGE);
}

static bool holds_no_text(const struct http_response *r)
{
    return r->ok && r->status == 400 && job_code(r) == CODE_INVALID;
}

/* Pairs must have been asked for, and each once: the caller relies on it. */
struct wanted {
    struct job *j;
    uint64_t seen[STORE_GET_MAX / 64 + 1];
};

static bool hand_on(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct wanted *w = ctx;
    const struct store_op *op = &w->j->op;
    for (size_t i = w->j->at; i < w->j->at + w->j->n_sent; i++) {
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
    struct wanted wanted = {.j = j};
    if (is_too_large(r) || holds_no_text(r)) {
        if (is_too_large(r) && j->n_sent > 1)
            j->most = j->n_sent / 2;
        else
            j->odd_upto = j->at + j->n_sent;
        return JOB_ASKS;
    }
    if (!job_accepted(r))
        return job_waits_for_namespace(j, r) ? JOB_ASKS : job_refused(j, r);
    bool parsed = answer_values(r->body, &a, hand_on, &wanted, &why);
    return parsed && a.success ? go_on(j) : job_misheard(j, r, parsed, &why);
}

/* ---- A value by itself ----------------------------------------------------------------------- */

/* The key is absent when it is gone since the bulk get; all else is an error, the namespace that is
 * gone as well. */
static enum job_turn miss(struct job *j, const struct http_response *r)
{
    if (r->ok && r->status == 404 && job_code(r) == CODE_KEY_NOT_FOUND)
        return go_on(j);
    return job_refused(j, r);
}

static enum job_turn hand_on_single(struct job *j, struct bytes metadata)
{
    struct store_pair pair = {.key = j->op.keys[j->at],
                              .value = bytes_make(j->value.data ? j->value.data : "", j->value.len),
                              .metadata = metadata,
                              .expiration = j->expiration,
                              .bare = j->op.values_only};
    return j->op.on_pair(j->op.on_pair_ctx, &pair, &j->result.error) ? go_on(j) : JOB_OVER;
}

static enum job_turn hear_value(struct job *j, const struct http_response *r)
{
    if (!job_accepted(r))
        return job_waits_for_namespace(j, r) ? JOB_ASKS : miss(j, r);
    buf_clear(&j->value);
    buf_add_bytes(&j->value, r->body);
    j->expiration = r->expiration;
    j->is_odd = !utf8_valid(r->body);
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
