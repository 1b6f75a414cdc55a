/*
 * help.h: help texts, made from the command and option tables.
 */
#ifndef CFKV_CLI_HELP_H
#define CFKV_CLI_HELP_H

#include "base/buf.h"

struct command;

/* `cfkv help`: usage, all commands, exit codes. */
void help_overview(struct buf *out);

/* `cfkv help COMMAND`. */
void help_command(struct buf *out, const struct command *command);

/* `cfkv help state`: the subcommands of a first word. */
void help_family(struct buf *out, const char *word);

/* One row of a two-column list, "  LEFT   RIGHT", with RIGHT wrapped to 80 columns. */
void help_row(struct buf *out, const char *left, const char *right);

#endif
