/*
 * dry_run.h: a script that writes nothing, and what it would have written.
 *
 *     dry_run_begin   the session's effects go into a store of their own (store/dry.h)
 *     dry_run_tell    on stderr, or with --json as the one document on stdout
 *     dry_run_end     in any case
 */
#ifndef CFKV_CLI_DRY_RUN_H
#define CFKV_CLI_DRY_RUN_H

#include "session.h"

#define DRY_RUN_SHOWN 10 /* keys of a namespace; with --verbose all, but not in the document */

struct dry_run {
    struct session *session;
    struct store *store; /* NULL: it is none */
    int out;             /* stdout, while what the script prints goes to stderr; else -1 */
};

bool dry_run_begin(struct dry_run *d, struct session *s, struct error *err);

/* Behind the script: stdout is as it was. */
void dry_run_restore_stdout(struct dry_run *d);

/* `code`: with what the script ended; `diags`: what went wrong. */
bool dry_run_tell(struct dry_run *d, enum exit_code code, const struct diag_list *diags,
                  struct error *err);

void dry_run_end(struct dry_run *d); /* safe on a zeroed one */

#endif
