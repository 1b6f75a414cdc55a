#include "init_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "config_view.h"
#include "kv/folders.h"
#include "locate.h"
#include "model/config_names.h"
#include "plan/config_files.h"

#define CONFIGS_MAX 100 /* of one project; more are one project each, or a mistake */
#define STDLIB      "share/cfkv/stdlib"
#define WORKER      "src/index.js"
#define OWN_HINT    "run 'cfkv init' where the config is that you edit yourself"

/* In which configs of a monorepo are looked for. */
static const struct folders_limits below_limits = {.levels = 4};

/* ---- Above ----------------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* Whoever begins in a folder of a project wants it, not a second one. */
static bool check_above(struct init_view *view, struct error *err)
{
    struct located found;
    struct error distrusted;
    char name[QUOTED_SIZE];
    if (!locate_config(&view->arena, view->folder, &found, &distrusted) || !found.above)
        return true;
    error_set(err, ERR_EXISTS, "this folder belongs to the project of %s",
              text_quoted(bytes_of(found.file), name, sizeof name));
    return error_hint(err, "declare its namespaces there; 'cfkv init .' makes it a project of its "
                           "own");
}

/* The folder above in which wrangler finds its config. */
static bool refuse_config_above(struct init_view *view, const char *config, struct error *err)
{
    char name[QUOTED_SIZE];
    struct buf folder = {0};
    error_set(err, ERR_EXISTS, "wrangler reads %s here, and a kv.lua belongs beside it",
              text_quoted(bytes_of(config), name, sizeof name));
    text_shell_word(&folder, bytes_of(path_parent(&view->arena, config)));
    error_hint(err, "run 'cfkv init %s'; 'cfkv init .' makes this folder a project of its own",
               folder.data);
    buf_release(&folder);
    return false;
}

/* ---- Configs --------------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool mentions(const struct buf *text, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at + len <= text->len; at++)
        if (memcmp(text->data + at, word, len) == 0 && (at == 0 || !is_word(text->data[at - 1])) &&
            (at + len == text->len || !is_word(text->data[at + len])))
            return true;
    return false;
}

/* Bindings of other kinds share their names with those of KV. */
static const char *free_binding(const char *path)
{
    static const char *const names[] = {"KV", "CACHE", "KV_CACHE", "KV_NAMESPACE", NULL};
    const char *const *name = names;
    struct buf text = {0};
    struct error unread;
    if (file_read(path, WRANGLER_CONFIG_MAX, &text, &unread))
        while (name[1] && mentions(&text, *name))
            name++;
    buf_release(&text);
    return *name;
}

static bool add_config(struct init_view *view, const char *path, struct error *err)
{
    arena_grow(&view->arena, (void **)&view->configs, &view->cap, view->n + 1,
               sizeof *view->configs);
    struct init_config *config = &view->configs[view->n++];
    const char *place = path_join(&view->arena, view->folder, path);
    *config = (struct init_config){.path = arena_str(&view->arena, path),
                                   .free_binding = free_binding(place)};
    return wrangler_config_load(place, &config->content, err) &&
           config_view_check(config->path, &config->content, OWN_HINT, err);
}

/* One that a build tool wrote is not for people; what cannot be read is told in kv.lua, so that one
 * broken file of many is not in the way. */
static bool add_below(struct init_view *view, const char *path, struct error *err)
{
    struct error cause;
    if (view->n == CONFIGS_MAX) {
        error_set(err, ERR_LIMIT, "more than %d wrangler configs are below this folder",
                  CONFIGS_MAX);
        return error_hint(err, "begin where one of them lies: cfkv init %s",
                          path_parent(&view->arena, path));
    }
    if (add_config(view, path, &cause))
        return true;
    struct init_config *config = &view->configs[--view->n];
    bool built = config->content.redirect_to.data || config->content.generated_from.data;
    wrangler_config_release(&config->content);
    if (!built) {
        arena_grow(&view->arena, (void **)&view->skipped, &view->cap_skipped, view->n_skipped + 1,
                   sizeof *view->skipped);
        view->skipped[view->n_skipped++] = (struct init_skipped){
            .path = config->path, .why = arena_str(&view->arena, cause.message)};
    }
    return true;
}

