#include "local_ids.h"

#include "base/text.h"
#include "local_bindings.h"
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

static struct local_scribe scribe_of(const struct planner *pl)
{
    return (struct local_scribe){&pl->t->state, &pl->t->remote, pl->t->project};
}

static bool is_ours(const struct planner *pl, const struct config *config,
                    const struct wanted_binding *w, bool preview)
{
    struct local_scribe scribe = scribe_of(pl);
    return local_wrote(&scribe, config, pl->m, w, preview);
}

/* A binding that was copied does not take the id of the one it was copied from. */
static bool is_others(const struct choice *c, size_t ns, struct bytes id)
{
    size_t owner = map_get(&c->owners, id);
    return map_get(&c->taken, id) != MAP_NONE || (owner != MAP_NONE && owner != ns);
}

/* The id that is made for a namespace, unless it is another's. */
static struct bytes made_id(const struct choice *c, size_t ns)
{
    struct arena *arena = &c->pl->p->arena;
    struct bytes id = bytes_of(target_new_id(c->pl->t, arena, c->pl->m->namespaces[ns].title));
    while (is_others(c, ns, id)) {
        char *other = arena_alloc(arena, 33, 1);
        store_other_id(id, other);
        id = bytes_of(other);
    }
    return id;
}

/* What a binding says of the place of its namespace's data. */
enum says {
    SAYS_NOTHING,
    SAYS_ID,          /* a real id or preview_id that stays */
    SAYS_NAME,        /* it has none, and is to have none: its name counts */
    SAYS_PLACEHOLDER, /* a preview_id that is none */
};

/* An id of cfkv's gives way to the one that the account records by now. */
static enum says says(const struct choice *c, const struct config *config,
                      const struct wanted_binding *w, const struct binding_ids *recorded)
{
    struct bytes word = binding_real_word(w->there);
    if (!w->there)
        return SAYS_NOTHING;
    if (w->there->preview_id.data && !word.data)
        return recorded->preview_id.data ? SAYS_NOTHING : SAYS_PLACEHOLDER;
    if (!w->there->preview_id.data && !w->there->id.data && config->decl->ids == IDS_AUTO)
        return is_others(c, w->ns, w->name) ? SAYS_NOTHING : SAYS_NAME;
    bool preview = w->there->preview_id.data != NULL;
    bool replaced = preview ? recorded->preview_id.data != NULL : recorded->id.data != NULL;
    return !word.data || is_others(c, w->ns, word) ||
                   (replaced && is_ours(c->pl, config, w, preview))
               ? SAYS_NOTHING
               : SAYS_ID;
}

/* The first binding of the namespace that says so; dev never looks into [previews], so those come
 * last. */
static const struct wanted_binding *find_saying(const struct choice *c, size_t ns, enum says what,
                                                const struct config **config)
{
    const struct configs *configs = c->pl->p->configs;
    for (int previews = 0; previews < 2; previews++)
        for (size_t i = 0; i < configs->n; i++) {
            *config = &configs->items[i];
            for (size_t j = 0; j < (*config)->n_wanted; j++) {
                const struct wanted_binding *w = &(*config)->wanted[j];
                if (w->ns == ns && wrangler_is_previews(w->env) == (previews == 1) &&
                    says(c, *config, w, &c->pl->p->local_ids[ns].file) == what)
                    return w;
            }
        }
    return NULL;
}

/* The id that bindings of the namespace have, somebody's before cfkv's: others get the same. */
static struct bytes id_in_configs(const struct choice *c, size_t ns)
{
    const struct configs *configs = c->pl->p->configs;
    struct bytes ours = bytes_make(NULL, 0);
    for (size_t i = 0; i < configs->n; i++)
        for (size_t j = 0; j < configs->items[i].n_wanted; j++) {
            const struct wanted_binding *w = &configs->items[i].wanted[j];
            if (w->ns != ns || !w->there || !wrangler_id_is_real(w->there->id) ||
                is_others(c, ns, w->there->id))
                continue;
            if (!is_ours(c->pl, &configs->items[i], w, false))
                return w->there->id;
            ours = ours.data ? ours : w->there->id;
        }
    return ours;
}

/* Once somebody's, an id stays so, also where cfkv gave it to further bindings. */
static void follow(struct choice *c, size_t ns, const struct config *config,
                   const struct wanted_binding *w, const struct state_namespace *entry)
{
    struct local_id *chosen = &c->pl->p->local_ids[ns];
    const struct wrangler_binding *b = w->there;
    chosen->wanted = binding_word(b);
    chosen->borrowed = !is_ours(c->pl, config, w, b->preview_id.data != NULL) ||
                       (entry && entry->borrowed && bytes_equal(entry->id, chosen->wanted));
    if (b->preview_id.data && b->id.data)
        chosen->both = w;
    chosen->config = config;
}

