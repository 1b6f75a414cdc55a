/*
 * names.c: actions on namespaces: creations, adoptions and updates by address; deletes and forgets
 * come last of all.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "content.h"
#include "local_ids.h"

struct state_namespace planner_record(const struct planner *pl, size_t ns, struct bytes id)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    return (struct state_namespace){
        .address = decl->address,
        .id = id,
        .title = decl->title,
        .origin = pl->p->resolutions[ns].origin,
        .on_remove = decl->on_remove,
        .protect = pl->p->resolutions[ns].protect,
        .ttl_seconds = decl->ttl_seconds,
        .env = decl->env,
        .description = decl->description,
        .binding = decl->binding,
    };
}

/* ---- Creations, adoptions, updates ------------------------------------------------------------
 */

static bool record_differs(const struct state_namespace *old, const struct state_namespace *new)
{
    return !bytes_equal(old->address, new->address) || old->ttl_seconds != new->ttl_seconds ||
           old->protect != new->protect || state_on_remove(old) != state_on_remove(new) ||
           !same_text(old->description, new->description) ||
           !same_text(old->binding, new->binding) || !same_text(old->env, new->env);
}

/* What of the record changes, in a few words. The title is not looked at: it changes by renames. */
static const char *record_change(struct planner *pl, const struct state_namespace *old,
                                 const struct state_namespace *new)
{
    char name[QUOTED_SIZE];
    if (!bytes_equal(old->address, new->address))
        return arena_printf(&pl->p->arena, "its address was %s",
                            text_quoted(old->address, name, sizeof name));
    if (old->ttl_seconds != new->ttl_seconds)
        return arena_printf(&pl->p->arena, "ttl_seconds changes from %lld to %lld",
                            (long long)old->ttl_seconds, (long long)new->ttl_seconds);
    if (old->protect != new->protect)
        return new->protect ? "protect is turned on" : "protect is turned off";
    if (state_on_remove(old) != state_on_remove(new))
        return "on_remove changes";
    if (!same_text(old->description, new->description))
        return "description changes";
    if (!same_text(old->binding, new->binding))
        return "binding changes";
    return "env changes";
}

/* Before anything else of it: what is planned for the namespace is done under its new id. */
static bool plan_move(struct planner *pl, size_t ns, struct error *err)
{
    const struct local_id *chosen = &pl->p->local_ids[ns];
    struct action *a =
        planner_declared(pl, ns, ACTION_UPDATE,
                         arena_printf(&pl->p->arena, "its local data moves from id %.*s to %.*s",
                                      BYTES_FMT(chosen->from), BYTES_FMT(chosen->wanted)),
                         err);
    if (!a)
        return false;
    a->moves = true;
    return show_id(pl, chosen->from, &a->before, err) &&
           show_id(pl, chosen->wanted, &a->after, err);
}

static bool plan_live(struct planner *pl, size_t ns, struct error *err)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    struct state_namespace *entry = planner_entry(pl, ns);
    struct state_namespace record = planner_record(pl, ns, pl->p->ids[ns]);
    struct action *a;
    if (local_id_moves(pl->p, ns) && !plan_move(pl, ns, err))
        return false;
    if (res->adopted) {
        a = planner_declared(pl, ns, ACTION_ADOPT, res->reason, err);
        return a && show_record(pl, &record, &a->after, err);
    }
    if (!entry || !record_differs(entry, &record))
        return true;
    a = planner_declared(pl, ns, ACTION_UPDATE, record_change(pl, entry, &record), err);
    return a && show_record(pl, entry, &a->before, err) && show_record(pl, &record, &a->after, err);
}

static bool plan_create(struct planner *pl, size_t ns, struct error *err)
{
    const char *reason = pl->p->resolutions[ns].reason;
    struct action *a = planner_declared(pl, ns, ACTION_CREATE,
                                        reason ? reason : "no namespace of that title exists", err);
    struct state_namespace record = planner_record(pl, ns, bytes_make(NULL, 0));
    return a && show_record(pl, &record, &a->after, err);
}

/* ---- Removals ---------------------------------------------------------------------------------
 */

/* Who of the state's entries is spoken for. */
struct entries {
    struct account_map used;     /* addresses of entries that a declaration stands on */
    struct account_map declared; /* addresses of declarations */
    bool *claimed;               /* per live namespace: a declaration holds it */
};

static bool entries_collect(struct planner *pl, struct entries *e, struct error *err)
{
    e->claimed = mem_zalloc(pl->o->n + 1, sizeof *e->claimed);
    if (!e->claimed)
        return error_nomem(err);
    for (size_t i = 0; i < pl->m->n_namespaces && !pl->p->options.destroy; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        struct bytes account = planner_account(pl, i);
        if ((res->entry_address.data &&
             !account_map_set(&e->used, account, res->entry_address, i)) ||
            !account_map_set(&e->declared, account, pl->m->namespaces[i].address, i))
            return error_nomem(err);
        if (res->live != OBSERVE_NONE)
            e->claimed[res->live] = true;
    }
    return true;
}