static bool holds(struct init_view *view, const char *folder, const char *name)
{
    return is_there(path_join(&view->arena, folder, name));
}

/* The top of something: home, where many projects lie, is none. */
static bool is_top(struct init_view *view)
{
    return holds(view, view->folder, ".git") || holds(view, view->folder, "package.json");
}

/* A clone in a clone, a project of cfkv's. */
static bool is_other(struct init_view *view, const char *folder)
{
    return holds(view, folder, ".git") || holds(view, folder, CONFIG_NAME);
}

/* Of a monorepo: a config a folder. */
static bool find_below(void *ctx, const char *path, const char *place, bool *deeper,
                       struct error *err)
{
    struct init_view *view = ctx;
    if (!*path)
        return true;
    const char *config = is_other(view, place) ? NULL : wrangler_find_beside(&view->arena, place);
    *deeper = !config && !is_other(view, place);
    return !config || add_below(view, path_join(&view->arena, path, path_name(config)), err);
}

/* ---- A folder without one -------------------------------------------------------------------- */

static const char *find_program(const struct init_view *view, struct arena *arena)
{
    for (const char *const *name = config_programs; *name; name++)
        if (is_there(path_join(arena, view->folder, *name)))
            return *name;
    return NULL;
}

/* The nearest folder that is there. */
static const char *nearest_folder(struct init_view *view)
{
    const char *folder = view->folder;
    struct stat st;
    while (stat(folder, &st) != 0 && strcmp(folder, path_parent(&view->arena, folder)) != 0)
        folder = path_parent(&view->arena, folder);
    return folder;
}

/* One that wrangler takes before all that lie above. */
static void choose_starter(struct init_view *view)
{
    const char *above = wrangler_find_config(&view->arena, nearest_folder(view));
    bool hides = above && !bytes_ends_with(bytes_of(above), bytes_of(".toml"));
    view->starter = hides ? "wrangler.json" : "wrangler.toml";
    view->needs_worker = !config_worker_is_there(view->folder);
}

static bool find_configs(struct init_view *view, bool named, struct error *err)
{
    const char *own = wrangler_find_beside(&view->arena, view->folder);
    const char *above = own ? NULL : wrangler_find_config(&view->arena, view->folder);
    if (own && !add_config(view, path_name(own), err))
        return *err->hint ? false : error_hint(err, "mend it, and run 'cfkv init' again");
    if (own)
        return true;
    view->program = find_program(view, &view->arena);
    if (view->program)
        return true;
    if (is_top(view) &&
        !folders_walk(&view->arena, view->folder, &below_limits, find_below, view, NULL, err))
        return false;
    if (view->n > 0)
        return true;
    if (above && !named)
        return refuse_config_above(view, above, err);
    choose_starter(view);
    return true;
}

/* ---- All ------------------------------------------------------------------------------------- */

static const char *own_name(struct init_view *view)
{
    struct error missing;
    const char *real = path_real(&view->arena, view->folder, &missing);
    return path_name(real ? real : path_plain(&view->arena, bytes_of(view->folder)));
}

/* Beside the program, as `make install` puts it; else where that does by default. */
static const char *find_stdlib(struct init_view *view)
{
    struct error missing;
    const char *program = path_real(&view->arena, "/proc/self/exe", &missing);
    const char *prefix =
        program ? path_parent(&view->arena, path_parent(&view->arena, program)) : "/usr/local";
    const char *found = path_join(&view->arena, prefix, STDLIB);
    return file_exists(found) ? found : "/usr/local/" STDLIB;
}

bool init_view_find(struct init_view *view, const char *folder, bool named, struct error *err)
{
    char name[QUOTED_SIZE];
    *view = (struct init_view){.folder = *folder ? folder : "."};
    struct stat st;
    if (stat(view->folder, &st) == 0 && !S_ISDIR(st.st_mode)) {
        error_set(err, ERR_USAGE, "%s is not a folder",
                  text_quoted(bytes_of(folder), name, sizeof name));
        return error_hint(err, "name a folder, or one that is to be made");
    }
    view->name = own_name(view);
    view->stdlib = find_stdlib(view);
    view->declared = is_there(path_join(&view->arena, view->folder, CONFIG_NAME));
    return view->declared || ((named || check_above(view, err)) && find_configs(view, named, err));
}

