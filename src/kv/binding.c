#include "binding.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "run.h"
#include "wrangler_find.h"

/* ---- Which config ---------------------------------------------------------------------------- */

static bool no_config(const struct kv_binding *b, struct error *err)
{
    char name[QUOTED_SIZE];
    error_set(err, ERR_NOT_FOUND, "there is no wrangler config here or above that could bind %s",
              text_quoted(bytes_of(b->name), name, sizeof name));
    return error_hint(err, "name it with --config PATH");
}

/* Which of two configs is meant is for the user to say: wrangler's kv commands read one, its dev
 * and deploy the other. `own` may be NULL. */
static bool refuse_redirect(const char *redirect, const char *built, const char *own,
                            struct error *err)
{
    char from[QUOTED_SIZE], to[QUOTED_SIZE], mine[QUOTED_SIZE];
    error_set(err, ERR_USAGE, "%s redirects wrangler to another config, %s",
              text_quoted(bytes_of(redirect), from, sizeof from),
              text_quoted(bytes_of(built), to, sizeof to));
    if (!own)
        return error_hint(err, "name that one: --config %s", to);
    return error_hint(err, "name the one you mean: --config %s, or --config %s", to,
                      text_quoted(bytes_of(own), mine, sizeof mine));
}

/* Once it was built again, both say the same of the binding. */
static bool agrees(const char *own, const char *built, const struct kv_binding *wanted)
{
    struct wrangler_config mine = {0}, theirs = {0};
    struct error unread;
    struct bytes top = {0}, name = bytes_of(wanted->name);
    bool same = false;
    if (wrangler_config_load(own, &mine, &unread) &&
        wrangler_config_load(built, &theirs, &unread)) {
        const struct wrangler_binding *a = wrangler_config_binding(&mine, wanted->env, name);
        const struct wrangler_binding *b = wrangler_config_binding(&theirs, top, name);
        same = a && b && bytes_equal(a->id, b->id) && bytes_equal(a->preview_id, b->preview_id);
    }
    wrangler_config_release(&mine);
    wrangler_config_release(&theirs);
    return same;
}

/* `own` NULL: none is meant yet. One that leads to `own`, or says the same, is none. */
static bool check_redirect(struct arena *arena, const struct kv_binding *wanted,
                           const char *redirect, const char *own, struct error *err)
{
    const char *built;
    char mine[QUOTED_SIZE], hint[sizeof err->hint];
    if (!wrangler_redirect_read(arena, redirect, ".", &built, err)) {
        snprintf(hint, sizeof hint, "%s", err->hint);
        return own && error_hint(err, "%.200s%s--config %s needs neither", hint, *hint ? "; " : "",
                                 text_quoted(bytes_of(own), mine, sizeof mine));
    }
    return (own && (wrangler_path_same(arena, built, own) || agrees(own, built, wanted))) ||
           refuse_redirect(redirect, wrangler_path_shown(arena, ".", built), own, err);
}

static bool locate(const struct kv_binding *b, struct arena *arena, const char **path,
                   struct error *err)
{
    *path = b->config;
    if (*path)
        return true;
    *path = wrangler_find_config(arena, ".");
    const char *redirect = wrangler_find_redirect(arena, ".");
    return (!redirect || check_redirect(arena, b, redirect, *path, err)) &&
           (*path || no_config(b, err));
}

/* ---- The binding ----------------------------------------------------------------------------- */

/* Names that a message lists, and among which the nearest is looked for. */
struct known_names {
    const char **items; /* ends with NULL */
    size_t n;
};

static struct known_names names_for(struct arena *arena, size_t max)
{
    return (struct known_names){.items = arena_alloc(arena, max + 1, sizeof(const char *))};
}

