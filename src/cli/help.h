/*
 * help.h: what there is on the command line, as a document that help is laid out from.
 */
#ifndef CFKV_CLI_HELP_H
#define CFKV_CLI_HELP_H

#include "base/buf.h"

/*
 * {"asked":…,"commands":[…],"exit_codes":[…],"fields":[…],"format_version":1,"options":[…],
 * "topics":[…]}, of which a command names its options by their places in `options`, and `fields`
 * are those of a namespace. `asked` is the name of a command, a family or a topic; NULL: of none.
 */
void help_write_json(const char *asked, struct buf *out);

/* true for the modules of lua/host/topic. */
bool help_is_topic(struct bytes name);

#endif
