/* What cfkv doctor asks the service: single requests that change nothing. */
#include "doctor.h"

#include "base/duration.h"
#include "base/text.h"
#include "credentials.h"
#include "credentials_command.h"
#include "env_files.h"
#include "model/accounts.h"
#include "offered_account.h"
#include "kv/wrangler_find.h"
#include "store/cloudflare_probe.h"

#define EXPIRES_SOON (14 * DURATION_DAY)

/* An account that is asked about, and where it is named. */
struct asked {
    struct bytes id;
    struct bytes name;    /* in cfkv.project; data NULL: none */
    const char *from;     /* "CLOUDFLARE_ACCOUNT_ID", "cfkv.project", …  */
    const char *variable; /* of the token that it is asked with */
};

struct interview {
    struct doctor *d;
    struct store *store;
    const struct renamings *names;
    struct cloudflare_options options;
    const char *common; /* the variable of the common credentials; NULL: there are none */
    bool has_token;     /* they are a token, which can be verified */
};

/* ---- Credentials ----------------------------------------------------------------------------- */

static void add_source(struct doctor *d, const char *variable)
{
    struct credentials_source source;
    credentials_source(&d->s->env, variable, &source);
    bool named = strcmp(variable, "CLOUDFLARE_API_TOKEN_FILE") == 0;
    json_field_int(&d->w, "line", (int64_t)source.line);
    json_field_str(&d->w, "path", named ? source.value : NULL);
    json_field_str(&d->w, "source", source.file);
    json_field_str(&d->w, "variable", variable);
}

static void add_none(struct doctor *d)
{
    const struct session *s = d->s;
    struct buf hint = {0};
    buf_add_str(&hint, "set CLOUDFLARE_API_TOKEN, CLOUDFLARE_API_TOKEN_FILE or "
                       "CFKV_CREDENTIALS_COMMAND to reach the account; --local needs none");
    env_files_hint(&s->options->env_files, s->root_path, &hint);
    doctor_begin(d, "credentials", "none", DOCTOR_WARNING);
    json_field_str(&d->w, "error_hint", hint.data);
    doctor_end(d);
    buf_release(&hint);
}

/* The variable of the token that an account is asked with. */
static const char *variable_of(const struct interview *v, struct bytes name)
{
    struct credentials_source own;
    const char *variable = name.data ? account_variable(&v->d->s->arena, name) : NULL;
    return variable && credentials_source(&v->d->s->env, variable, &own) ? variable : v->common;
}

/* What the credentials command printed; false: they come from a variable. */
static bool add_command(struct interview *v)
{
    struct doctor *d = v->d;
    struct credentials_command c;
    struct error unheard;
    if (credentials_variable(v->common) || !credentials_command_find(&d->s->arena, &c, &unheard))
        return false;
    doctor_begin(d, "credentials", "command", DOCTOR_OK);
    json_field_int(&d->w, "line", (int64_t)c.at);
    json_field_str(&d->w, "source", c.file);
    json_field_str(&d->w, "variable", c.file ? "credentials_command" : CREDENTIALS_COMMAND);
    doctor_end(d);
    return true;
}

static void add_credentials(struct interview *v)
{
    struct doctor *d = v->d;
    if (v->common && !add_command(v)) {
        doctor_begin(d, "credentials", v->has_token ? "token" : "key",
                     v->has_token ? DOCTOR_OK : DOCTOR_WARNING);
        add_source(d, v->common);
        doctor_end(d);
    }
    for (size_t i = 0; i < v->names->n; i++) {
        struct bytes name = v->names->items[i].from;
        const char *variable = account_name_fault(name) ? NULL : variable_of(v, name);
        if (variable == v->common && v->common)
            continue;
        doctor_begin(d, "credentials", variable ? "own" : "lacking",
                     variable ? DOCTOR_OK : DOCTOR_WARNING);
        json_field_string(&d->w, "name", name);
        if (variable)
            add_source(d, variable);
        else
            json_field_str(&d->w, "variable", account_variable(&d->s->arena, name));
        doctor_end(d);
    }
}

/* ---- Reaching the service -------------------------------------------------------------------- */

/* The first request; false: there is nobody to ask. */
static bool reach(struct interview *v)
{
    struct doctor *d = v->d;
    struct probe p;
    const char *url = credentials_base_url();
    bool own = strcmp(url, CLOUDFLARE_API_URL) == 0;
    struct bytes first = v->common || v->names->n == 0 ? bytes_of("") : v->names->items[0].to;
    cloudflare_store_probe(v->store, PROBE_USER_TOKEN, first, &d->s->arena, &p);
    if (p.verdict == PROBE_FAILED) {
        doctor_error(d, "api", p.unreached ? "unreached" : "odd", DOCTOR_WRONG, &p.error);
        return false;
    }
    doctor_begin(d, "api", own ? "reached" : "other", DOCTOR_OK);
    json_field_str(&d->w, "url", url);
    doctor_end(d);
    int64_t ahead = v->store->ahead;
    bool apart = ahead > TARGET_CLOCK_TOLD || ahead < -TARGET_CLOCK_TOLD;
    doctor_begin(d, "clock", apart ? "apart" : "together", apart ? DOCTOR_WARNING : DOCTOR_OK);
    json_field_int(&d->w, "ahead", ahead);
    doctor_end(d);
    return true;
}

