/*
 * reader.h: what the kinds of readers share. Private to seed/.
 *
 *     reader.c   opening, inline items, what a caller sees
 *     input.c    bytes of a file, chunk by chunk
 *     stream.c   bytes → items: JSON array, JSON Lines
 */
#ifndef CFKV_SEED_READER_H
#define CFKV_SEED_READER_H

#include "input.h"
#include "item.h"
#include "seed.h"

#define SEED_ITEM_MAX                                                                              \
    ((uint64_t)256 * 1024 * 1024) /* bytes of one item in a file: a value of 25 MiB                \
                                     with every byte escaped fits */

/* How far the raw bytes of a JSON array were looked at: enough to know where its items are. */
struct array_scan {
    int depth;
    bool in_string, escaped;
    bool in_item;
};

struct seed_reader {
    const struct bulk_decl *bulk;
    uint64_t number; /* items met so far */
    struct srcpos pos;

    /* Inline items. */
    struct buf scratch;

    /* Files. */
    bool is_file;
    char *path;
    struct input in;
    uint64_t item_offset; /* where the open item starts */
    uint64_t fed_offset;  /* where what the parser was fed last starts, still in the chunk */
    int fed_line;
    struct json_stream *stream;
    uint64_t stream_offset; /* in the file, of the stream's first byte */
    struct array_scan scan;
    bool skip_line; /* the rest of a line that is wrong */
    struct item item;
    struct buf canonical; /* metadata of the item */
    struct part part;     /* its value */

    struct hash hash; /* of inline items */
    uint64_t size;
    struct digest digest; /* once all was read */
};

/* As seed_open, of an open file that the reader takes over (closed also on failure). */
struct seed_reader *seed_open_fd(int fd, const struct bulk_decl *bulk, struct error *err);

/* The next item of a file, in r->item. */
enum seed_status stream_next(struct seed_reader *r, struct diag_list *diags, struct error *err);

#endif
