#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/text.h"
#include "foreign.h"
#include "host/host.h"
#include "model/vocabulary.h"

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char * */
    OPTION_LIST,    /* struct text_list */
    OPTION_PERMIT,  /* struct permit: a flag, or with a value behind an equals sign */
    OPTION_VAR,     /* name=value into vars */
    OPTION_CHOICE,  /* unsigned: the index of the word in `choices` */
    OPTION_OUTPUT,  /* const char *: a format of outputs; `arg` is made of their names */
    OPTION_SECONDS, /* double: a number or a duration (base/duration.h) */
    OPTION_COUNT,   /* uint64_t: a positive integer up to `max`, stored times `unit` */
    OPTION_WHOLE,   /* uint64_t: as many of `unit` seconds, from 1 up to `max`; or a duration */
    OPTION_NUMBER,  /* unsigned: a whole number from 0 up to `max` */
    OPTION_TTL,     /* int64_t: 0, or seconds from KV_TTL_MIN, or a duration; sets `ttl_given` */
    OPTION_TIME,    /* int64_t: seconds since the epoch, or a time of RFC 3339 */
    OPTION_RATE     /* struct option_rate: REQUESTS/SECONDS, each from 1 up to `max` */
};

struct option {
    const char *name;
    char letter;     /* 0: none */
    const char *arg; /* what the value is called; NULL for flags */
    enum option_kind kind;
    option_groups groups;
    size_t field; /* offset in struct options */
    const char *help;
    const char *const *choices; /* ends with NULL */
    int64_t max;
    uint64_t unit;
};

#define SERVE_PORT 8788

#define FIELD(name) offsetof(struct options, name)

static const char *const refresh_words[] = {
    [REFRESH_NONE] = "none",
    [REFRESH_NAMES] = "names",
    [REFRESH_KEYS] = "keys",
    [REFRESH_VALUES] = "values",
    NULL,
};

static const char *const document_words[] = {
    [DOCUMENT_TEXT] = "text",     [DOCUMENT_JSON] = "json",     [DOCUMENT_MARKDOWN] = "markdown",
    [DOCUMENT_GITHUB] = "github", [DOCUMENT_GITLAB] = "gitlab", NULL,
};

static const char *const ci_words[] = {
    [CI_NONE] = "none", [CI_GITHUB] = "github", [CI_GITLAB] = "gitlab", NULL};

/* In the order in which help shows them. A name may be there twice, for commands of other groups.
 */
