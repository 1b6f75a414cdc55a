/*
 * apply_namespaces.c: renames one after the other (each frees a title for the next), then what is
 * known without a request: forgotten entries, records of namespaces that are live.
 */
#include "applier.h"

#include "base/duration.h"
#include "base/mem.h"
#include "base/text.h"

/* The day on which an ephemeral environment got a namespace of its own: written once, with the
 * first record of it. Empty: nothing is to be recorded. */
static struct bytes day_of_creation(const struct applier *ap, size_t ns,
                                    const struct state_namespace *old, char day[MOMENT_SIZE])
{
    const struct planner *pl = &ap->pl;
    bool known = old && bytes_equal(old->id, ap->p->ids[ns]);
    if (known || ap->p->resolutions[ns].origin != STATE_CREATED ||
        !environment_is_ephemeral(&pl->m->project, pl->m->namespaces[ns].env) ||
        !moment_show(planner_now(pl), day))
        return bytes_make(NULL, 0);
    return bytes_make(day, strlen("2026-11-30"));
}

/* Before the keys (not `whole`) ttl_seconds and the pruned prefixes are recorded as last applied to
 * them, so that an apply cut short in between is finished by the next (apply_ttls). */
static bool record(struct applier *ap, size_t ns, bool whole, struct error *err)
{
    struct state_namespace entry = planner_record(&ap->pl, ns, ap->p->ids[ns]);
    const struct state_namespace *old = planner_entry(&ap->pl, ns);
    char day[MOMENT_SIZE];
    entry.created = day_of_creation(ap, ns, old, day);
    if (!whole) {
        entry.ttl_seconds = ap->p->resolutions[ns].ttl_before;
        entry.prunes = old ? old->prunes : bytes_make(NULL, 0);
    }
    if (!state_set_namespace(ap->s, planner_account(&ap->pl, ns), &entry, err))
        return false;
    ap->p->resolutions[ns].entry_address = entry.address;
    return true;
}

bool applier_record_live(struct applier *ap, size_t ns, struct error *err)
{
    return record(ap, ns, false, err);
}

/* ---- Renames --------------------------------------------------------------------------------- */

static bool renamed(struct applier *ap, size_t action, struct error *err)
{
    const struct action *a = &ap->p->actions[action];
    size_t live = observed_by_id(ap->pl.o, a->account_id, a->id);
    ap->changed = true;
    if (live != OBSERVE_NONE)
        observed_retitle(ap->pl.o, live, a->title);
    if (a->ns != SIZE_MAX && !a->temporary &&
        !(applier_record_live(ap, a->ns, err) && state_commit(ap->s, err)))
        return false;
    applier_done(ap, action);
    return true;
}

static bool apply_rename(struct applier *ap, size_t action, struct error *err)
{
    const struct action *a = &ap->p->actions[action];
    struct error outcome;
    struct store_op op = {
        .kind = STORE_NAMESPACE_RENAME, .account = a->account_id, .id = a->id, .title = a->title};
    if (!applier_run(ap, &op, NULL, NULL, &outcome, err))
        return false;
    if (!outcome.code)
        return renamed(ap, action, err);
    if (a->ns != SIZE_MAX)
        ap->unready[a->ns] = true;
    applier_fail(ap, action, &outcome);
    return true;
}

bool apply_renames(struct applier *ap, struct error *err)
{
    for (size_t i = 0; i < ap->p->n; i++)
        if (ap->p->actions[i].kind == ACTION_NAMESPACE && ap->p->actions[i].verb == ACTION_RENAME &&
            !apply_rename(ap, i, err))
            return false;
    return true;
}

/* ---- Records --------------------------------------------------------------------------------- */

/* By id: addresses may have changed hands. */
static bool forget(struct applier *ap, const struct action *a, struct error *err)
{
    const struct state_namespace *entry = state_find_id(ap->s, a->account_id, a->id);
    return !entry || state_remove_namespace(ap->s, a->account_id, entry->address, err);
}

static bool is_ready(const struct applier *ap, size_t ns)
{
    const struct resolution *res = &ap->p->resolutions[ns];
    return res->in_scope && res->kind == RESOLVE_LIVE && !ap->unready[ns];
}

static bool is_record(const struct applier *ap, const struct action *a)
{
    return a->kind == ACTION_NAMESPACE &&
           (a->verb == ACTION_FORGET || ((a->verb == ACTION_ADOPT || a->verb == ACTION_UPDATE) &&
                                         !a->moves && !ap->unready[a->ns]));
}

bool apply_records(struct applier *ap, struct error *err)
{
    struct plan *p = ap->p;
    for (size_t i = 0; i < p->n; i++)
        if (p->actions[i].kind == ACTION_NAMESPACE && p->actions[i].verb == ACTION_FORGET &&
            !forget(ap, &p->actions[i], err))
            return false;
    for (size_t i = 0; i < p->n_ids; i++)
        if (is_ready(ap, i) && !applier_record_live(ap, i, err))
            return false;
    if (!state_commit(ap->s, err))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (is_record(ap, &p->actions[i]))
            applier_done(ap, i);
    return true;
}

/* ---- After the keys -------------------------------------------------------------------------- */

bool apply_ttls(struct applier *ap, struct error *err)
{
    const struct plan *p = ap->p;
    bool *failed = mem_zalloc(p->n_ids + 1, sizeof *failed);
    bool ok = true;
    for (size_t i = 0; i < ap->r->n_failed; i++) {
        size_t ns = p->actions[ap->r->failed[i].action].ns;
        failed[ns == SIZE_MAX ? p->n_ids : ns] = true;
    }
    for (size_t i = 0; ok && i < p->n_ids; i++)
        if (is_ready(ap, i) && !failed[i])
            ok = record(ap, i, true, err);
    mem_free(failed);
    return ok && state_commit(ap->s, err);
}
