/*
 * miniflare.h: one namespace as wrangler keeps it under one root: its database and its folder of
 * blobs. Private to store/.
 *
 * Writers hold the root's lock (roots.h). A write creates its blobs, commits one transaction, and
 * unlinks the blobs that it replaced; when it fails the rows are as they were and its blobs are
 * gone. While it lasts the folder is marked (blobs.h), and a write that finds a mark first sweeps
 * the cfkv-* blobs that no row names. Nothing else is removed, so blobs that wrangler is just
 * writing are safe.
 *
 * A row whose blob is missing, or whose time is over, is no key.
 *
 * Clearing deletes the rows and then every blob, whoever wrote it. The database file stays, empty,
 * while another program has it open: a running `wrangler dev` would go on with a file that nobody
 * else sees. Otherwise it is removed.
 */
#ifndef CFKV_STORE_MINIFLARE_H
#define CFKV_STORE_MINIFLARE_H

#include "base/arena.h"
#include "blobs.h"
#include "sql.h"
#include "store.h"

struct miniflare {
    struct sql sql; /* db NULL: no data */
    struct blobs blobs;
    bool writable;
    sqlite3_stmt *list, *old, *live, *put, *drop;
};

/* 64 hex digits: the name, without ".sqlite", of the database of namespace `id`. */
void miniflare_name(struct bytes id, char out[65]);

/*
 * `kv` is the folder v3/kv. SQL_READ and SQL_STILL (see sql.h: what is read counts only if
 * `sql_moved(&mf->sql)` says no) create nothing; SQL_CREATE makes what is missing. A database
 * whose columns are not the known ones is ERR_FORMAT. `mf` is zeroed; on failure it is closed.
 */
bool miniflare_open(struct miniflare *mf, const char *kv, struct bytes id, enum sql_mode mode,
                    struct error *err);
void miniflare_close(struct miniflare *mf);

/* A row as it is in the database; its bytes are good until the next call on `mf`. */
struct miniflare_row {
    struct bytes key, blob;
    struct bytes metadata; /* data NULL: none */
    int64_t expires_ms;    /* 0: never */
};

/* One whose bytes are in `arena`. */
struct miniflare_row miniflare_row_copy(const struct miniflare_row *row, struct arena *arena);

/* true when both mean the same, value included: those of one place, and those that cfkv wrote to
 * several, have blobs of one name, and most comparisons need no reading. */
bool miniflare_same(const struct miniflare *a, const struct miniflare_row *x,
                    const struct miniflare *b, const struct miniflare_row *y);

/* From here to `miniflare_stop` all that is read is as it is now, whoever writes meanwhile; that
 * also saves SQLite from locking for each row. */
bool miniflare_hold(struct miniflare *mf, struct error *err);

/* Rows in byte order from `from` on. Ends itself when `*found` is false. A row whose blob is gone
 * is among them, as it is in wrangler's own lists. */
bool miniflare_seek(struct miniflare *mf, struct bytes from, int64_t now, struct error *err);
bool miniflare_next(struct miniflare *mf, struct miniflare_row *row, bool *found,
                    struct error *err);
void miniflare_stop(struct miniflare *mf); /* ends it early, and a hold */

bool miniflare_put(struct miniflare *mf, const struct store_pair *pairs, size_t n,
                   const struct blob_series *series, int64_t now, struct error *err);
bool miniflare_delete(struct miniflare *mf, const struct bytes *keys, size_t n, struct error *err);

/* Brings over rows of another namespace, whose blobs are `from`: those whose keys are not here, as
 * long as their blob is there; the bytes of the others are forgotten. `*n_taken` counts what came.
 * Fault point "local.move.rows". */
bool miniflare_take(struct miniflare *mf, const struct blobs *from, struct miniflare_row *rows,
                    size_t n, size_t *n_taken, struct error *err);

/* Deletes everything and closes `mf`. */
bool miniflare_clear(struct miniflare *mf, struct error *err);

#endif
