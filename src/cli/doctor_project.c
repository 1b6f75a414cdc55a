/* What cfkv doctor sees of this machine and of the project. */
#include "doctor.h"
#include "doctor_state.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/map.h"
#include "base/spawn.h"
#include "credentials.h"
#include "host/host.h"
#include "kv/wrangler_find.h"
#include "state/state_file.h"
#include "store/local.h"

/* ---- Versions -------------------------------------------------------------------------------- */

void doctor_versions(struct doctor *d)
{
    struct error err;
    struct arena *arena = &d->s->arena;
    const char *libcurl = cloudflare_store_library(&err);
    if (!libcurl)
        doctor_error(d, "libcurl", "missing", DOCTOR_WRONG, &err);
    doctor_begin(d, "versions", "known", DOCTOR_OK);
    json_field_str(&d->w, "cfkv", CFKV_VERSION);
    json_field_str(&d->w, "libcurl", libcurl);
    json_field_str(&d->w, "lua", host_lua());
    json_field_str(&d->w, "sqlite", local_store_library());
    json_field_str(&d->w, "wrangler", wrangler_installed(arena, "."));
    doctor_end(d);
}

/* ---- The configuration ----------------------------------------------------------------------- */

static size_t count_envs(const struct model *m)
{
    struct map envs = {0};
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (m->namespaces[i].env.data)
            map_set(&envs, m->namespaces[i].env, i);
    size_t n = envs.n;
    map_release(&envs);
    return n;
}

/* What an evaluation found, of which validate tells all. */
static void add_evaluated(struct doctor *d, const struct error *err)
{
    const struct model *m = &d->s->model;
    const struct diag_list *all = &m->diags;
    const struct diag *first = NULL;
    for (size_t i = 0; i < all->n && !first; i++)
        if (all->items[i].severity == DIAG_ERROR || all->errors == 0)
            first = &all->items[i];
    if (!d->evaluated && (err->code != ERR_INVALID || !first)) {
        doctor_error(d, "configuration", "broken", DOCTOR_WRONG, err);
        return;
    }
    doctor_begin(d, "configuration",
                 !d->evaluated ? "invalid"
                 : first       ? "warned"
                               : "valid",
                 !d->evaluated ? DOCTOR_WRONG
                 : first       ? DOCTOR_WARNING
                               : DOCTOR_OK);
    json_field_bool(&d->w, "above", d->s->above);
    json_field_count(&d->w, "environments", count_envs(m));
    json_field_count(&d->w, "errors", all->errors);
    json_field_str(&d->w, "file", d->config);
    json_field_str(&d->w, "first", first ? first->message : NULL);
    json_field_str(&d->w, "first_file", first ? first->pos.file : NULL);
    json_field_int(&d->w, "first_line", first ? first->pos.line : 0);
    json_field_count(&d->w, "namespaces", m->n_namespaces);
    json_field_text(&d->w, "project", m->project.name);
    json_field_count(&d->w, "warnings", all->n - all->errors);
    doctor_end(d);
}

static void look_at_configuration(struct doctor *d)
{
    struct session *s = d->s;
    const char *named = s->options->args.n > 0 ? s->options->args.items[0] : NULL;
    struct error err = {0};
    bool located = session_locate(s, named, &err);
    if (!located)
        doctor_error(d, "configuration", "refused", DOCTOR_WRONG, &err);
    if (!located || (!named && !s->options->file && !file_exists(s->file))) {
        if (located) {
            doctor_begin(d, "configuration", "none", DOCTOR_WARNING);
            doctor_end(d);
        }
        s->file = located ? s->file : "kv.lua";
        s->root_path = s->options->root ? s->options->root : path_parent(&s->arena, s->file);
        return;
    }
    d->config = s->file;
    s->mute = s->reads_configs = true;
    d->evaluated = session_evaluate(s, named, &err);
    add_evaluated(d, &err);
}

/* ---- The state and its lock ------------------------------------------------------------------ */

static struct target_options options_of(const struct doctor *d, enum target_kind kind)
{
    const struct session *s = d->s;
    return (struct target_options){.kind = kind,
                                   .config = s->file,
                                   .root = s->root_path,
                                   .state_path = s->options->state_path,
                                   .project = s->model.project.name,
                                   .command = "cfkv doctor",
                                   .interrupted = &s->interrupt->pending};
}

static size_t count_recorded(const struct state *state, size_t *creating)
{
    size_t n = 0;
    *creating = 0;
    for (size_t i = 0; i < state->n_accounts; i++) {
        n += state_count(&state->accounts[i]);
        *creating += state->accounts[i].n_creating;
    }
    return n;
}

