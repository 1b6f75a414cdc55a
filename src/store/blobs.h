/*
 * blobs.h: the folder of values of one namespace, kv/ID/blobs (id_folder.h). Private to store/.
 *
 * Each value is a file under a name that nobody can guess. A blob is written whole before the
 * database names it and is never changed, so a reader never sees a part of one.
 *
 * Beside the folder lies a mark, kv/ID/cfkv.writing, while cfkv writes. Whoever finds it there
 * knows that a run was killed, and that blobs may be left that no row names.
 */
#ifndef CFKV_STORE_BLOBS_H
#define CFKV_STORE_BLOBS_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/error.h"

#define BLOB_PREFIX    "cfkv-"
#define BLOB_NAME_SIZE 70 /* the prefix, 64 hex digits and a NUL */

struct blobs {
    int home;    /* kv/ID; -1: there is none */
    int folder;  /* kv/ID/blobs; -1: there is none */
    char *path;  /* of the folder, for messages; owned */
    bool shared; /* blobs of other ids may lie there, too */
    bool never;  /* wrangler keeps nothing for that id (id_folder.h) */
};

/* A folder that is not there leaves the descriptors -1 unless `create`. An id for which wrangler
 * keeps nothing is ERR_LIMIT with `create`, but for a hidden folder that is there: what an older
 * cfkv left in one can be taken away. */
bool blobs_open(struct blobs *b, const char *kv, struct bytes id, bool create, struct error *err);
void blobs_close(struct blobs *b);

/* What the names of one operation have in common; the same in each root. */
struct blob_series {
    char hex[49];
};

bool blob_series_start(struct blob_series *series, struct error *err);
void blob_name(const struct blob_series *series, size_t i, char out[BLOB_NAME_SIZE]);

/* Writes a new blob; nothing is left of it on failure. Fault points "blob.create", "file.write". */
bool blob_create(const struct blobs *b, const char *name, struct bytes value, struct error *err);

/* Makes the blob `name` of what another folder calls `theirs`: the same file under a second name,
 * or a copy where the file system cannot do that. `*found` is false when they have no such blob.
 * Fault points as of blob_create. */
bool blob_take(const struct blobs *b, const char *name, const struct blobs *from,
               struct bytes theirs, bool *found, struct error *err);

/* Adds the value to `out`; `*found` is false when there is no such blob. `name` is what a database
 * says, so it may be anything; the name of no blob is absent. */
bool blob_read(const struct blobs *b, struct bytes name, struct buf *out, bool *found,
               struct error *err);

bool blob_exists(const struct blobs *b, struct bytes name);

/* true when both hold the same bytes. */
bool blob_same(const struct blobs *a, struct bytes name_a, const struct blobs *b,
               struct bytes name_b);

/* false when it is still there; a missing one is gone already. Fault point "blob.unlink". */
bool blob_unlink(const struct blobs *b, const char *name);

/* Calls `each` for every file in the folder whose name starts with `prefix`. */
typedef bool (*blob_each_fn)(void *ctx, const char *name, struct error *err);
bool blobs_each(const struct blobs *b, const char *prefix, blob_each_fn each, void *ctx,
                struct error *err);

bool blobs_marked(const struct blobs *b);
bool blobs_mark(const struct blobs *b, struct error *err); /* fault point "store.mark" */
void blobs_unmark(const struct blobs *b);                  /* fault point "store.unmark" */

/* Removes the folder and its home if they are empty. */
void blobs_remove_folder(const struct blobs *b);

#endif
