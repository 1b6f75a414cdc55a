/*
 * apply_moves.c: the local data of a namespace whose id changed follows it.
 */
#include "applier.h"

#include "base/text.h"
#include "local_ids.h"
#include "store/local.h"

/* The record follows the data: a run killed in between finds the data under the new id, and the
 * record by the title (resolve.c). */
static bool record_move(struct applier *ap, const struct action *a, struct bytes from,
                        struct error *err)
{
    if (state_find_id(ap->s, a->account_id, from) && !state_find_id(ap->s, a->account_id, a->id) &&
        !state_set_id(ap->s, a->account_id, from, a->id, err))
        return false;
    return state_commit(ap->s, err);
}

static bool move(struct applier *ap, size_t action, struct error *err)
{
    struct action *a = &ap->p->actions[action];
    size_t live = ap->p->resolutions[a->ns].live;
    struct bytes from = ap->p->local_ids[a->ns].from;
    struct bytes title = ap->pl.o->namespaces[live].title;
    struct error outcome = {0};
    if (!local_store_keep_roots(ap->pl.t->local, a->id, &outcome) ||
        !local_store_take(ap->pl.t->local, a->account_id, from, a->id, title, &outcome) ||
        !local_store_leave(ap->pl.t->local, from, a->id, &outcome)) {
        if (!applier_goes_on(&outcome, err))
            return false;
        ap->unready[a->ns] = true;
        error_wrap(&outcome, "cannot move the local data of id %.*s to %.*s", BYTES_FMT(from),
                   BYTES_FMT(a->id));
        applier_fail(ap, action, &outcome);
        return true;
    }
    ap->changed = true;
    observed_reid(ap->pl.o, live, a->id);
    if (!record_move(ap, a, from, err))
        return false;
    applier_done(ap, action);
    return true;
}

bool apply_moves(struct applier *ap, struct error *err)
{
    for (size_t i = 0; i < ap->p->n; i++)
        if (ap->p->actions[i].moves && !move(ap, i, err))
            return false;
    return true;
}

bool apply_roots(struct applier *ap, struct error *err)
{
    for (size_t i = 0; ap->p->local_ids && i < ap->p->n_ids; i++) {
        const struct resolution *res = &ap->p->resolutions[i];
        if (res->in_scope && res->kind == RESOLVE_LIVE && !ap->unready[i] &&
            !local_store_keep_roots(ap->pl.t->local, ap->p->ids[i], err))
            return false;
    }
    return true;
}
