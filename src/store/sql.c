#include "sql.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/text.h"

#define SHOWN 512 /* of a path, in messages */

/* ---- Errors ---------------------------------------------------------------------------------- */

/* The error of the last call on `s`. */
static bool sql_fail(const struct sql *s, struct error *err)
{
    char name[SHOWN];
    int code = s->db ? sqlite3_extended_errcode(s->db) : SQLITE_NOMEM;
    int sys = s->db ? sqlite3_system_errno(s->db) : 0;
    text_quoted(bytes_of(s->path), name, sizeof name);
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        mem_exhausted();
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error_set(err, ERR_LOCKED, "%s was in use by another program for %d seconds", name,
                  SQL_BUSY_MS / 1000);
        return error_hint(err, "stop 'wrangler dev' if it keeps writing, or try again");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(err, ERR_FORMAT, "%s is damaged: %s", name, sqlite3_errmsg(s->db));
    case SQLITE_FULL:
        return error_errno(err, ENOSPC, "cannot write %s", name);
    case SQLITE_READONLY:
        return error_set(err, ERR_IO, "cannot write %s: it is read-only", name);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: /* SQLite says no more than "I/O error": what did the system say? */
        if (sys == ENOSPC || sys == EDQUOT || sys == EFBIG)
            return error_errno(err, sys, "cannot write %s", name);
        return error_set(err, ERR_IO, "cannot use %s: %s%s%s", name, sqlite3_errstr(code),
                         sys != 0 ? ": " : "", sys != 0 ? strerror(sys) : "");
    default:
        return error_set(err, ERR_FAILED, "cannot use %s: %s", name, sqlite3_errmsg(s->db));
    }
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* The size of the file beside the database; -1 when there is none. */
static off_t beside(const char *path, const char *suffix)
{
    struct stat st = {0};
    struct buf name = {0};
    buf_addf(&name, "%s%s", path, suffix);
    bool absent = stat(name.data, &st) != 0 && errno == ENOENT;
    buf_release(&name);
    return absent ? -1 : st.st_size;
}

