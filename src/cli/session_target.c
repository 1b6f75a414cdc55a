#include "session_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/ci.h"
#include "base/clock.h"
#include "base/text.h"
#include "credentials.h"
#include "env_files.h"
#include "locate.h"
#include "offered_account.h"
#include "patterns.h"
#include "store/local.h"
#include "which.h"

/* Never falls back to a target that was not asked for. */
static bool need_target(const struct session *s, struct error *err)
{
    if (s->options->local && s->options->remote)
        return error_set(err, ERR_USAGE, "--local and --remote exclude each other");
    if (s->options->persist_to && !s->options->local) {
        error_set(err, ERR_USAGE, "--persist-to goes with --local, which was not given");
        return error_hint(err, "add --local; the account's keys are in no folder");
    }
    if (s->options->local || credentials_given(&s->env))
        return true;
    struct buf hint = {0};
    buf_add_str(&hint, "set CLOUDFLARE_API_TOKEN (or CLOUDFLARE_API_TOKEN_FILE, or "
                       "CFKV_CREDENTIALS_COMMAND) for the account, "
                       "or add --local for the store that wrangler dev reads");
    env_files_hint(&s->options->env_files, s->root_path, &hint);
    error_set(err, ERR_USAGE, "'%s' needs a target, and none was given", s->command);
    error_hint(err, "%s", hint.data);
    buf_release(&hint);
    return false;
}

#define INTERRUPT_GRACE_MS 2000

struct http_options session_http(struct session *s)
{
    struct http_options http = {.wait_unit_ms = clock_wait_unit_ms(),
                                .interrupted = &s->interrupt->pending,
                                .log = s->output->verbose ? session_tell : NULL,
                                .log_ctx = s,
                                .wait = waits_tell,
                                .wait_ctx = &s->waits};
    if (s->impatient) {
        http.connect_timeout_s = 5;
        http.request_timeout_s = 10;
        http.total_timeout_s = 20;
        http.max_attempts = 1;
    }
    return http;
}

bool session_cloudflare(struct session *s, struct cloudflare_options *c, struct error *err)
{
    const struct options *o = s->options;
    *c = (struct cloudflare_options){.http = session_http(s)};
    c->http.jobs = (unsigned)o->jobs;
    c->http.budget_requests = (unsigned)o->rate.requests;
    c->http.budget_seconds = (unsigned)o->rate.seconds;
    c->http.interrupt_grace_ms = INTERRUPT_GRACE_MS;
    c->http.beat = session_beat;
    c->http.beat_ctx = s;
    return credentials_read(&s->arena, &s->env, &s->printed, c, err);
}

/* A name that the state knows and the configuration lacks is no agreement: an emptied file must not
 * delete what the state holds. */
static bool check_project(const struct session *s, struct error *err)
{
    const struct state *state = &s->target.state;
    char name[80], file[256];
    if (s->model.project.name.len > 0 || !state->project.len)
        return true;
    error_set(err, ERR_FAILED, "state '%s' belongs to project %s, and %s names no project",
              state->backend.name, text_quoted(state->project, name, sizeof name),
              text_quoted(bytes_of(s->file), file, sizeof file));
    return error_hint(err,
                      "add cfkv.project { name = \"%.*s\" }, or name the state that goes with "
                      "the configuration by --state",
                      BYTES_FMT(state->project));
}

/* The account whose namespaces a plan lists first, where the common credentials do and it is known
 * without asking; data NULL: it cannot be told. */
static struct bytes listed_next(const struct session *s)
{
    const struct model *m = &s->model;
    if (!s->evaluated || !m->project.declared || m->project.accounts.n > 0 ||
        s->options->refresh == REFRESH_NONE)
        return bytes_make(NULL, 0);
    struct bytes account =
        m->n_namespaces > 0 ? namespace_account(m, &m->namespaces[0]) : m->project.account_id;
    return account.len > 0 ? account : bytes_make("", 0);
}

