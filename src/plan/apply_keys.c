/*
 * apply_keys.c: writes keys. First everything that is about to be lost is saved; then all puts of
 * all namespaces go through one sender, which asks for them when the store has a slot, so that
 * memory holds a few batches whatever the size of the seeds; then all deletes, unless anything
 * failed.
 *
 * A batch is of one namespace, and of declared keys or of one bulk source. One that fails fails its
 * actions, and the others go on; a source must be what was planned, else nothing more of it is
 * sent.
 */
#include "applier.h"

#include "base/mem.h"
#include "base/text.h"
#include "kv/sender.h"
#include "source.h"

static bool is_work(const struct action *a)
{
    return action_on_keys(a) && !a->dropped;
}

/* Counting sort by namespace; stable, so the plan's order stays inside a namespace. */
static void collect(struct applier *ap)
{
    const struct plan *p = ap->p;
    size_t *starts = mem_zalloc(p->n_ids + 2, sizeof *starts);
    ap->key_actions = mem_zalloc(p->n + 1, sizeof *ap->key_actions);
    for (size_t i = 0; i < p->n; i++)
        if (is_work(&p->actions[i]))
            starts[p->actions[i].ns + 1]++;
    for (size_t ns = 0; ns < p->n_ids; ns++)
        starts[ns + 1] += starts[ns];
    for (size_t i = 0; i < p->n; i++)
        if (is_work(&p->actions[i])) {
            ap->key_actions[starts[p->actions[i].ns]++] = i;
            ap->n_key_actions++;
        }
    mem_free(starts);
}

/* ---- What came of a batch -------------------------------------------------------------------- */

static bool record(struct applier *ap, const struct action *a, const struct store_pair *pair,
                   struct error *err)
{
    if (a->verb == ACTION_DELETE)
        return state_remove_key(ap->s, a->account_id, a->address, a->key, err);
    const struct put_decl *put = &ap->pl.m->namespaces[a->ns].puts[a->index];
    struct state_key key = {.key = a->key,
                            .hmac = {.digest = put_hmac(&ap->pl, a->ns, put, pair->value)},
                            .expiration_ttl = pair->expiration_ttl,
                            .expiration = pair->expiration,
                            .origin = KEY_WROTE,
                            .secret = put->seed.value.secret};
    return apply_put_done(ap, a, &key, err);
}

static bool keys_answered(struct applier *ap, const struct batch *b, const struct error *cause,
                          struct error *err)
{
    for (size_t i = 0; i < b->n; i++)
        if (batch_failed(b, i) && b->refused && applier_is_refusal(cause->code) &&
            !apply_put_refused(ap, &ap->p->actions[b->numbers[i]], err))
            return false;
        else if (batch_failed(b, i))
            applier_fail(ap, b->numbers[i], cause);
        else if (!record(ap, &ap->p->actions[b->numbers[i]], &b->pairs[i], err))
            return false;
    if (!state_commit(ap->s, err))
        return false;
    for (size_t i = 0; i < b->n; i++)
        if (!batch_failed(b, i))
            applier_done(ap, b->numbers[i]);
    return true;
}

/* A source is recorded once all of it is read, sent and taken. */
static bool bulk_settle(struct applier *ap, size_t action, struct error *err)
{
    const struct action *a = &ap->p->actions[action];
    struct state_bulk bulk = {
        .source = a->key, .count = a->bulk->n_marks, .digest = a->bulk->digest};
    if (a->bulk->open > 0 || a->bulk->failed)
        return true;
    if (!state_set_bulk(ap->s, a->account_id, a->address, &bulk, err) || !state_commit(ap->s, err))
        return false;
    applier_done(ap, action);
    return true;
}

static void bulk_fail(struct applier *ap, size_t action, const struct error *cause)
{
    ap->p->actions[action].bulk->failed = true;
    applier_fail(ap, action, cause);
}

static void bulk_fail_key(struct applier *ap, size_t action, struct bytes key,
                          const struct error *cause)
{
    char name[QUOTED_SIZE];
    struct error why = *cause;
    ap->p->actions[action].bulk->failed = true;
    error_wrap(&why, "cannot put key %s", text_quoted(key, name, sizeof name));
    applier_fail_key(ap, action, key, &why);
}