/* ---- One account ----------------------------------------------------------------------------- */

static void begin(struct interview *v, const struct asked *a, const char *check,
                  const char *finding, enum doctor_status status)
{
    doctor_begin(v->d, check, finding, status);
    json_field_string(&v->d->w, "account", a->id);
}

static void probe(struct interview *v, const struct asked *a, enum probe_kind kind, struct probe *p)
{
    cloudflare_store_probe(v->store, kind, a->id, &v->d->s->arena, p);
}

static void add_token_times(struct interview *v, const struct asked *a, const char *finding,
                            enum doctor_status status, const struct probe *p)
{
    struct json_writer *w = &v->d->w;
    int64_t at;
    begin(v, a, "token", finding, status);
    json_field_text(w, "expires_on", p->expires_on);
    json_field_text(w, "not_before", p->not_before);
    json_key(w, "days_left");
    if (p->expires_on.data && moment_parse(p->expires_on, &at))
        json_int(w, (at - store_now(v->store)) / DURATION_DAY);
    else
        json_null(w);
    json_field_text(w, "said", p->status);
    json_field_str(w, "variable", a->variable);
    doctor_end(v->d);
}

static void judge_token(struct interview *v, const struct asked *a, const struct probe *p)
{
    int64_t now = store_now(v->store), at;
    bool active = bytes_equal(p->status, bytes_of("active"));
    bool early = p->not_before.data && moment_parse(p->not_before, &at) && at > now;
    bool has_end = p->expires_on.data && moment_parse(p->expires_on, &at);
    if (early)
        add_token_times(v, a, "early", DOCTOR_WRONG, p);
    else if (!active || (has_end && at <= now))
        add_token_times(v, a, has_end && at <= now ? "expired" : "inactive", DOCTOR_WRONG, p);
    else
        add_token_times(v, a, has_end && at - now < EXPIRES_SOON ? "expiring" : "active",
                        has_end && at - now < EXPIRES_SOON ? DOCTOR_WARNING : DOCTOR_OK, p);
}

/* A token is a user's or an account's, and only one of two endpoints knows it. `works`: it was let
 * through elsewhere. false: it will not do for anything. */
static bool add_token(struct interview *v, const struct asked *a, bool works)
{
    struct probe p;
    if (!a->variable || (a->variable == v->common && !v->has_token))
        return true;
    probe(v, a, PROBE_USER_TOKEN, &p);
    const struct error refused = p.error;
    bool known = p.verdict == PROBE_MAY;
    if (!known)
        probe(v, a, PROBE_ACCOUNT_TOKEN, &p);
    if (p.verdict == PROBE_MAY) {
        judge_token(v, a, &p);
        return true;
    }
    begin(v, a, "token", works ? "unverified" : "refused", works ? DOCTOR_OK : DOCTOR_WRONG);
    json_field_str(&v->d->w, "error", refused.message);
    json_field_str(&v->d->w, "variable", a->variable);
    doctor_end(v->d);
    return works;
}

static void add_account(struct interview *v, const struct asked *a)
{
    struct probe p;
    const char *known = cloudflare_store_account_name(v->store);
    struct bytes name = bytes_of(known);
    if (!*known || !bytes_equal(a->id, bytes_of(cloudflare_store_known_account(v->store)))) {
        probe(v, a, PROBE_ACCOUNT, &p);
        name = p.name;
    }
    begin(v, a, "account", "known", DOCTOR_OK);
    json_field_text(&v->d->w, "called", a->name);
    json_field_str(&v->d->w, "from", a->from);
    json_field_text(&v->d->w, "title", name);
    doctor_end(v->d);
}

/* May it? What it is not needed for everywhere is no fault. */
static void add_permission(struct interview *v, const struct asked *a, const char *check,
                           const struct probe *p, enum doctor_status without)
{
    static const char *const findings[] = {"may", "may_not", "unknown"};
    begin(v, a, check, findings[p->verdict], p->verdict == PROBE_MAY ? DOCTOR_OK : without);
    if (p->verdict != PROBE_MAY) {
        json_field_str(&v->d->w, "error", p->error.message);
        json_field_str(&v->d->w, "error_hint", *p->error.hint ? p->error.hint : NULL);
    }
    doctor_end(v->d);
}

static void add_limits(struct interview *v, const struct asked *a, int64_t n)
{
    const struct model *m = &v->d->s->model;
    int64_t most = m->project.namespaces_max;
    if (n < 0)
        return;
    bool full = n >= most, close = n * 10 >= most * 9;
    begin(v, a, "namespaces",
          full    ? "full"
          : close ? "close"
                  : "room",
          close ? DOCTOR_WARNING : DOCTOR_OK);
    json_field_int(&v->d->w, "limit", most);
    json_field_int(&v->d->w, "n", n);
    doctor_end(v->d);
}