static bool open_target(struct session *s, enum target_kind kind, bool write, bool with_remote,
                        struct error *err)
{
    const struct options *o = s->options;
    struct cloudflare_options cloudflare = {0};
    if (kind == TARGET_CLOUDFLARE && !session_cloudflare(s, &cloudflare, err))
        return false;
    s->interrupt->graceful = write;
    struct target_options target = {
        .kind = kind,
        .cloudflare = cloudflare,
        .config = s->file,
        .root = s->root_path,
        .project = s->model.project.name,
        .write = write,
        .listed_next = with_remote ? listed_next(s) : bytes_make(NULL, 0),
        .with_remote = with_remote,
        .lock_timeout = o->lock_timeout,
        .command = arena_printf(&s->arena, "cfkv %s", s->command),
        .interrupted = &s->interrupt->pending,
    };
    if (!session_place_state(s, kind == TARGET_LOCAL, &target, err) ||
        !target_open(&s->target, &target, err) || (s->evaluated && !check_project(s, err)))
        return false;
    if (s->model.project.declared)
        s->target.words.names = &s->model.project.accounts;
    return kind != TARGET_CLOUDFLARE ||
           credentials_of_accounts(&s->arena, &s->env, s->target.words.names, s->target.store, err);
}

/* Where nobody said which account is meant: what the wrangler configs say. `m` may be NULL. */
static void offer_account(struct session *s, const struct model *m)
{
    if (!*cloudflare_store_known_account(s->target.store))
        cloudflare_store_hint_account(s->target.store, offered_account(&s->arena, m, s->root_path));
}

bool session_open_target(struct session *s, bool write, struct error *err)
{
    enum target_kind kind = s->options->local ? TARGET_LOCAL : TARGET_CLOUDFLARE;
    struct model *m = &s->model;
    struct bytes id;
    if (!need_target(s, err) || !open_target(s, kind, write, true, err))
        return false;
    /* When nothing is declared any more, what the default account holds is still to be removed. */
    bool needs_account = m->n_namespaces == 0 && !m->project.account_id.len;
    for (size_t i = 0; i < m->n_namespaces; i++)
        needs_account = needs_account || !namespace_account(m, &m->namespaces[i]).len;
    if (needs_account && !s->options->local) {
        if (!s->evaluated) /* nothing was asked: what was declared when it was applied */
            cloudflare_store_suggest_account(s->target.store, s->target.state.settings.account_id);
        offer_account(s, m);
        if (!target_account(&s->target, &id, err))
            return false;
        m->project.account_id = arena_copy(&m->arena, id); /* from here on as if declared */
        m->project.account_assumed = true;
    }
    target_keep_to(&s->target, m);
    target_find_accounts(&s->target, m);
    return true;
}

/* The project is that of the folder, else that of the config which --binding read. Where there is
 * none, the local store lies beside the config. */
static bool locate_bound(struct session *s, struct error *err)
{
    const struct options *o = s->options;
    struct kv_binding binding = which_binding(o);
    if (o->binding && !kv_binding_read(&binding, &s->arena, &s->bound, err))
        return false;
    if (!o->binding || o->file || o->root)
        return session_locate(s, NULL, err);
    const char *folder = path_parent(&s->arena, s->bound.config);
    if (!session_locate_from(s, o->wrangler_config ? folder : ".", err) ||
        (!s->found && !session_locate_from(s, o->wrangler_config ? "." : folder, err)))
        return false;
    if (!s->found && o->local)
        s->file = path_join(&s->arena, folder, CONFIG_NAME);
    session_settle_root(s);
    return true;
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value;
}

/* Of who works outside of a project: "~/.local/state/cfkv/backups". */
static const char *own_backups(struct arena *arena)
{
    if (is_set("XDG_STATE_HOME"))
        return arena_printf(arena, "%s/cfkv/backups", getenv("XDG_STATE_HOME"));
    return arena_printf(arena, "%s/.local/state/cfkv/backups",
                        is_set("HOME") ? getenv("HOME") : ".");
}

static bool is_same_folder(struct session *s, const char *a, const char *b)
{
    struct error ignored;
    const char *real_a = path_real(&s->arena, a, &ignored);
    const char *real_b = path_real(&s->arena, b, &ignored);
    return real_a && real_b && strcmp(real_a, real_b) == 0;
}

