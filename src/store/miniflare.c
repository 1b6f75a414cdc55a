#include "miniflare.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "check.h"

#define OBJECTS "miniflare-KVNamespaceObject"

#define COLUMNS "key TEXT 0 1, blob_id TEXT 1 0, expiration INTEGER 0 0, metadata TEXT 0 0"

#define SCHEMA                                                                                     \
    "CREATE TABLE IF NOT EXISTS _mf_entries ("                                                     \
    "key TEXT PRIMARY KEY, blob_id TEXT NOT NULL, expiration INTEGER, metadata TEXT);"             \
    "CREATE INDEX IF NOT EXISTS _mf_entries_expiration_idx ON _mf_entries(expiration);"

/* ---- Opening --------------------------------------------------------------------------------- */

/* workerd derives the id of a Durable Object from its class and name, and names the file so. */
void miniflare_name(struct bytes id, char out[65])
{
    struct digest k = hash_sha256(bytes_of(OBJECTS));
    struct bytes key = bytes_make((const char *)k.bytes, HASH_SIZE);
    struct digest a = hash_hmac_sha256(key, id);
    struct digest b = hash_hmac_sha256(key, bytes_make((const char *)a.bytes, 16));
    memcpy(a.bytes + 16, b.bytes, 16);
    digest_hex(&a, out);
}

static bool fail_layout(const struct sql *sql, struct bytes columns, struct error *err)
{
    char path[512], found[256];
    error_set(err, ERR_FORMAT, "%s has a layout that cfkv does not know: %s",
              text_quoted(bytes_of(sql->path), path, sizeof path),
              text_quoted(columns, found, sizeof found));
    return error_hint(err, "it was left as it is: cfkv knows the local store of wrangler 4, and "
                           "this one is of another version");
}

/* `*known` is false when there is no table yet; a table of another shape is an error. */
static bool schema_check(struct sql *sql, bool *known, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    if (!sql_prepare(sql, &stmt,
                     "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\" || ' ' || pk, "
                     "', ') FROM pragma_table_info('_mf_entries')",
                     err) ||
        !sql_step(sql, stmt, &row, err))
        return false;
    struct bytes columns = row ? sql_bytes(stmt, 0) : bytes_make(NULL, 0);
    *known = columns.data != NULL;
    bool ok = !*known || bytes_equal(columns, bytes_of(COLUMNS)) || fail_layout(sql, columns, err);
    sqlite3_finalize(stmt);
    return ok;
}

static bool schema_make(struct sql *sql, struct error *err)
{
    return sql_begin(sql, "store.begin", err) && sql_exec(sql, SCHEMA, err) &&
           sql_commit(sql, "store.schema", err);
}

static bool schema_open(struct miniflare *mf, enum sql_mode mode, struct error *err)
{
    bool known = false;
    if (!mf->sql.db)
        return true;
    if (!schema_check(&mf->sql, &known, err))
        return false;
    if (!known && mode == SQL_CREATE)
        return schema_make(&mf->sql, err);
    if (!known)
        sql_close(&mf->sql);
    return true;
}

/* Losing what only the disk can lose is fine for development data; so no fsync at each commit. */
static bool tune(struct miniflare *mf, enum sql_mode mode, struct error *err)
{
    return mode != SQL_CREATE || sql_exec(&mf->sql, "PRAGMA synchronous = NORMAL", err);
}

static bool database_open(struct miniflare *mf, const char *path, enum sql_mode mode,
                          struct error *err)
{
    if (sql_open(&mf->sql, path, mode, false, err) && schema_open(mf, mode, err) &&
        tune(mf, mode, err))
        return true;
    if (err->code == ERR_FORMAT && err->hint[0] == '\0')
        error_hint(err, "it holds local development data only: delete it, and apply again");
    return false;
}

static bool database_path(const char *kv, struct bytes id, enum sql_mode mode, struct buf *path,
                          struct error *err)
{
    char name[65];
    miniflare_name(id, name);
    buf_addf(path, "%s/%s", kv, OBJECTS);
    if (mode == SQL_CREATE && !file_make_dirs(path->data, 0777, err))
        return false;
    buf_addf(path, "/%s.sqlite", name);
    return true;
}

