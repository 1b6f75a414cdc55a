/*
 * sink.h: where a result of any size goes: standard output, or a file that is there whole or not
 * at all.
 */
#ifndef CFKV_CLI_SINK_H
#define CFKV_CLI_SINK_H

#include "output.h"

struct sink {
    struct output *output;
    struct buf *out; /* add to it, then call sink_ready */
    struct buf own;  /* for a file */
    struct buf path, partial;
    int fd; /* -1: standard output */
};

/* `path` NULL or "-" is standard output. A file is written beside it first. */
bool sink_open(struct sink *sink, struct output *output, const char *path, struct error *err);

/* Writes what was added when that is enough to be worth it. */
bool sink_ready(struct sink *sink, struct error *err);

/* Writes the rest; the file gets its name. */
bool sink_finish(struct sink *sink, struct error *err);

/* After a failure too; what was not finished is removed. */
void sink_release(struct sink *sink);

#endif