static const struct option option_table[] = {
    {"cwd", 'C', "DIR", OPTION_TEXT, GROUP_COMMON, FIELD(folder), "work as if started in DIR", NULL,
     0, 0},
    {"file", 'f', "FILE", OPTION_TEXT, GROUP_FILE, FIELD(file),
     "the configuration (default: kv.lua in the current folder, else the nearest above it)", NULL,
     0, 0},
    {"file", 0, "FILE", OPTION_TEXT, GROUP_KV_FILE, FIELD(file),
     "the configuration beside which the state lies (default: kv.lua here, else the nearest above)",
     NULL, 0, 0},
    {"root", 0, "DIR", OPTION_TEXT, GROUP_FILE | GROUP_KV_FILE, FIELD(root),
     "the project root, below which files are read (default: the folder of FILE)", NULL, 0, 0},
    {"var", 0, "NAME=VALUE", OPTION_VAR, GROUP_EVAL, FIELD(vars),
     "a value for cfkv.var NAME; repeatable", NULL, 0, 0},
    {"env-file", 0, "FILE", OPTION_LIST, GROUP_EVAL | GROUP_TARGET, FIELD(env_files),
     "a .env file that gives credentials, the account and what cfkv.getenv asks for; repeatable, "
     "the last one wins",
     NULL, 0, 0},
    {"strict", 0, NULL, OPTION_FLAG, GROUP_EVAL, FIELD(strict), "warnings are errors", NULL, 0, 0},
    {"strict", 0, NULL, OPTION_FLAG, GROUP_RUN, FIELD(strict),
     "expected failures raise, and so do warnings about what is written", NULL, 0, 0},
    {"dry-run", 0, NULL, OPTION_FLAG, GROUP_RUN, FIELD(dry_run),
     "write nothing, and tell what would be written; reads see it as if it were", NULL, 0, 0},
    {"eval-seconds", 0, "SECONDS", OPTION_WHOLE, GROUP_EVAL, FIELD(eval_seconds),
     "wall clock budget of the evaluation (default: 10)", NULL, 86400, 1},
    {"eval-memory", 0, "MIB", OPTION_COUNT, GROUP_EVAL, FIELD(eval_memory),
     "memory budget of the evaluation (default: 256)", NULL, 1 << 20, 1 << 20},
    {"eval-instructions", 0, "N", OPTION_COUNT, GROUP_EVAL, FIELD(eval_instructions),
     "instruction budget of the evaluation (default: 500000000)", NULL, INT64_MAX, 1},
    {"local", 0, NULL, OPTION_FLAG, GROUP_TARGET, FIELD(local),
     "the target is the store that wrangler dev reads, not the account", NULL, 0, 0},
    {"state", 0, "PATH", OPTION_TEXT, GROUP_TARGET, FIELD(state_path),
     "the state to use (default: named after FILE)", NULL, 0, 0},
    {"jobs", 0, "N", OPTION_COUNT, GROUP_REMOTE, FIELD(jobs),
     "requests in flight (default: 8 to 32, as it goes)", NULL, 64, 1},
    {"rate", 0, "REQUESTS/SECONDS", OPTION_RATE, GROUP_REMOTE | GROUP_SERVE, FIELD(rate),
     "how many requests are sent, or served, in how many seconds (default: 1200/300, as "
     "Cloudflare allows; serve: no limit)",
     NULL, 1000000, 0},
    {"lock-timeout", 0, "SECONDS", OPTION_SECONDS, GROUP_LOCK, FIELD(lock_timeout),
     "how long to wait while another run holds the state, such as 90 or 5m (default: 0)", NULL,
     86400, 0},
    {"env", 0, "NAME", OPTION_LIST, GROUP_FILTER, FIELD(envs),
     "only namespaces of this environment; repeatable", NULL, 0, 0},
    {"only", 0, "GLOB", OPTION_LIST, GROUP_FILTER, FIELD(only),
     "only namespaces whose address or title matches (* and ?); repeatable", NULL, 0, 0},
    {"refresh", 0, "none|names|keys|values", OPTION_CHOICE, GROUP_REFRESH, FIELD(refresh),
     "how much is read live before comparing (default: values)", refresh_words, 0, 0},
    {"no-adopt", 0, NULL, OPTION_FLAG, GROUP_ADOPT, FIELD(no_adopt),
     "a title that exists already is an error, not taken under management", NULL, 0, 0},
    {"allow-data-loss", 0, "ADDRESS|GLOB", OPTION_PERMIT, GROUP_GUARD | GROUP_DELETE | GROUP_PRUNE,
     FIELD(permits.data_loss),
     "these namespaces may be deleted with their keys, their foreign values overwritten; a backup "
     "is kept; repeatable; bare where one namespace is concerned",
     NULL, 0, 0},
    {"allow-mass-delete", 0, "ADDRESS|GLOB", OPTION_PERMIT, GROUP_GUARD | GROUP_PRUNE,
     FIELD(permits.mass_delete),
     "more than 30 % of the namespaces, or of these namespaces' keys, may be deleted; repeatable; "
     "bare where one namespace is concerned",
     NULL, 0, 0},
    {"no-backup", 0, NULL, OPTION_FLAG, GROUP_NO_BACKUP, FIELD(no_backup),
     "keep no backup of what is deleted or overwritten", NULL, 0, 0},
    {"backup", 0, NULL, OPTION_FLAG, GROUP_BACKUP, FIELD(backup),
     "keep a backup of what is overwritten", NULL, 0, 0},
    {"out", 0, "PLANFILE", OPTION_TEXT, GROUP_SAVE, FIELD(out), "save the plan for apply --plan",
     NULL, 0, 0},
    {"detailed-exitcode", 0, NULL, OPTION_FLAG, GROUP_SAVE, FIELD(detailed_exitcode),
     "exit with 2 when something would change", NULL, 0, 0},
    {"plan", 0, "PLANFILE", OPTION_TEXT, GROUP_SAVED, FIELD(plan),
     "refuse unless the plan is still the one saved by plan --out", NULL, 0, 0},
    {"memory", 0, NULL, OPTION_FLAG, GROUP_SERVE, FIELD(memory),
     "serve an empty store that is gone when it ends, not the local store", NULL, 0, 0},
    {"discard", 0, NULL, OPTION_FLAG, GROUP_SERVE, FIELD(discard),
     "accept writes of keys and forget them, for benchmarks", NULL, 0, 0},
    {"port", 0, "N", OPTION_NUMBER, GROUP_SERVE, FIELD(port),
     "where to listen (default: 8788, as wrangler dev has 8787); 0: any free port", NULL, 65535, 0},
    {"address", 0, "IP", OPTION_TEXT, GROUP_SERVE, FIELD(address),
     "where to listen (default: 127.0.0.1); beyond loopback only with CFKV_SERVE_TOKEN", NULL, 0,
     0},
    {"faults", 0, "FILE", OPTION_TEXT, GROUP_SERVE, FIELD(faults),
     "what is to go wrong, as JSON (the format: src/serve/faults.h)", NULL, 0, 0},
    {"latency", 0, "MS", OPTION_NUMBER, GROUP_SERVE, FIELD(latency_ms),
     "milliseconds before each answer (default: 0)", NULL, 600000, 0},
    {"namespace", 0, "TITLE", OPTION_TEXT, GROUP_NAMESPACE, FIELD(namespace_title),
     "the namespace of that title (or id, or recorded address)", NULL, 0, 0},
    {"namespace-id", 0, "ID", OPTION_TEXT, GROUP_NAMESPACE, FIELD(namespace_id),
     "the namespace of that id", NULL, 0, 0},
    {"remote", 0, NULL, OPTION_FLAG, GROUP_NAMESPACE, FIELD(remote),
     "the target is the account, as it is without --local; wrangler's command lines say so", NULL,
     0, 0},
    {"new-name", 0, "TITLE", OPTION_TEXT, GROUP_RENAME, FIELD(new_name),
     "the title it gets, when that is no argument", NULL, 0, 0},
    {"jurisdiction", 0, "NAME", OPTION_TEXT, GROUP_PLACE, FIELD(jurisdiction),
     "where its data must stay: eu, us or fedramp (the account must be allowed to)", NULL, 0, 0},
    {"keep", 0, "N", OPTION_COUNT, GROUP_KEEP, FIELD(keep), "the N newest backups stay", NULL,
     1000000, 1},
    {"days", 0, "N", OPTION_WHOLE, GROUP_KEEP, FIELD(days),
     "backups of the last N days stay; or a duration such as 2w", NULL, 100000, DURATION_DAY},
    {"from-namespace", 0, "TITLE", OPTION_TEXT, GROUP_SECTION, FIELD(from_namespace),
     "which namespace of a backup that holds several: its title or id", NULL, 0, 0},
    {"prefix", 0, "TEXT", OPTION_TEXT, GROUP_PREFIX, FIELD(prefix),
     "only keys that begin with TEXT", NULL, 0, 0},
    {"limit", 0, "N", OPTION_COUNT, GROUP_LIST, FIELD(limit), "stop behind the first N keys", NULL,
     INT64_MAX, 1},
    {"text", 0, NULL, OPTION_FLAG, GROUP_GET, FIELD(text),
     "accepted for wrangler's command lines: the value is printed as it is in any case", NULL, 0,
     0},
    {"ttl", 0, "SECONDS", OPTION_TTL, GROUP_KEY | GROUP_EXPIRY, FIELD(ttl),
     "how long keys live that say nothing of it, such as 3600, 90s, 15m, 1h or 7d (default: the "
     "recorded ttl_seconds of the namespace); at least 60, or 0: for ever",
     NULL, INT64_MAX, 0},
    {"expiration", 0, "TIME", OPTION_TIME, GROUP_KEY, FIELD(expiration),
     "when the key expires, as 2027-01-31T12:00:00Z or in seconds since 1970", NULL,
     KV_EXPIRATION_MAX, 0},
    {"metadata", 0, "JSON", OPTION_TEXT, GROUP_KEY, FIELD(metadata),
     "metadata of the key, at most 1,024 bytes", NULL, 0, 0},
    {"path", 0, "FILE", OPTION_TEXT, GROUP_KEY, FIELD(path),
     "the value is the content of FILE (-: standard input)", NULL, 0, 0},
    {"format", 0, "json|jsonl|csv|dir", OPTION_TEXT, GROUP_SOURCE | GROUP_FORMAT, FIELD(format),
     "what the source is (default: by its name and first byte), or what is printed (json or "
     "jsonl; default: json)",
     NULL, 0, 0},
    {"format", 0, "", OPTION_OUTPUT, GROUP_OUTPUTS, FIELD(output_format), "how outputs are printed",
     NULL, 0, 0},
    {"format", 0, "text|json|markdown|github|gitlab", OPTION_CHOICE, GROUP_DOCUMENT,
     FIELD(document),
     "as text (the default), JSON, the comment of a pull request, annotations and the step summary "
     "of GitHub Actions, or the report artefact of GitLab",
     document_words, 0, 0},
    {"summary", 0, NULL, OPTION_FLAG, GROUP_SHOWN, FIELD(summary),
     "only what it comes to, a line an environment", NULL, 0, 0},
    {"show-values", 0, NULL, OPTION_FLAG, GROUP_SHOWN, FIELD(show_values),
     "show values that cfkv did not write, too, where others may read it: in CI, in markdown, "
     "github "
     "and gitlab",
     NULL, 0, 0},
    {"keep-going", 0, NULL, OPTION_FLAG, GROUP_SOURCE, FIELD(keep_going),
     "list every problem of the source, not only the first ones", NULL, 0, 0},
    {"restart", 0, NULL, OPTION_FLAG, GROUP_RESUME, FIELD(restart),
     "do all of it, though an interrupted run did some", NULL, 0, 0},
    {"if-missing", 0, NULL, OPTION_FLAG, GROUP_MISSING, FIELD(if_missing),
     "only keys that are not there; what is there stays as it is", NULL, 0, 0},
    {"output", 'o', "PATH", OPTION_TEXT, GROUP_OUTPUT, FIELD(output),
     "where to write (-: standard output)", NULL, 0, 0},
    {"all", 0, NULL, OPTION_FLAG, GROUP_ALL, FIELD(all), "every namespace of the account", NULL, 0,
     0},
    {"create", 0, NULL, OPTION_FLAG, GROUP_CREATE, FIELD(create),
     "make the namespace when there is none of that title", NULL, 0, 0},
    {"prune", 0, NULL, OPTION_FLAG, GROUP_PRUNE, FIELD(prune),
     "delete keys that are not in it; a backup is kept", NULL, 0, 0},
    {"binding", 0, "NAME", OPTION_TEXT, GROUP_BINDING, FIELD(binding),
     "the namespace that a wrangler config binds to that name", NULL, 0, 0},
    {"env", 'e', "NAME", OPTION_LIST, GROUP_BINDING, FIELD(envs),
     "with --binding: the environment of the config (default: CLOUDFLARE_ENV, else its top level)",
     NULL, 0, 0},
    {"preview", 0, NULL, OPTION_FLAG, GROUP_BINDING, FIELD(preview),
     "with --binding: its preview_id, not its id", NULL, 0, 0},
    {"config", 'c', "PATH", OPTION_TEXT, GROUP_BINDING, FIELD(wrangler_config),
     "with --binding: the wrangler config (default: wrangler.json, .jsonc or .toml, here or "
     "above); "
     "with --local its folder is the default of --root",
     NULL, 0, 0},
    {"persist-to", 0, "DIR", OPTION_TEXT, GROUP_PERSIST, FIELD(persist_to),
     "with --local: the keys in DIR/v3/kv, as wrangler's --persist-to", NULL, 0, 0},
    {"take-over", 0, NULL, OPTION_FLAG, GROUP_TAKE_OVER, FIELD(take_over),
     "bindings of the declared names that cfkv did not write may get the declared ids", NULL, 0, 0},
    {"check", 0, NULL, OPTION_FLAG, GROUP_WRANGLER, FIELD(check),
     "write nothing; show what is stale, and exit with 2 when something is", NULL, 0, 0},
    {"stdout", 0, NULL, OPTION_FLAG, GROUP_WRANGLER, FIELD(to_stdout),
     "print the configs as they would be instead of writing them", NULL, 0, 0},
    {"types", 0, "FILE", OPTION_TEXT, GROUP_WRANGLER, FIELD(types),
     "write the KV part of the Worker's Env to FILE (NAME.d.ts) as TypeScript, and nothing else; "
     "needs "
     "no ids",
     NULL, 0, 0},
    {"ci", 0, "none|github|gitlab", OPTION_CHOICE, GROUP_INIT, FIELD(ci),
     "write a workflow, too: a plan for each pull request, apply when it is merged (default: none)",
     ci_words, 0, 0},
    {"yes", 'y', NULL, OPTION_FLAG, GROUP_ASK, FIELD(yes), "do not ask", NULL, 0, 0},
    {"force", 'f', NULL, OPTION_FLAG, GROUP_FORCE, FIELD(yes),
     "wrangler's --yes; permits nothing that a guard refuses", NULL, 0, 0},
    {"skip-confirmation", 0, NULL, OPTION_FLAG, GROUP_DELETE, FIELD(yes), "wrangler's --yes", NULL,
     0, 0},
    {"json", 0, NULL, OPTION_FLAG, GROUP_JSON, FIELD(json), "print one JSON document", NULL, 0, 0},
    {"man", 0, NULL, OPTION_FLAG, GROUP_MAN, FIELD(man),
     "print the manual page, which make install installs", NULL, 0, 0},
    {"quiet", 0, NULL, OPTION_FLAG, GROUP_COMMON, FIELD(quiet), "print only results and errors",
     NULL, 0, 0},
    {"verbose", 0, NULL, OPTION_FLAG, GROUP_COMMON, FIELD(verbose),
     "list every key, and each action as it is done", NULL, 0, 0},
    {"no-color", 0, NULL, OPTION_FLAG, GROUP_COMMON, FIELD(no_color),
     "no colour (as with NO_COLOR set, TERM=dumb, or no terminal)", NULL, 0, 0},
    {"help", 'h', NULL, OPTION_FLAG, GROUP_COMMON, FIELD(help), "print this text", NULL, 0, 0},
};

