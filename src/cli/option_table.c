#include "option_table.h"

#include <stdio.h>

#include "base/duration.h"
#include "host/host.h"

#define FIELD(name) offsetof(struct options, name)

static const char *const refresh_words[] = {
    [REFRESH_NONE] = "none",
    [REFRESH_NAMES] = "names",
    [REFRESH_KEYS] = "keys",
    [REFRESH_VALUES] = "values",
    NULL,
};

const char *const option_documents[] = {
    [DOCUMENT_TEXT] = "text",
    [DOCUMENT_JSON] = "json",
    [DOCUMENT_MARKDOWN] = "markdown",
    [DOCUMENT_GITHUB] = "github",
    [DOCUMENT_GITLAB] = "gitlab",
    [DOCUMENT_HTML] = "html",
    NULL,
};

static const char *const plan_documents[] = {"text", "json", "markdown", "github", "gitlab", NULL};
static const char *const audit_documents[] = {"text", "json", "markdown", "html", NULL};

static const char *const ci_words[] = {
    [CI_NONE] = "none", [CI_GITHUB] = "github", [CI_GITLAB] = "gitlab", NULL};

/* A module of lua/host/output each, and JSON, which the writer of documents prints. */
static const char *const output_words[] = {"output", "text", "json", NULL};
static const char *const export_words[] = {"export", NULL};

const struct option option_table[] = {
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
    {"state", 0, "URL|PATH", OPTION_TEXT, GROUP_TARGET | GROUP_EXPORT | GROUP_IMPORT,
     FIELD(state_path),
     "the state to use: s3://…, https://…, or a file (default: that of cfkv.project, else a file "
     "named after FILE)",
     NULL, 0, 0},
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
     "where its data must stay: eu, us or fedramp", NULL, 0, 0},
    {"mode", 0, "instant", OPTION_TEXT, GROUP_PLACE, FIELD(mode),
     "few, small keys without metadata, written one by one (wrangler's --x-mode)", NULL, 0, 0},
    {"keep", 0, "N", OPTION_COUNT, GROUP_KEEP, FIELD(keep), "the N newest backups stay", NULL,
     1000000, 1},
    {"days", 0, "N", OPTION_WHOLE, GROUP_KEEP, FIELD(days),
     "backups of the last N days stay; or a duration such as 2w", NULL, 100000, DURATION_DAY},
    {"keep-env", 0, "NAME", OPTION_LIST, GROUP_SWEEP, FIELD(keep_envs),
     "this environment stays, whatever its age, or that of this branch; repeatable", NULL, 0, 0},
    {"keep-file", 0, "FILE", OPTION_LIST, GROUP_SWEEP, FIELD(keep_files),
     "those stay that FILE names, one a line (#: a comment); repeatable", NULL, 0, 0},
    {"keep-none", 0, NULL, OPTION_FLAG, GROUP_SWEEP, FIELD(keep_none),
     "no environment stays that is not declared: what an empty list does not say", NULL, 0, 0},
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
    {"format", 0, "", OPTION_MODULE, GROUP_OUTPUTS, FIELD(output_format), "how outputs are printed",
     output_words, 0, 0},
    {"to", 0, "", OPTION_MODULE, GROUP_EXPORT, FIELD(export_to), "for which tool", export_words, 0,
     0},
    {"format", 0, "text|json|markdown|github|gitlab", OPTION_DOCUMENT, GROUP_DOCUMENT,
     FIELD(document),
     "as text (the default), JSON, the comment of a pull request, annotations and the step summary "
     "of GitHub Actions, or the report artefact of GitLab",
     plan_documents, 0, 0},
    {"format", 0, "text|json|markdown|html", OPTION_DOCUMENT, GROUP_AUDIT, FIELD(document),
     "as text (the default), JSON, a table in Markdown, or one page for a browser", audit_documents,
     0, 0},
    {"keys", 0, NULL, OPTION_FLAG, GROUP_AUDIT, FIELD(keys),
     "count the keys of every namespace, and tell the nearest expiration; a request for 1,000 keys",
     NULL, 0, 0},
    {"ttl", 0, NULL, OPTION_FLAG, GROUP_AUDIT, FIELD(without_ttl),
     "look for keys without an expiration where the namespace has a default ttl", NULL, 0, 0},
    {"fail-on", 0, "WORD,…", OPTION_LIST, GROUP_AUDIT, FIELD(fail_on),
     "exit with 2 when a namespace is one of these: orphan, stale and all other words of audit; "
     "repeatable",
     NULL, 0, 0},
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
    {"match", 0, "GLOB", OPTION_LIST, GROUP_IMPORT, FIELD(match),
     "the account's namespaces whose title matches (* and ?); repeatable", NULL, 0, 0},
    {"keys", 0, NULL, OPTION_FLAG, GROUP_IMPORT, FIELD(keys),
     "their keys, too: values, metadata and expirations, in files below seed/", NULL, 0, 0},
    {"output", 'o', "FILE", OPTION_TEXT, GROUP_IMPORT, FIELD(output),
     "write a file that the configuration can require, not the configuration", NULL, 0, 0},
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
    {"force", 0, NULL, OPTION_FLAG, GROUP_PUSH, FIELD(force),
     "replace what stands there though FILE does not go on from it; that is kept here", NULL, 0, 0},
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

const size_t option_count = sizeof option_table / sizeof *option_table;

const struct option *option_long(struct bytes name, option_groups groups)
{
    const struct option *other = NULL;
    for (size_t i = 0; i < option_count; i++) {
        if (!bytes_equal(bytes_of(option_table[i].name), name))
            continue;
        other = &option_table[i];
        if (other->groups & groups)
            return other;
    }
    return other;
}

const struct option *option_short(char letter, option_groups groups)
{
    const struct option *other = NULL;
    for (size_t i = 0; i < option_count; i++) {
        if (!option_table[i].letter || option_table[i].letter != letter)
            continue;
        other = &option_table[i];
        if (other->groups & groups)
            return other;
    }
    return other;
}

bool option_takes_word(const struct option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_PERMIT;
}

/* One of those that stand in front. */
static bool is_in_front(const struct option *option, struct bytes name)
{
    for (size_t i = 1; option->choices[i]; i++)
        if (bytes_equal(name, bytes_of(option->choices[i])))
            return true;
    return false;
}

bool option_module(const struct option *option, size_t n, struct bytes *name)
{
    for (size_t i = 1; option->choices[i]; i++) {
        *name = bytes_of(option->choices[i]);
        if (n-- == 0)
            return true;
    }
    for (size_t i = 0; host_module(option->choices[0], i, name); i++)
        if (!is_in_front(option, *name) && n-- == 0)
            return true;
    return false;
}

struct option_arg option_arg(const struct option *option)
{
    struct option_arg arg = {0};
    struct bytes name;
    size_t at = 0;
    if (option->kind != OPTION_MODULE)
        snprintf(arg.text, sizeof arg.text, "%s", option->arg);
    else
        for (size_t i = 0; option_module(option, i, &name) && at < sizeof arg.text; i++)
            at += (size_t)snprintf(arg.text + at, sizeof arg.text - at, "%s%.*s", i ? "|" : "",
                                   BYTES_FMT(name));
    return arg;
}
