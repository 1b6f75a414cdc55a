/*
 * sql.h: SQLite with cfkv's manners. Private to store/, like sqlite3.h itself.
 *
 * A `struct sql` is one open database file and knows its path for messages. Statements are prepared
 * once and finalised by sql_close, so callers keep plain pointers to them. Errors are worded here:
 * ERR_FORMAT when the file is damaged, ERR_LOCKED when another program kept it for too long, ERR_IO
 * when the disk is full or the system refused.
 */
#ifndef CFKV_STORE_SQL_H
#define CFKV_STORE_SQL_H

#include <sqlite3.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/error.h"

#define SQL_BUSY_MS 5000 /* how long to wait for other programs */

/* What a file looked like, so that a change of it is noticed. */
struct sql_look {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec written, changed;
};

struct sql {
    sqlite3 *db; /* NULL: not open */
    char *path;  /* owned */
    bool still;  /* read without locks (SQL_STILL) */
    struct sql_look look;
};

enum sql_mode {
    SQL_READ,  /* creates nothing; a file that is not there leaves `db` NULL and is no error */
    SQL_STILL, /* the same; but a file that nobody has open is read as it lies there, without locks
                  and shared memory, which is most of the work of a short look. What was read counts
                  only if sql_moved says no afterwards. */
    SQL_CREATE /* makes the file (mode 0600 when `secret`) in WAL mode; its folder must exist */
};

/*
 * `s` is zeroed. Reading a database in a folder where SQLite may not put its shared memory file
 * works as long as nothing waits in the write-ahead log. On failure `s` is closed.
 */
bool sql_open(struct sql *s, const char *path, enum sql_mode mode, bool secret, struct error *err);
/* An empty database of our own, which goes over into a nameless temporary file when it is large,
 * and is gone when it is closed. `name` is for messages. */
bool sql_open_private(struct sql *s, const char *name, struct error *err);

void sql_close(struct sql *s); /* safe on a zeroed one */

/* true when `s` is read without locks and somebody has opened or changed the file since. */
bool sql_moved(const struct sql *s);

/* Runs statements without results. */
bool sql_exec(struct sql *s, const char *text, struct error *err);

/* Prepares `text` unless `*stmt` is there already. */
bool sql_prepare(struct sql *s, sqlite3_stmt **stmt, const char *text, struct error *err);

/* Bytes are bound, not copied: they must stay until the statement was reset. Index from 1. */
bool sql_bind_text(struct sql *s, sqlite3_stmt *stmt, int i, struct bytes b, struct error *err);
bool sql_bind_blob(struct sql *s, sqlite3_stmt *stmt, int i, struct bytes b, struct error *err);
bool sql_bind_int(struct sql *s, sqlite3_stmt *stmt, int i, int64_t n, struct error *err);
bool sql_bind_null(struct sql *s, sqlite3_stmt *stmt, int i, struct error *err);

/* Prepares `text` (see there) and binds `n` texts to it. */
bool sql_query(struct sql *s, sqlite3_stmt **stmt, const char *text, const struct bytes *args,
               int n, struct error *err);

/* Steps; `*row` says whether there is one. After the last row and on failure `stmt` is reset. */
bool sql_step(struct sql *s, sqlite3_stmt *stmt, bool *row, struct error *err);

/* Steps a statement to its end and forgets its rows. */
bool sql_run(struct sql *s, sqlite3_stmt *stmt, struct error *err);

/* Column of the current row, from 0; good until the next step or reset. NULL has data NULL, empty
 * text has not. */
struct bytes sql_bytes(sqlite3_stmt *stmt, int i);

/* Adds a blob of any size to `out` without a copy in between. `row` is its rowid. */
bool sql_read_blob(struct sql *s, const char *table, const char *column, int64_t row,
                   struct buf *out, struct error *err);

/* The first column of the first row of `text` as a number; 0 when there is no row. */
bool sql_number(struct sql *s, const char *text, int64_t *n, struct error *err);

/* Begins to write, waiting for other writers. Fault point `fault`. */
bool sql_begin(struct sql *s, const char *fault, struct error *err);

/* Commits, or takes everything back when that fails. Fault point `fault`. */
bool sql_commit(struct sql *s, const char *fault, struct error *err);
void sql_rollback(struct sql *s); /* safe when nothing was begun */

#endif
