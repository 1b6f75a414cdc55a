/*
 * apply_keys.c: writes keys. First everything that is about to be lost is saved; then all puts of
 * all namespaces run as one row of batches, made only when the store has a slot, so that memory
 * holds a few batches whatever the size of the seeds; then all deletes, unless anything failed.
 */
#include "apply_work.h"

#include "base/mem.h"
#include "kv/batch.h"

static bool is_work(const struct action *a)
{
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
        if (is_work(&p->actions[i]))
            starts[p->actions[i].ns + 1]++;
    for (size_t ns = 0; ns < p->n_ids; ns++)
        starts[ns + 1] += starts[ns];
    for (size_t i = 0; i < p->n; i++)
        if (is_work(&p->actions[i])) {
            w->order[starts[p->actions[i].ns]++] = i;
            w->n++;
        }
    mem_free(starts);
    return true;
}

/* ---- Batches -----------------------------------------------------------------------------------
 */

struct batch *batch_new(struct feed *feed, size_t ns, struct bulk_run *run)
{
    struct batch *b = mem_zalloc(1, sizeof *b);
    if (b) {
        b->feed = feed;
        b->ns = ns;
        b->run = run;
    }
    return b;
}

void batch_free(struct batch *b)
{
    mem_free(b->pairs);
    mem_free(b->keys);
    mem_free(b->actions);
    arena_release(&b->arena);
    mem_free(b);
}

bool batch_add(struct batch *b, const struct store_pair *pair, size_t action, struct error *err)
{
    if (!mem_grow((void **)&b->pairs, &b->cap_pairs, b->n + 1, sizeof *b->pairs) ||
        !mem_grow((void **)&b->actions, &b->cap_actions, b->n + 1, sizeof *b->actions))
        return error_nomem(err);
    b->pairs[b->n] = *pair;
    b->actions[b->n++] = action;
    b->bytes += pair->key.len + pair->value.len;
    return true;
}

static bool batch_add_key(struct batch *b, struct bytes key, size_t action, struct error *err)
{
    if (!mem_grow((void **)&b->keys, &b->cap_keys, b->n + 1, sizeof *b->keys) ||
        !mem_grow((void **)&b->actions, &b->cap_actions, b->n + 1, sizeof *b->actions))
        return error_nomem(err);
    b->keys[b->n] = key;
    b->actions[b->n++] = action;
    return true;
}

/* A value that was put together stands in `scratch`, which ends here. */
static bool pair_value(struct batch *b, const struct deferred *d, struct bytes *value,
                       struct error *outcome)
{
    struct buf scratch = {0};
    bool ok = deferred_resolve(d, b->feed->w->ap->p->ids, &scratch, value);
    if (!ok)
        error_set(outcome, ERR_FAILED, "its value holds the id of a namespace that is not there");
    if (ok && value->data == scratch.data && !arena_bytes(&b->arena, *value, value))
        ok = error_nomem(outcome);
    buf_release(&scratch);
    return ok;
}

static bool pair_mark(struct batch *b, struct store_pair *pair, struct error *outcome)
{
    struct digest value = hash_sha256(pair->value);
    struct fingerprint mark =
        fingerprint_make(pair->key, &value, pair->metadata, pair->expiration_ttl);
    struct buf out = {0};
    bool ok = fingerprint_add(pair->metadata, &mark, &out, outcome) &&
              (arena_bytes(&b->arena, buf_bytes(&out), &pair->metadata) || error_nomem(outcome));
    buf_release(&out);
    return ok;
}

bool batch_pair(struct batch *b, const struct seed_key *seed, struct store_pair *pair,
                struct error *outcome)
{
    const struct namespace_decl *decl = &b->feed->w->ap->pl.m->namespaces[b->ns];
    int64_t ttl = namespace_effective_ttl(decl, seed);
    *pair = (struct store_pair){.key = seed->key,
                                .metadata = seed->metadata,
                                .expiration = ttl ? 0 : seed->expiration,
                                .expiration_ttl = ttl};
    return pair_value(b, &seed->value, &pair->value, outcome) &&
           (!decl->fingerprint || pair_mark(b, pair, outcome));
}