/* What an apply that was killed has left is no fault: the next one goes on with it. */
void doctor_add_state(struct doctor *d)
{
    const struct state *state = &d->target.state;
    size_t creating, n = count_recorded(state, &creating);
    bool left = state->journaled || creating > 0;
    doctor_begin(d, "state",
                 left           ? "unfinished"
                 : state->fresh ? "none"
                                : "readable",
                 left ? DOCTOR_WARNING : DOCTOR_OK);
    json_field_count(&d->w, "accounts", state->n_accounts);
    json_field_count(&d->w, "creating", creating);
    json_field_str(&d->w, "file", state->backend.name);
    json_field_bool(&d->w, "journal", state->journaled);
    json_field_count(&d->w, "namespaces", n);
    json_field_text(&d->w, "project", state->project);
    json_field_int(&d->w, "version", state->version);
    json_field_int(&d->w, "version_now", STATE_VERSION);
    doctor_end(d);
}

static void look_at_lock(struct doctor *d, const char *check, const char *path)
{
    struct lock_holder holder;
    bool held = lock_look(path, &holder);
    if (!held && !*holder.pid)
        return;
    doctor_begin(d, check, held ? "held" : "left", held ? DOCTOR_WARNING : DOCTOR_OK);
    json_field_str(&d->w, "command", holder.command);
    json_field_str(&d->w, "file", path);
    json_field_str(&d->w, "host", holder.host);
    json_field_str(&d->w, "pid", holder.pid);
    doctor_end(d);
}

/* The path of the file; NULL: it is in none. */
static const char *look_at_state(struct doctor *d)
{
    struct target_options options = options_of(d, TARGET_STATE);
    struct arena *arena = &d->s->arena;
    struct state_place place;
    struct error err;
    if (!state_place_find(d->s, &place, &err)) {
        doctor_error(d, "state", "broken", DOCTOR_WRONG, &err);
        return NULL;
    }
    if (place.address) {
        d->has_state = doctor_remote_state(d, &place);
        return NULL;
    }
    const char *path = place.path ? place.path : state_path_for(arena, d->s->file);
    const char *real = state_path_followed(arena, path, &err);
    options.state_path = place.path;
    d->has_state = real && target_open(&d->target, &options, &err);
    if (d->has_state)
        doctor_add_state(d);
    else
        doctor_error(d, "state", "broken", DOCTOR_WRONG, &err);
    if (real)
        look_at_lock(d, "lock", arena_printf(arena, "%s.lock", real));
    return path;
}

/* ---- git ------------------------------------------------------------------------------------- */

/* What git says in the folder of a file; the exit code, or -1. A repository's own configuration
 * may name a program that is run for its index (core.fsmonitor); not by us. */
static int git(const char *folder, const char *const *words, struct buf *out)
{
    static const char *const env[] = {"GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", NULL};
    const char *argv[16] = {"git", "-c", "core.fsmonitor=false", "-C", folder};
    struct spawn spawn = {.argv = argv, .env = env, .seconds = 5};
    struct error unheard;
    int code;
    for (size_t n = 5, i = 0; words[i]; i++)
        argv[n++] = words[i];
    buf_clear(out);
    return spawn_run(&spawn, out, &code, &unheard) ? code : -1;
}

struct git_file {
    bool tracked, ignored, merged; /* .gitattributes gives it the merge driver */
};

/* false: there is no git, no repository, or no answer. */
static bool git_look(const char *folder, const char *name, struct git_file *f)
{
    struct buf out = {0};
    const char *const inside[] = {"rev-parse", "--is-inside-work-tree", NULL};
    const char *const tracked[] = {"ls-files", "--error-unmatch", "--", name, NULL};
    const char *const ignored[] = {"check-ignore", "-q", "--", name, NULL};
    const char *const merge[] = {"check-attr", "merge", "--", name, NULL};
    bool ok = git(folder, inside, &out) == 0 && out.len > 0 && out.data[0] == 't';
    if (ok) {
        f->tracked = git(folder, tracked, &out) == 0;
        f->ignored = git(folder, ignored, &out) == 0;
        f->merged =
            git(folder, merge, &out) == 0 && out.len > 0 && strstr(out.data, "merge: cfkv\n");
    }
    buf_release(&out);
    return ok;
}

static bool git_has_driver(const char *folder)
{
    const char *const words[] = {"config", "--get", "merge.cfkv.driver", NULL};
    struct buf out = {0};
    bool has = git(folder, words, &out) == 0;
    buf_release(&out);
    return has;
}

static void look_at_git(struct doctor *d, const char *state)
{
    const char *folder = path_parent(&d->s->arena, state);
    struct git_file f = {0};
    if (!d->has_state || d->target.state.fresh || !git_look(folder, path_name(state), &f))
        return;
    bool driver = f.merged && git_has_driver(folder);
    bool undecided = !f.tracked && !f.ignored, helpless = f.tracked && f.merged && !driver;
    doctor_begin(d, "git",
                 undecided   ? "undecided"
                 : helpless  ? "no_driver"
                 : f.tracked ? "committed"
                             : "ignored",
                 undecided || helpless ? DOCTOR_WARNING : DOCTOR_OK);
    json_field_bool(&d->w, "driver", driver);
    json_field_str(&d->w, "file", state);
    doctor_end(d);
}