/* An address that is still declared is never deleted, nor is what a declaration holds: the entry is
 * a leftover then. */
static bool removal_add(struct planner *pl, const struct entries *e, struct bytes account,
                        const struct state_namespace *entry, struct error *err)
{
    if (!arena_grow(&pl->p->arena, (void **)&pl->p->removals, &pl->p->cap_removals,
                    pl->p->n_removals + 1, sizeof *pl->p->removals))
        return error_nomem(err);
    size_t live = observed_by_id(pl->o, account, entry->id);
    if (observed_is_short(pl->o, account) ||
        (live == OBSERVE_NONE && !observed_is_gone(pl->o, account, entry->id))) {
        pl->p->unsure++;
        return true;
    }
    pl->p->removals[pl->p->n_removals++] = (struct removal){
        .account = account,
        .address = entry->address,
        .live = live,
        .deleted = live != OBSERVE_NONE && state_on_remove(entry) == ON_REMOVE_DELETE &&
                   !e->claimed[live] &&
                   account_map_get(&e->declared, account, entry->address) == MAP_NONE,
    };
    return true;
}

static bool removals_of(struct planner *pl, const struct entries *e,
                        const struct state_account *section, struct error *err)
{
    struct bytes account = planner_store_account(section->id);
    for (size_t i = 0; i < section->n; i++) {
        const struct state_namespace *entry = &section->namespaces[i];
        if (entry->removed || account_map_get(&e->used, account, entry->address) != MAP_NONE)
            continue;
        if (!planner_in_scope(&pl->p->options, entry->env, entry->address, entry->title))
            pl->p->left_out++;
        else if (!removal_add(pl, e, account, entry, err))
            return false;
    }
    return true;
}

/* Said, since somebody may have changed the account by mistake. */
static void note_aside(struct planner *pl, const struct state_account *section)
{
    size_t n = 0;
    for (size_t i = 0; i < section->n; i++)
        n += !section->namespaces[i].removed;
    if (n == 0)
        return;
    diag_add(
        &pl->p->notes, DIAG_WARNING, "account.aside", (struct srcpos){0},
        "the state also records %zu namespace%s of account %.*s, in which nothing is declared; "
        "%s left alone",
        n, text_plural(n), BYTES_FMT(section->id), n == 1 ? "it is" : "they are");
}

static bool removals_collect(struct planner *pl, struct error *err)
{
    const struct state *s = &pl->t->state;
    struct entries e = {0};
    bool ok = entries_collect(pl, &e, err);
    for (size_t a = 0; ok && a < s->n_accounts; a++)
        if (s->accounts[a].aside)
            note_aside(pl, &s->accounts[a]);
        else
            ok = removals_of(pl, &e, &s->accounts[a], err);
    account_map_release(&e.used);
    account_map_release(&e.declared);
    mem_free(e.claimed);
    return ok;
}

static int by_address(const void *a, const void *b)
{
    const struct removal *x = a, *y = b;
    int c = bytes_compare(x->account, y->account);
    return c ? c : bytes_compare(x->address, y->address);
}

static const char *removal_reason(const struct removal *r, const struct state_namespace *entry)
{
    if (r->live == OBSERVE_NONE)
        return "it was deleted outside cfkv";
    if (r->deleted)
        return "it is not declared any more";
    if (state_on_remove(entry) == ON_REMOVE_DELETE)
        return "its address stands for another namespace now";
    return entry->origin == STATE_ADOPTED && entry->on_remove == ON_REMOVE_DEFAULT
               ? "not declared any more; adopted, so it stays"
               : "not declared any more; on_remove is keep";
}

bool plan_removals(struct planner *pl, struct error *err)
{
    for (size_t i = 0; i < pl->p->n_removals; i++) {
        const struct removal *r = &pl->p->removals[i];
        const struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
        struct action *a =
            planner_action(pl, ACTION_NAMESPACE, r->deleted ? ACTION_DELETE : ACTION_FORGET,
                           removal_reason(r, entry), err);
        if (!a)
            return false;
        a->account_id = r->account;
        a->address = r->address;
        a->title = r->live == OBSERVE_NONE ? entry->title : pl->o->namespaces[r->live].title;
        a->id = entry->id;
        a->index = i;
        if (!show_record(pl, entry, &a->before, err))
            return false;
    }
    return true;
}

/* ---- All --------------------------------------------------------------------------------------
 */

bool plan_names(struct planner *pl, struct error *err)
{
    if (!removals_collect(pl, err))
        return false;
    if (pl->p->n_removals > 1)
        qsort(pl->p->removals, pl->p->n_removals, sizeof *pl->p->removals, by_address);
    if (pl->p->options.destroy)
        return true;
    if (!plan_renames(pl, err))
        return false;
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        bool ok = true;
        if (res->in_scope && res->kind == RESOLVE_LIVE)
            ok = plan_live(pl, i, err);
        else if (res->in_scope && res->kind == RESOLVE_CREATE)
            ok = plan_create(pl, i, err);
        if (!ok)
            return false;
    }
    return true;
}
