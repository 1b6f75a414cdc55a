#include "config_reads.h"

#include "base/text.h"
#include "kv/wrangler_find.h"
#include "model/config_names.h"

/* ---- Configs that a build tool wrote --------------------------------------------------------- */

void config_paths_check(const struct model *m, const char *root, struct diag_list *notes)
{
    struct arena arena = {0};
    for (size_t i = 0; i < m->n_wranglers; i++) {
        struct bytes path = m->wranglers[i].path;
        char name[QUOTED_SIZE];
        size_t above;
        if (!path.data || !config_is_built(path, &above))
            continue;
        const char *folder =
            path_join(&arena, root, arena_copy(&arena, bytes_make(path.data, above)).data);
        const char *source = wrangler_find_config(&arena, folder);
        diag_add(notes, DIAG_ERROR, "wrangler.path", m->wranglers[i].pos,
                 "wrangler path %s is what a build tool writes, and writes again",
                 text_quoted(path, name, sizeof name));
        if (source)
            source = wrangler_path_shown(&arena, root, source);
        if (source && *source != '/')
            diag_hint(notes, "declare the config that you edit yourself, %s",
                      text_quoted(bytes_of(source), name, sizeof name));
        else
            diag_hint(notes, "declare the config that you edit yourself, such as 'wrangler.jsonc'");
    }
    arena_release(&arena);
}

/* The config that a built one was made of, as wrangler reads its userConfigPath. */
static const char *source_of(struct arena *arena, const char *path,
                             const struct wrangler_config *content)
{
    const char *folder = path_parent(arena, path);
    return path_join(arena, folder, arena_copy(arena, content->generated_from).data);
}

static bool refuse_built(const char *said, const char *source, const char *root,
                         struct error *cause)
{
    struct arena arena = {0};
    char name[QUOTED_SIZE];
    const char *shown = source ? wrangler_path_shown(&arena, root, source) : "/";
    if (said)
        error_set(cause, ERR_FORMAT, "a build tool generated it from %s and will do so again",
                  text_quoted(bytes_of(said), name, sizeof name));
    else
        error_set(cause, ERR_FORMAT,
                  "a build tool generated it, to which " WRANGLER_REDIRECT " redirects wrangler, "
                  "and will do so again");
    if (*shown == '/' || !file_exists(source))
        error_hint(cause, "declare the config that you edit yourself");
    else
        error_hint(cause, "declare the config that you edit yourself, %s",
                   text_quoted(bytes_of(shown), name, sizeof name));
    arena_release(&arena);
    return false;
}

/* The redirection beside the user's own config may lead to that one, which then is none. */
static bool is_own(struct arena *arena, const char *redirect, const char *path)
{
    const char *folder = path_parent(arena, path_parent(arena, path_parent(arena, redirect)));
    return wrangler_finds(path_name(path)) &&
           wrangler_path_same(arena, folder, path_parent(arena, path));
}

static bool check_redirect(struct arena *arena, const struct config *config, const char *root,
                           struct error *cause)
{
    const char *redirect = wrangler_find_redirect(arena, path_parent(arena, config->path));
    const char *built;
    struct error broken = {0};
    if (!redirect)
        return true;
    if (!wrangler_redirect_read(arena, redirect, root, &built, &broken)) {
        bool matters = broken.code != ERR_NOT_FOUND && wrangler_finds(path_name(config->name));
        if (matters)
            *cause = broken;
        return !matters;
    }
    if (!wrangler_path_same(arena, built, config->path) || is_own(arena, redirect, config->path))
        return true;
    const char *folder = path_parent(arena, path_parent(arena, path_parent(arena, redirect)));
    return refuse_built(NULL, wrangler_find_config(arena, folder), root, cause);
}

bool config_check_source(const struct config *config, const char *root, struct error *cause)
{
    const struct wrangler_config *content = &config->content;
    struct arena arena = {0};
    char name[QUOTED_SIZE];
    bool ok = false;
    if (content->redirect_to.data) {
        error_set(cause, ERR_FORMAT, "it is no config but names one, %s",
                  text_quoted(content->redirect_to, name, sizeof name));
        error_hint(cause, "declare the config that you edit yourself");
    } else if (content->generated_from.data) {
        refuse_built(content->generated_from.data, source_of(&arena, config->path, content), root,
                     cause);
    } else {
        ok = check_redirect(&arena, config, root, cause);
    }
    arena_release(&arena);
    return ok;
}