static bool bulk_answered(struct applier *ap, const struct batch *b, const struct error *cause,
                          struct error *err)
{
    size_t action = b->numbers[0];
    ap->p->actions[action].bulk->open -= b->n;
    if (b->refused) {
        bulk_fail(ap, action, cause);
        return true;
    }
    for (size_t i = 0; i < b->n; i++)
        if (batch_failed(b, i))
            bulk_fail_key(ap, action, b->pairs[i].key, cause);
    return bulk_settle(ap, action, err);
}

/* ---- Where pairs come from ------------------------------------------------------------------- */

/* One pass over the key actions: their puts, or their deletes. */
struct feed {
    struct applier *ap;
    bool deleting;
    size_t at;                  /* in the applier's key_actions */
    const struct action *begun; /* the first that may share a batch with the one at `at` */
    struct seed_reader *reader; /* of the bulk source being read */
    size_t item;                /* index of its next item */
    struct buf value, metadata; /* of the pair that was given last */
};

static bool answered(void *ctx, const struct batch *b, const struct error *cause, struct error *err)
{
    struct applier *ap = ((struct feed *)ctx)->ap;
    struct kv_counts *counts = &ap->key_counts;
    size_t failed = b->refused ? b->n : b->failed.n;
    counts->failed += failed;
    counts->keys += b->n - failed;
    counts->bytes += b->content;
    ap->changed |= !b->refused && b->failed.n < b->n;
    return ap->p->actions[b->numbers[0]].kind == ACTION_BULK ? bulk_answered(ap, b, cause, err)
                                                             : keys_answered(ap, b, cause, err);
}

static void where(void *ctx, uint64_t action, struct bytes *account, struct bytes *id)
{
    const struct applier *ap = ((struct feed *)ctx)->ap;
    size_t ns = ap->p->actions[action].ns;
    *account = planner_account(&ap->pl, ns);
    *id = ap->p->ids[ns];
}

/* What is put for a declared key. */
static bool make_pair(struct feed *f, size_t ns, const struct seed_key *seed,
                      struct store_pair *pair, struct error *outcome)
{
    const struct namespace_decl *decl = &f->ap->pl.m->namespaces[ns];
    int64_t ttl = namespace_effective_ttl(decl, seed);
    *pair = (struct store_pair){.key = seed->key,
                                .metadata = seed->metadata,
                                .expiration = ttl ? 0 : seed->expiration,
                                .expiration_ttl = ttl};
    if (!deferred_resolve(&seed->value, f->ap->p->ids, &f->value, &pair->value))
        return error_set(outcome, ERR_FAILED,
                         "its value holds the id of a namespace that is not there");
    if (!decl->fingerprint)
        return true;
    struct digest digest = hash_sha256(pair->value);
    struct fingerprint mark = fingerprint_make(pair->key, &digest, pair->metadata, ttl);
    buf_clear(&f->metadata);
    if (!fingerprint_add(pair->metadata, &mark, &f->metadata, outcome))
        return false;
    pair->metadata = buf_bytes(&f->metadata);
    return true;
}

static bool check_content(struct feed *f, const struct action *a, struct error *outcome)
{
    struct digest digest;
    uint64_t size;
    seed_content(f->reader, &size, &digest);
    return digest_equal(&digest, &a->bulk->digest) || source_changed(a->key, outcome);
}

/* The next item that its action marked. */
static enum pull next_item(struct feed *f, const struct action *a, struct seed_item *item,
                           struct error *outcome)
{
    struct diag_list diags = {0}; /* validation has told them all */
    enum seed_status status;
    uint8_t mark;
    do {
        status = seed_next(f->reader, item, &diags, outcome);
        diag_release(&diags);
        if (status == SEED_BAD || (status == SEED_ITEM && f->item >= a->bulk->n_marks))
            source_changed(a->key, outcome);
        if (status == SEED_FAILED || outcome->code)
            return PULL_FAILED;
        if (status == SEED_END)
            return check_content(f, a, outcome) ? PULL_END : PULL_FAILED;
        mark = a->bulk->marks[f->item++];
    } while (mark == BULK_SAME || mark == BULK_PAST);
    return PULL_PAIR;
}

