/*
 * options.h: the options of the command line, declared once.
 *
 * One table says for each option its name, what it takes, where it is stored and how it is
 * explained. Parsing and help are made from it. A command accepts the options of its groups, as
 * `--name VALUE`, `--name=VALUE` or `-f VALUE`, in any order, before it and among its arguments;
 * `--` ends them. Of a single-valued option given twice the last one counts; lists collect.
 * A permission (--allow-…) takes its value only behind an equals sign.
 *
 * A value that is a word of its own is never an option: a forgotten value must not swallow
 * `--local` and send the rest to the account. Joined to the name it may be anything.
 */
#ifndef CFKV_CLI_OPTIONS_H
#define CFKV_CLI_OPTIONS_H

#include <stdint.h>

#include "base/json.h"
#include "model/permit.h"
#include "plan/plan.h"
#include "script/script.h"

/* Which options a command takes: any of these, or-ed. */
typedef uint64_t option_groups;

#define GROUP_COMMON    (UINT64_C(1) << 0) /* every command */
#define GROUP_FILE      (UINT64_C(1) << 1) /* which configuration */
#define GROUP_EVAL      (UINT64_C(1) << 2) /* how it is evaluated */
#define GROUP_TARGET    (UINT64_C(1) << 3) /* where it is applied */
#define GROUP_FILTER    (UINT64_C(1) << 4) /* a part of it only */
#define GROUP_REFRESH   (UINT64_C(1) << 5) /* how much is read live */
#define GROUP_ADOPT     (UINT64_C(1) << 6)
#define GROUP_GUARD     (UINT64_C(1) << 7) /* what may be lost */
#define GROUP_LOCK      (UINT64_C(1) << 8)
#define GROUP_ASK       (UINT64_C(1) << 9)
#define GROUP_JSON      (UINT64_C(1) << 10)
#define GROUP_SAVE      (UINT64_C(1) << 11) /* plan --out */
#define GROUP_SAVED     (UINT64_C(1) << 12) /* apply --plan */
#define GROUP_SERVE     (UINT64_C(1) << 13) /* what is served, and how */
#define GROUP_REMOTE    (UINT64_C(1) << 14) /* how requests are sent */
#define GROUP_NAMESPACE (UINT64_C(1) << 15) /* which namespace, by title or id */
#define GROUP_PREFIX    (UINT64_C(1) << 16) /* some of its keys */
#define GROUP_KEY       (UINT64_C(1) << 17) /* expiry, metadata and value of one key */
#define GROUP_EXPIRY    (UINT64_C(1) << 18) /* expiry of what has none */
#define GROUP_SOURCE    (UINT64_C(1) << 19) /* how a source of pairs is read */
#define GROUP_RESUME    (UINT64_C(1) << 20) /* whether to go on where an earlier run stopped */
#define GROUP_MISSING   (UINT64_C(1) << 21) /* only what is not there */
#define GROUP_OUTPUT    (UINT64_C(1) << 22) /* -o */
#define GROUP_ALL       (UINT64_C(1) << 23)
#define GROUP_PRUNE     (UINT64_C(1) << 24)
#define GROUP_FORMAT    (UINT64_C(1) << 25) /* of what is printed or read */
#define GROUP_CREATE    (UINT64_C(1) << 26) /* whether the namespace may be made */
#define GROUP_RENAME    (UINT64_C(1) << 27) /* of kv namespace rename, */
#define GROUP_DELETE    (UINT64_C(1) << 28) /* delete; */
#define GROUP_GET       (UINT64_C(1) << 29) /* of kv key get, */
#define GROUP_LIST      (UINT64_C(1) << 30) /* list */
#define GROUP_PLACE     (UINT64_C(1) << 31) /* where a namespace is made */
#define GROUP_BINDING   (UINT64_C(1) << 32) /* a namespace as a wrangler config names it */
#define GROUP_RUN       (UINT64_C(1) << 48) /* how a script is run */
#define GROUP_TAKE_OVER (UINT64_C(1) << 33) /* bindings of somebody else's */
#define GROUP_WRANGLER  (UINT64_C(1) << 34) /* what cfkv wrangler does with what it found */
#define GROUP_OUTPUTS   (UINT64_C(1) << 35) /* how outputs are printed */
#define GROUP_NO_BACKUP (UINT64_C(1) << 36) /* of what is lost, where one is written unasked */
#define GROUP_BACKUP    (UINT64_C(1) << 37) /* of what is lost, where none is */
#define GROUP_KV_FILE   (UINT64_C(1) << 38) /* as GROUP_FILE, for kv verbs: no -f, as in wrangler */
#define GROUP_FORCE     (UINT64_C(1) << 39) /* wrangler's -f of kv bulk delete */
#define GROUP_SECTION   (UINT64_C(1) << 40) /* which part of a backup */
#define GROUP_KEEP      (UINT64_C(1) << 41) /* how many backups stay */
#define GROUP_SWEEP     (UINT64_C(1) << 43) /* which environments stay */
#define GROUP_PERSIST   (UINT64_C(1) << 42) /* in which folder local keys are */
#define GROUP_DOCUMENT  (UINT64_C(1) << 50) /* in which format a plan or diagnostics are printed */
#define GROUP_SHOWN     (UINT64_C(1) << 51) /* how much of a plan is shown */
#define GROUP_EXPORT    (UINT64_C(1) << 44) /* for which tool, with which ids */
#define GROUP_MAN       (UINT64_C(1) << 47) /* help as a manual page */
#define GROUP_INIT      (UINT64_C(1) << 52) /* what a project begins with */
#define GROUP_AUDIT     (UINT64_C(1) << 53) /* what audit looks at, and how it tells it */
#define GROUP_PUSH      (UINT64_C(1) << 57) /* what of a remote state may be replaced */
#define GROUP_IMPORT    (UINT64_C(1) << 54) /* what is imported, and into which file */

