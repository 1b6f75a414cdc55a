/*
 * guard.c: what must not happen without a word from the user. Each guard is a small function that
 * adds a note; planning shows the notes, plan_guard refuses on them.
 */
#include "base/text.h"
#include "planner.h"

#define MASS_NAMESPACES_MIN 4

static bool is_mass(uint64_t part, uint64_t whole)
{
    return part * 100 > whole * PLAN_MASS_PERCENT;
}

static bool protects_here(const struct planner *pl)
{
    return pl->t->local == NULL; /* a developer's local store is not protected */
}

/* ---- Deleting namespaces ----------------------------------------------------------------------
 */

static void guard_protected_delete(struct planner *pl, const struct action *a)
{
    const struct state_namespace *entry = state_find(&pl->t->state, a->account_id, a->address);
    char name[QUOTED_SIZE];
    if (!protects_here(pl) || !entry || !entry->protect)
        return;
    text_quoted(a->address, name, sizeof name);
    diag_add(&pl->p->notes, DIAG_ERROR, "guard.protect", a->pos,
             "namespace %s is protected and would be deleted", name);
    diag_hint(&pl->p->notes,
              "declare it with protect = false and apply, or run cfkv state unprotect %s", name);
}

static void note_data_loss(struct planner *pl, const struct action *a)
{
    const struct observed_namespace *live = &pl->o->namespaces[pl->p->removals[a->index].live];
    char name[QUOTED_SIZE];
    if (permit_allows_one(&pl->p->options.permits.data_loss, a->address, a->title) ||
        (live->keys_known && live->n_keys == 0))
        return;
    text_quoted(a->title, name, sizeof name);
    if (live->keys_known)
        diag_add(&pl->p->notes, DIAG_ERROR, "guard.data_loss", a->pos,
                 "namespace %s would be deleted with the %zu key%s it holds", name, live->n_keys,
                 live->n_keys == 1 ? "" : "s");
    else
        diag_add(&pl->p->notes, DIAG_ERROR, "guard.data_loss", a->pos,
                 "namespace %s would be deleted, and its keys were not looked at", name);
    diag_hint(&pl->p->notes, "--allow-data-loss lets it go; a backup is written first");
}

static size_t managed_namespaces(const struct planner *pl)
{
    size_t n = 0;
    for (size_t a = 0; a < pl->t->state.n_accounts; a++)
        for (size_t i = 0; !pl->t->state.accounts[a].aside && i < pl->t->state.accounts[a].n; i++)
            n += !pl->t->state.accounts[a].namespaces[i].removed;
    return n;
}

static void guard_mass_delete(struct planner *pl)
{
    const struct plan_options *options = &pl->p->options;
    size_t managed = managed_namespaces(pl), deleted = 0;
    for (size_t i = 0; i < pl->p->n_removals; i++)
        deleted += pl->p->removals[i].deleted;
    if (options->destroy || options->permits.mass_delete.bare || managed < MASS_NAMESPACES_MIN ||
        !is_mass(deleted, managed))
        return;
    diag_add(&pl->p->notes, DIAG_ERROR, "guard.mass_delete", (struct srcpos){0},
             "%zu of %zu managed namespaces would be deleted, more than %d %%", deleted, managed,
             PLAN_MASS_PERCENT);
    diag_hint(&pl->p->notes, "if that is meant, say --allow-mass-delete");
}

/* ---- Keys -------------------------------------------------------------------------------------
 */

struct key_losses {
    uint64_t overwrites, prunes, deletes;
};

static void losses_add(struct key_losses *l, const struct action *a)
{
    if (a->kind == ACTION_BULK) {
        l->overwrites += a->counts.overwrite;
    } else if (a->kind == ACTION_KEY && a->verb == ACTION_PUT) {
        l->overwrites += a->overwrite;
    } else if (a->kind == ACTION_KEY) {
        l->deletes++;
        l->prunes += a->backup;
    }
}

static struct key_losses losses_of(const struct planner *pl, size_t ns)
{
    struct key_losses l = {0};
    for (size_t i = 0; i < pl->p->n; i++) {
        const struct action *a = &pl->p->actions[i];
        if (a->ns == ns && !a->dropped)
            losses_add(&l, a);
    }
    return l;
}

