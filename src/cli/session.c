#include "session_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ci.h"
#include "base/clock.h"
#include "base/text.h"
#include "credentials.h"
#include "env_files.h"
#include "filters.h"
#include "kv/wrangler_find.h"
#include "locate.h"
#include "model/person.h"
#include "model/validate.h"
#include "offered_account.h"
#include "patterns.h"
#include "plan/config_notes.h"
#include "plan/config_reads.h"
#include "plan/observe.h"
#include "script/script.h"
#include "seed/seed.h"
#include "state_place.h"
#include "store/local.h"
#include "which.h"

void session_init(struct session *s, const char *command, const struct options *options,
                  struct output *output, struct interrupt *interrupt)
{
    *s = (struct session){
        .options = options,
        .output = output,
        .interrupt = interrupt,
        .command = command,
        .json_end = ",\n  \"format_version\": 1\n}\n",
        .now = clock_now(),
        .root = {.fd = -1},
        .target.lock.fd = -1,
        .own.lock.fd = -1,
    };
    model_init(&s->model);
    waits_begin(&s->waits, output);
}

void session_release(struct session *s)
{
    const struct state *state = &s->target.state;
    /* Said whatever else the command came to: from here on the colleagues' cfkv matters. */
    if (state->upgraded)
        output_note(s->output, "state '%s' is now of format version %d; an older cfkv refuses it",
                    state->backend.name, STATE_VERSION);
    plan_release(&s->plan);
    kv_release(&s->kv);
    target_close(&s->target);
    target_close(&s->own);
    s->interrupt->graceful = 0;
    model_release(&s->model);
    file_root_close(&s->root);
    arena_release(&s->arena);
}

void session_tell(void *ctx, const char *text)
{
    const struct session *s = ctx;
    output_note(s->output, "%s", text);
}

/* Of a file that was named the user's word is enough. */
bool session_locate_from(struct session *s, const char *folder, struct error *err)
{
    struct located found;
    if (!locate_config(&s->arena, folder, &found, err))
        return false;
    s->file = found.file;
    s->above = found.above;
    s->found = found.found;
    return true;
}

void session_settle_root(struct session *s)
{
    s->root_path = s->options->root ? s->options->root : path_parent(&s->arena, s->file);
}

bool session_locate(struct session *s, const char *named, struct error *err)
{
    const struct options *o = s->options;
    if (named && o->file)
        return error_set(err, ERR_USAGE, "the configuration is named twice: '%s' and --file '%s'",
                         named, o->file);
    s->file = named ? named : o->file;
    if (!s->file && !session_locate_from(s, ".", err))
        return false;
    session_settle_root(s);
    return true;
}

void session_reopen(struct session *s)
{
    plan_release(&s->plan);
    target_close(&s->target);
    s->plan = (struct plan){0};
}

bool session_read_env(struct session *s, struct error *err)
{
    struct buf told = {0};
    bool ok = env_files_read(&s->arena, &s->options->env_files, &s->env, &told, err);
    if (told.len)
        output_note(s->output, "%s", told.data);
    buf_release(&told);
    return ok;
}

/* ---- Evaluating ------------------------------------------------------------------------------ */

static void add_var(struct session *s, struct given_var var)
{
    arena_grow(&s->arena, (void **)&s->vars, &s->cap_vars, s->n_vars + 1, sizeof *s->vars);
    s->vars[s->n_vars++] = var;
}

