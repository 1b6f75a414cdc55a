/*
 * apply_removals.c: deletes come last, one by one: looked at again by id, saved, then deleted.
 */
#include "applier.h"

#include "base/mem.h"
#include "base/text.h"

/* ---- Looking again -----------------------------------------------------------------------------
 */

struct title_check {
    struct guarded about;
    struct bytes title; /* as planned, or as a rename of this run made it */
};

static bool check_title(void *ctx, const struct store_result *result, struct error *err)
{
    const struct title_check *check = ctx;
    return result->n_namespaces == 0 ||
           guard_title(&check->about, check->title, result->namespaces[0].title, err);
}

static bool still_the_same(struct applier *ap, const struct action *a, struct bytes title,
                           struct error *outcome, struct error *err)
{
    struct title_check check = {plan_guarded_removal(&ap->pl, a), title};
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .account = a->account_id, .id = a->id};
    return applier_run(ap, &op, check_title, &check, outcome, err);
}

/* ---- Saving ------------------------------------------------------------------------------------
 */

static bool save_keys(struct applier *ap, const struct action *a,
                      const struct observed_namespace *ns, struct error *outcome, struct error *err)
{
    struct bytes *keys;
    struct guarded about = plan_guarded_removal(&ap->pl, a);
    if (ns->n_keys == 0 || !guard_data_loss(&about, true, ns->n_keys, false, outcome))
        return true;
    keys = mem_zalloc(ns->n_keys, sizeof *keys);
    if (!keys)
        return error_nomem(err);
    for (size_t i = 0; i < ns->n_keys; i++)
        keys[i] = observed_name(&ns->keys[i]);
    bool ok = apply_backup(ap, ns, "delete", keys, ns->n_keys, outcome, err);
    mem_free(keys);
    return ok;
}

/* Lists the keys afresh, for what was written since the plan counts too. */
static bool list_and_save(struct applier *ap, const struct action *a, struct bytes title,
                          struct error *outcome, struct error *err)
{
    struct arena arena = {0};
    struct observed *fresh = observed_new(&arena, ap->pl.t->store);
    size_t i = fresh ? observed_add(fresh, a->account_id, a->id, title) : OBSERVE_NONE;
    struct observe_wish wish = {.which = &i, .n = 1};
    bool ok = i != OBSERVE_NONE || error_nomem(err);
    if (ok && observe_contents(fresh, &wish, outcome))
        ok = save_keys(ap, a, &fresh->namespaces[i], outcome, err);
    else if (ok && (outcome->code == ERR_NOMEM || outcome->code == ERR_INTERRUPTED)) {
        *err = *outcome;
        ok = false;
    }
    ap->pl.o->requests += fresh ? fresh->requests : 0;
    observed_free(fresh);
    arena_release(&arena);
    return ok;
}

/* ---- Deleting ----------------------------------------------------------------------------------
 */

static bool delete_namespace(struct applier *ap, const struct action *a, struct error *outcome,
                             struct error *err)
{
    const struct removal *removal = &ap->p->removals[a->index];
    struct bytes title = ap->pl.o->namespaces[removal->live].title;
    struct store_op op = {.kind = STORE_NAMESPACE_DELETE, .account = a->account_id, .id = a->id};
    if (!still_the_same(ap, a, title, outcome, err))
        return false;
    if (outcome->code == ERR_NOT_FOUND) { /* gone already: what we wanted */
        *outcome = (struct error){0};
        return true;
    }
    if (outcome->code)
        return true;
    if (!list_and_save(ap, a, title, outcome, err))
        return false;
    if (outcome->code)
        return true;
    if (!applier_run(ap, &op, NULL, NULL, outcome, err))
        return false;
    if (outcome->code == ERR_NOT_FOUND)
        *outcome = (struct error){0};
    return true;
}

static bool removal_failed(struct applier *ap, size_t action, struct error *outcome,
                           struct error *err)
{
    char name[QUOTED_SIZE];
    error_wrap(outcome, "cannot delete namespace %s",
               text_quoted(ap->p->actions[action].title, name, sizeof name));
    return applier_fail(ap, action, outcome, err);
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
    return outcome.code ? removal_failed(ap, action, &outcome, err) : removal_done(ap, action, err);
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