/* ERR_NOT_FOUND "PLACE has no WHAT 'x'; it has 'a', 'b'". */
static bool refuse_unknown(const char *place, const char *what, struct bytes given,
                           const struct known_names *names, struct error *err)
{
    char quoted[QUOTED_SIZE];
    struct buf list = {0};
    for (size_t i = 0; i < names->n; i++) {
        buf_add_str(&list, i > 0 ? ", " : "");
        text_quote(&list, bytes_of(names->items[i]), QUOTED_SIZE);
    }
    error_set(err, ERR_NOT_FOUND, "%s has no %s %s; it has %s", place, what,
              text_quoted(given, quoted, sizeof quoted), names->n > 0 ? list.data : "none");
    buf_release(&list);
    const char *near = text_nearest(given, names->items);
    if (near)
        error_hint(err, "did you mean %s?", text_quoted(bytes_of(near), quoted, sizeof quoted));
    return false;
}

/* "environment 'prod' of 'wrangler.toml'". */
struct where {
    char text[SECTION_SHOWN_SIZE + QUOTED_SIZE + 8];
};

static struct where where(const char *path, struct bytes env)
{
    struct where w = {0};
    char file[QUOTED_SIZE], section[SECTION_SHOWN_SIZE];
    snprintf(w.text, sizeof w.text, "%s of %s", wrangler_section_shown(env, section),
             text_quoted(bytes_of(path), file, sizeof file));
    return w;
}

static bool unknown_env(const char *path, const struct wrangler_config *config, struct bytes env,
                        struct arena *arena, struct error *err)
{
    struct known_names names = names_for(arena, config->n_environments);
    char file[QUOTED_SIZE];
    for (size_t i = 0; i < config->n_environments; i++)
        names.items[names.n++] = config->environments[i].name.data;
    return refuse_unknown(text_quoted(bytes_of(path), file, sizeof file), "environment", env,
                          &names, err);
}

/* Another place of the config that has the binding; environments inherit none. */
static void hint_elsewhere(const struct wrangler_config *config, struct bytes binding,
                           struct error *err)
{
    char section[SECTION_SHOWN_SIZE];
    for (size_t i = 0; !*err->hint && i < config->n_bindings; i++) {
        const struct wrangler_binding *b = &config->bindings[i];
        if (!bytes_equal(b->binding, binding))
            continue;
        wrangler_section_shown(b->env, section);
        if (!b->env.data)
            error_hint(err, "%s has it, but environments do not inherit bindings", section);
        else if (wrangler_is_previews(b->env))
            error_hint(err, "%s has it: give the id of that with --namespace-id", section);
        else
            error_hint(err, "%s has it: add --env", section);
    }
}

static bool unknown_binding(const char *path, const struct wrangler_config *config,
                            struct bytes env, struct bytes binding, struct arena *arena,
                            struct error *err)
{
    struct known_names names = names_for(arena, config->n_bindings);
    for (size_t i = 0; i < config->n_bindings; i++)
        if (bytes_same(config->bindings[i].env, env))
            names.items[names.n++] = config->bindings[i].binding.data;
    refuse_unknown(where(path, env).text, "binding", binding, &names, err);
    hint_elsewhere(config, binding, err);
    return false;
}

static bool no_id(const struct kv_binding *wanted, const char *path,
                  const struct wrangler_binding *b, struct error *err)
{
    char name[QUOTED_SIZE];
    error_set(err, ERR_NOT_FOUND, "binding %s in %s has no %s",
              text_quoted(b->binding, name, sizeof name), where(path, b->env).text,
              wanted->preview ? "preview_id" : "id");
    if (wanted->preview && wanted->local)
        return error_hint(err, "without --preview it is what 'wrangler dev' reads");
    if (!wanted->preview && b->preview_id.len > 0)
        return error_hint(err, "its preview_id is read with --preview");
    return error_hint(err, "'cfkv apply' makes the namespace%s, and 'cfkv wrangler' writes its id",
                      wanted->preview ? " of one declared with preview = true" : "");
}

