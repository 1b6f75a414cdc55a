/*
 * input.h: the bytes of a source, chunk by chunk, with their place. Private to seed/.
 *
 * What is compressed is inflated on the way: offsets, lines, size and digest are those of the
 * inflated content.
 */
#ifndef CFKV_SEED_INPUT_H
#define CFKV_SEED_INPUT_H

#include "base/error.h"
#include "base/gzip.h"
#include "base/hash.h"

#define SEED_CHUNK ((size_t)64 * 1024)

struct input {
    struct gzip_reader *file;
    char *chunk;
    size_t at, len;  /* what is left of the chunk */
    uint64_t offset; /* in the content, of chunk[at] */
    int line;        /* of chunk[at] */
    bool ended;      /* nothing comes behind the chunk */
    bool started;
    struct hash hash;
    uint64_t size;
};

/* Takes over `fd`; `name` is borrowed. */
void input_open(struct input *in, int fd, const char *name);
void input_close(struct input *in); /* safe on a zeroed one */

/* Reads a chunk when nothing is left of the last one; in->len is 0 only at the end. Leaves a byte
 * order mark at the start out. */
bool input_fill(struct input *in, struct error *err);

/* Moves what is left to the front of the chunk and fills it: SEED_CHUNK bytes, unless the content
 * ends. */
bool input_top_up(struct input *in, struct error *err);

/* What is left of the chunk. */
static inline struct bytes input_left(const struct input *in)
{
    return bytes_make(in->chunk + in->at, in->len);
}

static inline void input_advance(struct input *in, size_t n)
{
    in->at += n;
    in->len -= n;
    in->offset += n;
}

/* Counts a line; the caller advances over its end. */
void input_next_line(struct input *in);

#endif
