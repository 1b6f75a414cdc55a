/*
 * apply_bulks.c: the items of a bulk source that its action marked, as batches. A batch that fails
 * fails the action, but the rest of the source is still written; the source itself must be what was
 * planned, else nothing more of it is.
 */
#include "apply_work.h"

#include "base/mem.h"
#include "base/text.h"
#include "kv/batch.h"
#include "source.h"

/* ---- What came of it ---------------------------------------------------------------------------
 */

static bool bulk_settle(struct feed *feed, struct bulk_run *run, struct error *err)
{
    struct applier *ap = feed->w->ap;
    const struct action *a = &ap->p->actions[run->action];
    if (run->open > 0 || !run->all_out || run->failed)
        return true;
    struct state_bulk bulk = {.source = a->key, .count = a->n_marks, .digest = a->digest};
    if (!state_set_bulk(ap->s, a->account_id, a->address, &bulk, err) || !state_commit(ap->s, err))
        return false;
    applier_done(ap, run->action);
    return true;
}

static bool bulk_fail(struct feed *feed, struct bulk_run *run, const struct error *cause,
                      struct error *err)
{
    run->failed = true;
    return applier_fail(feed->w->ap, run->action, cause, err);
}

static bool fail_keys(struct batch *b, const struct store_result *result, struct error *err)
{
    char name[QUOTED_SIZE];
    b->run->failed |= result->n_failed > 0;
    for (size_t i = 0; i < result->n_failed; i++) {
        struct bytes key = result->failed[i];
        struct error cause;
        error_set(&cause, ERR_FAILED, "cannot put key %s: the store did not take it",
                  text_quoted(key, name, sizeof name));
        if (!applier_fail_key(b->feed->w->ap, b->run->action, key, &cause, err))
            return false;
    }
    return true;
}

bool bulk_answered(struct batch *b, const struct store_result *result, struct error *err)
{
    struct bulk_run *run = b->run;
    run->open--;
    b->feed->w->ap->changed |= result->ok && result->n_failed < b->n;
    bool ok = result->ok ? fail_keys(b, result, err) : bulk_fail(b->feed, run, &result->error, err);
    return ok && bulk_settle(b->feed, run, err);
}

/* ---- Reading it --------------------------------------------------------------------------------
 */

static void close_source(struct feed *feed)
{
    seed_close(feed->reader);
    feed->reader = NULL;
    feed->run->all_out = true;
    arena_release(&feed->held_arena);
    feed->held = false;
}

bool feed_bulk_open(struct feed *feed, struct error *err)
{
    struct applier *ap = feed->w->ap;
    struct bulk_run *run = mem_zalloc(1, sizeof *run);
    struct error outcome = {0};
    if (!run)
        return error_nomem(err);
    run->action = feed->w->order[feed->at++];
    run->next = feed->runs;
    feed->runs = feed->run = run;
    feed->item = 0;
    const struct action *a = &ap->p->actions[run->action];
    feed->reader = seed_open(ap->pl.root, &ap->pl.m->namespaces[a->ns].bulks[a->index], &outcome);
    if (feed->reader)
        return true;
    return outcome.code == ERR_NOMEM ? error_nomem(err) : bulk_fail(feed, run, &outcome, err);
}

static bool check_content(struct feed *feed, struct error *outcome)
{
    const struct action *a = &feed->w->ap->p->actions[feed->run->action];
    struct digest digest;
    uint64_t size;
    seed_content(feed->reader, &size, &digest);
    return digest_equal(&digest, &a->digest) || source_changed(a->key, outcome);
}

static bool copy_pair(struct arena *arena, struct store_pair *pair)
{
    return arena_bytes(arena, pair->key, &pair->key) &&
           arena_bytes(arena, pair->value, &pair->value) &&
           (!pair->metadata.data || arena_bytes(arena, pair->metadata, &pair->metadata));
}

static bool take_held(struct feed *feed, struct batch *b, struct error *err)
{
    if (!feed->held)
        return true;
    if (!copy_pair(&b->arena, &feed->held_pair))
        return error_nomem(err);
    feed->held = false;
    arena_release(&feed->held_arena);
    return batch_add(b, &feed->held_pair, feed->run->action, err);
}

static bool take_item(struct feed *feed, struct batch *b, const struct seed_item *item, bool *full,
                      struct error *outcome)
{
    struct store_pair pair;
    if (!batch_pair(b, &item->seed, &pair, outcome))
        return false;
    *full = batch_is_full(b->n, b->bytes, pair.key.len + pair.value.len);
    if (!*full)
        return copy_pair(&b->arena, &pair) ? batch_add(b, &pair, feed->run->action, outcome)
                                           : error_nomem(outcome);
    feed->held = true;
    feed->held_pair = pair;
    return copy_pair(&feed->held_arena, &feed->held_pair) || error_nomem(outcome);
}

/* Fills a batch from the source. false when the source cannot go on; at its end `*end` is set. */
static bool fill_bulk(struct feed *feed, struct batch *b, bool *end, struct error *outcome)
{
    const struct action *a = &feed->w->ap->p->actions[feed->run->action];
    struct diag_list diags = {0}; /* validation has told them all */
    struct seed_item item;
    bool full = false, ok = take_held(feed, b, outcome);
    while (ok && !full) {
        enum seed_status status = seed_next(feed->reader, &item, &diags, outcome);
        *end = status == SEED_END;
        if (*end)
            break;
        if (status != SEED_FAILED && (status == SEED_BAD || feed->item >= a->n_marks))
            source_changed(a->key, outcome);
        ok = outcome->code == ERR_NONE;
        uint8_t mark = ok ? a->marks[feed->item++] : BULK_SAME;
        if (mark != BULK_SAME && mark != BULK_PAST)
            ok = take_item(feed, b, &item, &full, outcome);
    }
    diag_release(&diags);
    return ok;
}

/* The batch counts as open from the start, so that the end of the source does not settle before it
 * is answered. */
bool feed_bulk(struct feed *feed, struct queue *q, bool *pushed, struct error *err)
{
    struct bulk_run *run = feed->run;
    struct error outcome = {0};
    bool end = false;
    struct batch *b = batch_new(feed, feed->w->ap->p->actions[run->action].ns, run);
    if (!b)
        return error_nomem(err);
    bool ok = fill_bulk(feed, b, &end, &outcome) && (!end || check_content(feed, &outcome));
    if (!ok || end)
        close_source(feed);
    if (ok && b->n > 0) {
        *pushed = true;
        run->open++;
        return batch_push(b, q, err);
    }
    batch_free(b);
    if (!ok)
        return outcome.code == ERR_NOMEM ? error_nomem(err) : bulk_fail(feed, run, &outcome, err);
    return bulk_settle(feed, run, err);
}

void feed_release(struct feed *feed)
{
    seed_close(feed->reader);
    arena_release(&feed->held_arena);
    while (feed->runs) {
        struct bulk_run *next = feed->runs->next;
        mem_free(feed->runs);
        feed->runs = next;
    }
}
