#include "sender.h"

#include "base/clock.h"
#include "base/mem.h"
#include "batch.h"
#include "rewrites.h"
#include "store/queue.h"

/* Batches that are made before they go out, where pairs are given one by one: whoever gives them
 * may fail or be interrupted, and what waited by then was not written. */
#define READY_MAX 8

/* Pairs are added to the open batch; a full one becomes ready; what is ready is sent while there is
 * room for it. */
struct sender {
    struct sender_options o;
    struct batch *open;       /* being filled */
    struct batch *ready;      /* full, the oldest first */
    struct batch **ready_end; /* where the next one is linked */
    struct batch *spare;      /* empty */
    size_t n_ready, ready_bytes;
    size_t flying, flying_bytes;
    bool broken;                 /* sending failed, and nothing more is sent */
    struct kv_counts own_counts; /* when the caller wants none */

    /* sender_stream: where pairs come from. */
    pull_pair_fn pull;
    void *pull_ctx;
    bool ended;             /* it has no more */
    bool held;              /* a pair was pulled that does not fit yet: */
    struct store_pair pair; /* it, borrowed from the source until the next pull */
    uint64_t number;
};

static void begin(struct sender *s, const struct sender_options *options)
{
    *s = (struct sender){.o = *options};
    s->ready_end = &s->ready;
    if (s->o.jobs == 0)
        s->o.jobs = STORE_JOBS;
    if (!s->o.counts)
        s->o.counts = &s->own_counts;
}

static void end(struct sender *s)
{
    batch_free_list(s->open);
    batch_free_list(s->ready);
    batch_free_list(s->spare);
}

/* ---- Making batches -------------------------------------------------------------------------- */

/* What goes to an instant namespace takes a second a key: progress, resume and records go by small
 * batches there. */
#define SLOW_PAIRS 20

static bool is_slow(const struct sender *s, const struct batch *b)
{
    struct bytes account, id = s->o.id;
    if (s->o.where)
        s->o.where(s->o.books, b->numbers[0], &account, &id);
    return store_is_instant(s->o.store, id);
}

static bool is_full(const struct sender *s, const struct batch *b, const struct store_pair *pair)
{
    if (b->n >= SLOW_PAIRS && is_slow(s, b))
        return true;
    if (s->o.deletes)
        return b->n == STORE_BULK_MAX;
    return batch_is_full(b->n, b->content, pair_content(pair));
}

/* The open batch, if there is one, is ready. */
static void close_batch(struct sender *s)
{
    struct batch *b = s->open;
    if (!b)
        return;
    batch_seal(b, s->o.deletes);
    *s->ready_end = b;
    s->ready_end = &b->next;
    s->n_ready++;
    s->ready_bytes += b->bytes;
    s->open = NULL;
}

static void open_batch(struct sender *s)
{
    struct batch *b = s->spare ? s->spare : batch_new();
    s->spare = b->next;
    b->next = NULL;
    b->owner = s;
    s->open = b;
}

static void take(struct sender *s, const struct store_pair *pair, uint64_t number)
{
    struct store_pair put = *pair;
    if (s->o.default_ttl > 0 && put.expiration == 0 && put.expiration_ttl == 0 && !put.no_ttl)
        put.expiration_ttl = s->o.default_ttl;
    if (s->open && is_full(s, s->open, &put))
        close_batch(s);
    if (!s->open)
        open_batch(s);
    batch_add(s->open, &put, number);
    if (s->o.rewrites && !s->o.deletes)
        rewrites_note(s->o.rewrites, s->o.id, put.key, clock_monotonic_ms());
}

static bool was_done(struct sender *s, uint64_t number)
{
    if (!s->o.resume || !resume_has(s->o.resume, number))
        return false;
    s->o.counts->skipped++;
    return true;
}

/* ---- What came of one ------------------------------------------------------------------------ */

/* Notes start..end - 1 of the batch: runs of numbers that follow one another. */
static bool note_done(struct sender *s, const struct batch *b, size_t start, size_t end,
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

/* Notes what is between the keys that failed, and tells those. */
static bool settle(struct sender *s, const struct batch *b, const struct error *cause,
                   struct error *err)
{
    struct kv_counts *counts = s->o.counts;
    size_t start = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!batch_failed(b, i)) {
            counts->keys++;
            counts->bytes += pair_content(&b->pairs[i]);
            continue;
        }
        counts->failed++;
        if (!note_done(s, b, start, i, err) ||
            (s->o.on_failed && !s->o.on_failed(s->o.on_failed_ctx, b->pairs[i].key, cause, err)))
            return false;
        start = i + 1;
    }
    return note_done(s, b, start, b->n, err);
}

/* A refused batch ends the work; one that was interrupted is no failure of its keys. */
static bool conclude(struct sender *s, struct batch *b, const struct store_result *result,
                     struct error *err)
{
    struct error cause = result->error;
    b->refused = !result->ok;
    if (result->ok)
        error_set(&cause, ERR_FAILED, "the store did not take it");
    for (size_t i = 0; result->ok && i < result->n_failed; i++)
        map_set(&b->failed, result->failed[i], i);
    if (s->o.on_answer)
        return s->o.on_answer(s->o.books, b, &cause, err);
    if (cause.code != ERR_INTERRUPTED && !settle(s, b, &cause, err))
        return false;
    if (b->refused)
        *err = cause;
    return !b->refused;
}

