/* Rules about cfkv.wrangler and the bindings it selects. */
#include "base/file.h"
#include "config_names.h"
#include "rules.h"
#include "section.h"

/* ---- Its fields ------------------------------------------------------------------------------ */

static bool has_suffix(struct bytes b, const char *suffix)
{
    size_t len = strlen(suffix);
    return b.len > len && memcmp(b.data + b.len - len, suffix, len) == 0;
}

static void rule_path(struct check *c)
{
    for (size_t i = 0; i < c->m->n_wranglers; i++) {
        const struct wrangler_decl *w = &c->m->wranglers[i];
        if (!w->path.data)
            continue; /* it was no text, which was told */
        size_t above;
        if (config_is_built(w->path, &above))
            continue; /* told where the files are (plan/config_reads.h) */
        const char *fault = write_fault(c, w->path);
        if (config_is_program(w->path)) {
            diag_add(c->diags, DIAG_ERROR, "wrangler.path", w->pos,
                     "wrangler path %s is a program, which cfkv does not edit", QUOTE(w->path));
            diag_hint(
                c->diags,
                "take the declaration out: 'cfkv wrangler' prints the lines that go into that "
                "file; wrangler reads it with --x-new-config, else its wrangler.jsonc, which "
                "may be declared");
        } else if (fault) {
            diag_add(c->diags, DIAG_ERROR, "wrangler.path", w->pos, "wrangler path %s %s",
                     QUOTE(w->path), fault);
            diag_hint(c->diags, "give a path below the project root, such as 'wrangler.toml'");
        } else if (!has_suffix(w->path, ".toml") && !has_suffix(w->path, ".jsonc") &&
                   !has_suffix(w->path, ".json")) {
            diag_add(c->diags, DIAG_ERROR, "wrangler.path", w->pos,
                     "wrangler path %s is neither .toml nor .jsonc nor .json", QUOTE(w->path));
            diag_hint(c->diags, "name the config that wrangler reads, such as 'wrangler.jsonc'");
        }
    }
}

static void rule_path_once(struct check *c)
{
    struct map seen = {0};
    for (size_t i = 0; i < c->m->n_wranglers; i++) {
        const struct wrangler_decl *w = &c->m->wranglers[i];
        size_t first = w->path.data
                           ? note_once(&seen, bytes_of(path_plain(&c->scratch, w->path)), i)
                           : MAP_NONE;
        if (first != MAP_NONE)
            report_twice(c, "wrangler.duplicate", "wrangler path", w->path,
                         c->m->wranglers[first].pos, w->pos);
    }
    map_release(&seen);
}

/* Where `env` is a slip, bindings go elsewhere than their user thinks. */
static void report_environment(struct check *c, const struct wrangler_decl *w,
                               const struct strings *envs, const char *field, struct bytes env)
{
    diag_add(c->diags, DIAG_ERROR, "wrangler.environment", w->pos, "%s names %s, which is %s",
             field, QUOTE(env),
             c->m->project.environments.n > 0 ? "not in project.environments"
                                              : "the env of no namespace");
    hint_nearest(c, env, envs);
}

static void check_environment(struct check *c, const struct wrangler_decl *w,
                              const struct strings *envs, const char *field, struct bytes env)
{
    if (!environment_declared(envs, env))
        report_environment(c, w, envs, field, env);
}

/* Namespaces without an env, which go to the top level, have no other way into [previews]. */
static void check_previews(struct check *c, const struct wrangler_decl *w,
                           const struct strings *envs)
{
    if (w->previews.data && c->m->n_namespaces > 0 && !strings_contain(envs, w->previews))
        report_environment(c, w, envs, "previews", w->previews);
}

static void check_wrangler_environment(struct check *c, const struct wrangler_decl *w,
                                       const struct renaming *r)
{
    const char *fault = r->to.len == 0 ? "is empty" : text_fault(r->to);
    if (wrangler_is_previews(r->to))
        fault = "is a block of its own";
    if (!fault)
        return;
    diag_add(c->diags, DIAG_ERROR, "wrangler.environment", w->pos, "wrangler environment %s %s",
             QUOTE(r->to), fault);
    if (wrangler_is_previews(r->to))
        diag_hint(c->diags, "previews = \"%.*s\" puts bindings there", BYTES_FMT(r->from));
}