#define N_OPTIONS (sizeof option_table / sizeof *option_table)

void options_init(struct options *o)
{
    *o =
        (struct options){.refresh = REFRESH_VALUES, .document = DOCUMENT_UNSET, .port = SERVE_PORT};
}

void options_release(struct options *o)
{
    mem_free(o->vars);
    mem_free(o->envs.items);
    mem_free(o->only.items);
    mem_free(o->env_files.items);
    mem_free(o->args.items);
    permits_release(&o->permits);
    *o = (struct options){0};
}

/* ---- What an option takes -------------------------------------------------------------------- */

/* The formats of outputs in the order of help: a module of lua/host/output each, and JSON, which
 * the writer of documents prints. False behind the last one. */
static bool output_format(size_t n, struct bytes *name)
{
    *name = bytes_of(n == 0 ? "text" : "json");
    if (n < 2)
        return true;
    n -= 2;
    for (size_t i = 0; host_module("output", i, name); i++)
        if (!bytes_equal(*name, bytes_of("text")) && n-- == 0)
            return true;
    return false;
}

struct arg {
    char text[80];
};

/* What the value is called: "FILE", "none|names|keys|values". */
static struct arg arg_of(const struct option *option)
{
    struct arg arg = {0};
    struct bytes name;
    size_t at = 0;
    if (option->kind != OPTION_OUTPUT)
        snprintf(arg.text, sizeof arg.text, "%s", option->arg);
    else
        for (size_t i = 0; output_format(i, &name) && at < sizeof arg.text; i++)
            at += (size_t)snprintf(arg.text + at, sizeof arg.text - at, "%s%.*s", i ? "|" : "",
                                   BYTES_FMT(name));
    return arg;
}

