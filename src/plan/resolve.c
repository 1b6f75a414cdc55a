/*
 * resolve.c: which live namespace is each declaration? By the state's id first, then by a pinned
 * id, then by title (adoption). Out-of-scope declarations are resolved like all others, so that
 * none of their namespaces is taken by another; they get no actions.
 */
#include <fnmatch.h>

#include "base/mem.h"
#include "base/text.h"
#include "planner.h"

struct bytes planner_store_account(struct bytes section)
{
    return bytes_equal(section, bytes_of(STATE_LOCAL)) ? bytes_make(NULL, 0) : section;
}

struct state_namespace *planner_entry(const struct planner *pl, size_t ns)
{
    struct bytes address = pl->p->resolutions[ns].entry_address;
    return address.data ? state_find(&pl->t->state, planner_account(pl, ns), address) : NULL;
}

static bool glob_matches(const char *glob, struct bytes text)
{
    return text.data && fnmatch(glob, text.data, 0) == 0; /* arena texts end with a NUL */
}

bool planner_in_scope(const struct plan_options *options, struct bytes env, struct bytes address,
                      struct bytes title)
{
    bool in_env = options->n_envs == 0;
    for (size_t i = 0; i < options->n_envs; i++)
        in_env = in_env || bytes_equal(env, bytes_of(options->envs[i]));
    bool in_only = options->n_only == 0;
    for (size_t i = 0; i < options->n_only; i++)
        in_only = in_only || glob_matches(options->only[i], address) ||
                  glob_matches(options->only[i], title);
    return in_env && in_only;
}

/* ---- Observing the accounts ------------------------------------------------------------------ */

/* Without a listing (--refresh none) the state stands for the account. */
static bool observe_from_state(struct planner *pl, struct error *err)
{
    struct state *s = &pl->t->state;
    for (size_t a = 0; a < s->n_accounts; a++) {
        struct bytes account = planner_store_account(s->accounts[a].id);
        for (size_t i = 0; i < s->accounts[a].n; i++) {
            const struct state_namespace *ns = &s->accounts[a].namespaces[i];
            if (!ns->removed && observed_add(pl->o, account, ns->id, ns->title) == OBSERVE_NONE)
                return error_nomem(err);
        }
    }
    return true;
}

static bool observe_account_once(struct planner *pl, struct map *seen, struct bytes account,
                                 struct error *err)
{
    size_t existing;
    if (!map_add(seen, account, 1, &existing))
        return error_nomem(err);
    return existing != MAP_NONE || observe_namespaces(pl->o, account, err);
}

bool resolve_accounts(struct planner *pl, struct error *err)
{
    if (pl->p->options.refresh == REFRESH_NONE)
        return observe_from_state(pl, err);
    struct map seen = {0};
    struct state *s = &pl->t->state;
    bool ok = true;
    for (size_t i = 0; ok && i < pl->m->n_namespaces; i++)
        ok = observe_account_once(pl, &seen, planner_account(pl, i), err);
    for (size_t a = 0; ok && a < s->n_accounts; a++)
        ok = observe_account_once(pl, &seen, planner_store_account(s->accounts[a].id), err);
    map_release(&seen);
    return ok;
}

/* ---- Resolving ------------------------------------------------------------------------------- */

struct resolver {
    struct planner *pl;
    size_t *claimed_by;  /* per live namespace: the declaration that holds it, or SIZE_MAX */
    struct map declared; /* account LF address */
};

static struct resolution *resolution(struct resolver *r, size_t ns)
{
    return &r->pl->p->resolutions[ns];
}

static bool declared_name(struct buf *b, struct bytes account, struct bytes address)
{
    return buf_add_bytes(b, account) && buf_add_char(b, '\n') && buf_add_bytes(b, address);
}

static bool is_declared(struct resolver *r, struct bytes account, struct bytes address)
{
    struct buf b = {0};
    bool found =
        declared_name(&b, account, address) && map_get(&r->declared, buf_bytes(&b)) != MAP_NONE;
    buf_release(&b);
    return found;
}

