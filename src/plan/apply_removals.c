/*
 * apply_removals.c: deletes come last, one by one.
 */
#include "applier.h"

#include "base/text.h"

static bool delete_namespace(struct applier *ap, const struct action *a, struct error *outcome,
                             struct error *err)
{
    const struct observed_namespace *live = &ap->pl.o->namespaces[ap->p->removals[a->index].live];
    struct guarded about = plan_guarded_removal(&ap->pl, a);
    struct kv_section section;
    struct kv_namespace ns = applier_namespace(ap, live);
    *outcome = (struct error){0};
    if (!kv_delete_namespace(&ap->kv, &ns, &about, NULL, NULL, &section, outcome) &&
        !applier_goes_on(outcome, err))
        return false;
    if (outcome->code == ERR_NOT_FOUND) /* gone already: what we wanted */
        *outcome = (struct error){0};
    return true;
}

/* By id: addresses may have changed hands. */
static bool removal_done(struct applier *ap, size_t action, struct error *err)
{
    const struct action *a = &ap->p->actions[action];
    const struct state_namespace *entry = state_find_id(ap->s, a->account_id, a->id);
    ap->changed = true;
    if (entry && !state_remove_namespace(ap->s, a->account_id, entry->address, err))
        return false;
    if (!state_commit(ap->s, err))
        return false;
    applier_done(ap, action);
    return true;
}

static bool apply_removal(struct applier *ap, size_t action, struct error *err)
{
    struct error outcome = {0};
    if (ap->r->n_failed > 0)
        error_set(&outcome, ERR_FAILED, "skipped, since an action before it failed");
    else if (!delete_namespace(ap, &ap->p->actions[action], &outcome, err))
        return false;
    if (!outcome.code)
        return removal_done(ap, action, err);
    applier_fail(ap, action, &outcome);
    return true;
}

bool apply_removals(struct applier *ap, struct error *err)
{
    for (size_t i = 0; i < ap->p->n; i++) {
        const struct action *a = &ap->p->actions[i];
        if (a->kind == ACTION_NAMESPACE && a->verb == ACTION_DELETE && !apply_removal(ap, i, err))
            return false;
    }
    return true;
}
