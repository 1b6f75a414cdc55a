#include "adopt.h"

#include "compare.h"
#include "settled.h"

static bool is_new(const struct planner *pl, size_t ns)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    const struct observed_namespace *live = planner_live(pl, ns);
    return res->kind == RESOLVE_LIVE && res->adopted && live && live->title.len > 0 &&
           bytes_equal(live->title, planner_title(pl, ns));
}

static bool adopt_namespace(struct planner *pl, size_t ns, struct adopt_counts *counts,
                            struct error *err)
{
    struct state_namespace entry = planner_record(pl, ns, pl->p->ids[ns]);
    settled_believe(pl, ns, &entry);
    if (!state_set_namespace(&pl->t->state, planner_account(pl, ns), &entry, err))
        return false;
    pl->p->resolutions[ns].entry_address = entry.address;
    counts->namespaces++;
    return true;
}

/* As it would be recorded if its live key were found as declared; if it is not, the next plan tells
 * so by the live one. */
static bool adopt_put(struct planner *pl, size_t ns, const struct put_decl *put, struct desired *d,
                      struct adopt_counts *counts, struct error *err)
{
    const struct state_namespace *entry = planner_entry(pl, ns);
    desired_set(pl, ns, &put->seed, d);
    if (!d->known || put->policy == SEED_ONCE || desired_is_past(pl, d) ||
        (entry && state_find_key(entry, put->seed.key)) || planner_pending(pl, ns, put->seed.key))
        return true;
    struct plan_record record = desired_record(pl, ns, d, KEY_FOUND);
    counts->keys++;
    return planner_set_key(pl, &record, err);
}

static bool adopt_puts(struct planner *pl, size_t ns, struct adopt_counts *counts,
                       struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct desired desired = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < decl->n_puts; i++)
        ok = adopt_put(pl, ns, &decl->puts[i], &desired, counts, err);
    desired_release(&desired);
    return ok;
}

bool plan_adopt(struct plan *p, const struct model *m, struct target *t, int64_t now,
                const struct adopt_known *known, size_t n, struct adopt_counts *counts,
                struct error *err)
{
    struct plan_options options = {.refresh = REFRESH_NAMES, .now = now};
    plan_start(p, m, t, &options);
    struct planner pl = {.p = p, .m = m, .t = t, .o = p->observed};
    for (size_t i = 0; i < n; i++) {
        struct store_namespace live = {.id = known[i].id,
                                       .title = known[i].title,
                                       .jurisdiction = known[i].jurisdiction,
                                       .mode = known[i].mode};
        observe_namespace(p->observed, known[i].account, &live);
    }
    resolve_declarations(&pl);
    bool ok = true;
    for (size_t i = 0; ok && i < m->n_namespaces; i++)
        if (is_new(&pl, i))
            ok = adopt_namespace(&pl, i, counts, err) && adopt_puts(&pl, i, counts, err);
    return ok && planner_set_project(&pl, err) && state_commit(&t->state, err) &&
           state_save(&t->state, err);
}