/* ---- Another one that wrangler takes --------------------------------------------------------- */

static bool is_declared(const struct configs *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->items[i].name, name) == 0)
            return true;
    return false;
}

static const char *taken_before(struct arena *arena, const struct config *config)
{
    return wrangler_find_before(arena, path_parent(arena, config->path), path_name(config->name));
}

static void note_unread(const struct configs *c, const struct config *config, const char *other,
                        struct diag_list *notes)
{
    char name[QUOTED_SIZE], before[QUOTED_SIZE];
    text_quoted(bytes_of(config->name), name, sizeof name);
    text_quoted(bytes_of(other), before, sizeof before);
    diag_add(notes, DIAG_WARNING, "wrangler.unread", config->decl->pos,
             "wrangler does not read %s: it takes %s, which comes before it", name, before);
    if (is_declared(c, other))
        diag_hint(notes, "take one of the two declarations out; 'wrangler -c %s' reads this one",
                  path_name(config->name));
    else
        diag_hint(notes, "%s %s, or delete it; 'wrangler -c %s' reads this one",
                  *other == '/' ? "move" : "declare", before, path_name(config->name));
}

/* The config beside one that is to be made, which wrangler then reads no more. */
static const char *displaced(struct arena *arena, const struct config *config)
{
    const char *folder = path_parent(arena, config->path);
    bool made = !file_exists(config->path) && wrangler_finds(path_name(config->name));
    const char *other = made ? wrangler_find_config(arena, folder) : NULL;
    return other && wrangler_path_same(arena, path_parent(arena, other), folder) ? other : NULL;
}

static void note_displaced(const struct configs *c, const struct config *config, const char *other,
                           struct diag_list *notes)
{
    char name[QUOTED_SIZE], before[QUOTED_SIZE];
    text_quoted(bytes_of(config->name), name, sizeof name);
    text_quoted(bytes_of(other), before, sizeof before);
    diag_add(notes, DIAG_WARNING, "wrangler.unread", config->decl->pos,
             "once %s is made wrangler does not read %s any more, which it takes now", name,
             before);
    if (is_declared(c, other))
        diag_hint(notes, "take one of the two declarations out");
    else
        diag_hint(notes, "declare %s", before);
}

void configs_note_unread(const struct configs *c, const char *root, struct diag_list *notes)
{
    struct arena arena = {0};
    for (size_t i = 0; i < c->n; i++) {
        const struct config *config = &c->items[i];
        const char *other = taken_before(&arena, config);
        const char *now = other ? NULL : displaced(&arena, config);
        if (other)
            note_unread(c, config, wrangler_path_shown(&arena, root, other), notes);
        if (now)
            note_displaced(c, config, wrangler_path_shown(&arena, root, now), notes);
    }
    arena_release(&arena);
}

/* ---- A built one that wrangler takes --------------------------------------------------------- */

static size_t count_in(const struct wrangler_config *config, struct bytes env)
{
    size_t n = 0;
    for (size_t i = 0; i < config->n_bindings; i++)
        n += bytes_same(config->bindings[i].env, env);
    return n;
}

/* A built config has at its top level what the section had that it was built for. */
static bool is_built_of(const struct wrangler_config *built, const struct wrangler_config *source,
                        struct bytes env)
{
    struct bytes top = {0};
    bool same = count_in(built, top) == count_in(source, env);
    for (size_t i = 0; same && i < built->n_bindings; i++) {
        const struct wrangler_binding *b = &built->bindings[i];
        const struct wrangler_binding *theirs = wrangler_config_binding(source, env, b->binding);
        same = b->env.data || (theirs && bytes_equal(theirs->id, b->id) &&
                               bytes_equal(theirs->preview_id, b->preview_id));
    }
    return same;
}

/* true when no section of `source` has the ids of `built`. */
static bool differs(const struct wrangler_config *built, const struct wrangler_config *source)
{
    if (is_built_of(built, source, bytes_make(NULL, 0)) ||
        (count_in(source, bytes_of(WRANGLER_PREVIEWS)) > 0 &&
         is_built_of(built, source, bytes_of(WRANGLER_PREVIEWS))))
        return false;
    for (size_t i = 0; i < source->n_environments; i++)
        if (is_built_of(built, source, source->environments[i].name))
            return false;
    return true;
}

