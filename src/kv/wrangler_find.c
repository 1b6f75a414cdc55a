#include "wrangler_find.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

/* ---- Paths ----------------------------------------------------------------------------------- */

/* Without links, as far as it is there. No longer path leads anywhere. */
static const char *real_of(struct arena *arena, const char *path)
{
    struct error missing;
    const char *real = path_real(arena, path, &missing), *parent = path_parent(arena, path);
    if (real || strcmp(parent, path) == 0 || strlen(path) >= PATH_MAX)
        return real ? real : path;
    return path_join(arena, real_of(arena, parent), path_name(path));
}

const char *wrangler_path_shown(struct arena *arena, const char *base, const char *path)
{
    const char *real = real_of(arena, path), *top = real_of(arena, *base ? base : ".");
    size_t n = strlen(top);
    bool below = strncmp(real, top, n) == 0 && real[n] == '/';
    return below ? real + n + 1 : real;
}

bool wrangler_path_same(struct arena *arena, const char *a, const char *b)
{
    return strcmp(real_of(arena, a), real_of(arena, b)) == 0;
}

/* ---- From a folder up ------------------------------------------------------------------------ */

/* A folder of that name is none, nor is a FIFO: wrangler goes on above it. */
static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* "FOLDER/../../NAME", of the nearest folder that has it; NULL when none does. */
static const char *find_up(struct arena *arena, const char *folder, const char *name)
{
    struct error missing;
    const char *real = path_real(arena, *folder ? folder : ".", &missing);
    struct buf candidate = {0};
    const char *path = NULL;
    size_t parents = 0;
    for (; real && *real; real++)
        parents += *real == '/' && real[1] != '\0';
    for (size_t up = 0; real && !path && up <= parents; up++) {
        buf_clear(&candidate);
        if (*folder && strcmp(folder, ".") != 0)
            buf_addf(&candidate, "%s/", folder);
        for (size_t i = 0; i < up; i++)
            buf_add_str(&candidate, "../");
        buf_add_str(&candidate, name);
        if (is_file(candidate.data))
            path = arena_str(arena, candidate.data);
    }
    buf_release(&candidate);
    return path;
}

static const char *const names[] = {"wrangler.json", "wrangler.jsonc", "wrangler.toml"};

#define N_NAMES (sizeof names / sizeof *names)

static size_t rank_of(const char *name)
{
    size_t rank = 0;
    while (rank < N_NAMES && strcmp(names[rank], name) != 0)
        rank++;
    return rank;
}

/* Of the first `n` names. */
static const char *find_first(struct arena *arena, const char *folder, size_t n)
{
    const char *path = NULL;
    for (size_t i = 0; !path && i < n; i++)
        path = find_up(arena, folder, names[i]);
    return path;
}

const char *wrangler_find_config(struct arena *arena, const char *folder)
{
    return find_first(arena, folder, N_NAMES);
}

const char *wrangler_find_beside(struct arena *arena, const char *folder)
{
    const char *path = NULL;
    for (size_t i = 0; !path && i < N_NAMES; i++) {
        const char *candidate = path_join(arena, folder, names[i]);
        path = is_file(candidate) ? candidate : NULL;
    }
    return path;
}

const char *wrangler_find_before(struct arena *arena, const char *folder, const char *name)
{
    size_t rank = rank_of(name);
    const char *other = rank < N_NAMES ? find_first(arena, folder, rank) : NULL;
    /* A link to it is the same to wrangler. */
    return other && !wrangler_path_same(arena, other, path_join(arena, folder, name)) ? other
                                                                                      : NULL;
}

bool wrangler_finds(const char *name)
{
    return rank_of(name) < N_NAMES;
}

const char *wrangler_find_redirect(struct arena *arena, const char *folder)
{
    return find_up(arena, folder, WRANGLER_REDIRECT);
}

const char *wrangler_installed(struct arena *arena, const char *folder)
{
    const char *package = find_up(arena, folder, "node_modules/wrangler/package.json");
    const char *version = NULL;
    struct buf text = {0};
    struct error unheard;
    if (!package)
        return NULL;
    struct json *doc = file_read(package, WRANGLER_CONFIG_MAX, &text, &unheard)
                           ? json_doc_parse(buf_bytes(&text), &unheard)
                           : NULL;
    if (json_as_str(json_member(doc, "version"), &version))
        version = arena_copy(arena, bytes_of(version)).data;
    json_doc_free(doc);
    buf_release(&text);
    return version;
}

/* ---- Reading --------------------------------------------------------------------------------- */

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

bool wrangler_config_load(const char *path, struct wrangler_config *config, struct error *err)
{
    char name[QUOTED_SIZE];
    enum wrangler_syntax syntax;
    if (!wrangler_syntax_of(bytes_of(path), &syntax))
        return error_set(err, ERR_USAGE, "config %s is neither .toml nor .json nor .jsonc",
                         text_quoted(bytes_of(path), name, sizeof name));
    return parse(path, syntax, config, err);
}

/* ---- Redirections ---------------------------------------------------------------------------- */

static bool broken(enum error_code code, const char *redirect, const char *what, const char *to,
                   struct error *err)
{
    char from[QUOTED_SIZE], name[QUOTED_SIZE] = "";
    if (to)
        text_quoted(bytes_of(to), name, sizeof name);
    error_set(err, code, "%s %s%s", text_quoted(bytes_of(redirect), from, sizeof from), what, name);
    return error_hint(err, "a build tool wrote it, to redirect wrangler's dev and deploy: build "
                           "again, or delete it");
}

/* wrangler follows one redirection, and takes what is there for a config. */
static bool check_end(struct arena *arena, const char *redirect, const char *built,
                      const char *base, struct error *err)
{
    struct wrangler_config config = {0};
    struct error unheard;
    const char *shown = wrangler_path_shown(arena, base, redirect);
    const char *to = wrangler_path_shown(arena, base, built);
    if (!is_file(built))
        return broken(ERR_NOT_FOUND, shown, "redirects wrangler to a file that is not there, ", to,
                      err);
    if (wrangler_path_same(arena, redirect, built))
        return broken(ERR_FORMAT, shown, "redirects wrangler to itself", NULL, err);
    bool loops = wrangler_config_load(built, &config, &unheard) && config.redirect_to.data;
    wrangler_config_release(&config);
    return !loops || broken(ERR_FORMAT, shown,
                            "redirects wrangler to what is no config but a redirection, ", to, err);
}

bool wrangler_redirect_read(struct arena *arena, const char *redirect, const char *base,
                            const char **built, struct error *err)
{
    struct wrangler_config config = {0};
    struct bytes to = {0};
    bool ok = parse(redirect, WRANGLER_JSON, &config, err);
    if (ok)
        to = arena_keep(arena, config.redirect_to);
    wrangler_config_release(&config);
    if (!ok)
        return false;
    if (to.len == 0 || memchr(to.data, '\0', to.len))
        return broken(ERR_FORMAT, wrangler_path_shown(arena, base, redirect),
                      "names no config in its configPath", NULL, err);
    *built = path_join(arena, path_parent(arena, redirect), to.data);
    return check_end(arena, redirect, *built, base, err);
}
