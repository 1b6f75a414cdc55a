#include "sender.h"

#include "base/map.h"
#include "batch.h"

/* Batches that are made before they go out, where pairs are given one by one: whoever gives them
 * may fail or be interrupted, and what waited by then was not written. */
#define READY_MAX 8

void sender_init(struct sender *s, const struct put_options *options, enum store_op_kind kind)
{
    *s = (struct sender){.o = *options, .kind = kind};
    s->ready_end = &s->ready;
    if (s->o.jobs == 0)
        s->o.jobs = STORE_JOBS;
}

void sender_release(struct sender *s)
{
    parcel_free(s->open);
    parcel_free_list(s->ready);
    parcel_free_list(s->spare);
}

static struct kv_counts *counts(struct sender *s)
{
    return s->o.counts ? s->o.counts : &s->own_counts;
}

/* ---- Making batches -------------------------------------------------------------------------- */

static bool is_full(const struct sender *s, const struct parcel *b, const struct store_pair *pair)
{
    if (s->kind == STORE_BULK_DELETE)
        return b->n == STORE_BULK_MAX;
    return batch_is_full(b->n, b->content, pair->key.len + pair->value.len);
}

/* The open batch is ready. */
static bool close_batch(struct sender *s, struct error *err)
{
    struct parcel *b = s->open;
    if (!b || b->n == 0)
        return true;
    if (s->kind == STORE_BULK_PUT)
        parcel_seal(b);
    else if (!parcel_seal_keys(b))
        return error_nomem(err);
    b->next = NULL;
    *s->ready_end = b;
    s->ready_end = &b->next;
    s->n_ready++;
    s->ready_bytes += b->bytes;
    s->open = NULL;
    return true;
}

static bool open_batch(struct sender *s, struct error *err)
{
    if (s->open)
        return true;
    s->open = s->spare ? s->spare : parcel_new();
    if (!s->open)
        return error_nomem(err);
    s->spare = s->open->next;
    s->open->next = NULL;
    return true;
}

static bool take(struct sender *s, const struct store_pair *pair, uint64_t number,
                 struct error *err)
{
    struct store_pair put = *pair;
    if (s->o.default_ttl > 0 && put.expiration == 0 && put.expiration_ttl == 0 && !put.no_ttl)
        put.expiration_ttl = s->o.default_ttl;
    if (s->open && is_full(s, s->open, &put) && !close_batch(s, err))
        return false;
    if (!open_batch(s, err))
        return false;
    return parcel_add(s->open, &put, number) || error_nomem(err);
}

static bool was_done(struct sender *s, uint64_t number)
{
    if (!s->o.resume || !resume_has(s->o.resume, number))
        return false;
    counts(s)->skipped++;
    return true;
}

/* ---- What came of one ------------------------------------------------------------------------ */

static bool tell_failed(struct sender *s, struct bytes key, const struct error *cause,
                        struct error *err)
{
    counts(s)->failed++;
    return !s->o.on_failed || s->o.on_failed(s->o.on_failed_ctx, key, cause, err);
}

/* Notes start..end - 1 of the batch: runs of numbers that follow one another. */
static bool note_done(struct sender *s, const struct parcel *b, size_t start, size_t end,
                      struct error *err)
{
    while (s->o.resume && start < end) {
        size_t upto = start + 1;
        while (upto < end && b->numbers[upto] == b->numbers[upto - 1] + 1)
            upto++;
        if (!resume_add(s->o.resume, b->numbers[start], b->numbers[upto - 1], err))
            return false;
        start = upto;
    }
    return true;
}

static bool key_failed(struct sender *s, struct bytes key, struct error *err)
{
    struct error cause;
    error_set(&cause, ERR_FAILED, "the store did not take it");
    return tell_failed(s, key, &cause, err);
}

/* Notes what is between the keys that failed, and tells those. */
static bool sort_out(struct sender *s, const struct parcel *b, const struct map *failed,
                     struct error *err)
{
    size_t start = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (failed->n == 0 || map_get(failed, b->pairs[i].key) == MAP_NONE)
            continue;
        counts(s)->keys--;
        counts(s)->bytes -= b->pairs[i].key.len + b->pairs[i].value.len;
        if (!note_done(s, b, start, i, err) || !key_failed(s, b->pairs[i].key, err))
            return false;
        start = i + 1;
    }
    return note_done(s, b, start, b->n, err);
}

static bool settle(struct sender *s, const struct parcel *b, const struct store_result *result,
                   struct error *err)
{
    struct map failed = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < result->n_failed; i++)
        ok = map_set(&failed, result->failed[i], i) || error_nomem(err);
    counts(s)->keys += b->n;
    counts(s)->bytes += b->content;
    ok = ok && sort_out(s, b, &failed, err);
    map_release(&failed);
    return ok;
}