static void note_adopted(struct planner *pl, size_t ns, const struct key_losses *l)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct resolution *res = &pl->p->resolutions[ns];
    char name[QUOTED_SIZE];
    if (!res->adopted || res->origin != STATE_ADOPTED || l->overwrites + l->prunes == 0 ||
        permit_allows_one(&pl->p->options.permits.data_loss, decl->address, decl->title))
        return;
    diag_add(&pl->p->notes, DIAG_ERROR, "guard.data_loss", decl->pos,
             "namespace %s is being adopted, and %llu of its keys would be overwritten and %llu "
             "pruned",
             text_quoted(decl->title, name, sizeof name), (unsigned long long)l->overwrites,
             (unsigned long long)l->prunes);
    diag_hint(&pl->p->notes, "--allow-data-loss lets that happen; a backup is written first");
}

static void guard_protected_prune(struct planner *pl, size_t ns, const struct key_losses *l)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    char name[QUOTED_SIZE];
    if (!protects_here(pl) || !pl->p->resolutions[ns].protect || l->prunes == 0)
        return;
    diag_add(&pl->p->notes, DIAG_ERROR, "guard.protect", decl->pos,
             "namespace %s is protected, and %llu of its keys would be pruned",
             text_quoted(decl->title, name, sizeof name), (unsigned long long)l->prunes);
    diag_hint(&pl->p->notes, "declare it with protect = false to prune it");
}

static void note_mass_keys(struct planner *pl, size_t ns, const struct key_losses *l)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct observed_namespace *ons = planner_live(pl, ns);
    size_t live = ons ? ons->n_keys : 0;
    char name[QUOTED_SIZE];
    if (live < PLAN_MASS_KEYS_MIN || !is_mass(l->deletes, live) ||
        permit_allows_one(&pl->p->options.permits.mass_delete, decl->address, decl->title))
        return;
    diag_add(&pl->p->notes, DIAG_ERROR, "guard.mass_delete", decl->pos,
             "%llu of the %zu keys in namespace %s would be deleted, more than %d %%",
             (unsigned long long)l->deletes, live, text_quoted(decl->title, name, sizeof name),
             PLAN_MASS_PERCENT);
    diag_hint(&pl->p->notes, "if that is meant, say --allow-mass-delete");
}

static void guard_keys(struct planner *pl, size_t ns, struct key_losses l)
{
    note_adopted(pl, ns, &l);
    guard_protected_prune(pl, ns, &l);
    note_mass_keys(pl, ns, &l);
}

bool plan_find_key_guards(struct planner *pl, size_t ns, struct error *err)
{
    guard_keys(pl, ns, losses_of(pl, ns));
    return !pl->p->notes.failed || error_nomem(err);
}

/* Key actions of one namespace stand together, so one walk tells all of them. */
static void guard_all_keys(struct planner *pl)
{
    const struct plan *p = pl->p;
    for (size_t i = 0; i < p->n;) {
        size_t ns = p->actions[i].ns;
        struct key_losses l = {0};
        if (!action_on_keys(&p->actions[i])) {
            i++;
            continue;
        }
        for (; i < p->n && action_on_keys(&p->actions[i]) && p->actions[i].ns == ns; i++)
            losses_add(&l, &p->actions[i]);
        guard_keys(pl, ns, l);
    }
}

bool plan_find_guards(struct planner *pl, struct error *err)
{
    for (size_t i = 0; i < pl->p->n; i++) {
        const struct action *a = &pl->p->actions[i];
        if (a->kind != ACTION_NAMESPACE || a->verb != ACTION_DELETE)
            continue;
        guard_protected_delete(pl, a);
        note_data_loss(pl, a);
    }
    guard_mass_delete(pl);
    guard_all_keys(pl);
    return !pl->p->notes.failed || error_nomem(err);
}

bool plan_guard(const struct plan *p, struct error *err)
{
    for (size_t i = 0; i < p->notes.n; i++) {
        const struct diag *d = &p->notes.items[i];
        if (d->severity != DIAG_ERROR || strncmp(d->code, "guard.", 6) != 0)
            continue;
        error_set(err, ERR_GUARD, "%s", d->message);
        if (d->hint)
            error_hint(err, "%s", d->hint);
        return false;
    }
    return true;
}
