/*
 * apply_keys.c: writes keys. First everything that is about to be lost is saved, namespace by
 * namespace; then all writes of all namespaces run as one row of batches, made only when the store
 * has a slot, so that memory holds a few batches whatever the size of the seeds.
 */
#include "applier.h"

#include <stdlib.h>

#include "base/mem.h"
#include "seed/seed.h"

/* The key actions of the plan, grouped by namespace, in order. */
struct work {
    struct applier *ap;
    size_t *order; /* indexes into plan.actions */
    size_t n;
};

static bool is_work(const struct applier *ap, const struct action *a)
{
    (void)ap;
    return (a->kind == ACTION_KEY || a->kind == ACTION_BULK) && !a->dropped;
}

/* Counting sort by namespace; stable, so the plan's order stays inside a namespace. */
static bool work_collect(struct work *w, struct error *err)
{
    const struct plan *p = w->ap->p;
    size_t *starts = mem_zalloc(p->n_ids + 2, sizeof *starts);
    w->order = mem_zalloc(p->n + 1, sizeof *w->order);
    if (!starts || !w->order) {
        mem_free(starts);
        return error_nomem(err);
    }
    for (size_t i = 0; i < p->n; i++)
        if (is_work(w->ap, &p->actions[i]))
            starts[p->actions[i].ns + 1]++;
    for (size_t ns = 0; ns < p->n_ids; ns++)
        starts[ns + 1] += starts[ns];
    for (size_t i = 0; i < p->n; i++)
        if (is_work(w->ap, &p->actions[i])) {
            w->order[starts[p->actions[i].ns]++] = i;
            w->n++;
        }
    mem_free(starts);
    return true;
}

static struct action *work_action(const struct work *w, size_t at)
{
    return &w->ap->p->actions[w->order[at]];
}

/* ---- Saving what will be lost ------------------------------------------------------------------
 */

struct key_list {
    struct arena arena;
    struct bytes *keys;
    size_t n, cap;
};

static bool key_list_add(struct key_list *list, struct bytes key, struct error *err)
{
    struct bytes copy;
    if (!mem_grow((void **)&list->keys, &list->cap, list->n + 1, sizeof *list->keys) ||
        !arena_bytes(&list->arena, key, &copy))
        return error_nomem(err);
    list->keys[list->n++] = copy;
    return true;
}

static void key_list_release(struct key_list *list)
{
    mem_free(list->keys);
    arena_release(&list->arena);
}

/* The keys of a bulk source whose live value may be somebody else's. */
static bool list_bulk(struct applier *ap, const struct action *a, struct key_list *list,
                      struct error *err)
{
    const struct bulk_decl *bulk = &ap->pl.m->namespaces[a->ns].bulks[a->index];
    struct seed_reader *reader = seed_open(ap->pl.root, bulk, err);
    struct seed_item item;
    enum seed_status status = SEED_FAILED;
    size_t i = 0;
    bool ok = reader != NULL;
    while (ok && ((status = seed_next(reader, &item, &ap->p->notes, err)) == SEED_ITEM ||
                  status == SEED_BAD)) {
        if (status == SEED_BAD || i >= a->n_marks)
            continue;
        uint8_t mark = a->marks[i++];
        if (mark == BULK_CHANGED || mark == BULK_OVERWRITE)
            ok = key_list_add(list, item.seed.key, err);
    }
    seed_close(reader);
    return ok && status == SEED_END;
}

static bool list_losses(struct work *w, size_t from, size_t to, struct key_list *list,
                        const char **reason, struct error *err)
{
    bool pruned = false, overwritten = false;
    for (size_t at = from; at < to; at++) {
        const struct action *a = work_action(w, at);
        bool ok = true;
        if (a->kind == ACTION_BULK) {
            size_t before = list->n;
            ok = list_bulk(w->ap, a, list, err);
            overwritten = overwritten || list->n > before;
        } else if (a->verb == ACTION_PUT ? a->overwrite : a->backup) {
            ok = key_list_add(list, a->key, err);
            pruned = pruned || a->verb == ACTION_DELETE;
            overwritten = overwritten || a->verb == ACTION_PUT;
        }
        if (!ok)
            return false;
    }
    *reason = pruned ? (overwritten ? "overwrite-and-prune" : "prune") : "overwrite";
    return true;
}

static bool fail_range(struct work *w, size_t from, size_t to, const struct error *cause,
                       struct error *err)
{
    for (size_t at = from; at < to; at++) {
        work_action(w, at)->dropped = true;
        if (!applier_fail(w->ap, w->order[at], cause, err))
            return false;
    }
    return true;
}