void init_view_release(struct init_view *view)
{
    for (size_t i = 0; i < view->n; i++)
        wrangler_config_release(&view->configs[i].content);
    arena_release(&view->arena);
}

/* ---- The repository -------------------------------------------------------------------------- */

/* The way up to the folder that has .git, "" or "../../"; "" too where there is none. */
static const char *way_to_top(struct init_view *view, const char *real)
{
    const char *way = "";
    for (const char *at = real;; at = path_parent(&view->arena, at)) {
        if (is_there(path_join(&view->arena, at, ".git")))
            return way;
        if (strcmp(at, path_parent(&view->arena, at)) == 0)
            return "";
        way = arena_printf(&view->arena, "%s../", way);
    }
}

/* And back from it: "." or "apps/api". */
static const char *way_from_top(struct init_view *view, const char *real, const char *up)
{
    const char *top = real;
    for (; *up; up += strlen("../"))
        top = path_parent(&view->arena, top);
    size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
    return strcmp(top, real) == 0 ? "." : real + len + 1;
}

static void write_repository(const struct init_view *found, struct json_writer *w)
{
    struct init_view view = {.folder = found->folder};
    struct error missing;
    const char *near = nearest_folder(&view);
    const char *real = path_real(&view.arena, near, &missing);
    /* What is not there yet lies below what is, by the same names. */
    const char *rest = strcmp(near, ".") == 0 && strcmp(view.folder, ".") != 0
                           ? view.folder
                           : view.folder + strlen(near);
    while (*rest == '/')
        rest++;
    real = real ? path_join(&view.arena, real, path_plain(&view.arena, bytes_of(rest))) : "/";
    const char *top = way_to_top(&view, real);
    json_field_str(w, "below", way_from_top(&view, real, top));
    json_field_str(w, "top", top);
    arena_release(&view.arena);
}

/* ---- As JSON --------------------------------------------------------------------------------- */

static void write_config(struct json_writer *w, const struct init_config *config, size_t number)
{
    config_view_write(w, &(struct config_view){.path = config->path,
                                               .content = &config->content,
                                               .free_binding = config->free_binding,
                                               .number = number});
}

static bool write_starter(const struct init_view *view, struct json_writer *w, struct error *err)
{
    struct buf text = {0};
    enum wrangler_syntax syntax;
    if (!view->starter) {
        json_null(w);
        return true;
    }
    wrangler_syntax_of(bytes_of(view->starter), &syntax);
    struct config_first first = {.folder = view->folder,
                                 .name = bytes_of(view->name),
                                 .main = bytes_of(WORKER),
                                 .syntax = syntax};
    bool ok = config_text_first(&first, NULL, 0, &text, err);
    json_begin_object(w);
    json_field_str(w, "config", view->starter);
    json_field_string(w, "text", buf_bytes(&text));
    json_field_str(w, "worker", view->needs_worker ? WORKER : NULL);
    json_end_object(w);
    buf_release(&text);
    return ok;
}

bool init_view_write(const struct init_view *view, struct json_writer *w, struct error *err)
{
    json_field_array(w, "skipped");
    for (size_t i = 0; i < view->n_skipped; i++) {
        json_begin_object(w);
        json_field_str(w, "path", view->skipped[i].path);
        json_field_str(w, "why", view->skipped[i].why);
        json_end_object(w);
    }
    json_end_array(w);
    write_repository(view, w);
    json_field_array(w, "configs");
    for (size_t i = 0; i < view->n; i++)
        write_config(w, &view->configs[i], i + 1);
    json_end_array(w);
    json_field_bool(w, "declared", view->declared);
    json_field_str(w, "folder", view->name);
    json_field_str(w, "program", view->program);
    json_key(w, "starter");
    bool ok = write_starter(view, w, err);
    json_field_str(w, "stdlib", view->stdlib);
    return ok;
}