/* ---- What came of a batch ----------------------------------------------------------------------
 */

static struct bytes batch_key(const struct batch *b, size_t i)
{
    return b->keys ? b->keys[i] : b->pairs[i].key;
}

static bool failed_index(const struct store_result *result, struct map *failed, struct error *err)
{
    for (size_t i = 0; i < result->n_failed; i++)
        if (!map_set(failed, result->failed[i], i))
            return error_nomem(err);
    return true;
}

static bool key_done(const struct batch *b, size_t i, const struct store_result *result,
                     const struct map *failed)
{
    return result->ok && map_get(failed, batch_key(b, i)) == MAP_NONE;
}

static bool note_failure(struct batch *b, size_t i, const struct store_result *result,
                         struct error *err)
{
    struct error cause = result->error;
    if (result->ok)
        error_set(&cause, ERR_FAILED, "the store did not take it");
    error_wrap(&cause, b->keys ? "cannot delete the key" : "cannot put the key");
    return applier_fail(b->feed->w->ap, b->actions[i], &cause, err);
}

static bool record_put(struct batch *b, size_t i, struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    const struct action *a = &ap->p->actions[b->actions[i]];
    const struct put_decl *put = &ap->pl.m->namespaces[b->ns].puts[a->index];
    struct state_key key = {.key = a->key,
                            .hmac = {.digest = put_hmac(&ap->pl, b->ns, put, b->pairs[i].value)},
                            .expiration_ttl = b->pairs[i].expiration_ttl,
                            .origin = KEY_WROTE,
                            .secret = put->seed.value.secret};
    return state_set_key(ap->s, a->account_id, a->address, &key, err);
}

static bool record_deleted(struct batch *b, size_t i, struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    const struct action *a = &ap->p->actions[b->actions[i]];
    return state_remove_key(ap->s, a->account_id, a->address, a->key, err);
}

static bool settle_keys(struct batch *b, const struct store_result *result,
                        const struct map *failed, struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    for (size_t i = 0; i < b->n; i++) {
        bool ok;
        if (!key_done(b, i, result, failed))
            ok = note_failure(b, i, result, err);
        else
            ok = b->keys ? record_deleted(b, i, err) : record_put(b, i, err);
        if (!ok)
            return false;
    }
    if (!state_commit(ap->s, err))
        return false;
    for (size_t i = 0; i < b->n; i++)
        if (key_done(b, i, result, failed))
            applier_done(ap, b->actions[i]);
    return true;
}

static bool keys_answered(struct batch *b, const struct store_result *result, struct error *err)
{
    struct map failed = {0};
    b->feed->w->ap->changed |= result->ok && result->n_failed < b->n;
    bool ok = failed_index(result, &failed, err) && settle_keys(b, result, &failed, err);
    map_release(&failed);
    return ok;
}

static bool batch_done(void *ctx, struct queue *q, const struct store_op *op,
                       const struct store_result *result, struct error *err)
{
    struct batch *b = ctx;
    (void)q;
    (void)op;
    bool ok = b->run ? bulk_answered(b, result, err) : keys_answered(b, result, err);
    batch_free(b);
    return ok;
}

bool batch_push(struct batch *b, struct queue *q, struct error *err)
{
    struct applier *ap = b->feed->w->ap;
    struct store_op op = {.kind = b->keys ? STORE_BULK_DELETE : STORE_BULK_PUT,
                          .account = planner_account(&ap->pl, b->ns),
                          .id = ap->p->ids[b->ns],
                          .pairs = b->pairs,
                          .keys = b->keys,
                          .n = b->n};
    (void)err;
    queue_push(q, &op, batch_done, b);
    return true;
}

/* ---- Making batches of puts and deletes --------------------------------------------------------
 */