/* Saves what the actions [from, to) of one namespace lose; when that fails they all fail. */
static bool save_losses(struct work *w, size_t from, size_t to, struct error *err)
{
    struct applier *ap = w->ap;
    size_t ns = work_action(w, from)->ns;
    struct key_list list = {0};
    const char *reason;
    struct error outcome = {0};
    bool ok = true;
    if (ap->unready[ns]) {
        error_set(&outcome, ERR_FAILED, "skipped, since its namespace '%.*s' is not ready",
                  BYTES_FMT(ap->pl.m->namespaces[ns].title));
    } else if (!list_losses(w, from, to, &list, &reason, &outcome)) {
        ok = outcome.code != ERR_NOMEM;
        if (!ok)
            *err = outcome;
    } else if (list.n > 0) {
        const struct observed_namespace *live = &ap->pl.o->namespaces[ap->p->resolutions[ns].live];
        ok = apply_backup(ap, live, reason, list.keys, list.n, &outcome, err);
    }
    if (ok && outcome.code)
        ok = fail_range(w, from, to, &outcome, err);
    key_list_release(&list);
    return ok;
}

static bool save_all(struct work *w, struct error *err)
{
    for (size_t from = 0, to; from < w->n; from = to) {
        for (to = from + 1; to < w->n; to++)
            if (work_action(w, to)->ns != work_action(w, from)->ns)
                break;
        if (!save_losses(w, from, to, err))
            return false;
    }
    return true;
}

/* ---- Batches -----------------------------------------------------------------------------------
 */

/* What becomes of one bulk action, whose items go out in several batches. */
struct bulk_run {
    size_t action;
    size_t open;  /* batches not answered yet */
    bool all_out; /* the source is read to its end */
    bool failed;
    struct bulk_run *next;
};

struct feed {
    struct work *w;
    size_t at;                  /* the next action in order */
    struct seed_reader *reader; /* of the bulk action being read */
    struct bulk_run *run;       /* the same */
    struct bulk_run *runs;      /* all, for freeing */
    size_t item;                /* index of the reader's next item */
    bool held;                  /* an item was read that did not fit into the last batch */
    struct arena held_arena;
    struct store_pair held_pair;
};

struct batch {
    struct feed *feed;
    struct arena arena; /* values and keys that are not the model's */
    size_t ns;
    struct bulk_run *run; /* of a bulk; else NULL */
    struct store_pair *pairs;
    struct bytes *keys; /* deletes */
    size_t *actions;    /* per pair or key; not for bulks */
    size_t n, cap_pairs, cap_keys, cap_actions;
    size_t bytes;
};

static struct batch *batch_new(struct feed *feed, size_t ns, struct bulk_run *run)
{
    struct batch *b = mem_zalloc(1, sizeof *b);
    if (b) {
        b->feed = feed;
        b->ns = ns;
        b->run = run;
    }
    return b;
}

static void batch_free(struct batch *b)
{
    mem_free(b->pairs);
    mem_free(b->keys);
    mem_free(b->actions);
    arena_release(&b->arena);
    mem_free(b);
}

static bool batch_add(struct batch *b, const struct store_pair *pair, size_t action,
                      struct error *err)
{
    if (!mem_grow((void **)&b->pairs, &b->cap_pairs, b->n + 1, sizeof *b->pairs) ||
        !mem_grow((void **)&b->actions, &b->cap_actions, b->n + 1, sizeof *b->actions))
        return error_nomem(err);
    b->pairs[b->n] = *pair;
    b->actions[b->n++] = action;
    b->bytes += pair->key.len + pair->value.len;
    return true;
}

/* ---- What came of a batch ----------------------------------------------------------------------
 */

static bool failed_index(const struct store_result *result, struct map *failed)
{
    for (size_t i = 0; i < result->n_failed; i++)
        if (!map_set(failed, result->failed[i], i))
            return false;
    return true;
}

static bool note_failure(struct batch *b, size_t i, const struct store_result *result,
                         bool deleting, struct error *err)
{
    struct error cause = result->error;
    if (result->ok)
        error_set(&cause, ERR_FAILED, "the store did not take it");
    error_wrap(&cause, deleting ? "cannot delete the key" : "cannot put the key");
    return applier_fail(b->feed->w->ap, b->actions[i], &cause, err);
}