/* Files with credentials: whoever reads the repository has those that are in it. */
static void look_at_secret(struct doctor *d, const char *path)
{
    struct git_file f = {0};
    struct stat st;
    bool open = stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077);
    bool committed = git_look(path_parent(&d->s->arena, path), path_name(path), &f) && f.tracked;
    if (!open && !committed)
        return;
    doctor_begin(d, "secrets", committed ? "committed" : "readable",
                 committed ? DOCTOR_WRONG : DOCTOR_WARNING);
    json_field_str(&d->w, "file", path);
    doctor_end(d);
}

static void look_at_secrets(struct doctor *d)
{
    const struct text_list *files = &d->s->options->env_files;
    struct credentials_source token;
    for (size_t i = 0; i < files->n; i++)
        look_at_secret(d, files->items[i]);
    if (credentials_source(&d->s->env, "CLOUDFLARE_API_TOKEN_FILE", &token))
        look_at_secret(d, token.value);
}

/* ---- wrangler -------------------------------------------------------------------------------- */

/* The declared config that it is; NULL: none. */
static const struct wrangler_decl *find_declared(struct doctor *d, const char *found)
{
    const struct model *m = &d->s->model;
    struct arena *arena = &d->s->arena;
    for (size_t i = 0; i < m->n_wranglers; i++) {
        const struct wrangler_decl *w = &m->wranglers[i];
        if (w->path.data &&
            wrangler_path_same(arena, path_join(arena, d->s->root_path, path_plain(arena, w->path)),
                               found))
            return w;
    }
    return NULL;
}

static void add_wrangler(struct doctor *d, const char *found, const struct wrangler_config *config)
{
    const struct model *m = &d->s->model;
    struct arena *arena = &d->s->arena;
    bool declared = find_declared(d, found) != NULL;
    bool unread = d->evaluated && m->n_wranglers > 0 && !declared;
    const char *redirect = wrangler_find_redirect(arena, d->s->root_path);
    doctor_begin(d, "wrangler_config", unread ? "undeclared" : "read",
                 unread ? DOCTOR_WARNING : DOCTOR_OK);
    json_field_text(&d->w, "account_id", config->account_id);
    json_field_count(&d->w, "bindings", config->n_bindings);
    json_field_bool(&d->w, "declared", declared);
    json_field_str(&d->w, "file", wrangler_path_shown(arena, d->s->root_path, found));
    json_field_str(&d->w, "redirect",
                   redirect ? wrangler_path_shown(arena, d->s->root_path, redirect) : NULL);
    doctor_end(d);
}

static void look_at_wrangler(struct doctor *d)
{
    const char *found = wrangler_find_config(&d->s->arena, d->s->root_path);
    struct wrangler_config config = {0};
    struct error err;
    d->wrangler_config = found;
    if (!found) {
        doctor_begin(d, "wrangler_config", "none", DOCTOR_OK);
        doctor_end(d);
        return;
    }
    if (wrangler_config_load(found, &config, &err))
        add_wrangler(d, found, &config);
    else
        doctor_error(d, "wrangler_config", "broken", DOCTOR_WRONG, &err);
    wrangler_config_release(&config);
}

/* ---- The local store ------------------------------------------------------------------------- */

/* Whether all databases of what is recorded can be used. */
static bool check_databases(struct session *s, struct error *err)
{
    const struct state *state = &s->own.state;
    for (size_t i = 0; i < state->n_accounts; i++)
        for (size_t k = 0; k < state->accounts[i].n; k++) {
            const struct state_namespace *ns = &state->accounts[i].namespaces[k];
            bool any;
            if (!ns->removed && !local_store_has_keys(s->own.local, ns->id, &any, err))
                return false;
        }
    return true;
}

/* Those of the states in it, and its own. */
static void look_at_local_locks(struct doctor *d, const char *folder)
{
    DIR *dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        struct bytes name = bytes_of(entry->d_name);
        if (bytes_starts_with(name, bytes_of("cfkv.")) && bytes_ends_with(name, bytes_of(".lock")))
            look_at_lock(d, "local_lock", path_join(&d->s->arena, folder, entry->d_name));
    }
    if (dir)
        closedir(dir);
}

static void look_at_local_store(struct doctor *d)
{
    struct session *s = d->s;
    struct error err;
    int64_t version = 0;
    size_t n = 0;
    if (!session_open_own(s, &err) || !local_store_registry(s->own.local, &version, &n, &err) ||
        !check_databases(s, &err)) {
        doctor_error(d, "local_store", "broken", DOCTOR_WRONG, &err);
        return;
    }
    bool left = s->own.state.journaled;
    const char *folder = local_store_folder(s->own.local, false, &err);
    doctor_begin(d, "local_store",
                 left           ? "unfinished"
                 : version == 0 ? "none"
                                : "usable",
                 left ? DOCTOR_WARNING : DOCTOR_OK);
    json_field_str(&d->w, "folder", folder);
    json_field_count(&d->w, "namespaces", n);
    json_field_int(&d->w, "version", version);
    doctor_end(d);
    look_at_local_locks(d, folder);
}

void doctor_project(struct doctor *d)
{
    look_at_configuration(d);
    const char *state = look_at_state(d);
    if (state)
        look_at_git(d, state);
    look_at_secrets(d);
    look_at_wrangler(d);
    look_at_local_store(d);
}
