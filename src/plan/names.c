/*
 * names.c: actions on namespaces: renames first (a title must be free before it is taken), then
 * creations, adoptions and updates by address; deletes and forgets come last of all.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "planner.h"

bool planner_protects(const struct planner *pl, size_t ns)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    if (decl->protect != UNSET)
        return decl->protect == YES;
    return namespace_is_protected(pl->m, decl) || (entry && entry->protect);
}

struct state_namespace planner_record(const struct planner *pl, size_t ns, struct bytes id)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    return (struct state_namespace){
        .address = decl->address,
        .id = id,
        .title = decl->title,
        .origin = pl->p->resolutions[ns].origin,
        .on_remove = decl->on_remove,
        .protect = planner_protects(pl, ns),
        .ttl_seconds = decl->ttl_seconds,
        .env = decl->env,
        .description = decl->description,
        .binding = decl->binding,
    };
}

/* ---- Showing a namespace --------------------------------------------------------------------- */

static void write_text(struct json_writer *w, const char *name, struct bytes text)
{
    json_key(w, name);
    if (text.data)
        json_string(w, text);
    else
        json_null(w);
}

static bool show_record(struct planner *pl, const struct state_namespace *ns, struct bytes *out,
                        struct error *err)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    write_text(&w, "address", ns->address);
    write_text(&w, "binding", ns->binding);
    write_text(&w, "description", ns->description);
    write_text(&w, "env", ns->env);
    json_key(&w, "on_remove");
    json_str(&w, state_on_remove(ns) == ON_REMOVE_KEEP ? "keep" : "delete");
    json_key(&w, "protect");
    json_bool(&w, ns->protect);
    write_text(&w, "title", ns->title);
    json_key(&w, "ttl_seconds");
    json_int(&w, ns->ttl_seconds);
    json_end_object(&w);
    bool ok =
        buf_ok(&b, err) && (arena_bytes(&pl->p->arena, buf_bytes(&b), out) || error_nomem(err));
    buf_release(&b);
    return ok;
}

static bool show_title(struct planner *pl, struct bytes title, struct bytes *out, struct error *err)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    write_text(&w, "title", title);
    json_end_object(&w);
    bool ok =
        buf_ok(&b, err) && (arena_bytes(&pl->p->arena, buf_bytes(&b), out) || error_nomem(err));
    buf_release(&b);
    return ok;
}

static struct action *declared_action(struct planner *pl, size_t ns, enum action_verb verb,
                                      const char *reason, struct error *err)
{
    struct action *a = planner_action(pl, ACTION_NAMESPACE, verb, reason, err);
    if (!a)
        return NULL;
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    a->ns = ns;
    a->account_id = planner_account(pl, ns);
    a->address = decl->address;
    a->title = decl->title;
    a->id = pl->p->ids[ns];
    a->on_remove = decl->on_remove;
    a->origin = pl->p->resolutions[ns].origin;
    a->pos = decl->pos;
    return a;
}

/* ---- Renames --------------------------------------------------------------------------------- */

struct rename {
    struct bytes account;
    size_t live;
    size_t ns;      /* the declaration; SIZE_MAX: a namespace to be deleted that makes way */
    size_t removal; /* then its index in removals */
    struct bytes from, to;
    enum { PENDING, VISITING, DONE } state;
};

struct renames {
    struct planner *pl;
    struct rename *items;
    size_t n, cap;
    size_t *by_live; /* live index → rename, or SIZE_MAX */
};

static bool rename_add(struct renames *rs, struct rename r, struct error *err)
{
    if (!mem_grow((void **)&rs->items, &rs->cap, rs->n + 1, sizeof *rs->items))
        return error_nomem(err);
    rs->by_live[r.live] = rs->n;
    rs->items[rs->n++] = r;
    return true;
}

static bool emit_rename(struct renames *rs, const struct rename *r, struct bytes from,
                        struct bytes to, bool temporary, const char *reason, struct error *err)
{
    struct planner *pl = rs->pl;
    struct action *a;
    if (r->ns != SIZE_MAX) {
        a = declared_action(pl, r->ns, ACTION_RENAME, reason, err);
    } else {
        a = planner_action(pl, ACTION_NAMESPACE, ACTION_RENAME, reason, err);
        if (a) {
            a->account_id = r->account;
            a->address = pl->p->removals[r->removal].address;
            a->id = pl->o->namespaces[r->live].id;
        }
    }
    if (!a)
        return false;
    a->title = to;
    a->temporary = temporary;
    return show_title(pl, from, &a->before, err) && show_title(pl, to, &a->after, err);
}

static struct bytes temporary_title(struct renames *rs, size_t live)
{
    struct bytes id = rs->pl->o->namespaces[live].id;
    return bytes_of(arena_printf(&rs->pl->p->arena, "cfkv-tmp-%.*s", BYTES_FMT(id)));
}