static bool put_recorded(struct batch *b, size_t i, struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    const struct action *a = &ap->p->actions[b->actions[i]];
    const struct namespace_decl *decl = &ap->pl.m->namespaces[b->ns];
    const struct put_decl *put = &decl->puts[a->index];
    struct state_key key = {.key = a->key,
                            .hmac = put_hmac(&ap->pl, b->ns, put, b->pairs[i].value),
                            .expiration_ttl = namespace_effective_ttl(decl, &put->seed)};
    return state_set_key(ap->s, a->account_id, a->address, &key, err);
}

static bool one_recorded(struct batch *b, size_t i, bool deleting, struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    const struct action *a = &ap->p->actions[b->actions[i]];
    if (!deleting)
        return put_recorded(b, i, err);
    return state_remove_key(ap->s, a->account_id, a->address, a->key, err);
}

static bool batch_recorded(struct batch *b, const struct store_result *result, bool deleting,
                           struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    struct map failed = {0};
    bool ok = failed_index(result, &failed) || error_nomem(err);
    for (size_t i = 0; ok && i < b->n; i++) {
        struct bytes key = deleting ? b->keys[i] : b->pairs[i].key;
        if (!result->ok || map_get(&failed, key) != MAP_NONE)
            ok = note_failure(b, i, result, deleting, err);
        else
            ok = one_recorded(b, i, deleting, err);
    }
    ok = ok && state_commit(ap->s, err);
    for (size_t i = 0; ok && result->ok && i < b->n; i++)
        if (map_get(&failed, deleting ? b->keys[i] : b->pairs[i].key) == MAP_NONE)
            applier_done(ap, b->actions[i]);
    map_release(&failed);
    return ok;
}

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
    if (run->failed)
        return true;
    run->failed = true;
    return applier_fail(feed->w->ap, run->action, cause, err);
}

static bool bulk_recorded(struct batch *b, const struct store_result *result, struct error *err)
{
    struct bulk_run *run = b->run;
    struct error cause = result->error;
    bool ok = true;
    run->open--;
    if (result->ok && result->n_failed > 0)
        error_set(&cause, ERR_FAILED, "the store did not take %zu keys, '%.*s' among them",
                  result->n_failed, BYTES_FMT(result->failed[0]));
    if (!result->ok || result->n_failed > 0)
        ok = bulk_fail(b->feed, run, &cause, err);
    return ok && bulk_settle(b->feed, run, err);
}

static bool batch_done(void *ctx, struct queue *q, const struct store_op *op,
                       const struct store_result *result, struct error *err)
{
    struct batch *b = ctx;
    (void)q;
    bool ok = b->run ? bulk_recorded(b, result, err)
                     : batch_recorded(b, result, op->kind == STORE_BULK_DELETE, err);
    batch_free(b);
    return ok;
}

static bool batch_push(struct batch *b, struct queue *q, bool deleting, struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    struct store_op op = {.kind = deleting ? STORE_BULK_DELETE : STORE_BULK_PUT,
                          .account = planner_account(&ap->pl, b->ns),
                          .id = ap->p->ids[b->ns],
                          .pairs = b->pairs,
                          .keys = b->keys,
                          .n = b->n};
    if (queue_push(q, &op, batch_done, b, err))
        return true;
    batch_free(b);
    return false;
}

/* ---- Making batches of puts and deletes --------------------------------------------------------
 */

static struct store_pair pair_of(const struct namespace_decl *decl, const struct seed_key *seed,
                                 struct bytes value)
{
    int64_t ttl = namespace_effective_ttl(decl, seed);
    return (struct store_pair){.key = seed->key,
                               .value = value,
                               .metadata = seed->metadata,
                               .expiration = ttl ? 0 : seed->expiration,
                               .expiration_ttl = ttl};
}

/* The value of a put in the batch's arena when it has ids in it, else where the model has it. */
static bool put_value(struct batch *b, const struct deferred *d, struct bytes *value,
                      struct error *outcome)
{
    struct applier *ap = b->feed->w->ap;
    struct buf scratch = {0};
    bool ok = deferred_resolve(d, ap->p->ids, &scratch, value, outcome);
    if (!ok && outcome->code == ERR_NOT_FOUND)
        error_set(outcome, ERR_FAILED, "its value holds the id of a namespace that is not there");
    if (ok && !deferred_is_literal(d) && !arena_bytes(&b->arena, *value, value))
        ok = error_nomem(outcome);
    buf_release(&scratch);
    return ok;
}

