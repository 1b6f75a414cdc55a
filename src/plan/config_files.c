/*
 * config_files.c: reading wrangler configs and writing them anew. What changes is decided in
 * bindings.c.
 */
#include "config_files.h"

#include "base/mem.h"
#include "base/text.h"
#include "config_reads.h"
#include "store/local.h"

/* ---- Reading --------------------------------------------------------------------------------- */

/* Says why a config cannot be kept in step. */
static void note_unusable(const struct config *config, const struct error *cause,
                          struct diag_list *notes)
{
    char name[QUOTED_SIZE];
    diag_add(notes, DIAG_ERROR, "wrangler.config", config->decl->pos, "cannot use %s: %s",
             text_quoted(bytes_of(config->name), name, sizeof name), cause->message);
    diag_hint(notes, "%s",
              cause->hint[0] ? cause->hint : "mend it there: wrangler stops at it, too");
}

static bool parse_config(struct config *config, const char *root, struct error *cause)
{
    bool read = file_read(config->path, WRANGLER_CONFIG_MAX, &config->text, cause);
    config->exists = read || cause->code != ERR_NOT_FOUND;
    if (!read)
        return false;
    return wrangler_config_read(buf_bytes(&config->text), config->syntax, &config->content,
                                cause) &&
           config_check_source(config, root, cause);
}

/* ---- What is wanted -------------------------------------------------------------------------- */

static void want_binding(struct configs *c, struct config *config, size_t ns,
                         const struct wrangler_place *place)
{
    arena_grow(&c->arena, (void **)&config->wanted, &config->cap_wanted, config->n_wanted + 1,
               sizeof *config->wanted);
    config->wanted[config->n_wanted++] = (struct wanted_binding){
        .ns = ns,
        .env = place->env,
        .name = place->name,
        .there = config->exists ? wrangler_config_binding(&config->content, place->env, place->name)
                                : NULL,
    };
}

static void want_bindings(struct configs *c, struct config *config, const struct model *m)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        struct wrangler_places places = wrangler_places(config->decl, &m->namespaces[i], &c->arena);
        for (size_t p = 0; p < places.n; p++)
            want_binding(c, config, i, &places.items[p]);
    }
}

bool configs_read(struct configs *c, const struct model *m, const char *root,
                  struct diag_list *notes, struct error *err)
{
    size_t unusable = 0;
    c->items = arena_alloc(&c->arena, m->n_wranglers, sizeof *c->items);
    for (; c->n < m->n_wranglers; c->n++) {
        struct config *config = &c->items[c->n];
        struct error cause = {0};
        config->decl = &m->wranglers[c->n];
        config->name = path_plain(&c->arena, config->decl->path);
        config->path = path_join(&c->arena, root, config->name);
        wrangler_syntax_of(config->decl->path, &config->syntax); /* validated */
        if (!parse_config(config, root, &cause) &&
            (config->exists || cause.code != ERR_NOT_FOUND)) {
            note_unusable(config, &cause, notes);
            unusable++;
        }
        want_bindings(c, config, m);
    }
    configs_note_unread(c, root, notes);
    return unusable == 0 || error_set(err, ERR_FAILED, "%zu wrangler config%s cannot be used",
                                      unusable, text_plural(unusable));
}

void configs_release(struct configs *c)
{
    for (size_t i = 0; i < c->n; i++) {
        wrangler_config_release(&c->items[i].content);
        buf_release(&c->items[i].text);
        mem_free(c->items[i].changes);
    }
    arena_release(&c->arena);
    *c = (struct configs){0};
}

struct bytes config_account(const struct config *config, struct bytes env)
{
    return wrangler_config_account(&config->content, env).id;
}

const struct state_binding *config_record(const struct config *config, const struct state *s,
                                          struct bytes env, struct bytes name)
{
    return state_find_binding(s, bytes_of(config->name), env.data ? env : bytes_of(""), name);
}

bool config_made_id(struct bytes project, const struct namespace_decl *ns, struct bytes id)
{
    char local[33];
    local_namespace_id(project, ns->title, local);
    return bytes_equal(id, bytes_of(local));
}

/* ---- Writing --------------------------------------------------------------------------------- */

bool config_is_stale(const struct config *config)
{
    for (size_t i = 0; i < config->n_changes; i++)
        if (config->changes[i].kind <= BINDING_REMOVE)
            return true;
    return false;
}

/* false: nothing can be said yet. */
static bool make_edit(const struct binding_change *change, const struct binding_ids *ids,
                      struct wrangler_edit *edit)
{
    *edit = (struct wrangler_edit){
        .verb = WRANGLER_REMOVE, .env = change->env, .binding = change->name};
    if (change->kind == BINDING_REMOVE)
        return true;
    if (change->kind > BINDING_REMOVE || (change->sets_id && !ids[change->ns].id.data))
        return false;
    edit->verb = WRANGLER_SET;
    if (change->sets_id)
        edit->id = ids[change->ns].id;
    if (change->sets_preview)
        edit->preview_id = ids[change->ns].preview_id;
    else if (change->drop_preview)
        edit->preview_id = bytes_of("");
    return true;
}

