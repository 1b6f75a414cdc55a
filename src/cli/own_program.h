/*
 * own_program.h: a program that the user named outside of the project, run for the credentials that
 * it prints.
 *
 * No shell. It has 30 seconds; its standard input is empty; what it says on stderr the user sees,
 * what it prints nobody does: neither messages nor --verbose show it.
 *
 * It sees the environment that cfkv was started with, as it would in the user's shell: what a
 * password manager or a keyring needs cannot be listed (HOME, PATH, XDG_*,
 * DBUS_SESSION_BUS_ADDRESS, DISPLAY, GPG_TTY, SSH_AUTH_SOCK, proxies, VAULT_ADDR, OP_…,
 * AWS_PROFILE). Left out is what cfkv itself was given and the program has no business with: tokens
 * of accounts and of state hosts. Nothing of --env-file reaches it.
 */
#ifndef CFKV_CLI_OWN_PROGRAM_H
#define CFKV_CLI_OWN_PROGRAM_H

#include "base/arena.h"
#include "base/buf.h"

#define OWN_PROGRAM_SECONDS 30

/* Words between blanks; no quotes mean anything. Ends with NULL, in `arena`. */
const char *const *own_program_words(struct arena *arena, const char *line);

/* Words as a shell takes them apart, but that nothing is replaced: '…', "…" and \ keep blanks
 * together (credential_process). NULL: a quotation mark opens, and none ends it. */
const char *const *own_program_shell_words(struct arena *arena, const char *line);

/*
 * Adds what it prints, blanks around it dropped, to `out`, which may hold a secret from then on:
 * own_program_forget. ERR_FAILED, its message beginning with `what` ("the credentials command"):
 * it is not there, did not end, ended with another code than 0, or printed nothing or too much.
 */
bool own_program_run(const char *const *words, const char *what, struct buf *out,
                     struct error *err);

/* Overwrites and releases it. */
void own_program_forget(struct buf *out);

#endif
