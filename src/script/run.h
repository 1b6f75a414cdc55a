/*
 * run.h: running a script: Lua with all its libraries, and live calls into a store.
 *
 * A script is the user's own program: nothing is hermetic about it, and it has no budgets. What
 * `cfkv.namespace`, `cfkv.key` and `cfkv.bulk` do goes to the store at once. This header and
 * script.h are all that the rest of cfkv sees of Lua.
 */
#ifndef CFKV_SCRIPT_RUN_H
#define CFKV_SCRIPT_RUN_H

#include "base/buf.h"
#include "model/diag.h"
#include "store/store.h"

/* What is known of a namespace: the account it is in, and what an earlier apply recorded; zeroed:
 * nothing. */
struct run_recorded {
    struct bytes account; /* lives as long as the run; data NULL: none */
    int64_t ttl_seconds;  /* default for keys without an expiry; 0: none */
    bool protect;
};

struct run_options {
    const char *file; /* the script, as the user named it; shown in messages */
    const char *root; /* where modules and cfkv.file are looked up; NULL: the folder of `file` */
    const char *const *args; /* what stands behind it */
    size_t n_args;
    struct store *store;
    unsigned jobs;          /* requests in flight */
    const char *backup_dir; /* the folder for backups; made when it is needed */
    int64_t now;            /* for what is said about expiry */
    const volatile int *interrupted;

    /* The recorded facts of a namespace. */
    bool (*recorded)(void *ctx, struct bytes id, struct run_recorded *out, struct error *err);
    /* The id to ask for when a namespace of that title is made; empty: the store chooses. Good
     * until the next call. */
    bool (*new_id)(void *ctx, struct bytes title, struct bytes *id, struct error *err);
    /* Warnings about what the script writes, each with its line; `last`: no more will be told. */
    void (*warn)(void *ctx, const struct diag_list *warnings, bool last);
    void *ctx;
};

/* How a script ended that could be started. */
struct run_result {
    int exit_code;    /* of os.exit; 0 when it ran to its end */
    bool failed;      /* an error that it did not catch, in `error`: "seed.lua:3: …" */
    bool interrupted; /* Ctrl-C ended it */
    struct error error;
    struct buf trace; /* the lines of the script that led there: "  at seed.lua:3\n" each */
};

/*
 * Runs options->file. What it printed has reached stdout when this returns; that stdout did not
 * take it is a failure of the script's. false (with err) when it could not be started: there is no
 * such file, or memory ran out. Zero-initialise `result` and release it with run_release.
 */
bool script_run(const struct run_options *options, struct run_result *result, struct error *err);

void run_release(struct run_result *result);

#endif