/* What is known of a redirection, as messages call it. */
struct redirected {
    char config[QUOTED_SIZE], redirect[QUOTED_SIZE], built[QUOTED_SIZE], source[QUOTED_SIZE];
    bool is_apart;  /* not beside the config, which wrangler refuses */
    bool is_others; /* what it leads to was built of another config, `source` */
};

static void note_redirected(const struct config *config, const struct redirected *r,
                            struct diag_list *notes)
{
    struct srcpos pos = config->decl->pos;
    if (r->is_apart) {
        diag_add(notes, DIAG_WARNING, "wrangler.redirect", pos,
                 "wrangler's dev and deploy take neither %s nor what %s redirects them to, which "
                 "lies elsewhere",
                 r->config, r->redirect);
        diag_hint(notes, "delete %s if a build left it behind; 'wrangler -c %s' reads this one",
                  r->redirect, path_name(config->name));
    } else if (r->is_others) {
        diag_add(notes, DIAG_WARNING, "wrangler.redirect", pos,
                 "wrangler's dev and deploy do not read %s: %s redirects them to %s, which was "
                 "built from %s",
                 r->config, r->redirect, r->built, r->source);
        diag_hint(notes, "declare %s", r->source);
    } else {
        diag_add(notes, DIAG_WARNING, "wrangler.redirect", pos,
                 "wrangler's dev and deploy do not read %s: %s redirects them to %s, which has the "
                 "ids of before until it is built again",
                 r->config, r->redirect, r->built);
        diag_hint(notes, "build again once %s is written, before you run or deploy it", r->config);
    }
}

/* Where the built config says what it was made of, that counts; else what lies beside. */
static bool concerns(struct arena *arena, const struct config *config, const char *built,
                     const struct wrangler_config *content, const char *root, struct redirected *r)
{
    bool found = wrangler_finds(path_name(config->name)) && !taken_before(arena, config);
    if (!content->generated_from.data)
        return found;
    const char *source = source_of(arena, built, content);
    bool own = wrangler_path_same(arena, source, config->path);
    const char *shown = wrangler_path_shown(arena, root, source);
    r->is_others = !own && *shown != '/' && file_exists(source);
    text_quoted(bytes_of(shown), r->source, sizeof r->source);
    return own || found;
}

/* `kept`: where what config->built is stays. */
static void look_at_redirect(struct arena *arena, struct arena *kept, struct config *config,
                             const char *root, struct diag_list *notes)
{
    struct error broken = {0};
    struct redirected r = {0};
    struct wrangler_config content = {0};
    const char *folder = path_parent(arena, config->path), *built = NULL;
    const char *redirect = wrangler_find_redirect(arena, folder);
    if (!redirect)
        return;
    bool there = wrangler_redirect_read(arena, redirect, root, &built, &broken);
    if (!built || wrangler_path_same(arena, built, config->path))
        return;
    bool read = there && wrangler_config_load(built, &content, &broken);
    if (concerns(arena, config, built, &content, root, &r) &&
        (config_is_stale(config) || (read && differs(&content, &config->content)))) {
        const char *beside = path_join(arena, folder, WRANGLER_REDIRECT);
        r.is_apart = !wrangler_path_same(arena, beside, redirect);
        text_quoted(bytes_of(config->name), r.config, sizeof r.config);
        redirect = wrangler_path_shown(arena, root, redirect);
        text_quoted(bytes_of(redirect), r.redirect, sizeof r.redirect);
        text_quoted(bytes_of(wrangler_path_shown(arena, root, built)), r.built, sizeof r.built);
        note_redirected(config, &r, notes);
        if (!r.is_apart && !r.is_others)
            config->built = arena_str(kept, wrangler_path_shown(arena, root, built));
    }
    wrangler_config_release(&content);
}

void configs_note_redirected(struct configs *c, const char *root, struct diag_list *notes)
{
    struct arena arena = {0};
    for (size_t i = 0; i < c->n; i++)
        look_at_redirect(&arena, &c->arena, &c->items[i], root, notes);
    arena_release(&arena);
}
