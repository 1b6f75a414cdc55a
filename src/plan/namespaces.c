/*
 * namespaces.c: actions on namespaces: creations, adoptions and updates by address; deletes and
 * forgets come last of all.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "before_after.h"
#include "local_ids.h"
#include "settled.h"

struct bytes planner_prunes(const struct planner *pl, size_t ns)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    uint64_t sum = 0; /* whatever their order */
    for (size_t i = 0; i < decl->n_prunes; i++) {
        struct digest digest = hash_sha256(decl->prunes[i].prefix);
        for (size_t k = 0; k < 8; k++)
            sum += (uint64_t)digest.bytes[k] << 8 * k;
    }
    return decl->n_prunes == 0
               ? bytes_make(NULL, 0)
               : bytes_of(arena_printf(&pl->p->arena, "%016llx", (unsigned long long)sum));
}

struct state_namespace planner_record(const struct planner *pl, size_t ns, struct bytes id)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct state_namespace record = {.address = decl->address,
                                     .id = id,
                                     .title = planner_title(pl, ns),
                                     .origin = pl->p->resolutions[ns].origin,
                                     .on_remove = decl->on_remove,
                                     .protect = pl->p->resolutions[ns].protect,
                                     .borrowed = pl->p->local_ids && pl->p->local_ids[ns].borrowed,
                                     .prunes = planner_prunes(pl, ns),
#define DECLARED(name, kind, at_most, use, doc) .name = decl->name,
                                     NAMESPACE_RECORDED(DECLARED)};
    settled_record(pl, ns, &record);
    return record;
}

/* ---- Creations, adoptions, updates ----------------------------------------------------------- */

static bool record_differs(const struct state_namespace *old, const struct state_namespace *new)
{
    return !bytes_equal(old->address, new->address) || old->protect != new->protect ||
           state_on_remove(old) != state_on_remove(new) || !state_same_recorded(old, new);
}

/* A title changes by renames; one that is kept changes by somebody else's, and is recorded. */
static bool title_differs(const struct planner *pl, size_t ns, const struct state_namespace *old)
{
    return pl->m->namespaces[ns].keeps_title && !bytes_equal(old->title, planner_title(pl, ns));
}

/* What of the record changes, in a few words. */
static const char *record_change(struct planner *pl, size_t ns, const struct state_namespace *old,
                                 const struct state_namespace *new)
{
    char name[QUOTED_SIZE];
    if (title_differs(pl, ns, old))
        return arena_printf(&pl->p->arena, "it was titled %s",
                            text_quoted(old->title, name, sizeof name));
    if (!bytes_equal(old->address, new->address))
        return arena_printf(&pl->p->arena, "its address was %s",
                            text_quoted(old->address, name, sizeof name));
    if (old->protect != new->protect)
        return new->protect ? "protect is turned on" : "protect is turned off";
    if (state_on_remove(old) != state_on_remove(new))
        return "on_remove changes";
#define CHANGED_STRING(name)                                                                       \
    if (!bytes_same(old->name, new->name))                                                         \
        return #name " changes";
#define CHANGED_DURATION(name)                                                                     \
    if (old->name != new->name)                                                                    \
        return arena_printf(&pl->p->arena, #name " changes from %lld to %lld",                     \
                            (long long)old->name, (long long)new->name);
#define CHANGED_OBJECT(name) CHANGED_WORD(name)
#define CHANGED_WORD(name)                                                                         \
    if (!bytes_same(old->name, new->name))                                                         \
        return "its " #name " is recorded";
#define CHANGED(name, kind, at_most, use, doc) CHANGED_##kind(name)
    NAMESPACE_RECORDED(CHANGED)
    return "what is recorded changes";
}

/* Before anything else of it: what is planned for the namespace is done under its new id. */
static void plan_move(struct planner *pl, size_t ns)
{
    struct bytes from = pl->p->local_ids[ns].from;
    struct action *a = planner_declared(pl, ns, ACTION_UPDATE, local_ids_reason(pl, ns, NULL));
    a->moves = true;
    a->before = show_member(pl, "id", from.data ? from : a->id);
    a->after = show_member(pl, "id", a->id);
}

