/*
 * keep_names.h: which environments `cfkv sweep` is told to keep.
 *
 * A file has a name a line. Blanks around it, blank lines, a byte order mark and CRLF do not count,
 * nor do lines that begin with #, except that a branch may be called so: such a line keeps what it
 * names, but a file of comments alone names nothing. A list that says nothing deletes everything,
 * so whatever may be a slip (no file, no name in it, a table, JSON, a page of HTML) is refused.
 */
#ifndef CFKV_CLI_KEEP_NAMES_H
#define CFKV_CLI_KEEP_NAMES_H

#include "options.h"
#include "plan/sweep.h"

/* Reads --keep-env, --keep-file and --keep-none into a zeroed `names`, in `arena`. ERR_GUARD where
 * a list cannot be meant, ERR_USAGE where options contradict each other. */
bool keep_names_read(const struct options *o, struct arena *arena, struct sweep_names *names,
                     struct error *err);

/* How many names keep nothing of `sweep`. */
size_t keep_names_idle(const struct sweep_names *names, const struct sweep *sweep,
                       struct bytes match);

#endif