/* An id under which cfkv cannot go on: one that is none, or that is a preview_id of somebody's in a
 * binding that is not this namespace's any more. */
static bool is_unsuited(const struct planner *pl, const struct state_namespace *entry)
{
    const struct configs *configs = pl->p->configs;
    if (!entry || (!entry->borrowed && wrangler_id_is_real(entry->id)))
        return false;
    for (size_t i = 0; i < configs->n && wrangler_id_is_real(entry->id); i++)
        for (size_t j = 0; j < configs->items[i].content.n_bindings; j++)
            if (bytes_equal(configs->items[i].content.bindings[j].id, entry->id))
                return false;
    return true;
}

static bool is_bound(const struct planner *pl, size_t ns)
{
    const struct configs *configs = pl->p->configs;
    for (size_t i = 0; i < configs->n; i++)
        for (size_t j = 0; j < configs->items[i].n_wanted; j++)
            if (configs->items[i].wanted[j].ns == ns)
                return true;
    return false;
}

static void choose(struct choice *c, size_t ns)
{
    struct planner *pl = c->pl;
    struct local_id *chosen = &pl->p->local_ids[ns];
    const struct config *config;
    const struct state_namespace *entry =
        state_find(&pl->t->state, planner_account(pl, ns), pl->m->namespaces[ns].address);
    const struct wanted_binding *w = find_saying(c, ns, SAYS_ID, &config);
    const struct wanted_binding *named = w ? NULL : find_saying(c, ns, SAYS_NAME, &config);
    bool placeholder = !w && !named && find_saying(c, ns, SAYS_PLACEHOLDER, &config);
    if (entry && !is_bound(pl, ns)) {
        /* Nothing tells where dev looks: maybe there, by a config that is declared no more. */
        *chosen = (struct local_id){.borrowed = entry->borrowed};
    } else if (w) {
        follow(c, ns, config, w, entry);
    } else if (named || placeholder || (!chosen->file.id.data && is_unsuited(pl, entry))) {
        /* The preview_id of a placeholder is for dev alone: with dev --remote that of the account's
         * namespace would be written to. */
        chosen->wanted = named ? named->name : made_id(c, ns);
    } else {
        chosen->wanted = binding_data_id(&chosen->file);
        chosen->borrowed = !chosen->wanted.data && entry && entry->borrowed;
    }
    if (chosen->wanted.data && !chosen->file.id.data)
        chosen->file.id = id_in_configs(c, ns);
    if (chosen->wanted.data && !chosen->file.id.data)
        chosen->file.id = made_id(c, ns);
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

struct binding_ids local_ids_binding(const struct planner *pl, size_t ns)
{
    const struct local_id *chosen = &pl->p->local_ids[ns];
    struct bytes here = pl->p->ids[ns];
    return (struct binding_ids){.id = chosen->file.id.data ? chosen->file.id : here,
                                .preview_id = chosen->wanted.data ? chosen->wanted : here};
}

/* ---- What moves ------------------------------------------------------------------------------ */

/* The id that it has changes. */
static void find_move(struct planner *pl, size_t ns)
{
    const struct observed_namespace *live = planner_live(pl, ns);
    const struct state_namespace *entry = planner_entry(pl, ns);
    struct local_id *chosen = &pl->p->local_ids[ns];
    struct bytes from = entry ? entry->id : live->id;
    if (!chosen->wanted.data ||
        (bytes_equal(chosen->wanted, live->id) && bytes_equal(chosen->wanted, from)))
        return;
    chosen->from = from;
    chosen->leaves_from = !(entry && entry->borrowed);
    pl->p->ids[ns] = chosen->wanted;
}

/* The word under which dev looks for a binding, when that changes, and something is there. What is
 * under a namespace's id is that namespace's. */
static bool find_word(struct planner *pl, const struct config *config,
                      const struct wanted_binding *w, struct bytes *word, struct error *err)
{
    struct local_scribe scribe = scribe_of(pl);
    struct binding_ids ids = local_ids_binding(pl, w->ns);
    struct bytes before = binding_word(w->there);
    bool any = false;
    if (!ids.id.data)
        ids.id = bytes_of(target_new_id(pl->t, &pl->p->arena, pl->m->namespaces[w->ns].title));
    if (!ids.preview_id.data)
        ids.preview_id = ids.id;
    *word = bytes_make(NULL, 0);
    if (!before.data || observed_anywhere(pl->o, before))
        return true;
    struct local_write write = local_write_of(&scribe, config, pl->m, w, &ids);
    if (bytes_equal(local_word_after(w->there, &write, &ids), before))
        return true;
    if (!bind_root(pl, config, before, err) ||
        !local_store_has_keys(pl->t->local, before, &any, err))
        return false;
    if (any)
        *word = before;
    return true;
}

static void add_word(struct planner *pl, struct local_id *chosen, struct bytes word)
{
    bool known = bytes_equal(word, chosen->wanted) || bytes_equal(word, chosen->from);
    for (size_t i = 0; i < chosen->n_words; i++)
        known = known || bytes_equal(word, chosen->words[i]);
    if (known)
        return;
    arena_grow(&pl->p->arena, (void **)&chosen->words, &chosen->cap_words, chosen->n_words + 1,
               sizeof *chosen->words);
    chosen->words[chosen->n_words++] = word;
}

/* All words under which dev has something of the namespace that is to come along. */
static bool find_words(struct planner *pl, size_t ns, struct error *err)
{
    const struct configs *configs = pl->p->configs;
    if (pl->p->resolutions[ns].kind == RESOLVE_LIVE)
        find_move(pl, ns);
    for (size_t i = 0; i < configs->n; i++)
        for (size_t j = 0; j < configs->items[i].n_wanted; j++) {
            const struct wanted_binding *w = &configs->items[i].wanted[j];
            struct bytes word;
            if (w->ns != ns || !w->there || wrangler_is_previews(w->env))
                continue;
            if (!find_word(pl, &configs->items[i], w, &word, err))
                return false;
            if (word.data)
                add_word(pl, &pl->p->local_ids[ns], word);
        }
    return true;
}

/* What wrangler dev has is adopted: nothing else knows of it. */
static void adopt_words(struct planner *pl, size_t ns, bool any)
{
    struct local_id *chosen = &pl->p->local_ids[ns];
    struct resolution *res = &pl->p->resolutions[ns];
    res->kind = RESOLVE_LIVE;
    res->live =
        observed_add(pl->o, planner_account(pl, ns), chosen->wanted, pl->m->namespaces[ns].title);
    res->adopted = chosen->found = true;
    res->origin = STATE_ADOPTED;
    pl->p->ids[ns] = chosen->wanted;
    if (any && chosen->n_words == 0)
        res->reason = arena_printf(&pl->p->arena, "wrangler dev has keys under its id %.*s already",
                                   BYTES_FMT(chosen->wanted));
}

/* Keys are read where they are: under the new id when there are some already. When more come from
 * elsewhere they are looked at again once they are there. */
static bool look_where_they_are(struct planner *pl, size_t ns, bool any, struct error *err)
{
    struct local_id *chosen = &pl->p->local_ids[ns];
    size_t live = pl->p->resolutions[ns].live;
    bool from = false;
    if (chosen->from.data && !local_store_has_keys(pl->t->local, chosen->from, &from, err))
        return false;
    observed_reid(pl->o, live,
                  any                   ? chosen->wanted
                  : from                ? chosen->from
                  : chosen->n_words > 0 ? chosen->words[0]
                                        : chosen->wanted);
    chosen->look_again = any + from + chosen->n_words > 1;
    return true;
}

/* A namespace that stays where it is is not looked into here: opening its database is most of what
 * a plan of many small ones costs, and its keys are listed soon enough. */
static bool find_sources(struct planner *pl, size_t ns, struct error *err)
{
    struct local_id *chosen = &pl->p->local_ids[ns];
    const struct resolution *res = &pl->p->resolutions[ns];
    bool moves = chosen->from.data || chosen->n_words > 0;
    bool any = false;
    if (!chosen->wanted.data && chosen->n_words > 0)
        chosen->wanted =
            res->kind == RESOLVE_LIVE
                ? pl->p->ids[ns]
                : bytes_of(target_new_id(pl->t, &pl->p->arena, pl->m->namespaces[ns].title));
    if (!chosen->wanted.data || (res->kind == RESOLVE_LIVE && !moves))
        return true;
    if (!local_store_has_keys(pl->t->local, chosen->wanted, &any, err))
        return false;
    if (res->kind == RESOLVE_CREATE && (any || chosen->n_words > 0))
        adopt_words(pl, ns, any);
    return res->kind != RESOLVE_LIVE || (!chosen->from.data && chosen->n_words == 0) ||
           look_where_they_are(pl, ns, any, err);
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

/* true when cfkv wrote the id into each binding of the namespace that leads there. */
static bool is_all_ours(const struct planner *pl, size_t ns, struct bytes id)
{
    const struct configs *configs = pl->p->configs;
    bool any = false;
    for (size_t i = 0; i < configs->n; i++)
        for (size_t j = 0; j < configs->items[i].n_wanted; j++) {
            const struct wanted_binding *w = &configs->items[i].wanted[j];
            if (w->ns != ns || !bytes_equal(binding_real_word(w->there), id))
                continue;
            if (!is_ours(pl, &configs->items[i], w, w->there->preview_id.data != NULL))
                return false;
            any = true;
        }
    return any;
}

/* A binding that was another namespace's keeps that one's id no longer than its declaration. */
static void choose_own(struct planner *pl, size_t ns, struct bytes held)
{
    struct arena *arena = &pl->p->arena;
    struct bytes id = bytes_of(target_new_id(pl->t, arena, pl->m->namespaces[ns].title));
    if (bytes_equal(id, held)) {
        char *other = arena_alloc(arena, 33, 1);
        store_other_id(held, other);
        id = bytes_of(other);
    }
    struct bytes bound = pl->p->local_ids[ns].file.id;
    if (!bound.data || bytes_equal(bound, held))
        bound = id;
    pl->p->local_ids[ns] = (struct local_id){.file = {.id = bound}, .wanted = id};
}

static void check_holder(struct planner *pl, size_t ns)
{
    size_t live = find_holder(pl, ns);
    if (live == OBSERVE_NONE || !pl->p->resolutions[ns].in_scope)
        return;
    const struct observed_namespace *holder = &pl->o->namespaces[live];
    size_t other = declared_as(pl, live);
    const struct state_namespace *entry = state_find_id(&pl->t->state, holder->account, holder->id);
    /* What is about to be forgotten leaves its data. */
    if (other == SIZE_MAX && entry && entry->borrowed &&
        planner_in_scope(&pl->p->options, entry->env, holder->account, entry->address,
                         entry->title))
        return;
    /* What is about to be deleted is gone with the next apply, which moves the data then. */
    if (other == SIZE_MAX && !remote_ids(pl, ns).id.data && is_all_ours(pl, ns, holder->id))
        choose_own(pl, ns, holder->id);
    else if (other == SIZE_MAX && entry)
        pl->p->local_ids[ns] = (struct local_id){0};
    else if (other == SIZE_MAX || !pl->p->local_ids[other].wanted.data ||
             bytes_equal(pl->p->local_ids[other].wanted, holder->id))
        note_held(pl, ns, holder);
}

/* ---- Telling --------------------------------------------------------------------------------- */

static void add_clause(struct buf *out, const char *text)
{
    buf_addf(out, "%s%s", out->len ? "; " : "", text);
}

static void add_words(const struct local_id *chosen, struct buf *out)
{
    for (size_t i = 0; i < chosen->n_words; i++) {
        if (i == 0)
            add_clause(out, "takes what wrangler dev has under ");
        else
            buf_add_str(out, ", ");
        text_quote(out, chosen->words[i], 64);
    }
}

const char *local_ids_reason(const struct planner *pl, size_t ns, const char *reason)
{
    const struct local_id *chosen = pl->p->local_ids ? &pl->p->local_ids[ns] : NULL;
    struct arena *arena = &pl->p->arena;
    struct buf out = {0};
    if (!chosen)
        return reason;
    if (reason)
        buf_add_str(&out, reason);
    if (chosen->from.data)
        add_clause(&out, arena_printf(arena, "its local data moves from id %.*s to %.*s",
                                      BYTES_FMT(chosen->from), BYTES_FMT(chosen->wanted)));
    add_words(chosen, &out);
    if (chosen->both)
        add_clause(&out, arena_printf(arena,
                                      "wrangler dev looks under the preview_id %.*s, not under the "
                                      "id",
                                      BYTES_FMT(chosen->wanted)));
    const char *kept = arena_str(arena, out.data ? out.data : "");
    buf_release(&out);
    return kept;
}

static bool is_settled(const struct planner *pl, size_t ns)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    return res->in_scope && (res->kind == RESOLVE_CREATE || res->kind == RESOLVE_LIVE);
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
        if (!bind_roots(pl, i, id, err))
            return false;
    }
    for (size_t i = 0; pl->t->local && i < pl->m->n_namespaces; i++)
        if (is_settled(pl, i) && !find_words(pl, i, err))
            return false;
    for (size_t i = 0; pl->t->local && i < pl->m->n_namespaces; i++)
        if (is_settled(pl, i) && !find_sources(pl, i, err))
            return false;
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
