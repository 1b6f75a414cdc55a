#include "binding.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "run.h"
#include "wrangler/wrangler.h"

#define REDIRECT ".wrangler/deploy/config.json"

/* ---- Which config ---------------------------------------------------------------------------- */

/* How many folders are above this one. */
static bool count_parents(struct arena *arena, size_t *n, struct error *err)
{
    const char *here = path_real(arena, ".", err);
    if (!here)
        return false;
    for (*n = 0; *here; here++)
        *n += *here == '/' && here[1] != '\0';
    return true;
}

/* "../../NAME", of the nearest folder that has it; NULL when none does. */
static const char *find_up(struct arena *arena, size_t parents, const char *name)
{
    struct buf candidate = {0};
    const char *path = NULL;
    for (size_t up = 0; !path && up <= parents; up++) {
        buf_clear(&candidate);
        for (size_t i = 0; i < up; i++)
            buf_add_str(&candidate, "../");
        buf_add_str(&candidate, name);
        if (file_exists(candidate.data))
            path = arena_str(arena, candidate.data);
    }
    buf_release(&candidate);
    return path;
}

/* A wrangler.json of any folder comes before a wrangler.toml of this one, as in wrangler. */
static const char *find_default(struct arena *arena, size_t parents)
{
    static const char *const names[] = {"wrangler.json", "wrangler.jsonc", "wrangler.toml"};
    const char *path = NULL;
    for (size_t i = 0; !path && i < sizeof names / sizeof *names; i++)
        path = find_up(arena, parents, names[i]);
    return path;
}

static bool no_config(const struct kv_binding *b, struct error *err)
{
    char name[QUOTED_SIZE];
    error_set(err, ERR_NOT_FOUND, "there is no wrangler config here or above that could bind %s",
              text_quoted(bytes_of(b->name), name, sizeof name));
    return error_hint(err, "name it with --config PATH");
}

/* ---- Reading it ------------------------------------------------------------------------------ */

static bool parse(const char *path, enum wrangler_syntax syntax, struct wrangler_config *config,
                  struct error *err)
{
    char name[QUOTED_SIZE];
    struct buf text = {0};
    bool ok = file_read(path, WRANGLER_CONFIG_MAX, &text, err);
    if (ok && !wrangler_config_read(buf_bytes(&text), syntax, config, err))
        ok = error_wrap(err, "cannot read %s", text_quoted(bytes_of(path), name, sizeof name));
    buf_release(&text);
    return ok;
}

static bool read_config(const char *path, struct wrangler_config *config, struct error *err)
{
    char name[QUOTED_SIZE];
    enum wrangler_syntax syntax;
    if (!wrangler_syntax_of(bytes_of(path), &syntax))
        return error_set(err, ERR_USAGE, "config %s is neither .toml nor .json nor .jsonc",
                         text_quoted(bytes_of(path), name, sizeof name));
    return parse(path, syntax, config, err);
}

/* ---- Redirections ---------------------------------------------------------------------------- */

/* The file that `target`, said in the file `from`, is, as one would type it here. */
static const char *redirected(struct arena *arena, const char *from, struct bytes target)
{
    struct error unheard;
    const char *joined = path_join(arena, path_parent(arena, from), arena_copy(arena, target).data);
    const char *real = path_real(arena, joined, &unheard);
    const char *here = path_real(arena, ".", &unheard);
    size_t n = real && here ? strlen(here) : 0;
    bool below = n > 0 && strncmp(real, here, n) == 0 && real[n] == '/';
    return below ? real + n + 1 : real ? real : joined;
}

/* Which of two configs is meant is for the user to say: wrangler's kv commands read one, its dev
 * and deploy the other. `own` may be NULL. */
static bool refuse_redirect(struct arena *arena, const char *redirect, struct bytes target,
                            const char *own, struct error *err)
{
    char from[QUOTED_SIZE], to[QUOTED_SIZE], mine[QUOTED_SIZE];
    const char *path = redirected(arena, redirect, target);
    error_set(err, ERR_USAGE, "%s redirects wrangler to another config, %s",
              text_quoted(bytes_of(redirect), from, sizeof from),
              text_quoted(bytes_of(path), to, sizeof to));
    if (!own)
        return error_hint(err, "name that one: --config %s", to);
    return error_hint(err, "name the one you mean: --config %s, or --config %s", to,
                      text_quoted(bytes_of(own), mine, sizeof mine));
}

static bool check_redirect(struct arena *arena, size_t parents, const char *own, struct error *err)
{
    const char *redirect = find_up(arena, parents, REDIRECT);
    if (!redirect)
        return true;
    struct wrangler_config config = {0};
    bool ok = parse(redirect, WRANGLER_JSON, &config, err) &&
              (!config.redirect_to.data ||
               refuse_redirect(arena, redirect, config.redirect_to, own, err));
    wrangler_config_release(&config);
    return ok;
}

static bool locate(const struct kv_binding *b, struct arena *arena, const char **path,
                   struct error *err)
{
    size_t parents;
    *path = b->config;
    if (*path)
        return true;
    if (!count_parents(arena, &parents, err))
        return false;
    *path = find_default(arena, parents);
    return check_redirect(arena, parents, *path, err) && (*path || no_config(b, err));
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
    const struct wrangler_environment *e = NULL;
    if (config->redirect_to.data)
        return refuse_redirect(arena, out->config, config->redirect_to, NULL, err);
    if (env.data && !(e = wrangler_config_environment(config, env)))
        return unknown_env(out->config, config, env, arena, err);
    const struct wrangler_binding *b = wrangler_config_binding(config, env, binding);
    if (!b)
        return unknown_binding(out->config, config, env, binding, arena, err);
    struct bytes id = choose_id(wanted, b);
    if (id.len == 0)
        return no_id(wanted, out->config, b, err);
    struct bytes account = e && e->account_id.data ? e->account_id : config->account_id;
    out->remote = b->remote;
    out->id = arena_copy(arena, id);
    out->account_id = arena_keep(arena, account);
    return true;
}

bool kv_binding_read(const struct kv_binding *binding, struct arena *arena, struct kv_bound *out,
                     struct error *err)
{
    struct wrangler_config config = {0};
    *out = (struct kv_bound){.name = binding->name};
    bool ok = locate(binding, arena, &out->config, err) && read_config(out->config, &config, err) &&
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
    return error_hint(err, "'cfkv apply --local' makes it, or a first key that wrangler puts");
}

static bool find_local(struct kv *kv, const struct kv_bound *bound, struct kv_namespace *out,
                       struct error *err)
{
    if (bound->remote && kv->tell)
        kv->tell(kv->tell_ctx, "'wrangler dev' reads the account, not the local store: the binding "
                               "has remote = true");
    return kv_find_id(kv, bytes_make(NULL, 0), bound->id, true, out, err) &&
           check_local(kv, bound, out, err);
}

bool kv_find_bound(struct kv *kv, const struct kv_bound *bound, bool need_title,
                   struct kv_namespace *out, struct error *err)
{
    if (kv->local)
        return find_local(kv, bound, out, err);
    return kv_find_id(kv, bound->account_id, bound->id, need_title, out, err);
}