/* Empty when the config does not give it. An empty id is a place kept for one. */
static struct bytes choose_id(const struct kv_binding *wanted, const struct wrangler_binding *b)
{
    if (wanted->preview)
        return b->preview_id;
    if (!wanted->local)
        return b->id;
    return b->preview_id.len > 0 ? b->preview_id : b->id.len > 0 ? b->id : b->binding;
}

static bool choose(const struct kv_binding *wanted, const struct wrangler_config *config,
                   struct arena *arena, struct kv_bound *out, struct error *err)
{
    struct bytes env = wanted->env, binding = bytes_of(wanted->name);
    if (config->redirect_to.data)
        return check_redirect(arena, wanted, out->config, NULL, err);
    if (env.data && !wrangler_config_environment(config, env))
        return unknown_env(out->config, config, env, arena, err);
    const struct wrangler_binding *b = wrangler_config_binding(config, env, binding);
    if (!b)
        return unknown_binding(out->config, config, env, binding, arena, err);
    struct bytes id = choose_id(wanted, b);
    if (id.len == 0)
        return no_id(wanted, out->config, b, err);
    out->remote = b->remote;
    out->either = !wanted->preview && b->id.len > 0 && b->preview_id.len > 0 &&
                  !bytes_equal(b->id, b->preview_id);
    out->id = arena_copy(arena, id);
    out->account_id = arena_keep(arena, wrangler_config_account(config, env).id);
    return true;
}

bool kv_binding_read(const struct kv_binding *binding, struct arena *arena, struct kv_bound *out,
                     struct error *err)
{
    struct wrangler_config config = {0};
    *out = (struct kv_bound){.name = binding->name};
    bool ok = locate(binding, arena, &out->config, err) &&
              wrangler_config_load(out->config, &config, err) &&
              choose(binding, &config, arena, out, err);
    wrangler_config_release(&config);
    return ok;
}

/* ---- The namespace --------------------------------------------------------------------------- */

/* A namespace that only wrangler knows is there once it has keys. */
static bool check_local(struct kv *kv, const struct kv_bound *bound, const struct kv_namespace *ns,
                        struct error *err)
{
    char name[QUOTED_SIZE], id[QUOTED_SIZE];
    struct store_op op = {.kind = STORE_KEY_LIST, .account = ns->account, .id = ns->id};
    if (ns->title.data || kv_run(kv->store, &op, NULL, NULL, err))
        return true;
    if (err->code != ERR_NOT_FOUND)
        return false;
    error_set(err, ERR_NOT_FOUND,
              "the local store has no namespace for binding %s yet; its id there is %s",
              text_quoted(bytes_of(bound->name), name, sizeof name),
              text_quoted(ns->id, id, sizeof id));
    return error_hint(err, "'cfkv apply --local' makes it, or a first key");
}

static void tell(struct kv *kv, const struct kv_bound *bound)
{
    char name[QUOTED_SIZE], text[QUOTED_SIZE + 160];
    text_quoted(bytes_of(bound->name), name, sizeof name);
    if (kv->tell && kv->local && bound->remote)
        kv->tell(kv->tell_ctx, "'wrangler dev' reads the account, not the local store: the binding "
                               "has remote = true");
    if (!kv->tell || !bound->either)
        return;
    snprintf(text, sizeof text, "binding %s has an id and a preview_id: this is of its %s", name,
             kv->local ? "preview_id, where 'wrangler dev' looks; --namespace-id reaches the other"
                       : "id; --preview takes the other");
    kv->tell(kv->tell_ctx, text);
}

bool kv_find_bound(struct kv *kv, const struct kv_bound *bound, bool need_title,
                   struct kv_namespace *out, struct error *err)
{
    tell(kv, bound);
    if (!kv->local)
        return kv_find_id(kv, bound->account_id, bound->id, need_title, out, err);
    return kv_find_id(kv, bytes_make(NULL, 0), bound->id, true, out, err) &&
           (!need_title || check_local(kv, bound, out, err));
}