static bool emit_temporary(struct renames *rs, struct rename *r, const char *reason,
                           struct error *err)
{
    struct bytes title = temporary_title(rs, r->live);
    if (!title.data)
        return error_nomem(err);
    struct bytes from = r->from;
    r->from = title;
    return emit_rename(rs, r, from, title, true, reason, err);
}

/* Depth first along "the title I want is yours": whoever blocks moves first. Meeting a rename that
 * is being visited closes a cycle, which a temporary title breaks. */
static bool rename_visit(struct renames *rs, size_t i, struct error *err)
{
    struct rename *r = &rs->items[i];
    if (r->state == DONE)
        return true;
    r->state = VISITING;
    size_t holder = observed_by_title(rs->pl->o, r->account, r->to);
    size_t blocker = holder == OBSERVE_NONE ? SIZE_MAX : rs->by_live[holder];
    if (blocker != SIZE_MAX && blocker != i) {
        struct rename *b = &rs->items[blocker];
        if (b->state == PENDING && !rename_visit(rs, blocker, err))
            return false;
        if (b->state == VISITING &&
            !emit_temporary(rs, b, "through a temporary title, since two titles are exchanged",
                            err))
            return false;
    }
    r->state = DONE;
    if (r->ns == SIZE_MAX)
        return emit_temporary(rs, r, "makes way before it is deleted", err);
    return emit_rename(rs, r, r->from, r->to, false, "the declared title changed", err);
}

/* The removal whose live namespace that is, or SIZE_MAX. */
static size_t removal_of(const struct planner *pl, size_t live)
{
    for (size_t i = 0; i < pl->p->n_removals; i++)
        if (pl->p->removals[i].live == live && pl->p->removals[i].deleted)
            return i;
    return SIZE_MAX;
}

static void title_taken(struct planner *pl, size_t ns, size_t live)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    pl->p->resolutions[ns].kind = RESOLVE_FAILED;
    diag_add(&pl->p->notes, DIAG_ERROR, "namespace.taken", decl->pos,
             "the title '%.*s' belongs to namespace %.*s, which keeps it", BYTES_FMT(decl->title),
             BYTES_FMT(pl->o->namespaces[live].id));
    diag_hint(&pl->p->notes, "choose another title, or rename or delete that namespace first");
}

/* The title that `ns` is about to take must be free, or become free by another rename. */
static bool make_way(struct renames *rs, size_t ns, struct error *err)
{
    struct planner *pl = rs->pl;
    struct bytes account = planner_account(pl, ns);
    size_t holder = observed_by_title(pl->o, account, pl->m->namespaces[ns].title);
    if (holder == OBSERVE_NONE || holder == pl->p->resolutions[ns].live ||
        rs->by_live[holder] != SIZE_MAX)
        return true;
    size_t removal = removal_of(pl, holder);
    if (removal == SIZE_MAX) {
        title_taken(pl, ns, holder);
        return true;
    }
    struct rename r = {.account = account,
                       .live = holder,
                       .ns = SIZE_MAX,
                       .removal = removal,
                       .from = pl->o->namespaces[holder].title};
    return rename_add(rs, r, err);
}

static bool renames_collect(struct renames *rs, struct error *err)
{
    struct planner *pl = rs->pl;
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        if (!res->in_scope || res->kind != RESOLVE_LIVE)
            continue;
        const struct observed_namespace *live = &pl->o->namespaces[res->live];
        struct rename r = {.account = planner_account(pl, i),
                           .live = res->live,
                           .ns = i,
                           .from = live->title,
                           .to = pl->m->namespaces[i].title};
        if (!bytes_equal(r.from, r.to) && !rename_add(rs, r, err))
            return false;
    }
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        if (pl->p->resolutions[i].in_scope && pl->p->resolutions[i].kind != RESOLVE_FAILED &&
            !make_way(rs, i, err))
            return false;
    return true;
}

static bool plan_renames(struct planner *pl, struct error *err)
{
    struct renames rs = {.pl = pl};
    rs.by_live = mem_zalloc(pl->o->n + 1, sizeof *rs.by_live);
    bool ok = rs.by_live || error_nomem(err);
    for (size_t i = 0; ok && i < pl->o->n; i++)
        rs.by_live[i] = SIZE_MAX;
    ok = ok && renames_collect(&rs, err);
    for (size_t i = 0; ok && i < rs.n; i++)
        ok = rename_visit(&rs, i, err);
    mem_free(rs.items);
    mem_free(rs.by_live);
    return ok;
}

/* ---- Creations, adoptions, updates ------------------------------------------------------------
 */

static bool same_text(struct bytes a, struct bytes b)
{
    return (a.data != NULL) == (b.data != NULL) && bytes_equal(a, b);
}

/* What of the record changes, in a few words; NULL when nothing does. The title is not looked at:
 * it changes by renames. */
static const char *record_change(struct planner *pl, const struct state_namespace *old,
                                 const struct state_namespace *new)
{
    if (!bytes_equal(old->address, new->address))
        return arena_printf(&pl->p->arena, "its address was '%.*s'", BYTES_FMT(old->address));
    if (!bytes_equal(old->id, new->id))
        return "it is pinned to another id";
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
    if (!same_text(old->env, new->env))
        return "env changes";
    return NULL;
}