/* None of its keys is known to be there. One that was interrupted is no failure of its keys. */
static bool settle_refused(struct sender *s, const struct parcel *b, const struct error *cause,
                           struct error *err)
{
    for (size_t i = 0; cause->code != ERR_INTERRUPTED && i < b->n; i++)
        if (!tell_failed(s, b->pairs[i].key, cause, err))
            return false;
    *err = *cause;
    return false;
}

static bool answered(void *ctx, struct queue *q, const struct store_op *op,
                     const struct store_result *result, struct error *err)
{
    struct parcel *b = ctx;
    struct sender *s = b->owner;
    (void)q;
    (void)op;
    s->flying--;
    s->flying_bytes -= b->bytes;
    counts(s)->requests++;
    bool ok = result->ok ? settle(s, b, result, err) : settle_refused(s, b, &result->error, err);
    parcel_clear(b);
    b->next = s->spare;
    s->spare = b;
    if (s->o.progress)
        s->o.progress(s->o.progress_ctx, counts(s));
    return ok;
}

/* ---- Sending --------------------------------------------------------------------------------- */

/* A first batch may be as large as it is. */
static bool has_room(const struct sender *s, size_t bytes)
{
    return s->flying == 0 || (s->flying < s->o.jobs && s->flying_bytes + bytes <= PUT_FLIGHT_BYTES);
}

static bool send_ready(struct sender *s, struct queue *q, struct error *err)
{
    struct parcel *b = s->ready;
    b->owner = s;
    struct store_op op = {.kind = s->kind,
                          .account = s->o.account,
                          .id = s->o.id,
                          .pairs = s->kind == STORE_BULK_PUT ? b->pairs : NULL,
                          .keys = s->kind == STORE_BULK_DELETE ? b->keys : NULL,
                          .n = b->n};
    (void)err;
    queue_push(q, &op, answered, b);
    s->ready = b->next;
    if (!s->ready)
        s->ready_end = &s->ready;
    s->n_ready--;
    s->ready_bytes -= b->bytes;
    s->flying++;
    s->flying_bytes += b->bytes;
    return true;
}

static bool pull_next(struct sender *s, struct error *err)
{
    while (!s->held && !s->ended) {
        enum pull pulled = s->pull(s->pull_ctx, &s->pair, &s->number, err);
        if (pulled == PULL_FAILED)
            return false;
        s->ended = pulled == PULL_END;
        s->held = !s->ended && !was_done(s, s->number);
    }
    return true;
}

/* Makes one batch ready, unless there is no room for what comes next. */
static bool fill(struct sender *s, struct error *err)
{
    while (!s->ready && !s->ended) {
        if (!pull_next(s, err))
            return false;
        if (!s->held)
            break;
        if (!has_room(s, (s->open ? s->open->bytes : 0) + pair_size(&s->pair)))
            return true;
        if (!take(s, &s->pair, s->number, err))
            return false;
        s->held = false;
    }
    return !s->ended || s->ready || close_batch(s, err);
}

static bool refill(void *ctx, struct queue *q, struct error *err)
{
    struct sender *s = ctx;
    if (!s->ready && s->pull && has_room(s, 0) && !fill(s, err))
        return false;
    return !s->ready || !has_room(s, s->ready->bytes) || send_ready(s, q, err);
}

/* Sends what is ready, and with a source all that it gives. */
static bool run(struct sender *s, struct error *err)
{
    struct queue q = {.refill = refill, .refill_ctx = s};
    bool ok = queue_run(&q, s->o.store, err);
    queue_release(&q);
    s->broken = !ok;
    return ok;
}

bool sender_stream(struct sender *s, pull_pair_fn pull, void *ctx, struct error *err)
{
    s->pull = pull;
    s->pull_ctx = ctx;
    s->ended = s->held = false;
    bool ok = run(s, err);
    s->pull = NULL;
    return ok;
}

bool sender_flush(struct sender *s, struct error *err)
{
    if (s->broken)
        return true;
    return close_batch(s, err) && (!s->ready || run(s, err));
}

bool sender_add(struct sender *s, const struct store_pair *pair, uint64_t number, struct error *err)
{
    if (was_done(s, number))
        return true;
    if (!take(s, pair, number, err) ||
        (batch_goes_alone(pair->key.len + pair->value.len) && !close_batch(s, err)))
        return false;
    size_t bytes = s->ready_bytes + (s->open ? s->open->bytes : 0);
    size_t most = s->o.jobs < READY_MAX ? s->o.jobs : READY_MAX;
    return (s->n_ready < most && bytes < PUT_FLIGHT_BYTES) || run(s, err);
}
