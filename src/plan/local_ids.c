#include "local_ids.h"

#include "base/text.h"
#include "store/local.h"

/* ---- What the account's state records -------------------------------------------------------- */

/* Under the declared account, else `account`; without either under the only one that has it. */
static struct bytes recorded_id(struct state *s, const struct model *m, size_t ns,
                                struct bytes account, struct bytes address)
{
    struct bytes declared = namespace_account(m, &m->namespaces[ns]);
    const struct state_namespace *found = NULL;
    if (declared.len)
        account = declared;
    for (size_t i = 0; i < s->n_accounts; i++) {
        struct bytes section = s->accounts[i].id;
        const struct state_namespace *entry = NULL;
        if (!account.len || bytes_equal(account, section))
            entry = state_find(s, section, address);
        if (entry && found)
            return bytes_make(NULL, 0);
        found = entry ? entry : found;
    }
    return found ? found->id : bytes_make(NULL, 0);
}

struct binding_ids recorded_ids(struct state *s, const struct model *m, size_t ns,
                                struct bytes account)
{
    const struct namespace_decl *decl = &m->namespaces[ns];
    struct binding_ids ids = {.id = recorded_id(s, m, ns, account, decl->address)};
    if (decl->preview) {
        struct buf preview = {0};
        buf_add_bytes(&preview, decl->address);
        buf_add_str(&preview, "_preview");
        ids.preview_id = recorded_id(s, m, ns, account, buf_bytes(&preview));
        buf_release(&preview);
    }
    return ids;
}

struct bytes recorded_account(struct state *s, struct bytes id)
{
    for (size_t i = 0; id.data && i < s->n_accounts; i++)
        if (state_find_id(s, state_store_account(s->accounts[i].id), id))
            return state_store_account(s->accounts[i].id);
    return bytes_make(NULL, 0);
}

static struct binding_ids remote_ids(const struct planner *pl, size_t ns)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct binding_ids ids = recorded_ids(&pl->t->remote, pl->m, ns, bytes_make(NULL, 0));
    if (decl->id.data)
        ids.id = decl->id;
    return ids;
}

/* ---- What the configs say -------------------------------------------------------------------- */

struct choice {
    struct planner *pl;
    struct map taken;  /* data ids → namespace */
    struct map owners; /* ids that namespaces have, or that cfkv made for them → namespace */
};

static bool is_ours(const struct planner *pl, const struct config *config,
                    const struct wanted_binding *w, struct bytes id)
{
    return config_record(config, &pl->t->state, w->env, w->name) ||
           config_record(config, &pl->t->remote, w->env, w->name) ||
           config_made_id(pl->t->project, &pl->m->namespaces[w->ns], id);
}

/* A binding that was copied does not take the id of the one it was copied from. */
static bool is_others(const struct choice *c, size_t ns, struct bytes id)
{
    size_t owner = map_get(&c->owners, id);
    return map_get(&c->taken, id) != MAP_NONE || (owner != MAP_NONE && owner != ns);
}

/* The binding whose id decides; `foreign`: only ones that cfkv did not write count. */
static const struct wrangler_binding *find_binding(const struct choice *c, size_t ns, bool foreign)
{
    const struct configs *configs = c->pl->p->configs;
    for (size_t i = 0; i < configs->n; i++) {
        const struct config *config = &configs->items[i];
        for (size_t j = 0; j < config->n_wanted; j++) {
            const struct wanted_binding *w = &config->wanted[j];
            struct bytes id = binding_local_id(w->there);
            if (w->ns == ns && id.data && !is_others(c, ns, id) &&
                !(foreign && is_ours(c->pl, config, w, id)))
                return w->there;
        }
    }
    return NULL;
}

static void choose(struct choice *c, size_t ns)
{
    struct local_id *chosen = &c->pl->p->local_ids[ns];
    const struct wrangler_binding *b = find_binding(c, ns, chosen->file.id.data != NULL);
    if (b)
        chosen->file = (struct binding_ids){b->id, b->preview_id};
    chosen->wanted = binding_data_id(&chosen->file);
    if (chosen->wanted.data)
        map_set(&c->taken, chosen->wanted, ns);
}

static void find_owners(struct choice *c)
{
    const struct planner *pl = c->pl;
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &pl->m->namespaces[i];
        const struct state_namespace *entry =
            state_find(&pl->t->state, planner_account(pl, i), ns->address);
        if (entry)
            map_add(&c->owners, entry->id, i, NULL);
    }
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const char *made = target_new_id(pl->t, &pl->p->arena, pl->m->namespaces[i].title);
        map_add(&c->owners, bytes_of(made), i, NULL);
    }
}

void local_ids_choose(struct planner *pl)
{
    size_t n = pl->m->n_namespaces;
    struct choice c = {.pl = pl};
    if (!pl->t->local)
        return;
    struct local_id *ids = arena_alloc(&pl->p->arena, n, sizeof *ids);
    pl->p->local_ids = ids;
    find_owners(&c);
    for (size_t i = 0; i < n; i++)
        ids[i].file = remote_ids(pl, i);
    for (size_t i = 0; i < n; i++)
        if (ids[i].file.id.data)
            choose(&c, i);
    for (size_t i = 0; i < n; i++)
        if (!ids[i].file.id.data)
            choose(&c, i);
    map_release(&c.taken);
    map_release(&c.owners);
}

/* ---- Where data lives ------------------------------------------------------------------------ */

