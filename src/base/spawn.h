/*
 * spawn.h: another program, run to its end for what it prints.
 *
 * No shell. Its standard input is empty. As a rule it sees PATH, HOME, XDG_CONFIG_HOME and what it
 * is given, so that no credential reaches it, and what it says on stderr is dropped; a program of
 * the user's own (`own`) sees and says what it would in the user's shell.
 */
#ifndef CFKV_BASE_SPAWN_H
#define CFKV_BASE_SPAWN_H

#include "buf.h"
#include "error.h"

#define SPAWN_OUTPUT_MAX ((size_t)64 * 1024)

struct spawn {
    const char *const *argv; /* ends with NULL; the first is looked for in PATH */
    const char *const *env;  /* "NAME=VALUE", ends with NULL; NULL: none */
    unsigned seconds;        /* until it is killed */
    unsigned second_ms;      /* how long one is; 0: 1000. Tests make it short. */
    bool own;                /* its stderr is ours, and `env` is all that it sees */
};

/* Adds what it prints, at most SPAWN_OUTPUT_MAX bytes, to `out`. false when it could not be run to
 * its end: ERR_NOT_FOUND where there is no such program. */
bool spawn_run(const struct spawn *s, struct buf *out, int *exit_code, struct error *err);

#endif