static bool same_row(const struct action *a, size_t ns, enum action_verb verb)
{
    return a->kind == ACTION_KEY && a->ns == ns && a->verb == verb;
}

static bool fill_puts(struct feed *feed, struct batch *b, struct error *err)
{
    struct work *w = feed->w;
    const struct namespace_decl *decl = &w->ap->pl.m->namespaces[b->ns];
    for (; feed->at < w->n && same_row(work_action(w, feed->at), b->ns, ACTION_PUT); feed->at++) {
        const struct action *a = work_action(w, feed->at);
        const struct put_decl *put = &decl->puts[a->index];
        struct bytes value;
        struct error outcome = {0};
        if (a->dropped)
            continue;
        if (!put_value(b, &put->seed.value, &value, &outcome)) {
            if (!applier_fail(w->ap, w->order[feed->at], &outcome, err))
                return false;
            continue;
        }
        struct store_pair pair = pair_of(decl, &put->seed, value);
        if (batch_is_full(b->n, b->bytes, pair.key.len + value.len))
            return true;
        if (!batch_add(b, &pair, w->order[feed->at], err))
            return false;
    }
    return true;
}

static bool fill_deletes(struct feed *feed, struct batch *b, struct error *err)
{
    struct work *w = feed->w;
    for (; feed->at < w->n && b->n < STORE_BULK_MAX &&
           same_row(work_action(w, feed->at), b->ns, ACTION_DELETE);
         feed->at++) {
        const struct action *a = work_action(w, feed->at);
        if (a->dropped)
            continue;
        if (!mem_grow((void **)&b->keys, &b->cap_keys, b->n + 1, sizeof *b->keys) ||
            !mem_grow((void **)&b->actions, &b->cap_actions, b->n + 1, sizeof *b->actions))
            return error_nomem(err);
        b->keys[b->n] = a->key;
        b->actions[b->n++] = w->order[feed->at];
    }
    return true;
}

static bool feed_keys(struct feed *feed, struct queue *q, bool *pushed, struct error *err)
{
    const struct action *a = work_action(feed->w, feed->at);
    bool deleting = a->verb == ACTION_DELETE;
    struct batch *b = batch_new(feed, a->ns, NULL);
    if (!b)
        return error_nomem(err);
    bool ok = deleting ? fill_deletes(feed, b, err) : fill_puts(feed, b, err);
    if (ok && b->n > 0) {
        *pushed = true;
        return batch_push(b, q, deleting, err);
    }
    batch_free(b);
    return ok;
}

/* ---- Making batches of a bulk source -----------------------------------------------------------
 */

static bool bulk_begin(struct feed *feed, struct error *err)
{
    struct applier *ap = feed->w->ap;
    size_t action = feed->w->order[feed->at++];
    const struct action *a = &ap->p->actions[action];
    struct error outcome = {0};
    if (a->dropped)
        return true;
    struct bulk_run *run = mem_zalloc(1, sizeof *run);
    if (!run)
        return error_nomem(err);
    run->action = action;
    run->next = feed->runs;
    feed->runs = run;
    feed->run = run;
    feed->item = 0;
    feed->reader = seed_open(ap->pl.root, &ap->pl.m->namespaces[a->ns].bulks[a->index], &outcome);
    if (!feed->reader)
        return bulk_fail(feed, run, &outcome, err);
    return true;
}

/* The source must be what was planned: its marks speak of these items and no others. */
static bool bulk_end(struct feed *feed, enum seed_status status, struct error *outcome,
                     struct error *err)
{
    const struct action *a = &feed->w->ap->p->actions[feed->run->action];
    struct bulk_run *run = feed->run;
    struct digest digest;
    uint64_t size;
    if (status == SEED_END) {
        seed_content(feed->reader, &size, &digest);
        if (!digest_equal(&digest, &a->digest))
            error_set(outcome, ERR_FAILED, "'%.*s' changed while it was being applied",
                      BYTES_FMT(a->key));
    }
    seed_close(feed->reader);
    feed->reader = NULL;
    feed->run = NULL;
    run->all_out = true;
    return outcome->code ? bulk_fail(feed, run, outcome, err) : bulk_settle(feed, run, err);
}

static bool copy_pair(struct arena *arena, struct store_pair *pair, struct error *err)
{
    return (arena_bytes(arena, pair->key, &pair->key) &&
            arena_bytes(arena, pair->value, &pair->value) &&
            (!pair->metadata.data || arena_bytes(arena, pair->metadata, &pair->metadata))) ||
           error_nomem(err);
}