static void plan_live(struct planner *pl, size_t ns)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    struct state_namespace *entry = planner_entry(pl, ns);
    struct state_namespace record = planner_record(pl, ns, pl->p->ids[ns]);
    bool takes = local_id_is_found(pl->p, ns);
    if (local_id_moves(pl->p, ns) && !takes)
        plan_move(pl, ns);
    if (res->adopted) {
        struct action *a =
            planner_declared(pl, ns, ACTION_ADOPT, local_ids_reason(pl, ns, res->reason));
        a->after = show_record(pl, &record);
        a->moves = takes;
    } else if (entry && (title_differs(pl, ns, entry) || record_differs(entry, &record))) {
        struct action *a =
            planner_declared(pl, ns, ACTION_UPDATE, record_change(pl, ns, entry, &record));
        a->before = show_record(pl, entry);
        a->after = show_record(pl, &record);
    }
}

static void plan_create(struct planner *pl, size_t ns)
{
    const char *reason = pl->p->resolutions[ns].reason;
    const char *usual = pl->m->namespaces[ns].keeps_title ? "nothing is under that id yet"
                                                          : "no namespace of that title exists";
    struct action *a =
        planner_declared(pl, ns, ACTION_CREATE, local_ids_reason(pl, ns, reason ? reason : usual));
    struct state_namespace record = planner_record(pl, ns, bytes_make(NULL, 0));
    a->after = show_record(pl, &record);
}

/* ---- Removals -------------------------------------------------------------------------------- */

/* Who of the state's entries is spoken for. */
struct spoken_for {
    struct account_map used;     /* addresses of entries that a declaration stands on */
    struct account_map declared; /* addresses of declarations */
    bool *claimed;               /* per live namespace: a declaration holds it */
};

static void entries_collect(struct planner *pl, struct spoken_for *e)
{
    e->claimed = mem_zalloc(pl->o->n + 1, sizeof *e->claimed);
    for (size_t i = 0; i < pl->m->n_namespaces && !pl->p->options.destroy; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        struct bytes account = planner_account(pl, i);
        if (res->entry_address.data)
            account_map_set(&e->used, account, res->entry_address, i);
        account_map_set(&e->declared, account, pl->m->namespaces[i].address, i);
        if (res->live != OBSERVE_NONE)
            e->claimed[res->live] = true;
    }
}

/* An address that is still declared is never deleted, nor is what a declaration holds: the entry is
 * a leftover then. */
static void removal_add(struct planner *pl, const struct spoken_for *e, struct bytes account,
                        const struct state_namespace *entry)
{
    struct plan *p = pl->p;
    size_t live = observed_by_id(pl->o, account, entry->id);
    if (observed_is_short(pl->o, account) ||
        (live == OBSERVE_NONE && !observed_is_gone(pl->o, account, entry->id))) {
        p->unsure++;
        return;
    }
    arena_grow(&p->arena, (void **)&p->removals, &p->cap_removals, p->n_removals + 1,
               sizeof *p->removals);
    p->removals[p->n_removals++] = (struct removal){
        .account = account,
        .address = entry->address,
        .env = entry->env,
        .live = live,
        .deleted = live != OBSERVE_NONE && state_on_remove(entry) == ON_REMOVE_DELETE &&
                   !entry->borrowed && !e->claimed[live] &&
                   account_map_get(&e->declared, account, entry->address) == MAP_NONE,
    };
}

static void removals_of(struct planner *pl, const struct spoken_for *e,
                        const struct state_account *section)
{
    struct bytes account = state_store_account(section->id);
    for (size_t i = 0; i < section->n; i++) {
        const struct state_namespace *entry = &section->namespaces[i];
        if (entry->removed || account_map_get(&e->used, account, entry->address) != MAP_NONE)
            continue;
        if (!planner_in_scope(&pl->p->options, entry->env, account, entry->address, entry->title))
            pl->p->left_out++;
        else
            removal_add(pl, e, account, entry);
    }
}