static void list_add(struct text_list *list, const char *text)
{
    mem_grow((void **)&list->items, &list->cap, list->n + 1, sizeof *list->items);
    list->items[list->n++] = text;
}

static bool bad_value(const struct option *option, const char *value, const char *wanted,
                      struct error *err)
{
    char quoted[80];
    return error_set(err, ERR_USAGE, "--%s needs %s, not %s", option->name, wanted,
                     text_quoted(bytes_of(value), quoted, sizeof quoted));
}

static bool hint_or_not(struct error *err, const char *hint)
{
    return hint ? error_hint(err, "%s", hint) : false;
}

/* What takes a duration names it, and what is asked for in place of `value`. */
static bool bad_duration(const struct option *option, const char *value, const char *wanted,
                         struct error *err)
{
    char hint[HINT_SIZE];
    bad_value(option, value, wanted, err);
    return hint_or_not(err, duration_hint(bytes_of(value), hint));
}

/* `name=value`: cuts the argv word at its equals sign, so that both halves are C strings. */
static bool add_var(struct options *o, const struct option *option, char *value, struct error *err)
{
    char *equals = strchr(value, '=');
    if (!equals || equals == value) {
        bad_value(option, value, "NAME=VALUE", err);
        return error_hint(err, "as in --%s region=eu", option->name);
    }
    mem_grow((void **)&o->vars, &o->cap_vars, o->n_vars + 1, sizeof *o->vars);
    *equals = '\0';
    o->vars[o->n_vars++] = (struct given_var){value, equals + 1};
    return true;
}