static void check_environments(struct check *c, const struct wrangler_decl *w,
                               const struct strings *envs)
{
    struct map told = {0};
    for (size_t e = 0; e < w->environments.n; e++) {
        const struct renaming *r = &w->environments.items[e];
        if (note_once(&told, r->from, e) == MAP_NONE)
            check_environment(c, w, envs, "environments", r->from);
        check_wrangler_environment(c, w, r);
    }
    map_release(&told);
}

static void rule_environments(struct check *c)
{
    struct strings envs = {0};
    if (c->m->n_wranglers > 0)
        envs = environments_declared(c);
    for (size_t i = 0; i < c->m->n_wranglers; i++) {
        const struct wrangler_decl *w = &c->m->wranglers[i];
        if (w->top_level.data)
            check_environment(c, w, &envs, "top_level", w->top_level);
        check_environments(c, w, &envs);
        check_previews(c, w, &envs);
    }
}

static void add_section_words(struct check *c, const struct wrangler_decl *w, struct bytes env,
                              struct strings *words)
{
    struct strings sections = wrangler_sections(w, env, &c->scratch);
    for (size_t s = 0; s < sections.n; s++) {
        struct bytes word = wrangler_section_word(sections.items[s]);
        if (!strings_contain(words, word))
            words->items[words->n++] = word;
    }
}

/* The words for the sections of a file that get bindings: of namespaces that are called `name`;
 * where none is, of all environments, whichever are declared now. */
static struct strings section_words(struct check *c, const struct wrangler_decl *w,
                                    struct bytes name, bool *named)
{
    const struct model *m = c->m;
    struct strings envs = environments_declared(c);
    size_t room = envs.n + m->n_namespaces + w->environments.n + 3;
    struct strings words = {arena_alloc(&c->scratch, room, sizeof *words.items), 0};
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (bytes_equal(name, m->namespaces[i].address) ||
            bytes_equal(name, m->namespaces[i].title))
            add_section_words(c, w, m->namespaces[i].env, &words);
    *named = words.n > 0;
    for (size_t i = 0; i < m->n_namespaces && !*named; i++)
        if (!m->namespaces[i].env.data)
            add_section_words(c, w, m->namespaces[i].env, &words);
    for (size_t e = 0; e < envs.n && !*named; e++)
        add_section_words(c, w, envs.items[e], &words);
    return words;
}

/* As with environments, a slip would give the binding another name than its user thinks. */
static void check_binding_section(struct check *c, const struct wrangler_decl *w,
                                  const struct renaming *r)
{
    bool named;
    struct strings words = section_words(c, w, r->from, &named);
    if (words.n == 0 || strings_contain(&words, r->part))
        return;
    diag_add(c->diags, DIAG_ERROR, "wrangler.section", w->pos,
             "bindings names %s for section %s, into which %s", QUOTE(r->from), QUOTE(r->part),
             named ? "it does not go" : "no namespace goes");
    hint_nearest(c, r->part, &words);
}

static void rule_binding_names(struct check *c)
{
    for (size_t i = 0; i < c->m->n_wranglers; i++) {
        const struct wrangler_decl *w = &c->m->wranglers[i];
        for (size_t b = 0; b < w->bindings.n; b++) {
            const struct renaming *r = &w->bindings.items[b];
            if (r->part.data)
                check_binding_section(c, w, r);
            if (binding_name_valid(r->to))
                continue;
            diag_add(c->diags, DIAG_ERROR, "namespace.binding", w->pos,
                     "binding %s is not a JavaScript identifier", QUOTE(r->to));
            diag_hint(c->diags, "it becomes env.NAME in a Worker: letters, digits, _ and $");
        }
    }
}

static void rule_persist_to(struct check *c)
{
    for (size_t i = 0; i < c->m->n_wranglers; i++) {
        const struct wrangler_decl *w = &c->m->wranglers[i];
        if (!w->persist_to.data)
            continue;
        const char *fault = w->persist_to.len == 0 ? "is empty" : text_fault(w->persist_to);
        if (fault)
            diag_add(c->diags, DIAG_ERROR, "wrangler.persist_to", w->pos, "persist_to %s %s",
                     QUOTE(w->persist_to), fault);
        if (fault)
            diag_hint(c->diags, "give the folder that wrangler dev gets with --persist-to");
    }
}

/* ---- What it selects ------------------------------------------------------------------------- */

static bool glob_selects(const struct model *m, struct bytes glob)
{
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (glob_match(glob, m->namespaces[i].address) || glob_match(glob, m->namespaces[i].title))
            return true;
    return false;
}

