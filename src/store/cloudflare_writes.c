/* Writing keys: bulk puts and deletes, single puts of large values, and of all that goes to a
 * namespace of mode "instant" (fact sheet 3.2, 3.8 to 3.11). */
#include "cloudflare_job.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/model.h"

/*
 * The items of an operation go out in requests of as many as fit, one after the other. When the
 * service wants less (413, or 524: it did not finish in time) the same items go again, half as
 * many; the store remembers. What comes back in `unsuccessful_keys` goes again in further rounds.
 */

#define ROUNDS 4 /* of sending what was refused, the first included */

static struct bytes key_of(const struct job *j, size_t item)
{
    return j->op.pairs ? j->op.pairs[item].key : j->op.keys[item];
}

/* Of items with the same key only the last goes: what the service makes of several is not known
 * (fact sheet 3.10). Keys that ascend, as those of most files do, hold none twice. */
static void start(struct job *j)
{
    struct map last = {0};
    bool ascend = true;
    if (j->order)
        return;
    j->order = mem_zalloc(j->op.n, sizeof *j->order);
    for (size_t i = 1; ascend && i < j->op.n; i++)
        ascend = bytes_compare(key_of(j, i - 1), key_of(j, i)) < 0;
    for (size_t i = 0; !ascend && i < j->op.n; i++)
        map_set(&last, key_of(j, i), i);
    for (size_t i = 0; i < j->op.n; i++)
        if (ascend || map_get(&last, key_of(j, i)) == i)
            j->order[j->n_order++] = i;
    map_release(&last);
}

/* ---- Asking: pairs --------------------------------------------------------------------------- */

static void write_pair(struct json_writer *w, const struct store_pair *pair, struct buf *scratch)
{
    bool is_text = utf8_valid(pair->value);
    json_begin_object(w);
    if (!is_text)
        json_field_bool(w, "base64", true);
    if (pair->expiration_ttl || pair->expiration) {
        json_field_int(w, pair->expiration_ttl ? "expiration_ttl" : "expiration",
                       pair->expiration_ttl ? pair->expiration_ttl : pair->expiration);
    }
    json_field_string(w, "key", pair->key);
    if (pair->metadata.data) {
        json_key(w, "metadata");
        json_raw(w, pair->metadata);
    }
    json_key(w, "value");
    if (is_text) {
        json_string(w, pair->value);
    } else {
        buf_clear(scratch);
        buf_add_base64(scratch, pair->value);
        json_string(w, buf_bytes(scratch));
    }
    json_end_object(w);
}

static bool is_instant(const struct job *j)
{
    return store_is_instant(&j->cf->base, j->op.id);
}

static bool goes_alone(const struct job *j, size_t i)
{
    return is_instant(j) || j->op.pairs[j->order[i]].value.len >= STORE_ALONE_BYTES;
}

/* An instant namespace takes one write a second, whoever sends it: each takes the next second that
 * is free, and a little more, since they do not travel equally long. What comes too early all the
 * same is answered with a 429, and repeated. */
static void pace(struct job *j)
{
    struct map *times = &j->cf->base.instant;
    int64_t now = clock_monotonic_ms(), unit = clock_wait_unit_ms();
    int64_t free = (int64_t)map_get(times, j->op.id);
    int64_t at = free > now ? free : now;
    unsigned wait = (unsigned)(((at - now) * 1000 + unit - 1) / unit);
    map_set(times, j->op.id, (size_t)(at + unit + unit / 20));
    if (wait > j->delay_ms)
        j->delay_ms = wait;
}

/* Takes back a pair that made the body too long, comma included. */
static void cut(struct buf *body, size_t len)
{
    body->len = len;
    body->data[len] = '\0';
}

/* An array of the next pairs; how many they are in n_sent, at least one. */
static void write_pairs(struct job *j)
{
    struct buf scratch = {0};
    struct json_writer w = json_writer_to(&j->body, 0);
    buf_clear(&j->body);
    json_begin_array(&w);
    for (j->n_sent = 0; j->at + j->n_sent < j->n_order; j->n_sent++) {
        size_t i = j->at + j->n_sent, len = j->body.len;
        if (j->n_sent > 0 && (j->n_sent >= j->cf->put_pairs || goes_alone(j, i)))
            break;
        write_pair(&w, &j->op.pairs[j->order[i]], &scratch);
        if (j->n_sent > 0 && j->body.len > j->cf->put_bytes) {
            cut(&j->body, len);
            break;
        }
    }
    json_end_array(&w);
    buf_release(&scratch);
}

/* The next item goes by itself. */
static void path_of_value(struct job *j)
{
    j->n_sent = 1;
    job_path_namespace(j);
    buf_add_str(&j->path, "/values/");
    http_encode(&j->path, key_of(j, j->order[j->at]));
    if (is_instant(j))
        pace(j);
}

static void ask_alone(struct job *j, struct http_request *r)
{
    const struct store_pair *pair = &j->op.pairs[j->order[j->at]];
    const char *name = pair->expiration_ttl ? "expiration_ttl" : "expiration";
    int64_t expiry = pair->expiration_ttl ? pair->expiration_ttl : pair->expiration;
    path_of_value(j);
    if (expiry)
        buf_addf(&j->path, "?%s=%lld", name, (long long)expiry);
    job_ask(j, r, HTTP_PUT, true);
    if (!pair->metadata.data) {
        r->content_type = BYTES_TYPE;
        r->body = pair->value;
        return;
    }
    j->parts[0] = (struct http_part){"value", BYTES_TYPE, pair->value};
    j->parts[1] = (struct http_part){"metadata", JSON_TYPE, pair->metadata};
    r->parts = j->parts;
    r->n_parts = 2;
}