/* What was begun in one folder of --persist-to is not gone on with in another. */
static const char *service_word(struct session *s)
{
    const struct options *o = s->options;
    struct error unheard;
    const char *here = path_real(&s->arena, ".", &unheard);
    if (!s->target.local)
        return credentials_base_url();
    return o->persist_to ? arena_printf(&s->arena, "local in %s",
                                        path_join(&s->arena, here ? here : ".", o->persist_to))
                         : "local";
}

/* The local store of a folder, whose state the command line names, for reading. */
static bool open_own(struct session *s, const char *root, bool with_remote, struct error *err)
{
    struct target_options own = {.kind = TARGET_LOCAL,
                                 .config = s->file,
                                 .root = root,
                                 .project = s->model.project.name,
                                 .with_remote = with_remote,
                                 .command = s->command,
                                 .interrupted = &s->interrupt->pending};
    return session_place_state(s, true, &own, err) && target_open(&s->own, &own, err);
}

static bool open_kv(struct session *s, struct error *err)
{
    const struct options *o = s->options;
    struct kv *kv = &s->kv;
    struct state *recorded = &s->target.state;
    /* A local store that --root puts elsewhere, and that no apply was for, is known to the
     * project's own: what a namespace is says its id. */
    const char *home = path_parent(&s->arena, s->file);
    if (s->target.local && o->root && recorded->fresh && file_exists(s->file) &&
        !is_same_folder(s, home, s->root_path)) {
        if (!open_own(s, home, false, err))
            return false;
        recorded = &s->own.state;
    }
    if (!target_kv(&s->target, recorded, s->now, kv, err))
        return false;
    kv->service = service_word(s);
    kv->jobs = (unsigned)o->jobs;
    kv->permits = patterns_permits(s);
    kv->backups.off = o->no_backup;
    kv->tell = session_tell;
    kv->tell_ctx = s;
    bool outside = s->target.state.fresh && !file_exists(s->file);
    kv->backups.fleeting = !outside && ci_running();
    if (outside)
        kv->backups.dir = own_backups(&s->arena);
    return true;
}

bool session_open_store(struct session *s, bool write, struct error *err)
{
    const struct options *o = s->options;
    enum target_kind kind = o->local ? TARGET_LOCAL : TARGET_CLOUDFLARE;
    struct state *state = &s->target.state;
    if (!which_check_binding(o, err) || !need_target(s, err) || !locate_bound(s, err) ||
        !open_target(s, kind, false, false, err) || !open_kv(s, err))
        return false;
    s->interrupt->graceful = write;
    if (!s->target.local) {
        cloudflare_store_suggest_account(s->target.store, state->settings.account_id);
        offer_account(s, NULL);
        target_add_account(&s->target, s->bound.account_id);
        return true;
    }
    /* A namespace that the project's local store does not know is where wrangler keeps it: beside
     * the config that binds it. */
    bool known = !s->bound.config || !s->found || o->file || o->root || o->persist_to;
    for (size_t i = 0; !known && i < state->n_accounts; i++)
        known = state_find_id(state, state->accounts[i].id, s->bound.id) != NULL;
    return known || local_store_bind_root(s->target.local, s->bound.id,
                                          path_parent(&s->arena, s->bound.config), false, err);
}

static bool open_state(struct session *s, bool write, bool with_remote, struct error *err)
{
    return open_target(s, s->options->local ? TARGET_LOCAL : TARGET_STATE, write, with_remote, err);
}

bool session_open_state(struct session *s, bool write, struct error *err)
{
    return open_state(s, write, false, err);
}

bool session_open_kept(struct session *s, struct error *err)
{
    return session_locate(s, NULL, err) && open_state(s, false, false, err) && open_kv(s, err);
}

bool session_open_states(struct session *s, bool write, struct error *err)
{
    return open_state(s, write, true, err);
}

bool session_open_own(struct session *s, struct error *err)
{
    return open_own(s, s->root_path, true, err);
}