/* Said, since somebody may have changed the account by mistake (target_keep_to). */
static void note_aside(struct planner *pl, const struct state_account *section)
{
    size_t n = state_count(section);
    if (n == 0)
        return;
    diag_add(
        &pl->p->notes, DIAG_WARNING, "account.aside", (struct srcpos){0},
        "the state also records %zu namespace%s of account %.*s, in which nothing is declared; "
        "%s left alone",
        n, text_plural(n), BYTES_FMT(section->id), n == 1 ? "it is" : "they are");
    diag_hint(&pl->p->notes,
              "it was the default account, or may have been: account_id in cfkv.project says "
              "which is, and then others are planned too; CLOUDFLARE_ACCOUNT_ID=%.*s works on it",
              BYTES_FMT(section->id));
}

static void removals_collect(struct planner *pl)
{
    const struct state *s = &pl->t->state;
    struct spoken_for e = {0};
    entries_collect(pl, &e);
    for (size_t a = 0; a < s->n_accounts; a++)
        if (s->accounts[a].aside)
            note_aside(pl, &s->accounts[a]);
        else
            removals_of(pl, &e, &s->accounts[a]);
    account_map_release(&e.used);
    account_map_release(&e.declared);
    mem_free(e.claimed);
}

static int by_address(const void *a, const void *b)
{
    const struct removal *x = a, *y = b;
    int c = bytes_compare(x->account, y->account);
    return c ? c : bytes_compare(x->address, y->address);
}

static const char *usual_reason(const struct removal *r, const struct state_namespace *entry,
                                const struct plan_options *options)
{
    bool destroy = options->destroy;
    bool adopted = entry->origin == STATE_ADOPTED && entry->on_remove == ON_REMOVE_DEFAULT;
    if (r->live == OBSERVE_NONE)
        return "it was deleted outside cfkv";
    if (entry->borrowed)
        return "its local data is under an id that cfkv did not write, and stays there";
    if (r->deleted)
        return options->sweep ? "its environment is swept"
               : destroy      ? "destroy"
                              : "it is not declared any more";
    if (state_on_remove(entry) == ON_REMOVE_DELETE)
        return "its address stands for another namespace now";
    if (destroy)
        return adopted ? "it was adopted, so it stays" : "on_remove is keep";
    return adopted ? "not declared any more; adopted, so it stays"
                   : "not declared any more; on_remove is keep";
}

/* Its title may have moved since it was recorded. */
static const char *removal_reason(const struct planner *pl, const struct removal *r,
                                  const struct state_namespace *entry)
{
    const char *reason = usual_reason(r, entry, &pl->p->options);
    char name[QUOTED_SIZE];
    if (r->live == OBSERVE_NONE || bytes_equal(entry->title, pl->o->namespaces[r->live].title))
        return reason;
    return arena_printf(&pl->p->arena, "%s; it was renamed outside cfkv, from %s", reason,
                        text_quoted(entry->title, name, sizeof name));
}

void plan_removals(struct planner *pl)
{
    for (size_t i = 0; i < pl->p->n_removals; i++) {
        const struct removal *r = &pl->p->removals[i];
        const struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
        struct action *a =
            planner_action(pl, ACTION_NAMESPACE, r->deleted ? ACTION_DELETE : ACTION_FORGET,
                           removal_reason(pl, r, entry));
        a->account_id = r->account;
        a->address = r->address;
        a->title = r->live == OBSERVE_NONE ? entry->title : pl->o->namespaces[r->live].title;
        a->id = entry->id;
        a->index = i;
        a->protected = r->deleted && entry->protect && !pl->t->local;
        a->before = show_record(pl, entry);
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

void plan_namespaces(struct planner *pl)
{
    removals_collect(pl);
    if (pl->p->n_removals > 1)
        qsort(pl->p->removals, pl->p->n_removals, sizeof *pl->p->removals, by_address);
    if (pl->p->options.destroy)
        return;
    plan_renames(pl);
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        if (res->in_scope && res->kind == RESOLVE_LIVE)
            plan_live(pl, i);
        else if (res->in_scope && res->kind == RESOLVE_CREATE)
            plan_create(pl, i);
    }
}