static bool index_declared(struct resolver *r, struct error *err)
{
    const struct model *m = r->pl->m;
    for (size_t i = 0; i < m->n_namespaces; i++) {
        struct buf b = {0};
        struct bytes copy;
        bool ok = declared_name(&b, planner_account(r->pl, i), m->namespaces[i].address) &&
                  arena_bytes(&r->pl->p->arena, buf_bytes(&b), &copy) &&
                  map_set(&r->declared, copy, i);
        buf_release(&b);
        if (!ok)
            return error_nomem(err);
    }
    return true;
}

static bool claim(struct resolver *r, size_t ns, size_t live)
{
    if (live == OBSERVE_NONE || r->claimed_by[live] != SIZE_MAX)
        return false;
    r->claimed_by[live] = ns;
    resolution(r, ns)->live = live;
    resolution(r, ns)->kind = RESOLVE_LIVE;
    return true;
}

/* The state entry of a declaration: at its address, else where renamed_from says it was. */
static struct state_namespace *entry_of(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    struct bytes account = planner_account(r->pl, ns);
    struct state *s = &r->pl->t->state;
    struct state_namespace *entry = state_find(s, account, decl->address);
    if (entry || !decl->renamed_from.data)
        return entry;
    entry = state_find(s, account, decl->renamed_from);
    if (!entry)
        entry = state_find_title(s, account, decl->renamed_from);
    return entry && !is_declared(r, account, entry->address) ? entry : NULL;
}

static void resolve_by_state(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    struct state_namespace *entry = entry_of(r, ns);
    struct resolution *res = resolution(r, ns);
    if (!entry)
        return;
    res->entry_address = entry->address;
    res->origin = entry->origin;
    if (decl->id.data && !bytes_equal(decl->id, entry->id)) {
        diag_add(
            &r->pl->p->notes, DIAG_WARNING, "namespace.repinned", decl->pos,
            "'%.*s' was namespace %.*s and is now pinned to %.*s; the old one is left as it is",
            BYTES_FMT(decl->address), BYTES_FMT(entry->id), BYTES_FMT(decl->id));
        return;
    }
    size_t live = observed_by_id(r->pl->o, planner_account(r->pl, ns), entry->id);
    if (!claim(r, ns, live))
        res->reason = arena_printf(&r->pl->p->arena,
                                   "namespace %.*s was deleted outside cfkv; it is created again, "
                                   "empty, under a new id",
                                   BYTES_FMT(entry->id));
}

static void fail(struct resolver *r, size_t ns, const char *code, const char *hint,
                 const char *message)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    resolution(r, ns)->kind = RESOLVE_FAILED;
    if (!resolution(r, ns)->in_scope)
        return;
    diag_add(&r->pl->p->notes, DIAG_ERROR, code, decl->pos, "%s",
             message ? message : "out of memory");
    diag_hint(&r->pl->p->notes, "%s", hint);
}

static void resolve_pinned(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    struct resolution *res = resolution(r, ns);
    struct arena *arena = &r->pl->p->arena;
    size_t live = observed_by_id(r->pl->o, planner_account(r->pl, ns), decl->id);
    if (claim(r, ns, live)) {
        res->adopted = true;
        res->origin = STATE_ADOPTED;
        res->reason = "pinned by id";
    } else if (live == OBSERVE_NONE) {
        fail(r, ns, "namespace.missing", "correct the id, or leave it out to adopt by title",
             arena_printf(arena, "namespace '%.*s' is pinned to id %.*s, which does not exist",
                          BYTES_FMT(decl->address), BYTES_FMT(decl->id)));
    } else {
        const struct namespace_decl *other = &r->pl->m->namespaces[r->claimed_by[live]];
        fail(r, ns, "namespace.shared", "pin each declaration to its own namespace",
             arena_printf(arena, "'%.*s' and '%.*s' (%s:%d) are both namespace %.*s",
                          BYTES_FMT(decl->address), BYTES_FMT(other->address),
                          other->pos.file ? other->pos.file : "?", other->pos.line,
                          BYTES_FMT(decl->id)));
    }
}