static bool open_as(struct sql *s, const char *name, int flags, struct error *err)
{
    if (sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return sql_fail(s, err);
    sqlite3_extended_result_codes(s->db, 1);
    return sqlite3_busy_timeout(s->db, SQL_BUSY_MS) == SQLITE_OK || sql_fail(s, err);
}

static void db_close(struct sql *s)
{
    sqlite3_stmt *stmt;
    while (s->db && (stmt = sqlite3_next_stmt(s->db, NULL)) != NULL)
        sqlite3_finalize(stmt);
    sqlite3_close(s->db);
    s->db = NULL;
}

/* Nobody can write here, so the file is all there is and needs no locks. */
static bool open_immutable(struct sql *s, struct error *err)
{
    struct buf uri = {0};
    db_close(s);
    buf_add_str(&uri, "file:");
    for (const char *p = s->path; *p; p++)
        if (strchr("%?#", *p)) /* which mean something in a URI */
            buf_addf(&uri, "%%%02X", (unsigned)*p);
        else
            buf_add_char(&uri, *p);
    buf_add_str(&uri, "?immutable=1");
    bool ok = open_as(s, uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
    buf_release(&uri);
    return ok;
}

/* The first look at the file: SQLite opens lazily. */
static bool probe(struct sql *s, struct error *err)
{
    return sql_exec(s, "SELECT 1 FROM sqlite_schema LIMIT 1", err);
}

static bool open_locked(struct sql *s, struct error *err)
{
    bool ok = open_as(s, s->path, SQLITE_OPEN_READWRITE, err) && probe(s, err);
    if (ok || err->code != ERR_IO)
        return ok;
    if (beside(s->path, "-wal") > 0)
        return error_hint(err, "its folder is read-only and the last program did not finish "
                               "writing: make the folder writable once");
    return open_immutable(s, err) && probe(s, err);
}

/* ---- Reading what lies still ------------------------------------------------------------------
 *
 * Whoever uses a database in WAL mode has its -wal beside it, and whoever is in the middle of a
 * write in rollback mode its -journal. With neither, and written some time ago, the file is all
 * there is; and as long as it looks the same, what was read of it is of one piece.
 */

#define STILL_SECONDS 2 /* file times are coarser than that nowhere */

static bool look_at(const char *path, struct sql_look *look)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    *look = (struct sql_look){.device = st.st_dev,
                              .inode = st.st_ino,
                              .size = st.st_size,
                              .written = st.st_mtim,
                              .changed = st.st_ctim};
    return true;
}

static bool is_used(const struct sql *s)
{
    return beside(s->path, "-wal") >= 0 || beside(s->path, "-journal") >= 0;
}

bool sql_moved(const struct sql *s)
{
    struct sql_look now;
    const struct sql_look *then = &s->look;
    if (!s->still)
        return false;
    return !look_at(s->path, &now) || then->device != now.device || then->inode != now.inode ||
           then->size != now.size || then->written.tv_sec != now.written.tv_sec ||
           then->written.tv_nsec != now.written.tv_nsec ||
           then->changed.tv_sec != now.changed.tv_sec ||
           then->changed.tv_nsec != now.changed.tv_nsec || is_used(s);
}

static bool open_read(struct sql *s, bool still, struct error *err)
{
    struct error odd;
    struct timespec now;
    still = still && clock_gettime(CLOCK_REALTIME, &now) == 0 && look_at(s->path, &s->look) &&
            s->look.written.tv_sec + STILL_SECONDS < now.tv_sec && !is_used(s);
    s->still = still && open_immutable(s, &odd) && probe(s, &odd);
    if (s->still)
        return true;
    db_close(s);
    return open_locked(s, err);
}

/* SQLite makes files readable by all; its -wal and -shm take over the mode of the database. */
static bool open_create(struct sql *s, bool secret, struct error *err)
{
    char name[SHOWN];
    mode_t mode = secret ? 0600 : 0666;
    int fd = FAULT("store.database") ? -1 : open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
    if (fd < 0)
        return error_errno(err, errno, "cannot create %s",
                           text_quoted(bytes_of(s->path), name, sizeof name));
    close(fd);
    return open_as(s, s->path, SQLITE_OPEN_READWRITE, err) && probe(s, err) &&
           sql_exec(s, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL", err);
}

/* SQLite would wait for a FIFO. What is not there yet is made. */
static bool check_regular(const char *path, struct error *err)
{
    char name[SHOWN];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno != ENXIO || error_errno(err, errno, "cannot open %s",
                                             text_quoted(bytes_of(path), name, sizeof name));
    bool ok = file_is_regular(fd, path, ERR_IO, err);
    close(fd);
    return ok;
}

bool sql_open(struct sql *s, const char *path, enum sql_mode mode, bool secret, struct error *err)
{
    if (mode != SQL_CREATE && access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    s->path = mem_text(bytes_of(path));
    bool ok =
        check_regular(path, err) &&
        (mode == SQL_CREATE ? open_create(s, secret, err) : open_read(s, mode == SQL_STILL, err));
    if (!ok)
        sql_close(s);
    return ok;
}

bool sql_open_private(struct sql *s, const char *name, struct error *err)
{
    s->path = mem_text(bytes_of(name));
    if (open_as(s, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err) &&
        sql_exec(s, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", err))
        return true;
    sql_close(s);
    return false;
}

void sql_close(struct sql *s)
{
    db_close(s);
    mem_free(s->path);
    *s = (struct sql){0};
}

/* ---- Statements ------------------------------------------------------------------------------ */

bool sql_exec(struct sql *s, const char *text, struct error *err)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK || sql_fail(s, err);
}

bool sql_prepare(struct sql *s, sqlite3_stmt **stmt, const char *text, struct error *err)
{
    if (*stmt)
        return true;
    return sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL) ==
               SQLITE_OK ||
           sql_fail(s, err);
}

/* SQLite takes NULL data for NULL; empty bytes are not that. */
static const char *data_of(struct bytes b)
{
    return b.data ? b.data : "";
}

bool sql_bind_text(struct sql *s, sqlite3_stmt *stmt, int i, struct bytes b, struct error *err)
{
    return sqlite3_bind_text64(stmt, i, data_of(b), b.len, SQLITE_STATIC, SQLITE_UTF8) ==
               SQLITE_OK ||
           sql_fail(s, err);
}

bool sql_bind_blob(struct sql *s, sqlite3_stmt *stmt, int i, struct bytes b, struct error *err)
{
    return sqlite3_bind_blob64(stmt, i, data_of(b), b.len, SQLITE_STATIC) == SQLITE_OK ||
           sql_fail(s, err);
}

bool sql_bind_int(struct sql *s, sqlite3_stmt *stmt, int i, int64_t n, struct error *err)
{
    return sqlite3_bind_int64(stmt, i, n) == SQLITE_OK || sql_fail(s, err);
}

bool sql_bind_null(struct sql *s, sqlite3_stmt *stmt, int i, struct error *err)
{
    return sqlite3_bind_null(stmt, i) == SQLITE_OK || sql_fail(s, err);
}

bool sql_query(struct sql *s, sqlite3_stmt **stmt, const char *text, const struct bytes *args,
               int n, struct error *err)
{
    bool ok = sql_prepare(s, stmt, text, err);
    if (ok)
        sqlite3_reset(*stmt);
    for (int i = 0; ok && i < n; i++)
        ok = sql_bind_text(s, *stmt, i + 1, args[i], err);
    return ok;
}

bool sql_step(struct sql *s, sqlite3_stmt *stmt, bool *row, struct error *err)
{
    int code = sqlite3_step(stmt);
    *row = code == SQLITE_ROW;
    bool ok = *row || code == SQLITE_DONE || sql_fail(s, err);
    if (!*row)
        sqlite3_reset(stmt);
    return ok;
}

bool sql_run(struct sql *s, sqlite3_stmt *stmt, struct error *err)
{
    bool row;
    do
        if (!sql_step(s, stmt, &row, err))
            return false;
    while (row);
    return true;
}

struct bytes sql_bytes(sqlite3_stmt *stmt, int i)
{
    if (sqlite3_column_type(stmt, i) == SQLITE_NULL)
        return bytes_make(NULL, 0);
    const void *data = sqlite3_column_blob(stmt, i);
    size_t len = (size_t)sqlite3_column_bytes(stmt, i);
    return bytes_make(data ? data : "", len);
}

bool sql_read_blob(struct sql *s, const char *table, const char *column, int64_t row,
                   struct buf *out, struct error *err)
{
    sqlite3_blob *blob = NULL;
    if (sqlite3_blob_open(s->db, "main", table, column, row, 0, &blob) != SQLITE_OK)
        return sql_fail(s, err);
    int size = sqlite3_blob_bytes(blob);
    buf_reserve(out, (size_t)size);
    bool ok =
        sqlite3_blob_read(blob, out->data + out->len, size, 0) == SQLITE_OK || sql_fail(s, err);
    sqlite3_blob_close(blob);
    if (ok) {
        out->len += (size_t)size;
        out->data[out->len] = '\0';
    }
    return ok;
}

bool sql_number(struct sql *s, const char *text, int64_t *n, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool row;
    bool ok = sql_prepare(s, &stmt, text, err) && sql_step(s, stmt, &row, err);
    *n = ok && row ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_finalize(stmt);
    return ok;
}

/* ---- Transactions ---------------------------------------------------------------------------- */

/* Runs `text` unless a test breaks it. */
static bool exec_at(struct sql *s, const char *fault, const char *text, struct error *err)
{
    char name[SHOWN];
    (void)fault; /* a name only fault builds know */
    if (FAULT(fault))
        return error_errno(err, errno, "cannot write %s",
                           text_quoted(bytes_of(s->path), name, sizeof name));
    return sql_exec(s, text, err);
}

bool sql_begin(struct sql *s, const char *fault, struct error *err)
{
    return exec_at(s, fault, "BEGIN IMMEDIATE", err);
}

bool sql_commit(struct sql *s, const char *fault, struct error *err)
{
    if (exec_at(s, fault, "COMMIT", err))
        return true;
    sql_rollback(s);
    return false;
}

void sql_rollback(struct sql *s)
{
    if (s->db && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}