/* How a plan, a drift or diagnostics are printed. */
enum document_format {
    DOCUMENT_TEXT,
    DOCUMENT_JSON, /* what --json says */
    DOCUMENT_MARKDOWN,
    DOCUMENT_GITHUB,
    DOCUMENT_GITLAB,
    DOCUMENT_HTML,
    DOCUMENT_UNSET
};

#define ANY_GROUP (~(option_groups)0)

/* Whose workflow `init` writes. */
enum init_ci { CI_NONE, CI_GITHUB, CI_GITLAB };

struct text_list {
    const char **items;
    size_t n, cap;
};

struct option_rate {
    unsigned requests, seconds; /* 0: not given */
};

/* What was given. Texts are borrowed from argv. */
struct options {
    bool help;
    const char *folder; /* -C: where all paths start from; NULL: here */
    bool quiet;
    bool verbose;
    bool no_color;
    bool json;
    bool man;
    bool yes;
    bool force; /* of state push */

    const char *file; /* NULL: not given */
    const char *root;
    struct given_var *vars;
    size_t n_vars, cap_vars;
    struct text_list env_files;
    bool strict;
    bool dry_run;
    uint64_t eval_seconds, eval_memory, eval_instructions; /* 0: not given; memory in bytes */

    bool local;
    const char *state_path;
    double lock_timeout;
    struct text_list envs;
    struct text_list only;
    unsigned refresh; /* enum refresh */
    bool no_adopt;
    struct permits permits;
    bool no_backup;
    bool backup;

    uint64_t jobs;

    const char *out;
    bool detailed_exitcode;
    const char *plan;

    bool memory;
    bool discard;
    unsigned port;
    const char *address;
    const char *faults;
    struct option_rate rate;
    unsigned latency_ms;

    const char *namespace_id;
    const char *namespace_title;
    bool remote;
    const char *new_name;
    const char *jurisdiction, *mode;
    const char *prefix;
    const char *from_namespace;
    uint64_t keep, days; /* 0: not given */
    struct text_list keep_envs, keep_files;
    bool keep_none;
    uint64_t limit; /* 0: not given */
    bool text;
    bool ttl_given;
    int64_t ttl; /* seconds; 0: no expiry */
    int64_t expiration;
    const char *metadata;
    const char *path;
    const char *format;
    bool keep_going;
    bool restart;
    bool if_missing;
    const char *output;
    bool all;
    struct text_list match;
    bool prune;
    bool create;

    const char *binding;
    bool preview;
    const char *wrangler_config; /* the file; NULL: wrangler's default ones */
    const char *persist_to;
    bool take_over;
    bool check;
    bool to_stdout;
    const char *types;

    const char *output_format; /* "env"; NULL: not given */
    const char *export_to;     /* "pulumi"; NULL: not given */
    unsigned document;         /* enum document_format; settled by options_settle */
    bool summary;
    bool show_values;
    unsigned ci; /* enum init_ci */

    bool keys;
    bool without_ttl;
    struct text_list fail_on;

    struct text_list args; /* what is no option */
};

void options_init(struct options *o);
void options_release(struct options *o);

/* Parses the `argc` words of `argv` (those after the command) for `command`, which accepts
 * `groups`. ERR_USAGE with the nearest name as the hint. */
bool options_parse(struct options *o, const char *command, option_groups groups, size_t argc,
                   char **argv, struct error *err);

/* What --format and --json say together; ERR_USAGE when they contradict each other. `options.json`
 * is true for both spellings behind it. */
bool options_settle(struct options *o, struct error *err);

/* --help and what others write for it, which alone is a command's name. */
bool option_is_help(const char *word);

/* How many of the first words are options and their values, in front of a command's name. */
size_t options_leading(size_t argc, char **argv);

/* The name of the n-th option, and the groups that have it (a name may come twice); NULL behind the
 * last one. */
const char *options_name(size_t n, option_groups *groups);

/* An option, for who completes a command line. */
struct option_shown {
    const char *name, *help;
    char arg[80];    /* what its value is called; "": it takes none */
    bool takes_word; /* the next word is its value, when none is joined to it */
};

/* The n-th of the options that a command of these groups has; false behind the last one. */
bool options_nth(size_t n, option_groups groups, struct option_shown *out);

/* What a word means to a command of these groups: "--env", "--env=x", "-e"; false: no option of it.
 */
bool options_named(const char *word, option_groups groups, struct option_shown *out);

/* All options, as an array of objects; and the places in it of those of the groups, as an array. */
void options_write_json(struct json_writer *w);
void options_write_places(struct json_writer *w, option_groups groups);

#endif
