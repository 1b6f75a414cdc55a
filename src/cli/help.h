/*
 * help.h: what there is on the command line, as a document that help is laid out from.
 */
#ifndef CFKV_CLI_HELP_H
#define CFKV_CLI_HELP_H

#include "base/buf.h"

/*
 * {"asked":…,"commands":[…],"date":SECONDS,"exit_codes":[…],"fields":[…],"options":[…],
 * "sources":{MODULE:TEXT,…},"topics":[…],"version":…,"width":COLUMNS}, of which a command names its
 * options by their places in `options`, and `fields` are tables by the names of their types.
 * `asked` is the name of a command, a family, a topic or of something in Lua; NULL: of none.
 * `sources` are there where Lua is asked for: stdlib with its annotations. `date` is
 * SOURCE_DATE_EPOCH's, or now.
 */
struct help_request {
    const char *asked;
    bool lua;       /* with the sources */
    unsigned width; /* of the terminal */
};

void help_write_json(const struct help_request *request, struct buf *out);

/* Adds the names of all that there is in Lua, as they may be asked for, a line each:
 * "cfkv.bulk.put", "bulk.put", "ns:put". */
void help_list_lua(struct buf *names);

/* The Lua name that is nearest to `name` ("bulk.putt"), in `near`; false: none is near. */
bool help_nearest_lua(struct bytes name, char *near, size_t size);

/* true for the modules of lua/host/topic. */
bool help_is_topic(struct bytes name);

/* The topic that is nearest to `name`, in `near`; false: none is near. */
bool help_nearest_topic(struct bytes name, char *near, size_t size);

#endif