/* A 524 is not repeated as it is while there is something to take away. */
static void want_less(const struct job *j, struct http_request *r)
{
    r->final_status = j->n_sent > 1 ? 524 : 0;
}

static void put_ask(struct job *j, struct http_request *r)
{
    start(j);
    j->alone = goes_alone(j, j->at);
    if (j->alone) {
        ask_alone(j, r);
        return;
    }
    write_pairs(j);
    job_path_namespace(j);
    buf_add_str(&j->path, "/bulk");
    job_ask_json(j, r, HTTP_PUT, true);
    want_less(j, r);
}

/* ---- Asking: keys ---------------------------------------------------------------------------- */

static void delete_ask(struct job *j, struct http_request *r)
{
    struct json_writer w = json_writer_to(&j->body, 0);
    start(j);
    j->alone = is_instant(j);
    if (j->alone) {
        path_of_value(j);
        job_ask(j, r, HTTP_DELETE, true);
        return;
    }
    buf_clear(&j->body);
    json_begin_array(&w);
    for (j->n_sent = 0; j->at + j->n_sent < j->n_order && j->n_sent < j->cf->delete_keys;
         j->n_sent++)
        json_string(&w, key_of(j, j->order[j->at + j->n_sent]));
    json_end_array(&w);
    job_path_namespace(j);
    buf_add_str(&j->path, "/bulk/delete");
    job_ask_json(j, r, HTTP_POST, true);
    want_less(j, r);
}

/* ---- Hearing: too much at once --------------------------------------------------------------- */

static void lower(size_t *limit, size_t to)
{
    if (to < *limit)
        *limit = to;
}

/* Halves what is sent at once, for this operation and those to come. Another one, whose answer came
 * first, may have gone further down. */
static bool shrink(struct job *j, const struct http_response *r)
{
    struct cloudflare *cf = j->cf;
    bool too_large = r->ok && (r->status == 413 || job_code(r) == 10024);
    if (j->n_sent < 2 || !r->ok || !(too_large || r->status == 524))
        return false;
    if (!j->op.pairs)
        lower(&cf->delete_keys, j->n_sent / 2);
    else if (too_large)
        lower(&cf->put_bytes, j->body.len / 2);
    else
        lower(&cf->put_pairs, j->n_sent / 2);
    return true;
}

/* ---- Hearing: keys that were refused --------------------------------------------------------- */

#define NOTED (MAP_NONE - 1)

/* Each item of the request that is out at most once, and what was not sent not at all. */
static void note_refused(struct job *j, const struct answer_bulk *bulk)
{
    struct map sent = {0};
    if (bulk->n_failed == 0)
        return;
    for (size_t i = j->at; i < j->at + j->n_sent; i++)
        map_set(&sent, key_of(j, j->order[i]), j->order[i]);
    if (!j->refused)
        j->refused = mem_zalloc(j->op.n, sizeof *j->refused);
    for (size_t i = 0; i < bulk->n_failed; i++) {
        size_t at = map_get(&sent, bulk->failed[i]);
        if (at == MAP_NONE || at == NOTED)
            continue;
        j->refused[j->n_refused++] = at;
        map_set(&sent, bulk->failed[i], NOTED);
    }
    map_release(&sent);
}

/* All items were sent: what was refused goes again, a second later, then two, then four. */
static enum job_turn next_round(struct job *j)
{
    if (j->n_refused == 0 || j->round + 1 == ROUNDS) {
        struct bytes *failed = arena_alloc(&j->arena, j->n_refused, sizeof *failed);
        for (size_t i = 0; i < j->n_refused; i++)
            failed[i] = key_of(j, j->refused[i]);
        j->result.failed = failed;
        j->result.n_failed = j->n_refused;
        j->result.ok = true;
        return JOB_OVER;
    }
    j->delay_ms = 1000U << j->round;
    j->round++;
    mem_free(j->order);
    j->order = j->refused;
    j->n_order = j->n_refused;
    j->refused = NULL;
    j->n_refused = j->at = 0;
    return JOB_ASKS;
}

static enum job_turn bulk_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct answer_bulk bulk = {0};
    struct error why = {0};
    if (!job_accepted(r)) {
        if (shrink(j, r))
            return JOB_ASKS;
        return job_waits_for_namespace(j, r) ? JOB_ASKS : job_refused(j, r);
    }
    bool parsed =
        j->alone ? job_plain(r, &a, &why) : answer_bulk(r->body, &j->arena, &a, &bulk, &why);
    if (!parsed || !a.success)
        return job_misheard(j, r, parsed, &why);
    note_refused(j, &bulk);
    j->at += j->n_sent;
    return j->at < j->n_order ? JOB_ASKS : next_round(j);
}

const struct job_class job_bulk_put = {put_ask, bulk_hear};
const struct job_class job_bulk_delete = {delete_ask, bulk_hear};
