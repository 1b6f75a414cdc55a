/*
 * spawn.h: another program, run to its end for what it prints.
 *
 * No shell. It sees PATH, HOME, XDG_CONFIG_HOME and what it is given, so that no credential reaches
 * it; its standard input is empty, and what it says on stderr is dropped.
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
};

/* Adds what it prints, at most SPAWN_OUTPUT_MAX bytes, to `out`. false when it could not be run to
 * its end: ERR_NOT_FOUND where there is no such program. */
bool spawn_run(const struct spawn *s, struct buf *out, int *exit_code, struct error *err);

#endif