static void recycle(struct sender *s, struct batch *b)
{
    batch_clear(b);
    b->next = s->spare;
    s->spare = b;
}

static bool answered(void *ctx, struct queue *q, const struct store_op *op,
                     const struct store_result *result, struct error *err)
{
    struct batch *b = ctx;
    struct sender *s = b->owner;
    (void)q;
    (void)op;
    s->flying--;
    s->flying_bytes -= b->bytes;
    s->o.counts->requests++;
    bool ok = conclude(s, b, result, err);
    recycle(s, b);
    if (s->o.progress)
        s->o.progress(s->o.progress_ctx, s->o.counts);
    return ok;
}

/* ---- Sending --------------------------------------------------------------------------------- */

/* A first batch may be as large as it is. */
static bool has_room(const struct sender *s, size_t bytes)
{
    return s->flying == 0 ||
           (s->flying < s->o.jobs && s->flying_bytes + bytes <= SENDER_FLIGHT_BYTES);
}

static void send_ready(struct sender *s, struct queue *q)
{
    struct batch *b = s->ready;
    struct store_op op = {.kind = s->o.deletes ? STORE_BULK_DELETE : STORE_BULK_PUT,
                          .account = s->o.account,
                          .id = s->o.id,
                          .n = b->n};
    if (s->o.where)
        s->o.where(s->o.books, b->numbers[0], &op.account, &op.id);
    if (s->o.deletes)
        op.keys = b->keys;
    else
        op.pairs = b->pairs;
    queue_push(q, &op, answered, b);
    s->ready = b->next;
    if (!s->ready)
        s->ready_end = &s->ready;
    s->n_ready--;
    s->ready_bytes -= b->bytes;
    s->flying++;
    s->flying_bytes += b->bytes;
}

static bool pull_next(struct sender *s, struct error *err)
{
    switch (s->pull(s->pull_ctx, &s->pair, &s->number, err)) {
    case PULL_PAIR:
        s->held = !was_done(s, s->number);
        return true;
    case PULL_CUT:
        close_batch(s);
        return true;
    case PULL_DROP:
        if (s->open)
            recycle(s, s->open);
        s->open = NULL;
        return true;
    case PULL_END:
        s->ended = true;
        close_batch(s);
        return true;
    case PULL_FAILED:
        break;
    }
    return false;
}

/* Makes one batch ready, unless there is no room for what comes next. */
static bool fill(struct sender *s, struct error *err)
{
    while (!s->ready && !s->ended) {
        if (!s->held) {
            if (!pull_next(s, err))
                return false;
            continue;
        }
        if (!has_room(s, (s->open ? s->open->bytes : 0) + pair_size(&s->pair)))
            return true;
        take(s, &s->pair, s->number);
        s->held = false;
    }
    return true;
}

static bool refill(void *ctx, struct queue *q, struct error *err)
{
    struct sender *s = ctx;
    if (!s->ready && s->pull && has_room(s, 0) && !fill(s, err))
        return false;
    if (s->ready && has_room(s, s->ready->bytes))
        send_ready(s, q);
    return true;
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

bool sender_stream(const struct sender_options *options, pull_pair_fn pull, void *ctx,
                   struct error *err)
{
    struct sender s;
    begin(&s, options);
    s.pull = pull;
    s.pull_ctx = ctx;
    bool ok = run(&s, err);
    end(&s);
    return ok;
}

/* Keys as pairs without a value, numbered. */
struct numbered_keys {
    pull_key_fn pull;
    void *ctx;
    uint64_t n;
};

static enum pull pull_keys(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct numbered_keys *keys = ctx;
    *pair = (struct store_pair){0};
    *number = ++keys->n;
    return keys->pull(keys->ctx, &pair->key, err);
}

bool sender_delete(const struct sender_options *options, pull_key_fn pull, void *ctx,
                   struct error *err)
{
    struct sender_options o = *options;
    struct numbered_keys keys = {pull, ctx, 0};
    o.deletes = true;
    return sender_stream(&o, pull_keys, &keys, err);
}

/* ---- One after the other --------------------------------------------------------------------- */

struct sender *sender_open(const struct sender_options *options)
{
    struct sender *s = mem_alloc(sizeof *s);
    begin(s, options);
    return s;
}

bool sender_add(struct sender *s, const struct store_pair *pair, uint64_t number, struct error *err)
{
    if (was_done(s, number))
        return true;
    take(s, pair, number);
    if (batch_goes_alone(pair_content(pair)))
        close_batch(s);
    size_t bytes = s->ready_bytes + (s->open ? s->open->bytes : 0);
    size_t most = s->o.jobs < READY_MAX ? s->o.jobs : READY_MAX;
    return (s->n_ready < most && bytes < SENDER_FLIGHT_BYTES) || run(s, err);
}

bool sender_close(struct sender *s, struct error *err)
{
    close_batch(s);
    bool ok = s->broken || !s->ready || run(s, err);
    sender_abandon(s);
    return ok;
}

void sender_abandon(struct sender *s)
{
    if (s)
        end(s);
    mem_free(s);
}