static bool wants_put(uint8_t mark)
{
    return mark != BULK_SAME && mark != BULK_PAST;
}

static bool bulk_take(struct feed *feed, struct batch *b, const struct seed_item *item, bool *full,
                      struct error *err)
{
    const struct namespace_decl *decl = &feed->w->ap->pl.m->namespaces[b->ns];
    struct bytes value;
    if (!put_value(b, &item->seed.value, &value, err))
        return false;
    struct store_pair pair = pair_of(decl, &item->seed, value);
    *full = batch_is_full(b->n, b->bytes, pair.key.len + value.len);
    if (*full) {
        feed->held = true;
        feed->held_pair = pair;
        return copy_pair(&feed->held_arena, &feed->held_pair, err);
    }
    return copy_pair(&b->arena, &pair, err) && batch_add(b, &pair, feed->run->action, err);
}

static bool take_held(struct feed *feed, struct batch *b, struct error *err)
{
    if (!feed->held)
        return true;
    feed->held = false;
    bool ok = copy_pair(&b->arena, &feed->held_pair, err) &&
              batch_add(b, &feed->held_pair, feed->run->action, err);
    arena_release(&feed->held_arena);
    feed->held_arena = (struct arena){0};
    return ok;
}

static bool fill_bulk(struct feed *feed, struct batch *b, struct error *err)
{
    const struct action *a = &feed->w->ap->p->actions[feed->run->action];
    const uint8_t *marks = a->marks;
    size_t n_marks = a->n_marks;
    struct seed_item item;
    struct error outcome = {0};
    enum seed_status status;
    bool full = false;
    if (!take_held(feed, b, err))
        return false;
    while (!full && (status = seed_next(feed->reader, &item, &feed->w->ap->p->notes, &outcome)) !=
                        SEED_END) {
        if (status == SEED_FAILED || status == SEED_BAD || feed->item >= n_marks) {
            if (!outcome.code)
                error_set(&outcome, ERR_FAILED, "the source changed while it was being applied");
            return bulk_end(feed, SEED_FAILED, &outcome, err);
        }
        if (wants_put(marks[feed->item++]) && !bulk_take(feed, b, &item, &full, &outcome))
            return bulk_end(feed, SEED_FAILED, &outcome, err);
    }
    return full || bulk_end(feed, SEED_END, &outcome, err);
}

static bool feed_bulk(struct feed *feed, struct queue *q, bool *pushed, struct error *err)
{
    struct bulk_run *run = feed->run;
    struct batch *b = batch_new(feed, feed->w->ap->p->actions[run->action].ns, run);
    if (!b)
        return error_nomem(err);
    run->open++; /* held until the batch is answered, so that the end of the source settles late */
    bool ok = fill_bulk(feed, b, err);
    if (ok && b->n > 0 && !run->failed) {
        *pushed = true;
        return batch_push(b, q, false, err);
    }
    run->open--;
    batch_free(b);
    return ok && bulk_settle(feed, run, err);
}

/* ---- All ---------------------------------------------------------------------------------------
 */

static bool refill_writes(void *ctx, struct queue *q, struct error *err)
{
    struct feed *feed = ctx;
    bool pushed = false;
    while (!pushed) {
        bool ok = true;
        if (feed->reader)
            ok = feed_bulk(feed, q, &pushed, err);
        else if (feed->at >= feed->w->n)
            break;
        else if (work_action(feed->w, feed->at)->kind == ACTION_BULK)
            ok = bulk_begin(feed, err);
        else
            ok = feed_keys(feed, q, &pushed, err);
        if (!ok)
            return false;
    }
    return true;
}

static void feed_release(struct feed *feed)
{
    seed_close(feed->reader);
    arena_release(&feed->held_arena);
    while (feed->runs) {
        struct bulk_run *next = feed->runs->next;
        mem_free(feed->runs);
        feed->runs = next;
    }
}

static bool write_all(struct work *w, struct error *err)
{
    struct feed feed = {.w = w};
    struct queue q = {.refill = refill_writes, .refill_ctx = &feed};
    bool ok = queue_run(&q, w->ap->pl.t->store, err);
    w->ap->pl.o->requests += q.sent;
    queue_release(&q);
    feed_release(&feed);
    return ok;
}

bool apply_keys(struct applier *ap, struct error *err)
{
    struct work w = {.ap = ap};
    bool ok = work_collect(&w, err) && save_all(&w, err) && write_all(&w, err);
    mem_free(w.order);
    return ok;
}
