/*
 * foreign.h: words that people bring along from other tools.
 */
#ifndef CFKV_CLI_FOREIGN_H
#define CFKV_CLI_FOREIGN_H

#include "options.h"

/* They give the error that a word is unknown, which is set already, the hint what it is called here
 * or what to do instead; false, and no hint, when neither is known. lua/host/foreign.lua has them.
 */

/* `words` is no command: "preview", "kv get". */
bool foreign_command(struct bytes words, struct error *err);

/* The command, which takes options of `groups`, has no option of that name (without its dashes);
 * NULL: it is not known yet which one. */
bool foreign_option(const char *command, option_groups groups, struct bytes name,
                    struct error *err);

/* The command does not take so many arguments. */
bool foreign_argument(const char *command, struct error *err);

#endif