#define WORDS_MAX 16

static bool bad_choice(const struct option *option, const char *value, struct error *err)
{
    struct arg arg = arg_of(option); /* "none|names|keys|values" */
    const char *words[WORDS_MAX + 1] = {NULL};
    char *rest = arg.text;
    bad_value(option, value, arg.text, err);
    for (size_t n = 0; rest && n < WORDS_MAX; n++)
        words[n] = strsep(&rest, "|");
    const char *near = text_nearest(bytes_of(value), words);
    return near ? error_hint(err, "did you mean '%s'?", near) : false;
}

static bool set_choice(unsigned *field, const struct option *option, const char *value,
                       struct error *err)
{
    for (unsigned i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *field = i;
            return true;
        }
    }
    return bad_choice(option, value, err);
}

static bool set_output(const char **field, const struct option *option, const char *value,
                       struct error *err)
{
    struct bytes name;
    for (size_t i = 0; output_format(i, &name); i++) {
        if (bytes_equal(name, bytes_of(value))) {
            *field = value;
            return true;
        }
    }
    return bad_choice(option, value, err);
}

static bool set_seconds(double *field, const struct option *option, const char *value,
                        struct error *err)
{
    char *end;
    int64_t whole;
    double seconds = strtod(value, &end);
    if (duration_parse(bytes_of(value), &whole))
        seconds = (double)whole;
    else if (end == value || *end != '\0' || !isfinite(seconds))
        seconds = -1;
    if (seconds < 0 || seconds > (double)option->max)
        return bad_duration(option, value,
                            "a number of seconds, or a duration such as '90s' or '5m'", err);
    *field = seconds;
    return true;
}

static bool set_count(uint64_t *field, const struct option *option, const char *value,
                      struct error *err)
{
    int64_t n;
    if (!text_to_int64(bytes_of(value), &n) || n < 1 || n > option->max)
        return bad_value(option, value, "a positive whole number", err);
    *field = (uint64_t)n * option->unit;
    return true;
}

static bool in_range(struct bytes text, int64_t min, int64_t max, unsigned *n)
{
    int64_t value;
    if (!text_to_int64(text, &value) || value < min || value > max)
        return false;
    *n = (unsigned)value;
    return true;
}

static bool set_number(unsigned *field, const struct option *option, const char *value,
                       struct error *err)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "a whole number from 0 to %d", (int)option->max);
    return in_range(bytes_of(value), 0, option->max, field) ||
           bad_value(option, value, wanted, err);
}

static bool set_whole(uint64_t *field, const struct option *option, const char *value,
                      struct error *err)
{
    int64_t n, unit = (int64_t)option->unit;
    bool ok = text_to_int64(bytes_of(value), &n);
    if (!ok && duration_parse(bytes_of(value), &n)) {
        ok = n % unit == 0;
        n /= unit;
    }
    if (!ok || n < 1 || n > option->max)
        return bad_duration(option, value, unit == 1 ? DURATION_WANTED : DAYS_WANTED, err);
    *field = (uint64_t)n;
    return true;
}

static bool set_ttl(struct options *o, const struct option *option, const char *value,
                    struct error *err)
{
    int64_t n;
    if (!duration_or_seconds(bytes_of(value), &n))
        return bad_duration(option, value, DURATION_WANTED, err);
    if (n != 0 && n < KV_TTL_MIN)
        return bad_value(option, value, "at least 60 seconds, or 0 for keys that do not expire",
                         err);
    o->ttl = n;
    return o->ttl_given = true;
}

