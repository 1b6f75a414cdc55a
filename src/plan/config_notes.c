#include "config_notes.h"

#include <stdlib.h>

#include "base/text.h"
#include "kv/wrangler_find.h"

/* ---- Pages ----------------------------------------------------------------------------------- */

/* The top level, and two environments; wrangler 4.156 refuses all else. */
static bool pages_has(struct bytes env)
{
    return !env.data || bytes_equal(env, bytes_of("preview")) ||
           bytes_equal(env, bytes_of("production"));
}

static bool is_wanted_before(const struct config *config, size_t n, struct bytes env)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_same(config->wanted[i].env, env))
            return true;
    return false;
}

static void note_wanted_section(const struct config *config, const struct model *m,
                                const struct wanted_binding *w, struct diag_list *notes)
{
    char file[QUOTED_SIZE], section[SECTION_SHOWN_SIZE];
    struct bytes env = m->namespaces[w->ns].env;
    diag_add(notes, DIAG_ERROR, "wrangler.pages", config->decl->pos,
             "%s is of a Pages project (pages_build_output_dir, line %zu), which has no %s: only "
             "the environments 'preview' and 'production'",
             text_quoted(bytes_of(config->name), file, sizeof file), config->content.pages_line,
             wrangler_section_shown(w->env, section));
    diag_hint(notes, "environments = { [\"%.*s\"] = \"preview\" } %s", BYTES_FMT(env),
              wrangler_is_previews(w->env) ? "instead of previews"
                                           : "puts its bindings there, select leaves them out");
}

static void note_own_section(const struct config *config, struct bytes env, size_t line,
                             struct diag_list *notes)
{
    char file[QUOTED_SIZE], section[SECTION_SHOWN_SIZE];
    if (pages_has(env) || is_wanted_before(config, config->n_wanted, env))
        return;
    diag_add(notes, DIAG_WARNING, "wrangler.pages", config->decl->pos,
             "%s has %s (line %zu), which no Pages project has: wrangler refuses the file",
             text_quoted(bytes_of(config->name), file, sizeof file),
             wrangler_section_shown(env, section), line);
    diag_hint(notes, "take it out%s; or, of a Worker, pages_build_output_dir (line %zu)",
              wrangler_is_previews(env) ? "" : " or call it 'preview' or 'production'",
              config->content.pages_line);
}

static void note_pages(const struct config *config, const struct model *m, struct diag_list *notes)
{
    const struct wrangler_config *content = &config->content;
    for (size_t i = 0; i < config->n_wanted; i++) {
        const struct wanted_binding *w = &config->wanted[i];
        if (!pages_has(w->env) && !is_wanted_before(config, i, w->env))
            note_wanted_section(config, m, w, notes);
    }
    for (size_t i = 0; i < content->n_environments; i++)
        note_own_section(config, content->environments[i].name, content->environments[i].line,
                         notes);
    if (content->previews_line > 0)
        note_own_section(config, bytes_of(WRANGLER_PREVIEWS), content->previews_line, notes);
}

/* ---- What is not read ------------------------------------------------------------------------ */

static void note_unread(const struct config *config, const struct wrangler_unread *unread,
                        struct diag_list *notes)
{
    char file[QUOTED_SIZE], path[QUOTED_SIZE];
    diag_add(notes, DIAG_WARNING, unread->legacy ? "wrangler.legacy" : "wrangler.misplaced",
             config->decl->pos, "%s has %s (line %zu), %s",
             text_quoted(bytes_of(config->name), file, sizeof file),
             text_quoted(unread->path, path, sizeof path), unread->line,
             unread->legacy ? "as wrangler 1 had it: today's wrangler ignores it"
                            : "where wrangler reads no bindings");
    if (unread->legacy)
        diag_hint(notes, "write kv_namespaces, with an underscore");
    else if (config->syntax == WRANGLER_TOML)
        diag_hint(notes, "a key belongs to the [table] above it: write [[kv_namespaces]], for an "
                         "environment [[env.NAME.kv_namespaces]]");
    else
        diag_hint(notes, "move it to the top level, or into an environment of \"env\"");
}

/* ---- TOML 1.1 -------------------------------------------------------------------------------- */

/* Of two versions "4.137.0"; what is no number counts as 0. */
static bool is_older(const char *version, const char *than)
{
    for (int part = 0; part < 3; part++) {
        char *end, *than_end;
        unsigned long a = strtoul(version, &end, 10), b = strtoul(than, &than_end, 10);
        if (a != b)
            return a < b;
        version = end + (*end == '.');
        than = than_end + (*than_end == '.');
    }
    return false;
}

/* An error where the wrangler that is installed beside the config refuses it. */
static void note_newer(const struct config *config, struct diag_list *notes)
{
    const struct wrangler_newer *newer = &config->content.newer;
    struct arena arena = {0};
    const char *installed = wrangler_installed(&arena, path_parent(&arena, config->path));
    bool older = installed && is_older(installed, WRANGLER_TOML_1_1);
    char file[QUOTED_SIZE], version[QUOTED_SIZE];
    if (!installed || older) {
        diag_add(notes, older ? DIAG_ERROR : DIAG_WARNING, "wrangler.toml_1_1", config->decl->pos,
                 "%s has %s (line %zu), which is TOML 1.1: %s %s refuses the file",
                 text_quoted(bytes_of(config->name), file, sizeof file), newer->what, newer->line,
                 older ? "the installed wrangler" : "wrangler before",
                 older ? text_quoted(bytes_of(installed), version, sizeof version)
                       : WRANGLER_TOML_1_1);
        diag_hint(notes, "%s%s", newer->instead,
                  older ? "; or install wrangler " WRANGLER_TOML_1_1 : "");
    }
    arena_release(&arena);
}

/* ---- All of them ----------------------------------------------------------------------------- */

bool configs_check(const struct configs *c, const struct model *m, struct diag_list *notes,
                   struct error *err)
{
    size_t refused = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct config *config = &c->items[i];
        size_t errors = notes->errors;
        if (config->content.pages_line > 0)
            note_pages(config, m, notes);
        if (config->content.newer.line > 0)
            note_newer(config, notes);
        for (size_t u = 0; u < config->content.n_unread; u++)
            note_unread(config, &config->content.unread[u], notes);
        refused += notes->errors > errors;
    }
    return refused == 0 ||
           error_set(err, ERR_FAILED, "%zu wrangler config%s cannot be written as declared",
                     refused, text_plural(refused));
}