/* What wrangler takes for the name of a Worker. */
static char *worker_name(struct arena *arena, struct bytes name)
{
    char *out = arena_alloc(arena, name.len + 1, 1);
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.data[i];
        bool upper = ch >= 'A' && ch <= 'Z';
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
        out[i] = upper ? (char)(ch - 'A' + 'a') : plain ? ch : i > 0 ? '-' : '_';
    }
    return out;
}

/* Recent enough for everything that KV needs, and known to every workerd since. */
#define COMPATIBILITY_DATE "2026-01-01"

/* Where templates have their Worker; data NULL: nowhere. */
static struct bytes find_main(struct arena *arena, const char *folder)
{
    static const char *const places[] = {"src/index.ts",  "src/index.js",  "src/index.mjs",
                                         "src/worker.ts", "src/worker.js", "index.ts",
                                         "index.js",      "worker.js",     NULL};
    for (const char *const *place = places; *place; place++)
        if (file_exists(path_join(arena, folder, *place)))
            return bytes_of(*place);
    return bytes_make(NULL, 0);
}

bool config_worker_is_there(const char *folder)
{
    struct arena arena = {0};
    bool found = find_main(&arena, folder).data != NULL;
    arena_release(&arena);
    return found;
}

bool config_text_first(const struct config_first *first, const struct wrangler_edit *edits,
                       size_t n, struct buf *out, struct error *err)
{
    struct arena arena = {0};
    struct bytes main = find_main(&arena, first->folder);
    struct wrangler_new config_new = {
        .name = bytes_of(worker_name(&arena, first->name.len ? first->name : bytes_of("worker"))),
        .main = main.data ? main : first->main,
        .compatibility_date = bytes_of(COMPATIBILITY_DATE),
    };
    bool ok = wrangler_config_create(&config_new, first->syntax, edits, n, out, err);
    arena_release(&arena);
    return ok;
}

static bool make_config(const struct config *config, const struct model *m,
                        const struct wrangler_edit *edits, size_t n, struct buf *out,
                        struct error *err)
{
    struct arena arena = {0};
    struct config_first first = {
        .folder = path_parent(&arena, config->path),
        .name = config->decl->app.data ? config->decl->app : m->project.name,
        .syntax = config->syntax,
    };
    bool ok = config_text_first(&first, edits, n, out, err);
    arena_release(&arena);
    return ok;
}

bool configs_text(const struct config *config, const struct model *m, const struct binding_ids *ids,
                  struct buf *out, struct error *err)
{
    struct wrangler_edit *edits = mem_alloc((config->n_changes + 1) * sizeof *edits);
    size_t n = 0;
    for (size_t i = 0; i < config->n_changes; i++)
        n += make_edit(&config->changes[i], ids, &edits[n]);
    bool ok = config->exists ? wrangler_config_edit(buf_bytes(&config->text), config->syntax, edits,
                                                    n, out, err)
                             : make_config(config, m, edits, n, out, err);
    mem_free(edits);
    if (!ok)
        error_wrap(err, "cannot change '%s'", config->name);
    return ok;
}

/* Somebody may have edited the file while the plan was looked at. */
static bool check_unchanged(const struct config *config, struct error *err)
{
    struct buf now = {0};
    bool same = false;
    if (!config->exists) {
        same = !file_exists(config->path);
    } else if (file_read(config->path, WRANGLER_CONFIG_MAX, &now, err)) {
        same = bytes_equal(buf_bytes(&now), buf_bytes(&config->text));
    } else {
        buf_release(&now);
        return false;
    }
    buf_release(&now);
    if (same)
        return true;
    error_set(err, ERR_STALE, "it was changed since the plan was made");
    return error_hint(err, "apply again");
}

bool config_write(const struct config *config, const struct model *m, const struct binding_ids *ids,
                  struct error *err)
{
    struct buf text = {0};
    bool ok = check_unchanged(config, err) && configs_text(config, m, ids, &text, err) &&
              file_rewrite(config->path, buf_bytes(&text), err);
    buf_release(&text);
    return ok;
}

/* ---- Recording ------------------------------------------------------------------------------- */

struct state_binding config_record_after(const struct config *config,
                                         const struct binding_change *change,
                                         const struct binding_ids *ids)
{
    struct state_binding record = {.file = bytes_of(config->name),
                                   .env = change->env.data ? change->env : bytes_of(""),
                                   .binding = change->name};
    if (change->owns_id)
        record.id = change->sets_id ? ids[change->ns].id : change->id;
    if (change->owns_preview)
        record.preview_id = change->sets_preview ? ids[change->ns].preview_id : change->preview_id;
    return record;
}

static bool record_change(const struct config *config, const struct binding_change *change,
                          const struct binding_ids *ids, struct state *state, struct error *err)
{
    if (change->ns != CONFIG_NONE && change->sets_id && !ids[change->ns].id.data)
        return true; /* it was not written */
    struct state_binding record = config_record_after(config, change, ids);
    if (!record.id.data && !record.preview_id.data)
        return state_remove_binding(state, record.file, record.env, record.binding, err);
    return state_set_binding(state, &record, err);
}

bool configs_record(const struct config *config, const struct binding_ids *ids, struct state *state,
                    struct error *err)
{
    for (size_t i = 0; i < config->n_changes; i++)
        if (!record_change(config, &config->changes[i], ids, state, err))
            return false;
    return true;
}
