#include "model.h"

#include "naming.h"
#include "section.h"

void model_init(struct model *m)
{
    memset(m, 0, sizeof *m);
    m->project.naming = bytes_of(NAMING_USUAL);
    m->project.title_max = CFKV_TITLE_MAX_DEFAULT;
    m->project.namespaces_max = KV_NAMESPACES_MAX;
    m->project.mass_percent = CFKV_MASS_PERCENT;
    m->project.mass_from = CFKV_MASS_FROM;
    m->project.backups_keep = CFKV_BACKUPS_KEEP;
    m->project.backups_days = CFKV_BACKUPS_DAYS;
    m->project.ephemeral_days = CFKV_EPHEMERAL_DAYS;
}

void model_release(struct model *m)
{
    diag_release(&m->diags);
    lua_texts_release(&m->texts);
    arena_release(&m->arena);
    memset(m, 0, sizeof *m);
}

/* ---- Adding --------------------------------------------------------------------------------- */

/* One more zeroed element behind `*items`, which may move. */
static void *list_add(struct arena *arena, void **items, size_t *n, size_t *cap, size_t size)
{
    arena_grow(arena, items, cap, *n + 1, size);

    /* The caller's pointer has a type of its own: memcpy reads it without aliasing. */
    char *first;
    memcpy(&first, items, sizeof first);
    return memset(first + (*n)++ * size, 0, size);
}

#define LIST_ADD(m, owner, list)                                                                   \
    list_add(&(m)->arena, (void **)&(owner)->list, &(owner)->n_##list, &(owner)->cap_##list,       \
             sizeof *(owner)->list)

struct namespace_decl *model_add_namespace(struct model *m)
{
    struct namespace_decl *ns = LIST_ADD(m, m, namespaces);
    ns->create = true;
    ns->preview_of = SIZE_MAX;
    return ns;
}

struct put_decl *model_add_put(struct model *m, size_t ns)
{
    return LIST_ADD(m, &m->namespaces[ns], puts);
}

struct bulk_decl *model_add_bulk(struct model *m, size_t ns)
{
    return LIST_ADD(m, &m->namespaces[ns], bulks);
}

struct seed_key *model_add_bulk_item(struct model *m, size_t ns, size_t bulk)
{
    struct bulk_decl *b = &m->namespaces[ns].bulks[bulk];
    return list_add(&m->arena, (void **)&b->items, &b->n, &b->cap, sizeof *b->items);
}

struct prune_decl *model_add_prune(struct model *m, size_t ns)
{
    return LIST_ADD(m, &m->namespaces[ns], prunes);
}

struct output_decl *model_add_output(struct model *m)
{
    return LIST_ADD(m, m, outputs);
}

struct removed_decl *model_add_removed(struct model *m)
{
    return LIST_ADD(m, m, removed);
}

struct wrangler_decl *model_add_wrangler(struct model *m)
{
    return LIST_ADD(m, m, wranglers);
}

struct input_decl *model_add_input(struct model *m)
{
    return LIST_ADD(m, m, inputs);
}

void model_add_file(struct model *m, const char *path, uint64_t size, struct digest digest)
{
    struct input_file *file = LIST_ADD(m, m, files);
    *file = (struct input_file){.path = arena_str(&m->arena, path), .size = size, .digest = digest};
}

/* ---- Names ---------------------------------------------------------------------------------- */

void model_name_namespace(struct model *m, struct namespace_decl *ns)
{
    if (!ns->title.data) {
        struct buf title = {0};
        if (naming_expand(m->project.naming, ns, &title))
            ns->title = arena_copy(&m->arena, buf_bytes(&title));
        buf_release(&title);
    }
    ns->keeps_title = !ns->title.data && ns->id.data && !ns->app.data && !ns->purpose.data;
    if (ns->keeps_title)
        ns->title = ns->id;
    ns->address = ns->title;
    if (ns->app.data && ns->purpose.data && ns->env.data) {
        struct buf address = {0};
        buf_add_bytes(&address, ns->app);
        buf_add_char(&address, '/');
        buf_add_bytes(&address, ns->purpose);
        buf_add_char(&address, '/');
        buf_add_bytes(&address, ns->env);
        ns->address = arena_copy(&m->arena, buf_bytes(&address));
        buf_release(&address);
    }
    struct bytes account, old;
    if (account_split(&m->project.accounts, ns->renamed_from, &account, &old) && account.len > 0 &&
        bytes_equal(account, namespace_account(m, ns)))
        ns->renamed_from = old;
}