static bool set_time(int64_t *field, const struct option *option, const char *value,
                     struct error *err)
{
    char hint[HINT_SIZE];
    int64_t n;
    if (!moment_or_seconds(bytes_of(value), &n)) {
        bad_value(option, value, MOMENT_WANTED, err);
        return hint_or_not(err, moment_hint(bytes_of(value), hint));
    }
    if (n < 1 || n > option->max)
        return bad_value(option, value, "a time between 1970 and January 2038", err);
    *field = n;
    return true;
}

static bool set_rate(struct option_rate *field, const struct option *option, const char *value,
                     struct error *err)
{
    const char *slash = strchr(value, '/');
    struct bytes requests = bytes_make(value, slash ? (size_t)(slash - value) : 0);
    int64_t seconds;
    if (!slash || !in_range(requests, 1, option->max, &field->requests) ||
        !duration_or_seconds(bytes_of(slash + 1), &seconds) || seconds < 1 || seconds > option->max)
        return bad_value(option, value, "REQUESTS/SECONDS, as in 1200/300 or 1200/5m", err);
    field->seconds = (unsigned)seconds;
    return true;
}

static bool set_permit(struct permit *field, const struct option *option, const char *value,
                       struct error *err)
{
    if (!value)
        return field->bare = true;
    if (!*value)
        return bad_value(option, value, "an address, a title or a glob", err);
    permit_add(field, bytes_of(value));
    return true;
}

/* Stores one occurrence; `value` is NULL exactly for flags and bare permissions. */
static bool store(struct options *o, const struct option *option, char *value, struct error *err)
{
    void *field = (char *)o + option->field;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_TEXT:
        if (!*value)
            return bad_value(option, value, arg_of(option).text, err);
        *(const char **)field = value;
        return true;
    case OPTION_LIST:
        list_add(field, value);
        return true;
    case OPTION_PERMIT:
        return set_permit(field, option, value, err);
    case OPTION_VAR:
        return add_var(o, option, value, err);
    case OPTION_CHOICE:
        return set_choice(field, option, value, err);
    case OPTION_OUTPUT:
        return set_output(field, option, value, err);
    case OPTION_SECONDS:
        return set_seconds(field, option, value, err);
    case OPTION_COUNT:
        return set_count(field, option, value, err);
    case OPTION_WHOLE:
        return set_whole(field, option, value, err);
    case OPTION_NUMBER:
        return set_number(field, option, value, err);
    case OPTION_TTL:
        return set_ttl(o, option, value, err);
    case OPTION_TIME:
        return set_time(field, option, value, err);
    case OPTION_RATE:
        return set_rate(field, option, value, err);
    }
    return true;
}

/* The option of these groups; when they have none of that name, one of others. */
static const struct option *find_long(struct bytes name, option_groups groups)
{
    const struct option *other = NULL;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (!bytes_equal(bytes_of(option_table[i].name), name))
            continue;
        other = &option_table[i];
        if (other->groups & groups)
            return other;
    }
    return other;
}

static const struct option *find_short(char letter, option_groups groups)
{
    const struct option *other = NULL;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (!option_table[i].letter || option_table[i].letter != letter)
            continue;
        other = &option_table[i];
        if (other->groups & groups)
            return other;
    }
    return other;
}

/* The name of an option of these groups that has the letter with other commands; or NULL. */
static const char *long_of_letter(char letter, option_groups groups)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const char *name = option_table[i].name;
        if (option_table[i].letter == letter && find_long(bytes_of(name), groups)->groups & groups)
            return name;
    }
    return NULL;
}

/* What is meant among the options of the groups; or NULL. */
static const char *meant_option(struct bytes name, option_groups groups)
{
    const char *names[N_OPTIONS + 1];
    size_t n = 0;
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (option_table[i].groups & groups)
            names[n++] = option_table[i].name;
    names[n] = NULL;
    return vocabulary_meant(name, names);
}

/* The whole name with one dash where two are meant: "-out". */
static bool lacks_a_dash(struct bytes name, const char *dashes, option_groups groups)
{
    const struct option *option = find_long(name, groups);
    return name.len > 1 && dashes[1] == '\0' && option && (option->groups & groups);
}

/* An option that does not exist, or not here: says so, with what is meant as far as that is known.
 */
static bool unknown_option(struct bytes name, const char *dashes, const char *command,
                           option_groups groups, struct error *err)
{
    char quoted[80];
    struct buf shown = {0};
    buf_addf(&shown, "%s%.*s", dashes, BYTES_FMT(name));
    text_quoted(buf_bytes(&shown), quoted, sizeof quoted);
    buf_release(&shown);
    bool elsewhere =
        find_long(name, ANY_GROUP) || (name.len == 1 && find_short(name.data[0], ANY_GROUP));
    if (elsewhere && !lacks_a_dash(name, dashes, groups))
        error_set(err, ERR_USAGE, "'%s' has no option %s", command, quoted);
    else
        error_set(err, ERR_USAGE, "unknown option %s", quoted);
    const char *lettered = name.len == 1 ? long_of_letter(name.data[0], groups) : NULL;
    if (lettered)
        return error_hint(err, "write --%s; -%c is not short for it here", lettered, name.data[0]);
    if (lacks_a_dash(name, dashes, groups))
        return error_hint(err, "write it with two dashes: --%.*s", BYTES_FMT(name));
    if (foreign_option(command, groups, name, err))
        return false;
    const char *near = meant_option(name, groups);
    if (near)
        return error_hint(err, "did you mean '--%s'?", near);
    return false;
}