/* Addresses and titles, those that are equal once. */
static struct strings namespace_names(struct check *c)
{
    const struct model *m = c->m;
    struct strings names = {arena_alloc(&c->scratch, 2 * m->n_namespaces, sizeof *names.items), 0};
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        names.items[names.n++] = ns->address;
        if (!bytes_equal(ns->address, ns->title))
            names.items[names.n++] = ns->title;
    }
    return names;
}

/* `what` is what comes before and behind the glob. */
static void check_glob(struct check *c, const struct wrangler_decl *w, const char *const what[2],
                       struct bytes glob)
{
    if (glob_selects(c->m, glob))
        return;
    struct strings names = namespace_names(c);
    diag_add(c->diags, DIAG_WARNING, "wrangler.select", w->pos, "%s %s%s", what[0], QUOTE(glob),
             what[1]);
    hint_nearest(c, glob, &names);
}

static void check_app(struct check *c, const struct wrangler_decl *w)
{
    struct strings apps = {arena_alloc(&c->scratch, c->m->n_namespaces, sizeof *apps.items), 0};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        struct bytes app = c->m->namespaces[i].app;
        if (app.data && bytes_equal(app, w->app))
            return;
        if (app.data && !strings_contain(&apps, app))
            apps.items[apps.n++] = app;
    }
    diag_add(c->diags, DIAG_WARNING, "wrangler.app", w->pos, "app %s is the app of no namespace",
             QUOTE(w->app));
    hint_nearest(c, w->app, &apps);
}

static void rule_selects_something(struct check *c)
{
    static const char *const select[] = {"select", " matches no namespace"};
    static const char *const bindings[] = {"bindings names", ", which matches no namespace"};
    for (size_t i = 0; i < c->m->n_wranglers; i++) {
        const struct wrangler_decl *w = &c->m->wranglers[i];
        if (w->app.data)
            check_app(c, w);
        for (size_t s = 0; s < w->select.n; s++)
            check_glob(c, w, select, w->select.items[s]);
        for (size_t b = 0; b < w->bindings.n; b++)
            check_glob(c, w, bindings, w->bindings.items[b].from);
    }
}

static struct bytes place_key(struct check *c, const struct wrangler_place *place)
{
    struct bytes env = place->env;
    return key_pair(c, env.data ? key_pair(c, bytes_of("env"), env) : bytes_of("top"), place->name);
}

static void check_bindings(struct check *c, const struct wrangler_decl *w)
{
    struct map seen = {0};
    char section[SECTION_SHOWN_SIZE];
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        struct wrangler_places places = wrangler_places(w, ns, &c->scratch);
        for (size_t p = 0; p < places.n; p++) {
            const struct wrangler_place *place = &places.items[p];
            size_t first = note_once(&seen, place_key(c, place), i);
            if (first == MAP_NONE)
                continue;
            report_twice(c, "namespace.binding", "binding", place->name,
                         c->m->namespaces[first].pos, ns->pos);
            diag_hint(c->diags, "both go into %s of %s",
                      wrangler_section_shown(place->env, section), QUOTE(w->path));
        }
    }
    map_release(&seen);
}

static void rule_binding_once(struct check *c)
{
    for (size_t i = 0; i < c->m->n_wranglers; i++)
        check_bindings(c, &c->m->wranglers[i]);
}

static bool is_bound(struct check *c, const struct namespace_decl *ns)
{
    for (size_t i = 0; i < c->m->n_wranglers; i++)
        if (wrangler_places(&c->m->wranglers[i], ns, &c->scratch).n > 0)
            return true;
    return false;
}

static void rule_unbound(struct check *c)
{
    for (size_t i = 0; c->m->n_wranglers > 0 && i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        if (ns->preview_of != SIZE_MAX || is_bound(c, ns))
            continue; /* a preview goes where its namespace goes */
        if (!ns->binding.data) {
            diag_add(c->diags, DIAG_WARNING, "namespace.unbound", ns->pos,
                     "namespace %s has no binding, so no Worker can use it", QUOTE(ns->title));
            diag_hint(c->diags, "give binding = \"NAME\"");
        } else {
            diag_add(c->diags, DIAG_WARNING, "namespace.unbound", ns->pos,
                     "namespace %s is selected by no wrangler declaration", QUOTE(ns->title));
        }
    }
}

const model_rule wrangler_rules[] = {
    rule_path,          rule_path_once,  rule_environments,
    rule_binding_names, rule_persist_to, rule_selects_something,
    rule_binding_once,  rule_unbound,    NULL,
};