/* ---- Previews -------------------------------------------------------------------------------- */

static struct bytes preview_name(struct model *m, struct bytes name)
{
    struct buf text = {0};
    buf_add_bytes(&text, name);
    buf_add_str(&text, "_preview");
    struct bytes kept = arena_copy(&m->arena, buf_bytes(&text));
    buf_release(&text);
    return kept;
}

static void add_preview(struct model *m, size_t index)
{
    struct namespace_decl *preview = model_add_namespace(m);
    const struct namespace_decl *ns = &m->namespaces[index]; /* behind the move */
    preview->preview_of = index;
    preview->title = preview_name(m, ns->title);
    preview->title_explicit = true; /* naming has no say in it */
    preview->address = preview_name(m, ns->address);
    if (ns->renamed_from.data)
        preview->renamed_from = preview_name(m, ns->renamed_from);
    preview->app = ns->app;
    preview->purpose = ns->purpose;
    preview->env = ns->env;
    preview->protect = ns->protect;
    preview->on_remove = ns->on_remove;
    preview->create = ns->create;
    preview->jurisdiction = ns->jurisdiction;
    preview->mode = ns->mode;
    preview->create_options = ns->create_options;
    preview->account_id = ns->account_id;
    preview->account = ns->account;
    preview->pos = ns->pos;
    preview->chain = ns->chain;
    preview->n_chain = ns->n_chain;
}

/* A namespace that has no title even now is wrong, and has no preview to be named after it. */
void model_add_previews(struct model *m)
{
    size_t n = m->n_namespaces;
    for (size_t i = 0; i < n; i++) {
        struct namespace_decl *ns = &m->namespaces[i];
        if (!ns->preview)
            continue;
        if (!ns->title.data || !ns->address.data)
            model_name_namespace(m, ns);
        if (ns->title.data && !ns->keeps_title)
            add_preview(m, i);
    }
}

size_t model_preview(const struct model *m, size_t ns)
{
    for (size_t i = 0; m->namespaces[ns].preview && i < m->n_namespaces; i++)
        if (m->namespaces[i].preview_of == ns)
            return i;
    return SIZE_MAX;
}

/* ---- Derived answers ------------------------------------------------------------------------ */

bool environment_is_ephemeral(const struct project *project, struct bytes env)
{
    return env.data && project->ephemeral.data && glob_match(project->ephemeral, env);
}

/* `said` is that name, or ACCOUNT: and that name; data NULL: nothing is. */
static bool is_said_of(const struct model *m, struct bytes said, struct bytes account,
                       struct bytes name)
{
    struct bytes id, rest;
    if (!said.data)
        return false;
    return bytes_equal(said, name) || (account_split(&m->project.accounts, said, &id, &rest) &&
                                       bytes_equal(id, account) && bytes_equal(rest, name));
}

bool removed_names(const struct model *m, const struct removed_decl *r, struct bytes account,
                   struct bytes address, struct bytes title)
{
    return is_said_of(m, r->address, account, address) || is_said_of(m, r->title, account, title);
}

const struct removed_decl *model_find_removed(const struct model *m, struct bytes account,
                                              struct bytes address, struct bytes title)
{
    for (size_t i = 0; i < m->n_removed; i++) {
        const struct removed_decl *r = &m->removed[i];
        if (removed_names(m, r, account, address, title))
            return r;
    }
    return NULL;
}

bool namespace_is_protected(const struct model *m, const struct namespace_decl *ns)
{
    if (ns->protect != UNSET)
        return ns->protect == YES;
    if (!ns->env.data)
        return false;
    for (size_t i = 0; i < m->project.protected_envs.n; i++)
        if (bytes_equal(ns->env, m->project.protected_envs.items[i]))
            return true;
    return false;
}

struct bytes namespace_account(const struct model *m, const struct namespace_decl *ns)
{
    struct bytes own =
        ns->account.data ? account_id_of(&m->project.accounts, ns->account) : ns->account_id;
    return own.data ? own : m->project.account_id;
}

int64_t namespace_effective_ttl(const struct namespace_decl *ns, const struct seed_key *seed)
{
    return seed_takes_default(seed) ? ns->ttl_seconds : seed->expiration_ttl;
}