/* The next word is its value, when none is joined to it. */
static bool takes_word(const struct option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_PERMIT;
}

/* true for what is, or was meant to be, an option of some command: any "--word", and "-x" when
 * there is that letter. Not "-", "-5" or "-word" of another letter, which can be values. */
static bool is_option(const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    return word[1] == '-' || find_short(word[1], ANY_GROUP);
}

/* The words that are left. */
struct words {
    size_t argc;
    char **argv;
    size_t at;
};

/* "--prefix needs a value, and behind it stands the option '--local'", with both ways on. */
static bool swallows(const struct option *option, const char *word, struct error *err)
{
    char quoted[80];
    error_set(err, ERR_USAGE, "--%s needs a value, and behind it stands the option %s",
              option->name, text_quoted(bytes_of(word), quoted, sizeof quoted));
    return error_hint(err,
                      "put the value between them: --%s %s %s; or, when that is the value: "
                      "--%s=%s",
                      option->name, arg_of(option).text, word, option->name, word);
}

static bool take_value(const struct option *option, struct words *words, char **value,
                       struct error *err)
{
    if (words->at >= words->argc)
        return error_set(err, ERR_USAGE, "--%s needs a value: --%s %s", option->name, option->name,
                         arg_of(option).text);
    if (is_option(words->argv[words->at]))
        return swallows(option, words->argv[words->at], err);
    *value = words->argv[words->at++];
    return true;
}

/* `word` is "--name" or "--name=value". */
static bool parse_long(struct options *o, const char *command, option_groups groups, char *word,
                       struct words *words, struct error *err)
{
    char *value = strchr(word, '=');
    struct bytes name = bytes_make(word + 2, value ? (size_t)(value - word - 2) : strlen(word + 2));
    const struct option *option = find_long(name, groups);
    if (!option || !(option->groups & groups))
        return unknown_option(name, "--", command, groups, err);
    if (value)
        value++;
    if (option->kind == OPTION_FLAG && value)
        return error_set(err, ERR_USAGE, "--%s takes no value", option->name);
    if (takes_word(option) && !value && !take_value(option, words, &value, err))
        return false;
    return store(o, option, value, err);
}

/* "-out", "-target=x": a name behind one dash, which is not read as a letter and its value. */
static bool is_name(struct bytes name, option_groups groups)
{
    const struct option *letter = find_short(name.data[0], groups);
    return name.len > 1 && (find_long(name, ANY_GROUP) || !letter || !(letter->groups & groups));
}

/* `word` is "-x", "-xVALUE", or flags in a row, "-xy". */
static bool parse_short(struct options *o, const char *command, option_groups groups, char *word,
                        struct words *words, struct error *err)
{
    struct bytes name = bytes_make(word + 1, strcspn(word + 1, "="));
    if (is_name(name, groups))
        return unknown_option(name, "-", command, groups, err);
    for (char *at = word + 1; *at; at++) {
        const struct option *option = find_short(*at, groups);
        if (!option || !(option->groups & groups))
            return unknown_option(bytes_make(at, 1), "-", command, groups, err);
        if (option->kind != OPTION_FLAG) {
            char *value = at + 1;
            if (!*value && !take_value(option, words, &value, err))
                return false;
            return store(o, option, value, err);
        }
        if (!store(o, option, NULL, err))
            return false;
    }
    return true;
}

bool options_parse(struct options *o, const char *command, option_groups groups, size_t argc,
                   char **argv, struct error *err)
{
    struct words words = {argc, argv, 0};
    bool only_args = false;
    while (words.at < argc) {
        char *word = argv[words.at++];
        bool ok = true;
        if (only_args || word[0] != '-' || word[1] == '\0')
            list_add(&o->args, word);
        else if (strcmp(word, "--") == 0)
            only_args = true;
        else if (option_is_help(word))
            o->help = true;
        else if (word[1] == '-')
            ok = parse_long(o, command, groups, word, &words, err);
        else
            ok = parse_short(o, command, groups, word, &words, err);
        if (ok)
            continue;
        if (!err->hint[0])
            error_hint(err, "'cfkv help %s' lists its options", command);
        return false;
    }
    return true;
}

bool options_settle(struct options *o, struct error *err)
{
    if (o->document == DOCUMENT_UNSET)
        o->document = o->json ? DOCUMENT_JSON : DOCUMENT_TEXT;
    if (o->json && o->document != DOCUMENT_JSON)
        return error_set(err, ERR_USAGE, "--json and --format %s contradict each other",
                         document_words[o->document]);
    o->json = o->document == DOCUMENT_JSON;
    return true;
}

/* How many words the option `word` begins, its value included; 0 when there is no such option. */
static size_t option_words(const char *word)
{
    const struct option *option = NULL;
    if (word[1] == '-') {
        option = find_long(bytes_make(word + 2, strcspn(word + 2, "=")), ANY_GROUP);
        return !option ? 0 : takes_word(option) && !strchr(word, '=') ? 2 : 1;
    }
    for (const char *at = word + 1; *at; at++) {
        option = find_short(*at, ANY_GROUP);
        if (option && takes_word(option))
            return at[1] ? 1 : 2;
    }
    return option ? 1 : 0;
}