static bool plan_live(struct planner *pl, size_t ns, struct error *err)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    struct state_namespace *entry = planner_entry(pl, ns);
    struct state_namespace record = planner_record(pl, ns, pl->p->ids[ns]);
    struct action *a;
    if (res->adopted) {
        a = declared_action(pl, ns, ACTION_ADOPT, res->reason, err);
        return a && show_record(pl, &record, &a->after, err);
    }
    const char *change = entry ? record_change(pl, entry, &record) : NULL;
    if (!change)
        return true;
    a = declared_action(pl, ns, ACTION_UPDATE, change, err);
    return a && show_record(pl, entry, &a->before, err) && show_record(pl, &record, &a->after, err);
}

static bool plan_create(struct planner *pl, size_t ns, struct error *err)
{
    const char *reason = pl->p->resolutions[ns].reason;
    struct action *a = declared_action(pl, ns, ACTION_CREATE,
                                       reason ? reason : "no namespace of that title exists", err);
    struct state_namespace record = planner_record(pl, ns, bytes_make(NULL, 0));
    return a && show_record(pl, &record, &a->after, err);
}

/* ---- Removals ---------------------------------------------------------------------------------
 */

static bool entry_is_used(struct planner *pl, const struct map *used, struct bytes account,
                          struct bytes address)
{
    struct buf b = {0};
    (void)pl;
    bool found = buf_add_bytes(&b, account) && buf_add_char(&b, '\n') &&
                 buf_add_bytes(&b, address) && map_get(used, buf_bytes(&b)) != MAP_NONE;
    buf_release(&b);
    return found;
}

static bool mark_used(struct planner *pl, struct map *used, size_t ns, struct error *err)
{
    struct bytes address = pl->p->resolutions[ns].entry_address;
    struct buf b = {0};
    struct bytes copy;
    if (!address.data)
        return true;
    bool ok = buf_add_bytes(&b, planner_account(pl, ns)) && buf_add_char(&b, '\n') &&
              buf_add_bytes(&b, address) && arena_bytes(&pl->p->arena, buf_bytes(&b), &copy) &&
              map_set(used, copy, 1);
    buf_release(&b);
    return ok || error_nomem(err);
}

static bool removal_add(struct planner *pl, const struct state_account *account,
                        const struct state_namespace *entry, struct error *err)
{
    if (!arena_grow(&pl->p->arena, (void **)&pl->p->removals, &pl->p->cap_removals,
                    pl->p->n_removals + 1, sizeof *pl->p->removals))
        return error_nomem(err);
    struct bytes store_account = planner_store_account(account->id);
    size_t live = observed_by_id(pl->o, store_account, entry->id);
    pl->p->removals[pl->p->n_removals++] = (struct removal){
        .account = store_account,
        .address = entry->address,
        .live = live,
        .deleted = live != OBSERVE_NONE && state_on_remove(entry) == ON_REMOVE_DELETE,
    };
    return true;
}

static bool removals_collect(struct planner *pl, struct error *err)
{
    struct map used = {0};
    struct state *s = &pl->t->state;
    bool ok = true;
    for (size_t i = 0; ok && i < pl->m->n_namespaces; i++)
        ok = pl->p->options.destroy || mark_used(pl, &used, i, err);
    for (size_t a = 0; ok && a < s->n_accounts; a++) {
        struct bytes account = planner_store_account(s->accounts[a].id);
        for (size_t i = 0; ok && i < s->accounts[a].n; i++) {
            const struct state_namespace *e = &s->accounts[a].namespaces[i];
            if (e->removed || entry_is_used(pl, &used, account, e->address))
                continue;
            if (planner_in_scope(&pl->p->options, e->env, e->address, e->title))
                ok = removal_add(pl, &s->accounts[a], e, err);
            else
                pl->p->left_out++;
        }
    }
    map_release(&used);
    return ok;
}

static int by_address(const void *a, const void *b)
{
    const struct removal *x = a, *y = b;
    int c = bytes_compare(x->account, y->account);
    return c ? c : bytes_compare(x->address, y->address);
}

bool plan_removals(struct planner *pl, struct error *err)
{
    for (size_t i = 0; i < pl->p->n_removals; i++) {
        const struct removal *r = &pl->p->removals[i];
        struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
        const char *reason = "it is not declared any more";
        if (r->live == OBSERVE_NONE)
            reason = "it was deleted outside cfkv";
        else if (!r->deleted)
            reason = entry->origin == STATE_ADOPTED ? "not declared any more; adopted, so it stays"
                                                    : "not declared any more; on_remove is keep";
        struct action *a = planner_action(pl, ACTION_NAMESPACE,
                                          r->deleted ? ACTION_DELETE : ACTION_FORGET, reason, err);
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
