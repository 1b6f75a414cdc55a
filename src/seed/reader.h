/*
 * reader.h: what the kinds of readers share. Private to seed/.
 *
 *     reader.c   opening, inline items, what a caller sees
 *     input.c    bytes of a file, chunk by chunk
 *     json.c     bytes → items: JSON array, JSON Lines
 *     csv.c      bytes → cells of CSV, csv_items.c cells → items
 *     folder.c   files of a folder → items
 */
#ifndef CFKV_SEED_READER_H
#define CFKV_SEED_READER_H

#include "csv.h"
#include "input.h"
#include "item.h"
#include "seed.h"

/* Bytes of one line that is held as it is: a value of 25 MiB with every byte escaped fits. */
#define SEED_ITEM_MAX ((uint64_t)6 * KV_VALUE_MAX + 64 * 1024)

#define CSV_COLUMNS ((size_t)64) /* more than there are names */

/* What the columns of CSV are, and the cell at hand. */
struct csv_columns {
    enum item_member items[CSV_COLUMNS]; /* ITEM_IGNORED: a wrong name */
    size_t n;
    bool has_header; /* it was read … */
    bool keyless;    /* … and has no column of keys, but one that is meant to be */
    unsigned meant;  /* bits of members whose columns have misspelt names */
    struct buf cell; /* what a cell of neither key nor value holds */
    bool cut;        /* it is too long for that */
};

struct folder;

struct seed_reader {
    const struct bulk_decl *bulk;
    uint64_t number; /* items met so far */
    struct srcpos pos;

    /* Inline items. */
    struct buf scratch;

    /* Files. */
    char *path;
    struct input in;
    uint64_t item_offset; /* where the open item starts */
    uint64_t fed_offset;  /* where what the parser was fed last starts, still in the chunk */
    int fed_line;
    struct json_stream *stream;
    uint64_t stream_offset; /* in the file, of the stream's first byte */
    bool in_item;           /* of a JSON array */
    bool skip_line;         /* the rest of a line that is wrong */
    enum { BACKUP_NONE, BACKUP_OPEN, BACKUP_CLOSED } backup; /* its header, its trailer was met */
    struct hash section;                                     /* of its bytes, up to the trailer */
    struct csv csv;
    struct csv_columns columns;
    struct folder *folder;
    struct item item;
    struct buf canonical; /* metadata of the item */
    struct part part;     /* its value */

    struct hash hash; /* of inline items and folders */
    uint64_t size;
    struct digest digest; /* once all was read */
};

/* As seed_open, of an open file that the reader takes over. */
struct seed_reader *seed_open_fd(int fd, const struct bulk_decl *bulk);

/* A descriptor at the start of the content, for one pass; -1 with err. */
int source_open_again(const struct seed_source *s, struct error *err);

/* The same of a folder (closed also on failure). `strict`: it is below the root of a configuration.
 */
struct seed_reader *seed_open_folder(int fd, const struct bulk_decl *bulk, bool strict,
                                     struct error *err);

/* The next item of a file, in r->item. */
enum seed_status reader_next_element(struct seed_reader *r, struct diag_list *diags,
                                     struct error *err);
enum seed_status reader_next_line(struct seed_reader *r, struct diag_list *diags,
                                  struct error *err);
enum seed_status reader_next_row(struct seed_reader *r, struct diag_list *diags, struct error *err);

/* Starts the next item, at what is left of the chunk. */
void reader_start_item(struct seed_reader *r, struct diag_list *diags);

/* Judges it: SEED_ITEM or SEED_BAD. */
enum seed_status reader_end_item(struct seed_reader *r);

/* Takes over `fd`, also on failure; `path` is borrowed. */
struct folder *folder_open(int fd, const char *path, bool strict, struct error *err);
enum seed_status reader_next_file(struct seed_reader *r, struct seed_item *item,
                                  struct diag_list *diags, struct error *err);
void folder_close(struct folder *f); /* NULL is fine */

#endif