static bool open_source(struct feed *f, struct action *a, struct error *outcome)
{
    f->item = 0;
    a->bulk->open++;
    f->reader = seed_open(f->ap->pl.root, &f->ap->pl.m->namespaces[a->ns].bulks[a->index], outcome);
    return f->reader != NULL;
}

/* At the end of the source, good or bad, on to the next action. */
static enum pull pull_item(struct feed *f, struct action *a, struct store_pair *pair,
                           struct error *err)
{
    struct error outcome = {0};
    struct seed_item item;
    enum pull pulled = PULL_FAILED;
    size_t action = f->ap->key_actions[f->at];
    if (f->reader || open_source(f, a, &outcome))
        pulled = next_item(f, a, &item, &outcome);
    if (pulled == PULL_PAIR && make_pair(f, a->ns, &item.seed, pair, &outcome)) {
        a->bulk->open++;
        return PULL_PAIR;
    }
    seed_close(f->reader);
    f->reader = NULL;
    f->at++;
    a->bulk->open--;
    if (pulled == PULL_END)
        return bulk_settle(f->ap, action, err) ? PULL_CUT : PULL_FAILED;
    bulk_fail(f->ap, action, &outcome);
    return PULL_DROP;
}

static bool is_next(const struct feed *f)
{
    const struct action *a = applier_key_action(f->ap, f->at);
    return !a->dropped && (a->verb == ACTION_DELETE) == f->deleting;
}

static bool goes_apart(const struct feed *f, const struct action *a)
{
    return !f->begun || f->begun->ns != a->ns || f->begun->kind != a->kind ||
           (a->kind == ACTION_BULK && f->begun != a);
}

static enum pull pull_pair(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct feed *f = ctx;
    struct applier *ap = f->ap;
    for (; f->at < ap->n_key_actions; f->at++) {
        struct action *a = applier_key_action(ap, f->at);
        struct error outcome = {0};
        if (!is_next(f))
            continue;
        if (goes_apart(f, a)) {
            f->begun = a;
            return PULL_CUT;
        }
        *number = ap->key_actions[f->at];
        if (a->kind == ACTION_BULK)
            return pull_item(f, a, pair, err);
        *pair = (struct store_pair){.key = a->key};
        if (f->deleting ||
            make_pair(f, a->ns, &ap->pl.m->namespaces[a->ns].puts[a->index].seed, pair, &outcome)) {
            a->begun = true;
            f->at++;
            return PULL_PAIR;
        }
        applier_fail(ap, *number, &outcome);
    }
    return PULL_END;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static bool send(struct applier *ap, bool deletes, struct error *err)
{
    struct feed f = {.ap = ap, .deleting = deletes};
    uint64_t before = ap->key_counts.requests;
    struct sender_options o = {.store = ap->kv.store,
                               .deletes = deletes,
                               .jobs = ap->kv.jobs,
                               .counts = &ap->key_counts,
                               .progress = ap->options->on_keys,
                               .progress_ctx = ap->options->progress_ctx,
                               .where = where,
                               .on_answer = answered,
                               .books = &f};
    bool ok = sender_stream(&o, pull_pair, &f, err);
    ap->pl.o->requests += ap->key_counts.requests - before;
    seed_close(f.reader);
    buf_release(&f.value);
    buf_release(&f.metadata);
    return ok;
}

static void skip_deletes(struct applier *ap)
{
    struct error cause;
    error_set(&cause, ERR_FAILED, "not deleted, since an action before it failed");
    for (size_t at = 0; at < ap->n_key_actions; at++) {
        const struct action *a = applier_key_action(ap, at);
        if (a->verb == ACTION_DELETE && !a->dropped)
            applier_fail(ap, ap->key_actions[at], &cause);
    }
}

bool apply_keys(struct applier *ap, struct error *err)
{
    const struct plan_summary *s = &ap->p->summary;
    collect(ap);
    ap->key_counts.total = s->put + s->overwrite + s->delete_keys;
    bool ok = apply_saves(ap, err) && apply_put_intents(ap, err) && send(ap, false, err);
    if (ok && ap->r->n_failed > 0)
        skip_deletes(ap);
    else if (ok)
        ok = send(ap, true, err);
    mem_free(ap->key_actions);
    return ok;
}
