#include "miniflare.h"

#include <dirent.h>
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

/* `*known` is false when there is no table yet; a table of another shape is an error. */
static bool schema_check(struct sql *sql, bool *known, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    char path[512], found[256];
    bool row = false;
    if (!sql_prepare(sql, &stmt,
                     "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\" || ' ' || pk, "
                     "', ') FROM pragma_table_info('_mf_entries')",
                     err) ||
        !sql_step(sql, stmt, &row, err))
        return false;
    struct bytes columns = row ? sql_bytes(stmt, 0) : bytes_make(NULL, 0);
    *known = columns.data != NULL;
    bool ok = !*known || bytes_equal(columns, bytes_of(COLUMNS));
    if (!ok) {
        error_set(err, ERR_FORMAT, "%s has a layout that cfkv does not know: %s",
                  text_quoted(bytes_of(sql->path), path, sizeof path),
                  text_quoted(columns, found, sizeof found));
        error_hint(err, "it was left as it is: cfkv knows the local store of wrangler 4, and this "
                        "one is of another version");
    }
    sqlite3_finalize(stmt);
    return ok;
}

static bool database_open(struct miniflare *mf, const char *path, enum sql_mode mode,
                          struct error *err)
{
    struct sql *sql = &mf->sql;
    bool known = false;
    bool ok = sql_open(sql, path, mode, false, err) && (!sql->db || schema_check(sql, &known, err));
    if (ok && mode == SQL_CREATE && !known)
        ok = sql_begin(sql, "store.begin", err) && sql_exec(sql, SCHEMA, err) &&
             sql_commit(sql, "store.schema", err);
    /* Losing what only the disk can lose is fine for development data; so no fsync at each commit.
     */
    if (ok && mode == SQL_CREATE)
        ok = sql_exec(sql, "PRAGMA synchronous = NORMAL", err);
    else if (ok && !known)
        sql_close(sql);
    if (!ok && err->code == ERR_FORMAT && err->hint[0] == '\0')
        error_hint(err, "it holds local development data only: delete it, and apply again");
    return ok;
}

bool miniflare_open(struct miniflare *mf, const char *kv, struct bytes id, enum sql_mode mode,
                    struct error *err)
{
    struct buf path = {0};
    char name[65];
    struct error odd = {0};
    bool ok = blobs_open(&mf->blobs, kv, id, mode == SQL_CREATE, err);
    mf->writable = mode == SQL_CREATE;
    if (ok && mf->blobs.never)
        return true;
    miniflare_name(id, name);
    buf_addf(&path, "%s/%s", kv, OBJECTS);
    ok = ok && (mode != SQL_CREATE || file_make_dirs(path.data, 0777, err));
    buf_addf(&path, "/%s.sqlite", name);
    /* What is odd in a file that is read without locks may be somebody's write just then. */
    bool still = ok && mode == SQL_STILL && database_open(mf, path.data, mode, &odd);
    if (ok && mode == SQL_STILL && !still)
        sql_close(&mf->sql);
    if (ok && !still)
        ok = database_open(mf, path.data, mode == SQL_STILL ? SQL_READ : mode, err);
    buf_release(&path);
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
        *row = (struct miniflare_row){.key = sql_bytes(mf->list, 0),
                                      .blob = sql_bytes(mf->list, 1),
                                      .expires_ms = sqlite3_column_int64(mf->list, 2),
                                      .metadata = sql_bytes(mf->list, 3)};
    return true;
}

struct miniflare_row miniflare_row_copy(const struct miniflare_row *row, struct arena *arena)
{
    struct miniflare_row copy = {.key = arena_copy(arena, row->key),
                                 .blob = arena_copy(arena, row->blob),
                                 .expires_ms = row->expires_ms};
    if (row->metadata.data)
        copy.metadata = arena_copy(arena, row->metadata);
    return copy;
}

void miniflare_stop(struct miniflare *mf)
{
    sqlite3_reset(mf->list);
    sql_rollback(&mf->sql); /* nothing was written */
}