static void adopt(struct resolver *r, size_t ns, size_t live, const char *reason)
{
    struct resolution *res = resolution(r, ns);
    struct bytes account = planner_account(r->pl, ns);
    struct state *s = &r->pl->t->state;
    struct state_namespace *held = state_find_id(s, account, r->pl->o->namespaces[live].id);
    if (!claim(r, ns, live))
        return;
    res->reason = reason;
    if (held) { /* the same namespace under an address that is declared no more */
        res->entry_address = held->address;
        res->origin = held->origin;
        return;
    }
    res->adopted = true;
    res->origin = STATE_ADOPTED;
    if (state_is_creating(s, account, r->pl->m->namespaces[ns].title)) {
        res->origin = STATE_CREATED;
        res->reason = "an interrupted apply created it";
    }
}

/* A live namespace that nobody claims and no other declared address holds. */
static size_t adoptable(struct resolver *r, size_t ns, struct bytes title)
{
    size_t live = observed_by_title(r->pl->o, planner_account(r->pl, ns), title);
    return live != OBSERVE_NONE && r->claimed_by[live] == SIZE_MAX ? live : OBSERVE_NONE;
}

static void resolve_by_title(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    struct bytes account = planner_account(r->pl, ns);
    struct arena *arena = &r->pl->p->arena;
    size_t live = adoptable(r, ns, decl->title);
    const char *reason = "a namespace of that title exists";
    if (live == OBSERVE_NONE && decl->renamed_from.data) {
        live = adoptable(r, ns, decl->renamed_from);
        reason = "named by renamed_from";
    }
    if (live == OBSERVE_NONE)
        return;
    struct bytes id = r->pl->o->namespaces[live].id;
    bool ours = state_find_id(&r->pl->t->state, account, id) ||
                state_is_creating(&r->pl->t->state, account, decl->title);
    if (r->pl->p->options.no_adopt && !ours)
        fail(r, ns, "namespace.exists", "drop --no-adopt to take it under management",
             arena_printf(arena, "a namespace titled '%.*s' exists already (id %.*s)",
                          BYTES_FMT(decl->title), BYTES_FMT(id)));
    else
        adopt(r, ns, live, reason);
}

static void resolve_rest(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    struct resolution *res = resolution(r, ns);
    if (!decl->create)
        fail(r, ns, "namespace.missing", "create it first, or drop create = false",
             arena_printf(&r->pl->p->arena,
                          "namespace '%.*s' is declared with create = false and does not exist",
                          BYTES_FMT(decl->title)));
    else
        res->origin = STATE_CREATED;
}

static bool is_open(struct resolver *r, size_t ns)
{
    return resolution(r, ns)->kind == RESOLVE_CREATE;
}

bool resolve_declarations(struct planner *pl, struct error *err)
{
    const struct model *m = pl->m;
    struct resolver r = {.pl = pl};
    r.claimed_by = mem_zalloc(pl->o->n + 1, sizeof *r.claimed_by);
    bool ok = r.claimed_by ? index_declared(&r, err) : error_nomem(err);
    for (size_t i = 0; ok && i < pl->o->n; i++)
        r.claimed_by[i] = SIZE_MAX;
    for (size_t i = 0; ok && i < m->n_namespaces; i++) {
        const struct namespace_decl *d = &m->namespaces[i];
        struct resolution *res = resolution(&r, i);
        *res = (struct resolution){.kind = RESOLVE_CREATE, .live = OBSERVE_NONE};
        res->in_scope = planner_in_scope(&pl->p->options, d->env, d->address, d->title);
        pl->p->left_out += !res->in_scope;
        resolve_by_state(&r, i);
    }
    for (size_t i = 0; ok && i < m->n_namespaces; i++)
        if (is_open(&r, i) && m->namespaces[i].id.data)
            resolve_pinned(&r, i);
    for (size_t i = 0; ok && i < m->n_namespaces; i++)
        if (is_open(&r, i))
            resolve_by_title(&r, i);
    for (size_t i = 0; ok && i < m->n_namespaces; i++)
        if (is_open(&r, i))
            resolve_rest(&r, i);
    for (size_t i = 0; ok && i < m->n_namespaces; i++)
        if (resolution(&r, i)->kind == RESOLVE_LIVE)
            pl->p->ids[i] = pl->o->namespaces[resolution(&r, i)->live].id;
    mem_free(r.claimed_by);
    map_release(&r.declared);
    return ok;
}