bool option_is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "-help") == 0;
}

size_t options_leading(size_t argc, char **argv)
{
    size_t at = 0, n;
    while (at < argc && argv[at][0] == '-' && !option_is_help(argv[at]) &&
           strcmp(argv[at], "-version") != 0 && (n = option_words(argv[at])) > 0)
        at += n;
    return at < argc ? at : argc;
}

const char *options_name(size_t n, option_groups *groups)
{
    if (n >= N_OPTIONS)
        return NULL;
    *groups = option_table[n].groups;
    return option_table[n].name;
}

static void show_option(const struct option *option, struct option_shown *out)
{
    *out = (struct option_shown){option->name, option->help, "", takes_word(option)};
    if (option->kind != OPTION_FLAG)
        memcpy(out->arg, arg_of(option).text, sizeof out->arg);
}

bool options_nth(size_t n, option_groups groups, struct option_shown *out)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (!(option_table[i].groups & groups) || n-- > 0)
            continue;
        show_option(&option_table[i], out);
        return true;
    }
    return false;
}

bool options_named(const char *word, option_groups groups, struct option_shown *out)
{
    const struct option *option =
        word[0] != '-'   ? NULL
        : word[1] == '-' ? find_long(bytes_make(word + 2, strcspn(word + 2, "=")), groups)
                         : find_short(word[1], groups);
    if (!option || !(option->groups & groups))
        return false;
    show_option(option, out);
    return true;
}

/* The words that it may have: null unless they are few. */
static void write_choices(struct json_writer *w, const struct option *option)
{
    struct bytes name;
    if (option->kind != OPTION_CHOICE && option->kind != OPTION_OUTPUT) {
        json_null(w);
        return;
    }
    json_begin_array(w);
    for (size_t i = 0; option->choices && option->choices[i]; i++)
        json_str(w, option->choices[i]);
    for (size_t i = 0; option->kind == OPTION_OUTPUT && output_format(i, &name); i++)
        json_string(w, name);
    json_end_array(w);
}

static const char *type_word(const struct option *option)
{
    switch (option->kind) {
    case OPTION_FLAG:
        return "flag";
    case OPTION_TEXT:
    case OPTION_LIST:
    case OPTION_VAR:
        break;
    case OPTION_PERMIT:
        return "permission";
    case OPTION_CHOICE:
    case OPTION_OUTPUT:
        return "choice";
    case OPTION_COUNT:
    case OPTION_NUMBER:
        return "integer";
    case OPTION_SECONDS:
    case OPTION_TTL:
    case OPTION_WHOLE:
        return "duration";
    case OPTION_TIME:
        return "time";
    case OPTION_RATE:
        return "rate";
    }
    return "text";
}

static bool is_repeatable(const struct option *option)
{
    return option->kind == OPTION_LIST || option->kind == OPTION_PERMIT ||
           option->kind == OPTION_VAR;
}

/* What a number may be: null where there is no such limit. */
static void write_limits(struct json_writer *w, const struct option *option)
{
    bool limited = option->max > 0 && option->max < INT64_MAX;
    json_key(w, "max");
    if (limited)
        json_int(w, option->max);
    else
        json_null(w);
    json_key(w, "min");
    if (option->kind == OPTION_COUNT || option->kind == OPTION_WHOLE || option->kind == OPTION_TIME)
        json_int(w, 1);
    else if (option->kind == OPTION_TTL || limited)
        json_int(w, 0);
    else
        json_null(w);
}

static void write_option(struct json_writer *w, const struct option *option)
{
    json_begin_object(w);
    json_field_str(w, "arg", option->arg ? arg_of(option).text : NULL);
    json_field_bool(w, "arg_optional", option->kind == OPTION_PERMIT);
    json_key(w, "choices");
    write_choices(w, option);
    json_field_str(w, "help", option->help);
    json_key(w, "letter");
    if (option->letter)
        json_string(w, bytes_make(&option->letter, 1));
    else
        json_null(w);
    write_limits(w, option);
    json_key(w, "modules"); /* the folder of lua/host that words the choices */
    json_str(w, option->kind == OPTION_OUTPUT ? "output" : NULL);
    json_field_str(w, "name", option->name);
    json_field_bool(w, "repeatable", is_repeatable(option));
    json_field_str(w, "type", type_word(option));
    json_key(w, "unit"); /* seconds that a bare number counts by */
    if (option->kind == OPTION_WHOLE)
        json_int(w, (int64_t)option->unit);
    else if (strcmp(type_word(option), "duration") == 0)
        json_int(w, 1);
    else
        json_null(w);
    json_end_object(w);
}

void options_write_json(struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < N_OPTIONS; i++)
        write_option(w, &option_table[i]);
    json_end_array(w);
}

void options_write_places(struct json_writer *w, option_groups groups)
{
    json_begin_array(w);
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (option_table[i].groups & groups)
            json_int(w, (int64_t)i);
    json_end_array(w);
}