/* A saved plan brings the vars along that it was made with; to give one again is no harm. */
static bool take_saved_vars(struct session *s, struct error *err)
{
    const struct options *o = s->options;
    const struct given_var *saved;
    size_t n;
    if (!plan_saved_vars(o->plan, &s->arena, &saved, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *given = NULL;
        for (size_t k = 0; k < o->n_vars; k++)
            if (strcmp(o->vars[k].name, saved[i].name) == 0)
                given = o->vars[k].value;
        if (!given) {
            add_var(s, saved[i]);
        } else if (strcmp(given, saved[i].value) != 0) {
            error_set(err, ERR_STALE, "the saved plan was made with --var %s=%s, not with %s",
                      saved[i].name, saved[i].value, given);
            return error_hint(err, "leave --var %s out, or plan again", saved[i].name);
        }
    }
    return true;
}

static bool collect_vars(struct session *s, struct error *err)
{
    const struct options *o = s->options;
    for (size_t i = 0; i < o->n_vars; i++)
        add_var(s, o->vars[i]);
    return !o->plan || take_saved_vars(s, err);
}

/* There is no configuration: how to come to one. */
static bool hint_missing(struct session *s, bool named, struct error *err)
{
    struct buf init = {0};
    if (*err->hint)
        return false;
    if (named || file_exists(s->file))
        return error_hint(err, "name the configuration with -f FILE");
    const char *config = wrangler_find_config(&s->arena, ".");
    const char *folder = config ? path_parent(&s->arena, config) : ".";
    buf_add_str(&init, "cfkv init");
    if (!wrangler_path_same(&s->arena, folder, ".")) {
        buf_add_char(&init, ' ');
        text_shell_word(&init, bytes_of(folder));
    }
    if (config)
        error_hint(err, "'%s' makes one of the bindings in %s; -f FILE names another", init.data,
                   config);
    else
        error_hint(err, "'cfkv init' begins a project here; -f FILE names another configuration");
    buf_release(&init);
    return false;
}

static bool evaluate_file(struct session *s, bool named, struct error *err)
{
    const struct options *o = s->options;
    if (!collect_vars(s, err))
        return false;
    struct script_options script = {
        .file = s->file,
        .root = s->root_path,
        .vars = s->vars,
        .n_vars = s->n_vars,
        .env = &s->env,
        .limits = {.memory = o->eval_memory,
                   .instructions = o->eval_instructions,
                   .seconds = (unsigned)o->eval_seconds},
        .json_end = o->json && !s->output->wrote ? s->json_end : NULL,
    };
    if (script_evaluate(&script, &s->model, err))
        return true;
    return err->code == ERR_NOT_FOUND && hint_missing(s, named || o->file, err);
}

/* Where a file is or will be, however it is spelled; NULL: its folder is not there either. */
static const char *place_of(struct session *s, const char *path)
{
    struct error err;
    const char *real = path_real(&s->arena, path_parent(&s->arena, path), &err);
    return real ? path_join(&s->arena, real, path_name(path)) : NULL;
}

/* A wrangler config that is the state (by the name that --state gave it) or the configuration. */
static void check_own_files(struct session *s)
{
    const char *own[] = {s->file, s->options->state_path};
    for (size_t i = 0; i < s->model.n_wranglers; i++) {
        const struct wrangler_decl *w = &s->model.wranglers[i];
        const char *name = w->path.data ? path_plain(&s->arena, w->path) : NULL;
        const char *place = name ? place_of(s, path_join(&s->arena, s->root_path, name)) : NULL;
        for (size_t k = 0; place && k < sizeof own / sizeof *own; k++) {
            const char *mine = own[k] ? place_of(s, own[k]) : NULL;
            if (mine && strcmp(mine, place) == 0)
                diag_add(&s->model.diags, DIAG_ERROR, "wrangler.path", w->pos,
                         "wrangler path '%s' is the %s", name,
                         k == 0 ? "configuration itself" : "state file");
        }
    }
}

/* What a plan would find in the wrangler configs, as far as nobody needs to be asked. */
static void check_configs(struct session *s)
{
    struct configs configs = {0};
    struct error told;
    if (s->model.diags.errors == 0 &&
        configs_read(&configs, &s->model, s->root_path, &s->model.diags, &told) &&
        configs_check(&configs, &s->model, &s->model.diags, &told))
        configs_note_redirected(&configs, s->root_path, &s->model.diags);
    configs_release(&configs);
}

/* Neither the local store nor a part of the project, and the state that everybody has. */
static bool is_for_all(const struct options *o)
{
    return !o->local && !o->state_path && o->envs.n == 0 && o->only.n == 0;
}

static bool validate_all(struct session *s, struct error *err)
{
    struct diag_list *diags = &s->model.diags;
    model_validate(&s->model, s->now);
    if (is_for_all(s->options))
        person_warn(&s->model);
    check_own_files(s);
    config_paths_check(&s->model, s->root_path, diags);
    if (!seed_validate(&s->model, &s->root, s->now, err))
        return false;
    if (s->reads_configs)
        check_configs(s);
    if (s->options->strict)
        diag_make_strict(diags);
    diag_locate(diags, &s->model.texts);
    diag_sort(diags);
    if (!s->mute)
        output_diagnostics(s->output, diags);
    return diag_check(diags, err);
}

/* The first line says which file it is; and what is done without a question needs it named. */
static bool check_named(const struct session *s, struct error *err)
{
    char name[256];
    if (!s->above || s->mute)
        return true;
    text_quoted(bytes_of(s->file), name, sizeof name);
    output_note(s->output, "the configuration is %s, found above the current folder", name);
    if (!s->options->yes || s->options->folder)
        return true;
    error_set(err, ERR_GUARD,
              "with --yes '%s' takes no configuration that was found above the "
              "current folder, %s",
              s->command, name);
    return error_hint(err, "name it: -f %s, or -C with its folder", name);
}

bool session_evaluate(struct session *s, const char *named, struct error *err)
{
    if (!session_locate(s, named, err) || !check_named(s, err) ||
        !evaluate_file(s, named != NULL, err))
        return false;
    if (!s->options->local) /* its store has one namespace for both: what `wrangler dev` reads */
        model_add_previews(&s->model);
    if (!file_root_open(&s->root, s->root_path, err) || !validate_all(s, err))
        return false;
    s->evaluated = true;
    state_place_note(s);
    return true;
}

bool session_evaluate_any(struct session *s, const char *named, struct error *err)
{
    struct stat st;
    if (!session_locate(s, named, err))
        return false;
    /* A link to nothing is a slip, and not no configuration. */
    if (named || s->options->file || lstat(s->file, &st) == 0)
        return session_evaluate(s, named, err);
    output_note(
        s->output,
        "there is no %s here or above: nothing is declared ('cfkv import --all' writes one)",
        path_name(s->file));
    model_validate(&s->model, s->now);
    return file_root_open(&s->root, s->root_path, err);
}

/* ---- Planning -------------------------------------------------------------------------------- */

struct store *session_service(const struct session *s)
{
    return s->target.local ? NULL : s->target.store;
}

static bool is_given(const struct permit *p)
{
    return p->bare || p->n > 0;
}

static bool refuse_beside_plan(const struct options *o, struct error *err)
{
    if (o->envs.n == 0 && o->only.n == 0 && !o->no_adopt && o->refresh == REFRESH_VALUES &&
        !is_given(&o->permits.data_loss) && !is_given(&o->permits.mass_delete) && !o->no_backup &&
        !o->take_over)
        return true;
    error_set(err, ERR_USAGE,
              "--plan brings its own --env, --only, --refresh, --no-adopt, --no-backup, "
              "--take-over and permissions");
    return error_hint(err, "give them to cfkv plan --out");
}

static struct plan_options given_options(struct session *s)
{
    const struct options *o = s->options;
    progress_begin(&s->looking, s->output, session_service(s), "looking at");
    return (struct plan_options){
        .envs = o->envs.items,
        .n_envs = o->envs.n,
        .only = patterns_only(s),
        .n_only = o->only.n,
        .refresh = (enum refresh)o->refresh,
        .no_adopt = o->no_adopt,
        .destroy = s->destroy,
        .sweep = s->sweep,
        .permits = patterns_permits(s),
        .no_backup = o->no_backup,
        .vars = s->vars,
        .n_vars = s->n_vars,
        .take_over = o->take_over,
        .on_look = progress_look,
        .look_ctx = &s->looking,
        .now = s->now,
    };
}

/* On the local target an account is nobody's business. */
static bool make_options(struct session *s, struct plan_options *options, struct error *err)
{
    const char *account;
    *options = given_options(s);
    if (!s->options->local && !credentials_account(&s->env, &account, err))
        return false;
    if (!s->options->local && account)
        options->deploy_account = bytes_of(account);
    return true;
}

bool session_plan_options(struct session *s, struct plan_options *options, struct error *err)
{
    const struct options *o = s->options;
    if (!make_options(s, options, err))
        return false;
    if (o->plan &&
        (!refuse_beside_plan(o, err) || !plan_saved_options(o->plan, &s->arena, options, err)))
        return false;
    return filters_check(&s->model, &s->target.state, options, s->options->local, err);
}

bool session_audit_options(struct session *s, struct plan_options *options, struct error *err)
{
    if (!make_options(s, options, err))
        return false;
    struct plan_options envs = *options;
    envs.n_only = 0;
    return filters_check(&s->model, &s->target.state, &envs, s->options->local, err);
}

bool session_plan(struct session *s, bool destroy, struct error *err)
{
    struct plan_options options;
    s->destroy = destroy;
    if (!session_plan_options(s, &options, err))
        return false;
    bool ok = plan_make(&s->plan, &s->model, &s->target, &s->root, &options, err);
    diag_locate(&s->plan.notes, &s->model.texts);
    return ok;
}

struct apply_options session_apply_options(struct session *s)
{
    return (struct apply_options){.jobs = (unsigned)s->options->jobs,
                                  .fleeting = ci_running(),
                                  .tell = session_tell,
                                  .tell_ctx = s};
}

/* ---- Failing --------------------------------------------------------------------------------- */

static const char *failure_code(enum error_code code)
{
    switch (code) {
    case ERR_IO:
        return "failure.io";
    case ERR_FORMAT:
    case ERR_ANSWER:
        return "failure.format";
    case ERR_LIMIT:
        return "failure.limit";
    case ERR_GUARD:
        return "failure.refused";
    case ERR_STALE:
        return "failure.stale";
    case ERR_LOCKED:
        return "failure.locked";
    case ERR_AWAY:
        return "failure.away";
    case ERR_NOT_FOUND:
        return "failure.not_found";
    case ERR_EXISTS:
        return "failure.exists";
    case ERR_INTERRUPTED:
        return "failure.interrupted";
    case ERR_USAGE:
        return "failure.usage";
    default:
        return "failure.failed";
    }
}

void session_diagnostics(const struct session *s, const struct error *failure,
                         struct diag_list *all)
{
    diag_add_all(all, &s->model.diags);
    diag_add_all(all, &s->plan.notes);
    /* An invalid configuration is told by its diagnostics, a refused plan by its notes. */
    enum error_code code = failure ? failure->code : ERR_NONE;
    bool told = all->errors > 0 && (code == ERR_INVALID || code == ERR_GUARD || code == ERR_FAILED);
    if (!failure || told)
        return;
    diag_add(all, DIAG_ERROR, failure_code(code), (struct srcpos){0}, "%s", failure->message);
    if (*failure->hint)
        diag_hint(all, "%s", failure->hint);
}

void session_write_failure(const struct session *s, const struct error *failure, struct buf *out)
{
    struct diag_list all = {0};
    session_diagnostics(s, failure, &all);
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "diagnostics");
    diag_write_json(&all, &w);
    json_field_int(&w, "format_version", 1);
    json_end_object(&w);
    buf_add_char(out, '\n');
    diag_release(&all);
}