/* The next action belongs to this round and to that namespace; passed-over ones are not told. */
static bool next_in_row(struct feed *feed, size_t ns)
{
    enum action_verb verb = feed->deleting ? ACTION_DELETE : ACTION_PUT;
    for (; feed->at < feed->w->n; feed->at++) {
        const struct action *a = work_action(feed->w, feed->at);
        if (a->verb == verb && !a->dropped)
            return a->kind == ACTION_KEY && a->ns == ns;
    }
    return false;
}

static bool fill_puts(struct feed *feed, struct batch *b, struct error *err)
{
    struct work *w = feed->w;
    const struct namespace_decl *decl = &w->ap->pl.m->namespaces[b->ns];
    for (; next_in_row(feed, b->ns); feed->at++) {
        const struct put_decl *put = &decl->puts[work_action(w, feed->at)->index];
        struct store_pair pair;
        struct error outcome = {0};
        if (!batch_pair(b, &put->seed, &pair, &outcome)) {
            if (outcome.code == ERR_NOMEM)
                return error_nomem(err);
            if (!applier_fail(w->ap, w->order[feed->at], &outcome, err))
                return false;
            continue;
        }
        if (batch_is_full(b->n, b->bytes, pair.key.len + pair.value.len))
            return true;
        if (!batch_add(b, &pair, w->order[feed->at], err))
            return false;
    }
    return true;
}

static bool fill_deletes(struct feed *feed, struct batch *b, struct error *err)
{
    for (; b->n < STORE_BULK_MAX && next_in_row(feed, b->ns); feed->at++)
        if (!batch_add_key(b, work_action(feed->w, feed->at)->key, feed->w->order[feed->at], err))
            return false;
    return true;
}

static bool feed_keys(struct feed *feed, struct queue *q, bool *pushed, struct error *err)
{
    struct batch *b = batch_new(feed, work_action(feed->w, feed->at)->ns, NULL);
    if (!b)
        return error_nomem(err);
    bool ok = feed->deleting ? fill_deletes(feed, b, err) : fill_puts(feed, b, err);
    if (ok && b->n > 0) {
        *pushed = true;
        return batch_push(b, q, err);
    }
    batch_free(b);
    return ok;
}

/* ---- The row -----------------------------------------------------------------------------------
 */

static bool is_next(const struct feed *feed)
{
    const struct action *a = work_action(feed->w, feed->at);
    return !a->dropped && (a->verb == ACTION_DELETE) == feed->deleting;
}

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
        else if (!is_next(feed))
            feed->at++;
        else if (work_action(feed->w, feed->at)->kind == ACTION_BULK)
            ok = feed_bulk_open(feed, err);
        else
            ok = feed_keys(feed, q, &pushed, err);
        if (!ok)
            return false;
    }
    return true;
}

static bool run_row(struct work *w, bool deleting, struct error *err)
{
    struct feed feed = {.w = w, .deleting = deleting};
    struct queue q = {.refill = refill_writes, .refill_ctx = &feed};
    bool ok = queue_run(&q, w->ap->pl.t->store, err);
    w->ap->pl.o->requests += q.sent;
    queue_release(&q);
    feed_release(&feed);
    return ok;
}

static bool skip_deletes(struct work *w, struct error *err)
{
    struct error cause;
    error_set(&cause, ERR_FAILED, "not deleted, since an action before it failed");
    for (size_t at = 0; at < w->n; at++) {
        const struct action *a = work_action(w, at);
        if (a->verb == ACTION_DELETE && !a->dropped &&
            !applier_fail(w->ap, w->order[at], &cause, err))
            return false;
    }
    return true;
}

bool apply_keys(struct applier *ap, struct error *err)
{
    struct work w = {.ap = ap};
    bool ok = work_collect(&w, err) && work_save(&w, err) && run_row(&w, false, err);
    if (ok)
        ok = ap->r->n_failed > 0 ? skip_deletes(&w, err) : run_row(&w, true, err);
    mem_free(w.order);
    return ok;
}