static void ask_account(struct interview *v, const struct asked *a)
{
    struct probe read, p;
    probe(v, a, PROBE_KV_READ, &read);
    if (!add_token(v, a, read.verdict == PROBE_MAY))
        return;
    add_account(v, a);
    add_permission(v, a, "kv_read", &read, DOCTOR_WRONG);
    probe(v, a, PROBE_KV_WRITE, &p);
    add_permission(v, a, "kv_write", &p, DOCTOR_WARNING);
    probe(v, a, PROBE_ANALYTICS, &p);
    add_permission(v, a, "analytics", &p, DOCTOR_OK);
    probe(v, a, PROBE_R2, &p);
    add_permission(v, a, "r2", &p, DOCTOR_OK);
    if (read.verdict == PROBE_MAY)
        add_limits(v, a, read.total);
}

/* ---- Which accounts -------------------------------------------------------------------------- */

/* wrangler deploys to the account of its config, whatever cfkv is told. */
static void compare_config(struct interview *v, const struct asked *a)
{
    struct doctor *d = v->d;
    struct wrangler_config config = {0};
    struct error unheard;
    if (d->wrangler_config && wrangler_config_load(d->wrangler_config, &config, &unheard) &&
        wrangler_id_is_real(config.account_id) && !bytes_equal(config.account_id, a->id)) {
        begin(v, a, "account", "another", DOCTOR_WARNING);
        json_field_string(&d->w, "config_account", config.account_id);
        json_field_str(&d->w, "file",
                       wrangler_path_shown(&d->s->arena, d->s->root_path, d->wrangler_config));
        json_field_int(&d->w, "line", (int64_t)config.account_line);
        doctor_end(d);
    }
    wrangler_config_release(&config);
}

/* The account of what names none; false: there is none, which is a check where that matters. */
static bool find_default(struct interview *v, struct asked *a)
{
    struct doctor *d = v->d;
    struct session *s = d->s;
    const struct model *m = &s->model;
    const struct state_settings *recorded = &d->target.state.settings;
    struct error err;
    *a = (struct asked){.id = bytes_of(v->options.account_id ? v->options.account_id : ""),
                        .from = "CLOUDFLARE_ACCOUNT_ID",
                        .variable = v->common};
    if (m->project.account_id.len > 0) {
        a->id = m->project.account_id;
        a->from = "cfkv.project";
    } else if (a->id.len == 0 && recorded->account_id.len > 0) {
        a->id = recorded->account_id;
        a->from = "state";
    }
    a->name = account_name_of(v->names, a->id);
    a->variable = variable_of(v, a->name);
    if (a->id.len > 0 || !v->common)
        return a->id.len > 0;
    cloudflare_store_hint_account(v->store, offered_account(&s->arena, m, s->root_path));
    a->from = "only";
    if (cloudflare_store_account(v->store, &a->id, &err))
        return true;
    doctor_error(d, "account", "unknown", v->names->n > 0 ? DOCTOR_WARNING : DOCTOR_WRONG, &err);
    return false;
}

static void ask_accounts(struct interview *v)
{
    struct asked first, next;
    bool has_first = find_default(v, &first);
    if (has_first) {
        ask_account(v, &first);
        compare_config(v, &first);
    }
    for (size_t i = 0; i < v->names->n; i++) {
        const struct renaming *named = &v->names->items[i];
        next = (struct asked){.id = named->to,
                              .name = named->from,
                              .from = "cfkv.project",
                              .variable = variable_of(v, named->from)};
        if (id_valid(next.id) && next.variable && !(has_first && bytes_equal(next.id, first.id)))
            ask_account(v, &next);
    }
}

void doctor_account(struct doctor *d)
{
    struct session *s = d->s;
    struct interview v = {.d = d, .common = credentials_common(&s->arena, &s->env)};
    struct error err;
    v.names = d->evaluated && s->model.project.declared ? &s->model.project.accounts
                                                        : &d->target.state.settings.accounts;
    if (s->options->local) {
        doctor_begin(d, "credentials", "unasked", DOCTOR_OK);
        doctor_end(d);
        return;
    }
    if (!credentials_given(&s->env)) {
        add_none(d);
        return;
    }
    s->impatient = true;
    bool ok = session_cloudflare(s, &v.options, &err) &&
              (v.store = cloudflare_store_open(&v.options, &err)) != NULL &&
              credentials_of_accounts(&s->arena, &s->env, v.names, v.store, &err);
    if (!ok) {
        doctor_error(d, "credentials", "unusable", DOCTOR_WRONG, &err);
    } else {
        v.has_token = v.options.http.credentials.token != NULL;
        add_credentials(&v);
        if (reach(&v))
            ask_accounts(&v);
    }
    store_close(v.store);
}
