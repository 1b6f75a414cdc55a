/*
 * losses.c: the keys that applying the plan overwrites or deletes, and therefore saves first.
 *
 * How many requests a backup takes depends on what only reading the values tells: one that is no
 * text takes a request of its own. So that the forecast is exact, and the backup need not find out
 * by being refused, the values of what will be lost are read now, as far as comparing has not read
 * them: a bulk get for 100 of them, once a plan, as long as there are few (LOSSES_READ_MAX). Where
 * there are more, where keys are pruned from a namespace with fingerprints, or --refresh says that
 * no values are read, the forecast takes them for text and says that it is the least that it can be
 * (plan_cost.at_least). The values are read again for the backup: between a plan and the answer to
 * its question they may have changed.
 */
#include "kv/guard.h"
#include "planner.h"

/* A million keys that go cost no million reads with each plan. */
#define LOSSES_READ_MAX 1000

/* What is not saved without a permission makes the plan one that is refused. */
bool losses_saves_removal(const struct planner *pl, const struct action *a)
{
    struct guarded about = plan_guarded_removal(pl, a);
    struct error refused;
    return guard_data_loss(&about, false, 0, false, &refused);
}

static void mark_removal(const struct planner *pl, const struct action *a)
{
    struct observed_namespace *live = &pl->o->namespaces[pl->p->removals[a->index].live];
    for (size_t i = 0; losses_saves_removal(pl, a) && i < live->n_keys; i++)
        live->keys[i].doomed = true;
}

/* Fingerprints promise that a plan reads no values, however many keys it prunes. */
static bool prunes_unread(const struct planner *pl, const struct action *a)
{
    return a->pruned && pl->m->namespaces[a->ns].fingerprint;
}

static void mark_action(const struct planner *pl, const struct action *a)
{
    if (a->kind == ACTION_NAMESPACE && a->verb == ACTION_DELETE) {
        mark_removal(pl, a);
    } else if (a->kind == ACTION_KEY && (a->verb == ACTION_DELETE || a->overwrite) &&
               !prunes_unread(pl, a)) {
        const struct observed_namespace *live = planner_live(pl, a->ns);
        struct observed_key *key = live ? observed_key(live, a->key, NULL) : NULL;
        if (key)
            key->doomed = true;
    }
}

struct losses losses_count(const struct observed_namespace *live)
{
    struct losses l = {0};
    for (size_t i = 0; live && i < live->n_keys; i++) {
        const struct observed_key *key = &live->keys[i];
        l.seen += key->doomed;
        l.unread += key->doomed && !key->value;
        l.odd += key->doomed && observed_is_odd(key);
    }
    return l;
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct losses_wish {
    struct observed *o;
    const size_t *which;
};

static bool want_doomed(void *ctx, size_t k, struct error *err)
{
    const struct losses_wish *w = ctx;
    struct observed_namespace *live = &w->o->namespaces[w->which[k]];
    (void)err;
    for (size_t i = 0; i < live->n_keys; i++)
        live->keys[i].wanted = live->keys[i].wanted || live->keys[i].doomed;
    return true;
}

bool losses_look(struct planner *pl, struct error *err)
{
    struct plan *p = pl->p;
    struct observed *o = pl->o;
    uint64_t unread = 0;
    if (p->options.no_backup || pl->t->local)
        return true;
    for (size_t i = 0; i < p->n; i++)
        mark_action(pl, &p->actions[i]);
    size_t *which = arena_alloc(&p->arena, o->n + 1, sizeof *which);
    struct losses_wish ctx = {o, which};
    struct observe_wish wish = {.which = which, .mark = want_doomed, .ctx = &ctx, .values = true};
    for (size_t i = 0; i < o->n; i++) {
        struct losses l = losses_count(&o->namespaces[i]);
        unread += l.unread;
        if (l.unread > 0)
            which[wish.n++] = i;
    }
    bool reads = p->options.refresh == REFRESH_VALUES && p->notes.errors == 0;
    return !reads || unread == 0 || unread > LOSSES_READ_MAX || observe_contents(o, &wish, err);
}