static bool bind_root(const struct planner *pl, const struct config *config, struct bytes id,
                      struct error *err)
{
    struct arena *arena = &pl->p->arena;
    const char *folder = path_parent(arena, config->path);
    bool persists = config->decl->persist_to.data != NULL;
    const char *to =
        persists ? arena_printf(arena, "%.*s", BYTES_FMT(config->decl->persist_to)) : ".";
    return local_store_bind_root(pl->t->local, id, path_join(arena, folder, to), persists, err);
}

/* Only what differs from "under the project root" needs to be said. */
/* Only what differs from "under the project root" needs to be said. */
static bool bind_roots(const struct planner *pl, size_t ns, struct bytes id, struct error *err)
{
    const struct configs *configs = pl->p->configs;
    bool elsewhere = false;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < configs->n; i++) {
            const struct config *config = &configs->items[i];
            bool binds = false;
            for (size_t j = 0; j < config->n_wanted; j++)
                binds = binds || config->wanted[j].ns == ns;
            if (!binds)
                continue;
            elsewhere = elsewhere || config->decl->persist_to.data || strchr(config->name, '/');
            if (pass == 1 && elsewhere && !bind_root(pl, config, id, err))
                return false;
        }
    }
    return true;
}

/* ---- What moves ------------------------------------------------------------------------------ */

/* Keys are read where they are: under the new id when there are some already. */
static bool find_move(struct planner *pl, size_t ns, struct error *err)
{
    struct resolution *res = &pl->p->resolutions[ns];
    struct observed_namespace *live = planner_live(pl, ns);
    const struct state_namespace *entry = planner_entry(pl, ns);
    struct local_id *chosen = &pl->p->local_ids[ns];
    struct bytes from = entry ? entry->id : live->id;
    bool any = false;
    if (!chosen->wanted.data ||
        (bytes_equal(chosen->wanted, live->id) && bytes_equal(chosen->wanted, from)))
        return true;
    chosen->from = from;
    pl->p->ids[ns] = chosen->wanted;
    if (!local_store_has_keys(pl->t->local, chosen->wanted, &any, err))
        return false;
    observed_reid(pl->o, res->live, any ? chosen->wanted : from);
    return true;
}

/* ---- Ids that are somebody's ----------------------------------------------------------------- */

/* Another live namespace that has the id which `ns` is to have. */
static size_t find_holder(const struct planner *pl, size_t ns)
{
    struct bytes id = pl->p->local_ids[ns].wanted;
    for (size_t i = 0; id.data && i < pl->o->n; i++)
        if (i != pl->p->resolutions[ns].live && bytes_equal(pl->o->namespaces[i].id, id))
            return i;
    return OBSERVE_NONE;
}

/* The declaration that a live namespace is; SIZE_MAX: none. */
static size_t declared_as(const struct planner *pl, size_t live)
{
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        if (pl->p->resolutions[i].live == live)
            return i;
    return SIZE_MAX;
}

static void note_held(struct planner *pl, size_t ns, const struct observed_namespace *holder)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    char name[QUOTED_SIZE], other[QUOTED_SIZE];
    pl->p->resolutions[ns].kind = RESOLVE_FAILED;
    diag_add(&pl->p->notes, DIAG_ERROR, "namespace.shared", decl->pos,
             "the local data of %s is to be kept under id %.*s, which is that of namespace %s",
             text_quoted(decl->address, name, sizeof name), BYTES_FMT(holder->id),
             text_quoted(holder->title, other, sizeof other));
    diag_hint(&pl->p->notes, "give its binding another id, or delete the other one: cfkv kv "
                             "namespace delete --local");
}

static void check_holder(struct planner *pl, size_t ns)
{
    size_t live = find_holder(pl, ns);
    if (live == OBSERVE_NONE || !pl->p->resolutions[ns].in_scope)
        return;
    const struct observed_namespace *holder = &pl->o->namespaces[live];
    size_t other = declared_as(pl, live);
    struct local_id *chosen = &pl->p->local_ids[ns];
    /* What is about to be deleted is gone with the next apply, which moves the data then. */
    if (other == SIZE_MAX && state_find_id(&pl->t->state, holder->account, holder->id))
        *chosen = (struct local_id){0};
    else if (other == SIZE_MAX || !pl->p->local_ids[other].wanted.data ||
             bytes_equal(pl->p->local_ids[other].wanted, holder->id))
        note_held(pl, ns, holder);
}

bool local_ids_settle(struct planner *pl, struct error *err)
{
    for (size_t i = 0; pl->t->local && i < pl->m->n_namespaces; i++)
        check_holder(pl, i);
    for (size_t i = 0; pl->t->local && i < pl->m->n_namespaces; i++) {
        const struct observed_namespace *live = planner_live(pl, i);
        struct bytes id = pl->p->local_ids[i].wanted;
        if (!id.data)
            id = live ? live->id
                      : bytes_of(target_new_id(pl->t, &pl->p->arena, pl->m->namespaces[i].title));
        if (!bind_roots(pl, i, id, err) ||
            (live && pl->p->resolutions[i].in_scope && !find_move(pl, i, err)))
            return false;
    }
    return true;
}

const char *local_ids_new(const struct planner *pl, struct arena *arena, size_t ns)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    if (pl->p->local_ids && pl->p->local_ids[ns].wanted.data)
        return arena_printf(arena, "%.*s", BYTES_FMT(pl->p->local_ids[ns].wanted));
    if (decl->id.data)
        return arena_printf(arena, "%.*s", BYTES_FMT(decl->id));
    return target_new_id(pl->t, arena, decl->title);
}
