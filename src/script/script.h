/*
 * script.h: evaluating a configuration file: Lua in, model out.
 *
 * Evaluation is hermetic: no network, clock, randomness, shell or file outside the root, and it
 * ends within its budgets. The same input gives the same model, byte for byte. This header is all
 * that the rest of cfkv sees of Lua.
 */
#ifndef CFKV_SCRIPT_SCRIPT_H
#define CFKV_SCRIPT_SCRIPT_H

#include "base/dotenv.h"
#include "model/model.h"

#define SCRIPT_MEMORY_DEFAULT       ((size_t)256 * 1024 * 1024) /* bytes: Lua heap plus model */
#define SCRIPT_INSTRUCTIONS_DEFAULT UINT64_C(500000000)
#define SCRIPT_SECONDS_DEFAULT      10u

struct script_limits {
    size_t memory;         /* bytes; 0: the default */
    uint64_t instructions; /* Lua VM instructions; 0: the default */
    unsigned seconds;      /* wall clock; 0: the default */
};

struct script_options {
    const char *file;             /* the configuration, as the user named it; shown in messages */
    const char *root;             /* the project root; NULL: the folder of `file` */
    const struct given_var *vars; /* --var */
    size_t n_vars;
    const struct dotenv *env; /* what cfkv.getenv finds behind the environment; NULL: nothing */
    struct script_limits limits;
    /* Where a failure is told as a JSON document on stdout: what ends it behind "diagnostics", as
     * `,\n  "format_version": 1\n}\n`. For the wall clock, which ends the process. NULL: none. */
    const char *json_end;
};

/*
 * Evaluates `options->file` into `m` (initialised, empty) and runs its policies.
 *
 * Whatever is wrong with the configuration becomes a diagnostic in m->diags: a syntax error, a
 * raised error, an exceeded budget, a wrong declaration; the result is then still true. Callers go
 * on with model_validate and diag_check. false means that evaluation could not take place: the file
 * cannot be read (ERR_NOT_FOUND, ERR_IO) or the memory budget holds no Lua state (ERR_LIMIT).
 *
 * A budget of instructions or memory ends evaluation with a diagnostic. Code that the instruction
 * count cannot see (a pattern that never ends) is ended by the wall clock: the process then prints
 * FILE:LINE and the reason to stderr (and to stdout, see json_end) and exits with EXIT_INVALID from
 * the signal handler; nothing was sent or written by then. SIGALRM and ITIMER_REAL are in use
 * during the call only.
 */
bool script_evaluate(const struct script_options *options, struct model *m, struct error *err);

#endif