/* What is odd in a file that is read without locks may be somebody's write just then. */
static bool database_look(struct miniflare *mf, const char *path, struct error *err)
{
    if (database_open(mf, path, SQL_STILL, err))
        return true;
    sql_close(&mf->sql);
    *err = (struct error){0};
    return database_open(mf, path, SQL_READ, err);
}

bool miniflare_open(struct miniflare *mf, const char *kv, struct bytes id, enum sql_mode mode,
                    struct error *err)
{
    struct buf path = {0};
    bool create = mode == SQL_CREATE;
    bool ok = blobs_open(&mf->blobs, kv, id, create, err) &&
              database_path(kv, id, mode, &path, err) &&
              (mode == SQL_STILL ? database_look(mf, path.data, err)
                                 : database_open(mf, path.data, mode, err));
    buf_release(&path);
    mf->writable = create;
    if (!ok)
        miniflare_close(mf);
    return ok;
}

void miniflare_close(struct miniflare *mf)
{
    sql_close(&mf->sql);
    blobs_close(&mf->blobs);
    *mf = (struct miniflare){.blobs = {.home = -1, .folder = -1}};
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Columns key, blob_id, expiration, metadata of the current row. */
static struct miniflare_row row_of(sqlite3_stmt *stmt)
{
    return (struct miniflare_row){.key = sql_bytes(stmt, 0),
                                  .blob = sql_bytes(stmt, 1),
                                  .expires_ms = sqlite3_column_int64(stmt, 2),
                                  .metadata = sql_bytes(stmt, 3)};
}

bool miniflare_hold(struct miniflare *mf, struct error *err)
{
    return !mf->sql.db || mf->sql.still || sql_exec(&mf->sql, "BEGIN", err);
}

/* The + keeps SQLite from walking the index on expiration and sorting afterwards. */
bool miniflare_seek(struct miniflare *mf, struct bytes from, int64_t now, struct error *err)
{
    struct sql *sql = &mf->sql;
    if (!sql->db)
        return true;
    if (!sql_prepare(sql, &mf->list,
                     "SELECT key, blob_id, expiration, metadata FROM _mf_entries"
                     " WHERE key >= ?1 AND (+expiration IS NULL OR +expiration > ?2) ORDER BY key",
                     err))
        return false;
    sqlite3_reset(mf->list);
    return sql_bind_text(sql, mf->list, 1, from, err) &&
           sql_bind_int(sql, mf->list, 2, now * 1000, err);
}

bool miniflare_next(struct miniflare *mf, struct miniflare_row *row, bool *found, struct error *err)
{
    *found = false;
    if (!mf->sql.db)
        return true;
    if (!sql_step(&mf->sql, mf->list, found, err))
        return false;
    if (*found)
        *row = row_of(mf->list);
    return true;
}

void miniflare_stop(struct miniflare *mf)
{
    sqlite3_reset(mf->list);
    sql_rollback(&mf->sql); /* nothing was written */
}

/* ---- Sweeping -------------------------------------------------------------------------------- */

struct sweep {
    struct miniflare *mf;
    sqlite3_stmt *add;
};

static bool sweep_note(void *ctx, const char *name, struct error *err)
{
    struct sweep *w = ctx;
    return sql_bind_text(&w->mf->sql, w->add, 1, bytes_of(name), err) &&
           sql_run(&w->mf->sql, w->add, err);
}

static bool sweep_list(struct sweep *w, const char *prefix, struct error *err)
{
    struct sql *sql = &w->mf->sql;
    bool ok = sql_exec(sql,
                       "CREATE TEMP TABLE IF NOT EXISTS cfkv_found (name TEXT PRIMARY KEY)"
                       " WITHOUT ROWID; DELETE FROM temp.cfkv_found; BEGIN",
                       err) &&
              sql_prepare(sql, &w->add, "INSERT INTO temp.cfkv_found VALUES (?1)", err) &&
              blobs_each(&w->mf->blobs, prefix, sweep_note, w, err) && sql_exec(sql, "COMMIT", err);
    sqlite3_finalize(w->add);
    if (!ok)
        sql_rollback(sql);
    return ok;
}

/* Unlinks the blobs that are called PREFIX… and that no row names. The list of what is there lives
 * in a temporary table, so that a large namespace does not have to fit into memory. */
static bool sweep(struct miniflare *mf, const char *prefix, struct error *err)
{
    struct sweep w = {.mf = mf};
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    bool ok = sweep_list(&w, prefix, err) &&
              sql_prepare(&mf->sql, &stmt,
                          "SELECT name FROM temp.cfkv_found"
                          " WHERE name NOT IN (SELECT blob_id FROM _mf_entries)",
                          err);
    while (ok && (ok = sql_step(&mf->sql, stmt, &row, err)) && row)
        if (!blob_unlink(&mf->blobs, sql_bytes(stmt, 0).data))
            ok = error_errno(err, errno, "cannot remove a file in '%s'", mf->blobs.path);
    sqlite3_finalize(stmt);
    return ok && sql_exec(&mf->sql, "DELETE FROM temp.cfkv_found", err);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* One write on its way: names of blobs, each with its NUL, to unlink when it is over. */
struct change {
    struct miniflare *mf;
    struct buf replaced;
};

static bool change_begin(struct miniflare *mf, struct error *err)
{
    if (blobs_marked(&mf->blobs) && !sweep(mf, BLOB_PREFIX, err))
        return false;
    return blobs_mark(&mf->blobs, err);
}

/* The mark stays when a blob could not be unlinked, so that the next write tries again. */
static void change_end(struct change *c)
{
    bool clean = true;
    for (size_t at = 0; at < c->replaced.len; at += strlen(c->replaced.data + at) + 1)
        clean = blob_unlink(&c->mf->blobs, c->replaced.data + at) && clean;
    if (clean)
        blobs_unmark(&c->mf->blobs);
    buf_release(&c->replaced);
}

/* Remembers the blob of the row that `stmt` is at, in column `i`. */
static void change_replaces(struct change *c, struct bytes blob)
{
    /* A name that cannot be a file's (only a foreign program writes one) has nothing to unlink. */
    if (memchr(blob.data, '/', blob.len) || memchr(blob.data, '\0', blob.len))
        return;
    buf_add_bytes(&c->replaced, blob);
    buf_add_char(&c->replaced, '\0');
}

/* ---- Putting --------------------------------------------------------------------------------- */

static bool blobs_put(struct miniflare *mf, const struct store_pair *pairs, size_t n,
                      const struct blob_series *series, size_t *made, struct error *err)
{
    char name[BLOB_NAME_SIZE];
    for (*made = 0; *made < n; (*made)++) {
        blob_name(series, *made, name);
        if (!blob_create(&mf->blobs, name, pairs[*made].value, err))
            return false;
    }
    return true;
}

/* Takes back blobs that no row names. */
static void blobs_undo(struct miniflare *mf, const struct blob_series *series, size_t made)
{
    char name[BLOB_NAME_SIZE];
    bool clean = true;
    for (size_t i = 0; i < made; i++) {
        blob_name(series, i, name);
        clean = blob_unlink(&mf->blobs, name) && clean;
    }
    if (clean)
        blobs_unmark(&mf->blobs);
}

static bool row_bind(struct miniflare *mf, const struct miniflare_row *row, struct error *err)
{
    struct sql *sql = &mf->sql;
    return sql_bind_text(sql, mf->put, 1, row->key, err) &&
           sql_bind_text(sql, mf->put, 2, row->blob, err) &&
           (row->expires_ms != 0 ? sql_bind_int(sql, mf->put, 3, row->expires_ms, err)
                                 : sql_bind_null(sql, mf->put, 3, err)) &&
           (row->metadata.data ? sql_bind_text(sql, mf->put, 4, row->metadata, err)
                               : sql_bind_null(sql, mf->put, 4, err));
}

/* Notes the blob of the row of `key`, if there is one. */
static bool row_replaces(struct change *c, struct bytes key, bool *row, struct error *err)
{
    struct miniflare *mf = c->mf;
    bool ok =
        sql_bind_text(&mf->sql, mf->old, 1, key, err) && sql_step(&mf->sql, mf->old, row, err);
    if (ok && *row)
        change_replaces(c, sql_bytes(mf->old, 0));
    sqlite3_reset(mf->old);
    return ok;
}

/* Puts one row in the place of what is there. */
static bool row_put(struct change *c, const struct miniflare_row *row, struct error *err)
{
    struct miniflare *mf = c->mf;
    bool there;
    return row_replaces(c, row->key, &there, err) && row_bind(mf, row, err) &&
           sql_run(&mf->sql, mf->put, err);
}

static bool rows_put(struct change *c, const struct store_pair *pairs, size_t n,
                     const struct blob_series *series, int64_t now, struct error *err)
{
    char name[BLOB_NAME_SIZE];
    for (size_t i = 0; i < n; i++) {
        blob_name(series, i, name);
        struct miniflare_row row = {.key = pairs[i].key,
                                    .blob = bytes_of(name),
                                    .metadata = pairs[i].metadata,
                                    .expires_ms = store_expiration(&pairs[i], now) * 1000};
        if (!row_put(c, &row, err))
            return false;
    }
    return true;
}

static bool rows_delete(struct change *c, const struct bytes *keys, size_t n, struct error *err)
{
    struct miniflare *mf = c->mf;
    for (size_t i = 0; i < n; i++) {
        bool row;
        if (!row_replaces(c, keys[i], &row, err))
            return false;
        if (row && (!sql_bind_text(&mf->sql, mf->drop, 1, keys[i], err) ||
                    !sql_run(&mf->sql, mf->drop, err)))
            return false;
    }
    return true;
}

static bool prepare_writes(struct miniflare *mf, struct error *err)
{
    return sql_prepare(&mf->sql, &mf->old, "SELECT blob_id FROM _mf_entries WHERE key = ?1", err) &&
           sql_prepare(&mf->sql, &mf->drop, "DELETE FROM _mf_entries WHERE key = ?1", err) &&
           sql_prepare(&mf->sql, &mf->put,
                       "INSERT OR REPLACE INTO _mf_entries (key, blob_id, expiration, metadata)"
                       " VALUES (?1, ?2, ?3, ?4)",
                       err);
}

/* The transaction; nothing of it stays when it fails. */
static bool transact_put(struct change *c, const struct store_pair *pairs, size_t n,
                         const struct blob_series *series, int64_t now, struct error *err)
{
    struct sql *sql = &c->mf->sql;
    bool ok = prepare_writes(c->mf, err) && sql_begin(sql, "store.begin", err) &&
              rows_put(c, pairs, n, series, now, err) && sql_commit(sql, "store.commit", err);
    if (!ok) {
        sqlite3_reset(c->mf->put);
        sql_rollback(sql);
    }
    return ok;
}

bool miniflare_put(struct miniflare *mf, const struct store_pair *pairs, size_t n,
                   const struct blob_series *series, int64_t now, struct error *err)
{
    struct change c = {.mf = mf};
    size_t made = 0;
    if (!change_begin(mf, err))
        return false;
    if (blobs_put(mf, pairs, n, series, &made, err) &&
        transact_put(&c, pairs, n, series, now, err)) {
        change_end(&c);
        return true;
    }
    blobs_undo(mf, series, made);
    buf_release(&c.replaced);
    return false;
}

/* ---- Taking over -----------------------------------------------------------------------------
 *
 * Of the rows that are offered, those without a blob (data NULL) are not wanted.
 */

static bool prepare_take(struct miniflare *mf, struct error *err)
{
    return prepare_writes(mf, err) &&
           sql_prepare(&mf->sql, &mf->live,
                       "SELECT 1 FROM _mf_entries"
                       " WHERE key = ?1 AND (+expiration IS NULL OR +expiration > ?2)",
                       err);
}

static bool is_live(struct miniflare *mf, struct bytes key, bool *live, struct error *err)
{
    bool ok = sql_bind_text(&mf->sql, mf->live, 1, key, err) &&
              sql_bind_int(&mf->sql, mf->live, 2, clock_now() * 1000, err) &&
              sql_step(&mf->sql, mf->live, live, err);
    sqlite3_reset(mf->live);
    return ok;
}

static bool drop_known(struct miniflare *mf, struct miniflare_row *rows, size_t n, size_t *wanted,
                       struct error *err)
{
    for (size_t i = *wanted = 0; i < n; i++) {
        bool live;
        if (!is_live(mf, rows[i].key, &live, err))
            return false;
        if (live)
            rows[i].blob = bytes_make(NULL, 0);
        *wanted += rows[i].blob.data != NULL;
    }
    return true;
}

static bool blobs_take(struct miniflare *mf, const struct blobs *from, struct miniflare_row *rows,
                       size_t n, const struct blob_series *series, struct error *err)
{
    char name[BLOB_NAME_SIZE];
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        blob_name(series, i, name);
        if (rows[i].blob.data && !blob_take(&mf->blobs, name, from, rows[i].blob, &found, err))
            return false;
        if (!found)
            rows[i].blob = bytes_make(NULL, 0);
    }
    return true;
}

/* A key that another program put meanwhile stays, and the new blob goes. */
static bool rows_take(struct change *c, const struct miniflare_row *rows, size_t n,
                      const struct blob_series *series, size_t *n_taken, struct error *err)
{
    char name[BLOB_NAME_SIZE];
    for (size_t i = *n_taken = 0; i < n; i++) {
        bool live;
        if (!rows[i].blob.data)
            continue;
        struct miniflare_row row = rows[i];
        blob_name(series, i, name);
        row.blob = bytes_of(name);
        if (!is_live(c->mf, row.key, &live, err))
            return false;
        if (live)
            change_replaces(c, row.blob);
        else if (!row_put(c, &row, err))
            return false;
        *n_taken += !live;
    }
    return true;
}

static bool transact_take(struct change *c, const struct miniflare_row *rows, size_t n,
                          const struct blob_series *series, size_t *n_taken, struct error *err)
{
    struct sql *sql = &c->mf->sql;
    bool ok = sql_begin(sql, "local.move.rows", err) &&
              rows_take(c, rows, n, series, n_taken, err) && sql_commit(sql, "store.commit", err);
    if (!ok) {
        sqlite3_reset(c->mf->put);
        sql_rollback(sql);
    }
    return ok;
}

bool miniflare_take(struct miniflare *mf, const struct blobs *from, struct miniflare_row *rows,
                    size_t n, size_t *n_taken, struct error *err)
{
    struct change c = {.mf = mf};
    struct blob_series series;
    size_t wanted;
    *n_taken = 0;
    if (!prepare_take(mf, err) || !drop_known(mf, rows, n, &wanted, err))
        return false;
    if (wanted == 0)
        return true;
    if (!blob_series_start(&series, err) || !change_begin(mf, err))
        return false;
    if (blobs_take(mf, from, rows, n, &series, err) &&
        transact_take(&c, rows, n, &series, n_taken, err)) {
        change_end(&c);
        return true;
    }
    blobs_undo(mf, &series, n);
    buf_release(&c.replaced);
    return false;
}

/* ---- Deleting -------------------------------------------------------------------------------- */

static bool transact_delete(struct change *c, const struct bytes *keys, size_t n, struct error *err)
{
    struct sql *sql = &c->mf->sql;
    bool ok = prepare_writes(c->mf, err) && sql_begin(sql, "store.begin", err) &&
              rows_delete(c, keys, n, err) && sql_commit(sql, "store.commit", err);
    if (!ok) {
        sqlite3_reset(c->mf->drop);
        sql_rollback(sql);
        c->replaced.len = 0; /* their rows are there again */
    }
    return ok;
}

bool miniflare_delete(struct miniflare *mf, const struct bytes *keys, size_t n, struct error *err)
{
    struct change c = {.mf = mf};
    if (!change_begin(mf, err))
        return false;
    bool ok = transact_delete(&c, keys, n, err);
    change_end(&c);
    return ok;
}

/* ---- Clearing -------------------------------------------------------------------------------- */

static bool rows_clear(struct miniflare *mf, struct error *err)
{
    bool ok = sql_begin(&mf->sql, "store.begin", err) &&
              sql_exec(&mf->sql, "DELETE FROM _mf_entries", err) &&
              sql_commit(&mf->sql, "store.commit", err);
    if (!ok)
        sql_rollback(&mf->sql);
    return ok;
}

/* true when no other program has the database open, and none can until it is closed: leaving WAL
 * mode takes a lock that every open connection denies. */
static bool database_ours(struct sql *sql)
{
    struct error busy;
    sqlite3_busy_timeout(sql->db, 0);
    return sql_exec(sql, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE", &busy) &&
           sql_exec(sql, "BEGIN EXCLUSIVE", &busy);
}

static void database_remove(struct sql *sql)
{
    if (database_ours(sql) && !FAULT("store.remove"))
        unlink(sql->path);
}

bool miniflare_clear(struct miniflare *mf, struct error *err)
{
    bool ok = change_begin(mf, err) && rows_clear(mf, err) && sweep(mf, "", err);
    if (ok) {
        database_remove(&mf->sql);
        blobs_unmark(&mf->blobs);
        blobs_remove_folder(&mf->blobs);
    }
    miniflare_close(mf);
    return ok;
}