bool miniflare_same(const struct miniflare *a, const struct miniflare_row *x,
                    const struct miniflare *b, const struct miniflare_row *y)
{
    return x->expires_ms == y->expires_ms && bytes_equal(x->metadata, y->metadata) &&
           (bytes_equal(x->blob, y->blob) || blob_same(&a->blobs, x->blob, &b->blobs, y->blob));
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

/* The files that may go, by name: in a temporary table, so that a large namespace does not have to
 * fit into memory. */
static bool found_clear(struct sql *sql, struct error *err)
{
    return sql_exec(sql,
                    "CREATE TEMP TABLE IF NOT EXISTS cfkv_found (name TEXT PRIMARY KEY)"
                    " WITHOUT ROWID; DELETE FROM temp.cfkv_found",
                    err);
}

/* Those in the folder that are called PREFIX… */
static bool found_add(struct miniflare *mf, const char *prefix, struct error *err)
{
    struct sweep w = {.mf = mf};
    bool ok =
        sql_exec(&mf->sql, "BEGIN", err) &&
        sql_prepare(&mf->sql, &w.add, "INSERT OR IGNORE INTO temp.cfkv_found VALUES (?1)", err) &&
        blobs_each(&mf->blobs, prefix, sweep_note, &w, err) && sql_exec(&mf->sql, "COMMIT", err);
    sqlite3_finalize(w.add);
    if (!ok)
        sql_rollback(&mf->sql);
    return ok;
}

/* Without those that another database names. */
static bool found_spare(struct sql *sql, const char *database, struct error *err)
{
    sqlite3_stmt *attach = NULL;
    int64_t known = 0;
    bool ok = sql_prepare(sql, &attach, "ATTACH ?1 AS other", err) &&
              sql_bind_text(sql, attach, 1, bytes_of(database), err) && sql_run(sql, attach, err);
    sqlite3_finalize(attach);
    if (!ok)
        return false;
    ok = sql_number(sql, "SELECT count(*) FROM other.sqlite_master WHERE name = '_mf_entries'",
                    &known, err) &&
         (known == 0 || sql_exec(sql,
                                 "DELETE FROM temp.cfkv_found"
                                 " WHERE name IN (SELECT blob_id FROM other._mf_entries)",
                                 err));
    struct error ignored;
    return sql_exec(sql, "DETACH other", ok ? err : &ignored) && ok;
}

/* Without those of other ids, where the folder may have some. */
static bool found_spare_others(struct miniflare *mf, struct error *err)
{
    struct sql *sql = &mf->sql;
    struct arena arena = {0};
    const char *folder = path_parent(&arena, sql->path);
    DIR *dir = mf->blobs.shared ? opendir(folder) : NULL;
    const struct dirent *entry;
    bool ok = dir || !mf->blobs.shared || error_errno(err, errno, "cannot list '%s'", folder);
    while (ok && dir && (entry = readdir(dir)) != NULL) {
        struct bytes name = bytes_of(entry->d_name);
        if (name.len == 64 + strlen(".sqlite") && bytes_ends_with(name, bytes_of(".sqlite")) &&
            strcmp(entry->d_name, path_name(sql->path)) != 0)
            ok = found_spare(sql, path_join(&arena, folder, entry->d_name), err);
    }
    if (dir)
        closedir(dir);
    arena_release(&arena);
    return ok;
}

/* Unlinks those that no row names. */
static bool found_unlink(struct miniflare *mf, struct error *err)
{
    struct sql *sql = &mf->sql;
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    bool ok = found_spare_others(mf, err) &&
              sql_prepare(sql, &stmt,
                          "SELECT name FROM temp.cfkv_found"
                          " WHERE name NOT IN (SELECT blob_id FROM _mf_entries)",
                          err);
    while (ok && (ok = sql_step(sql, stmt, &row, err)) && row)
        if (!blob_unlink(&mf->blobs, sql_bytes(stmt, 0).data))
            ok = error_errno(err, errno, "cannot remove a file in '%s'", mf->blobs.path);
    sqlite3_finalize(stmt);
    return ok && sql_exec(sql, "DELETE FROM temp.cfkv_found", err);
}

/* Unlinks the blobs that cfkv wrote and that no row names. */
static bool sweep(struct miniflare *mf, struct error *err)
{
    return found_clear(&mf->sql, err) && found_add(mf, BLOB_PREFIX, err) && found_unlink(mf, err);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* One write on its way: names of blobs, each with its NUL, to unlink when it is over. */
struct blob_change {
    struct miniflare *mf;
    struct buf replaced;
};

static bool change_begin(struct miniflare *mf, struct error *err)
{
    if (blobs_marked(&mf->blobs) && !sweep(mf, err))
        return false;
    return blobs_mark(&mf->blobs, err);
}

/* After the commit. The mark stays when a blob could not be unlinked, so that the next write tries
 * again. Always true. */
static bool change_end(struct blob_change *c)
{
    bool clean = true;
    for (size_t at = 0; at < c->replaced.len; at += strlen(c->replaced.data + at) + 1)
        clean = blob_unlink(&c->mf->blobs, c->replaced.data + at) && clean;
    if (clean)
        blobs_unmark(&c->mf->blobs);
    buf_release(&c->replaced);
    return true;
}

/* Takes back the transaction and the first `made` blobs of `series`, which no row names then.
 * Always false. */
static bool change_undo(struct blob_change *c, const struct blob_series *series, size_t made)
{
    sqlite3_reset(c->mf->put);
    sql_rollback(&c->mf->sql);
    c->replaced.len = 0; /* their rows are there again */
    for (size_t i = 0; i < made; i++) {
        char name[BLOB_NAME_SIZE];
        blob_name(series, i, name);
        buf_add(&c->replaced, name, strlen(name) + 1);
    }
    change_end(c);
    return false;
}

/* Remembers the blob of the row that `stmt` is at, in column `i`. */
static void change_replaces(struct blob_change *c, struct bytes blob)
{
    /* A name that cannot be a file's (only a foreign program writes one) has nothing to unlink. */
    if (memchr(blob.data, '/', blob.len) || memchr(blob.data, '\0', blob.len))
        return;
    buf_add_bytes(&c->replaced, blob);
    buf_add_char(&c->replaced, '\0');
}

/* ---- Putting --------------------------------------------------------------------------------- */

/* Notes the blob of the row of `key`, if there is one. */
static bool row_replaces(struct blob_change *c, struct bytes key, bool *row, struct error *err)
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
static bool row_put(struct blob_change *c, const struct miniflare_row *row, struct error *err)
{
    struct sql *sql = &c->mf->sql;
    sqlite3_stmt *put = c->mf->put;
    bool there;
    return row_replaces(c, row->key, &there, err) && sql_bind_text(sql, put, 1, row->key, err) &&
           sql_bind_text(sql, put, 2, row->blob, err) &&
           (row->expires_ms != 0 ? sql_bind_int(sql, put, 3, row->expires_ms, err)
                                 : sql_bind_null(sql, put, 3, err)) &&
           (row->metadata.data ? sql_bind_text(sql, put, 4, row->metadata, err)
                               : sql_bind_null(sql, put, 4, err)) &&
           sql_run(sql, put, err);
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

bool miniflare_put(struct miniflare *mf, const struct store_pair *pairs, size_t n,
                   const struct blob_series *series, int64_t now, struct error *err)
{
    struct blob_change c = {.mf = mf};
    char name[BLOB_NAME_SIZE];
    size_t made = 0;
    bool ok = change_begin(mf, err);
    if (!ok)
        return false;
    for (; ok && made < n; made += ok) {
        blob_name(series, made, name);
        ok = blob_create(&mf->blobs, name, pairs[made].value, err);
    }
    ok = ok && prepare_writes(mf, err) && sql_begin(&mf->sql, "store.begin", err);
    for (size_t i = 0; ok && i < n; i++) {
        blob_name(series, i, name);
        struct miniflare_row row = {.key = pairs[i].key,
                                    .blob = bytes_of(name),
                                    .metadata = pairs[i].metadata,
                                    .expires_ms = store_expiration(&pairs[i], now) * 1000};
        ok = row_put(&c, &row, err);
    }
    ok = ok && sql_commit(&mf->sql, "store.commit", err);
    return ok ? change_end(&c) : change_undo(&c, series, made);
}

/* ---- Taking over -----------------------------------------------------------------------------
 *
 * Of the rows that are offered, those without a blob (data NULL) are not wanted.
 */

static bool is_live(struct miniflare *mf, struct bytes key, bool *live, struct error *err)
{
    bool ok = sql_bind_text(&mf->sql, mf->live, 1, key, err) &&
              sql_bind_int(&mf->sql, mf->live, 2, clock_now() * 1000, err) &&
              sql_step(&mf->sql, mf->live, live, err);
    sqlite3_reset(mf->live);
    return ok;
}

/* A key that another program put meanwhile stays, and the new blob goes. */
static bool rows_take(struct blob_change *c, const struct miniflare_row *rows, size_t n,
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

bool miniflare_take(struct miniflare *mf, const struct blobs *from, struct miniflare_row *rows,
                    size_t n, size_t *n_taken, struct error *err)
{
    struct blob_change c = {.mf = mf};
    struct blob_series series;
    char name[BLOB_NAME_SIZE];
    size_t wanted = 0;
    *n_taken = 0;
    if (!prepare_writes(mf, err) ||
        !sql_prepare(&mf->sql, &mf->live,
                     "SELECT 1 FROM _mf_entries"
                     " WHERE key = ?1 AND (+expiration IS NULL OR +expiration > ?2)",
                     err))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool live;
        if (!is_live(mf, rows[i].key, &live, err))
            return false;
        if (live)
            rows[i].blob = bytes_make(NULL, 0);
        wanted += rows[i].blob.data != NULL;
    }
    if (wanted == 0)
        return true;
    if (!blob_series_start(&series, err) || !change_begin(mf, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        bool found = false;
        blob_name(&series, i, name);
        ok = !rows[i].blob.data || blob_take(&mf->blobs, name, from, rows[i].blob, &found, err);
        if (!found)
            rows[i].blob = bytes_make(NULL, 0);
    }
    ok = ok && sql_begin(&mf->sql, "local.move.rows", err) &&
         rows_take(&c, rows, n, &series, n_taken, err) && sql_commit(&mf->sql, "store.commit", err);
    return ok ? change_end(&c) : change_undo(&c, &series, n);
}

/* ---- Deleting -------------------------------------------------------------------------------- */

bool miniflare_delete(struct miniflare *mf, const struct bytes *keys, size_t n, struct error *err)
{
    struct blob_change c = {.mf = mf};
    struct sql *sql = &mf->sql;
    if (!change_begin(mf, err))
        return false;
    bool ok = prepare_writes(mf, err) && sql_begin(sql, "store.begin", err);
    for (size_t i = 0; ok && i < n; i++) {
        bool row = false;
        ok = row_replaces(&c, keys[i], &row, err) &&
             (!row ||
              (sql_bind_text(sql, mf->drop, 1, keys[i], err) && sql_run(sql, mf->drop, err)));
    }
    ok = ok && sql_commit(sql, "store.commit", err);
    if (!ok) {
        sqlite3_reset(mf->drop);
        sql_rollback(sql);
        c.replaced.len = 0; /* their rows are there again */
    }
    change_end(&c);
    return ok;
}

/* ---- Clearing -------------------------------------------------------------------------------- */

/* Where others have the folder, too, it is known only now which blobs are its own. */
static bool note_own(struct miniflare *mf, struct error *err)
{
    return found_clear(&mf->sql, err) &&
           (!mf->blobs.shared || sql_exec(&mf->sql,
                                          "INSERT OR IGNORE INTO temp.cfkv_found"
                                          " SELECT blob_id FROM _mf_entries"
                                          " WHERE instr(blob_id, '/') = 0 AND blob_id <> '..'",
                                          err));
}

bool miniflare_clear(struct miniflare *mf, struct error *err)
{
    struct sql *sql = &mf->sql;
    struct error busy;
    bool ok = change_begin(mf, err) && note_own(mf, err) && sql_begin(sql, "store.begin", err) &&
              sql_exec(sql, "DELETE FROM _mf_entries", err) &&
              sql_commit(sql, "store.commit", err) &&
              found_add(mf, mf->blobs.shared ? BLOB_PREFIX : "", err) && found_unlink(mf, err);
    if (ok) {
        /* The file goes when no other program has it open and none can until it is closed: leaving
         * WAL mode takes a lock that every open connection denies. */
        sqlite3_busy_timeout(sql->db, 0);
        if (sql_exec(sql, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE", &busy) &&
            sql_exec(sql, "BEGIN EXCLUSIVE", &busy) && !FAULT("store.remove"))
            unlink(sql->path);
        blobs_unmark(&mf->blobs);
        blobs_remove_folder(&mf->blobs);
    }
    miniflare_close(mf);
    return ok;
}