bool seed_takes_default(const struct seed_key *seed)
{
    return seed->expiration_ttl == 0 && seed->expiration == 0 && !seed->no_ttl;
}

bool deferred_is_literal(const struct deferred *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->parts[i].kind != PART_TEXT)
            return false;
    return true;
}

bool deferred_resolve(const struct deferred *d, const struct bytes *ids, struct buf *scratch,
                      struct bytes *value)
{
    if (d->n == 1 && d->parts[0].kind == PART_TEXT) {
        *value = d->parts[0].text;
        return true;
    }
    buf_clear(scratch);
    for (size_t i = 0; i < d->n; i++) {
        const struct part *part = &d->parts[i];
        struct bytes text = part->kind == PART_TEXT ? part->text : ids[part->ns];
        if (part->kind != PART_TEXT && !text.data)
            return false;
        if (part->kind == PART_ID_JSON)
            json_escape(scratch, text);
        else
            buf_add_bytes(scratch, text);
    }
    *value = buf_bytes(scratch);
    return true;
}

/* ---- Selection ------------------------------------------------------------------------------ */

/* Backtracks to the last star only, so the cost is at most pattern times text. */
bool glob_match(struct bytes pattern, struct bytes text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.len && (pattern.data[p] == '?' || pattern.data[p] == text.data[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}

static bool names_namespace(struct bytes glob, const struct namespace_decl *ns)
{
    return glob_match(glob, ns->address) || glob_match(glob, ns->title);
}

static bool selects(const struct wrangler_decl *w, const struct namespace_decl *ns)
{
    if (w->app.data && !(ns->app.data && bytes_equal(w->app, ns->app)))
        return false;
    for (size_t i = 0; i < w->select.n; i++)
        if (names_namespace(w->select.items[i], ns))
            return true;
    return w->select.n == 0;
}

/* What the namespace is called in that section; data NULL: it has no binding there. */
static struct bytes binding_name(const struct wrangler_decl *w, const struct namespace_decl *ns,
                                 struct bytes env)
{
    const struct renaming *best = NULL;
    for (size_t i = 0; i < w->bindings.n; i++) {
        const struct renaming *r = &w->bindings.items[i];
        if (r->part.data && !bytes_equal(r->part, wrangler_section_word(env)))
            continue;
        if (bytes_equal(r->from, ns->address) || bytes_equal(r->from, ns->title))
            return r->to;
        if ((!best || r->from.len > best->from.len) && names_namespace(r->from, ns))
            best = r;
    }
    return best ? best->to : ns->binding;
}

static void add_section(struct strings *sections, struct bytes env)
{
    for (size_t i = 0; i < sections->n; i++)
        if (bytes_same(sections->items[i], env))
            return;
    sections->items[sections->n++] = env;
}

struct strings wrangler_sections(const struct wrangler_decl *w, struct bytes env,
                                 struct arena *arena)
{
    const struct renamings *envs = &w->environments;
    struct strings sections = {arena_alloc(arena, envs->n + 2, sizeof *sections.items), 0};
    if (!env.data || bytes_same(w->top_level, env))
        add_section(&sections, bytes_make(NULL, 0));
    if (env.data && bytes_same(w->previews, env))
        add_section(&sections, bytes_of(WRANGLER_PREVIEWS));
    for (size_t i = 0; env.data && i < envs->n; i++)
        if (bytes_equal(envs->items[i].from, env))
            add_section(&sections, envs->items[i].to);
    if (sections.n == 0)
        add_section(&sections, env);
    return sections;
}

struct wrangler_places wrangler_places(const struct wrangler_decl *w,
                                       const struct namespace_decl *ns, struct arena *arena)
{
    struct wrangler_places places = {0};
    if (ns->preview_of != SIZE_MAX || !selects(w, ns))
        return places; /* a preview goes where its namespace goes */
    struct strings sections = wrangler_sections(w, ns->env, arena);
    places.items = arena_alloc(arena, sections.n, sizeof *places.items);
    for (size_t i = 0; i < sections.n; i++) {
        struct bytes name = binding_name(w, ns, sections.items[i]);
        if (name.data)
            places.items[places.n++] = (struct wrangler_place){sections.items[i], name};
    }
    return places;
}
