/*
 * options.h: the options of the command line, declared once.
 *
 * One table says for each option its name, what it takes, where it is stored and how it is
 * explained. Parsing and help are made from it. A command accepts the options of its groups, as
 * `--name VALUE`, `--name=VALUE` or `-f VALUE`, in any order and among its arguments; `--` ends
 * them. Of a single-valued option given twice the last one counts; lists collect.
 */
#ifndef CFKV_CLI_OPTIONS_H
#define CFKV_CLI_OPTIONS_H

#include <stdint.h>

#include "base/buf.h"
#include "plan/plan.h"
#include "script/script.h"

enum option_group {
    GROUP_COMMON = 1 << 0,  /* every command */
    GROUP_FILE = 1 << 1,    /* which configuration */
    GROUP_EVAL = 1 << 2,    /* how it is evaluated */
    GROUP_TARGET = 1 << 3,  /* where it is applied */
    GROUP_FILTER = 1 << 4,  /* a part of it only */
    GROUP_REFRESH = 1 << 5, /* how much is read live */
    GROUP_ADOPT = 1 << 6,
    GROUP_GUARD = 1 << 7, /* what may be lost */
    GROUP_LOCK = 1 << 8,
    GROUP_ASK = 1 << 9,
    GROUP_JSON = 1 << 10,
    GROUP_SAVE = 1 << 11,      /* plan --out */
    GROUP_SAVED = 1 << 12,     /* apply --plan */
    GROUP_SERVE = 1 << 13,     /* what is served, and how */
    GROUP_REMOTE = 1 << 14,    /* how requests are sent */
    GROUP_NAMESPACE = 1 << 15, /* which namespace, by title or id */
    GROUP_PREFIX = 1 << 16,    /* some of its keys */
    GROUP_KEY = 1 << 17,       /* expiry, metadata and value of one key */
    GROUP_EXPIRY = 1 << 18,    /* expiry of what has none */
    GROUP_SOURCE = 1 << 19,    /* how a source of pairs is read */
    GROUP_RESUME = 1 << 20,    /* whether to go on where an earlier run stopped */
    GROUP_MISSING = 1 << 21,   /* only what is not there */
    GROUP_OUTPUT = 1 << 22,    /* -o */
    GROUP_ALL = 1 << 23,
    GROUP_PRUNE = 1 << 24,
    GROUP_FORMAT = 1 << 25, /* of what is printed or read */
    GROUP_CREATE = 1 << 26  /* whether the namespace may be made */
};

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
    bool quiet;
    bool verbose;
    bool no_color;
    bool json;
    bool yes;

    const char *file; /* NULL: not given */
    const char *root;
    struct script_var *vars;
    size_t n_vars, cap_vars;
    bool strict;
    uint64_t eval_seconds, eval_memory, eval_instructions; /* 0: not given; memory in bytes */

    bool local;
    const char *state_path;
    double lock_timeout;
    struct text_list envs;
    struct text_list only;
    unsigned refresh; /* enum refresh */
    bool no_adopt;
    bool allow_data_loss;
    bool allow_mass_delete;

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
    const char *prefix;
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
    bool prune;
    bool create;

    struct text_list args; /* what is no option */
};

void options_init(struct options *o);
void options_release(struct options *o);

/* Parses the `argc` words of `argv` (those after the command) for `command`, which accepts
 * `groups`. ERR_USAGE with the nearest name as the hint. */
bool options_parse(struct options *o, const char *command, unsigned groups, size_t argc,
                   char **argv, struct error *err);

/* Adds one line (or more, wrapped) of help for each option of the groups. */
void options_help(struct buf *out, unsigned groups);

#endif
