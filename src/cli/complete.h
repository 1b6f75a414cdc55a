/*
 * complete.h: what may stand where somebody types: the answer to Tab.
 *
 *     cfkv __complete bash LINE BREAKS     the line up to the cursor, and COMP_WORDBREAKS
 *     cfkv __complete zsh|fish WORD…       the words behind "cfkv", without their quotes, the last
 *                                          of them the one that is being typed
 *
 * prints records that end with a NUL each: first "words", or "files" or "folders" where the shell
 * is to add its own; then what fits there. For bash that is the rest of the word as bash wants it
 * typed; for zsh a word and the line to show for it; for fish a word, a tab and what it is. These
 * two choose and quote by themselves.
 *
 * The words come from the tables of commands and options, and from what lies on this machine: the
 * state, the wrangler config, kept backups. Nothing is sent, locked, evaluated or written, and
 * whatever fails, it is silent: there are fewer words then. lua/host/completions are the scripts
 * that ask.
 */
#ifndef CFKV_CLI_COMPLETE_H
#define CFKV_CLI_COMPLETE_H

#include <stddef.h>

#include "base/error.h"
#include "interrupt.h"

#define COMPLETE_COMMAND "__complete"

/* `argv` begins behind "__complete". */
enum exit_code complete_main(size_t argc, char **argv, struct interrupt *interrupt);

#endif
