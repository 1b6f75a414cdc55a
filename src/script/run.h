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
#include "kv/kv.h"
#include "model/diag.h"

struct run_options {
    const char *file; /* the script, as the user named it; shown in messages */
    const char *root; /* where modules and cfkv.file are looked up; NULL: the folder of `file` */
    const char *const *args; /* what stands behind it */
    size_t n_args;
    struct kv *kv; /* what its calls work on; its permits and backups are those of a call that
                      says nothing, and change meanwhile */
    bool strict;   /* expected failures raise, as after cfkv.strict(), and so do warnings */
    const volatile int *interrupted;

    /* Warnings about what the script writes, each with its line; `last`: no more will be told. */
    void (*warn)(void *ctx, const struct diag_list *warnings, bool last);
    void *ctx;
};

/* Writes and deletes that failed as `nil, err` or in `failed`, which the script did not look at. */
struct run_unread {
    uint64_t writes;
    struct error first; /* "seed.lua:3: …"; code 0: it is not known any more */
};

/* How a script ended that could be started. */
struct run_result {
    int exit_code;    /* of os.exit; 0 when it ran to its end */
    bool failed;      /* an error that it did not catch, in `error`: "seed.lua:3: …", its code
                         ERR_LOCKED where another run holds what it asked for */
    bool interrupted; /* Ctrl-C ended it */
    struct error error;
    struct run_unread unread;
    struct buf trace;       /* the lines of the script that led there: "  at seed.lua:3\n" each */
    struct lua_texts texts; /* of what was loaded */
    struct spot spot;       /* in them, of the error */
};

/*
 * Runs options->file. What it printed has reached stdout when this returns; that stdout did not
 * take it is a failure of the script's. false (with err) when it could not be started: there is no
 * such file, or it asks for more memory than there can be. Zero-initialise `result` and release it
 * with run_release.
 */
bool script_run(const struct run_options *options, struct run_result *result, struct error *err);

void run_release(struct run_result *result);

#endif
