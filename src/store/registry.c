#include "registry.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"

#define VERSION     2
#define APPLICATION 0x63666b76 /* "cfkv" */

#define ROOTS                                                                                      \
    "CREATE TABLE roots ("                                                                         \
    " id TEXT NOT NULL, seq INTEGER NOT NULL, folder TEXT NOT NULL, persist_to INTEGER NOT NULL,"  \
    " PRIMARY KEY (id, seq)) WITHOUT ROWID"

#define SCHEMA                                                                                     \
    "CREATE TABLE namespaces ("                                                                    \
    " id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, title TEXT NOT NULL,"                   \
    " UNIQUE (account, title)) WITHOUT ROWID;"                                                     \
    "CREATE TABLE documents (name TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL);"              \
    "CREATE TABLE journal ("                                                                       \
    " seq INTEGER PRIMARY KEY, name TEXT NOT NULL, lines BLOB NOT NULL);"                          \
    "CREATE INDEX journal_name ON journal (name, seq);" ROOTS

/* ---- Opening --------------------------------------------------------------------------------- */

void registry_init(struct registry *r, const char *v3)
{
    struct buf path = {0};
    buf_addf(&path, "%s/cfkv.sqlite", v3);
    *r = (struct registry){.path = path.data};
}

static void registry_close(struct registry *r)
{
    sql_close(&r->sql);
    r->find = r->roots = NULL;
    r->has_roots = false;
    r->writable = false;
}

void registry_release(struct registry *r)
{
    registry_close(r);
    mem_free(r->path);
    *r = (struct registry){0};
}

/* 0 in `*version` for a database in which nothing was created yet. */
static bool version_check(struct registry *r, int64_t *version, struct error *err)
{
    char name[512];
    int64_t application, tables;
    text_quoted(bytes_of(r->path), name, sizeof name);
    if (!sql_number(&r->sql, "PRAGMA application_id", &application, err) ||
        !sql_number(&r->sql, "PRAGMA user_version", version, err) ||
        !sql_number(&r->sql, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (tables > 0 && application != APPLICATION) {
        error_set(err, ERR_FORMAT, "%s was not written by cfkv", name);
        return error_hint(err, "it was left as it is: move it away");
    }
    if (*version > VERSION) {
        error_set(err, ERR_FORMAT, "%s has version %lld, newer than the %d that this cfkv knows",
                  name, (long long)*version, VERSION);
        return error_hint(err, "it was left as it is: use the cfkv that wrote it, or a newer one");
    }
    if (tables == 0)
        *version = 0;
    r->has_roots = *version == VERSION;
    return true;
}

/* Runs `text`, which makes the tables of this version, in one transaction. */
static bool schema_make(struct registry *r, const char *text, struct error *err)
{
    char versions[96];
    snprintf(versions, sizeof versions, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             APPLICATION, VERSION);
    bool ok = sql_begin(&r->sql, "registry.schema", err) && sql_exec(&r->sql, text, err) &&
              sql_exec(&r->sql, versions, err) && sql_commit(&r->sql, "registry.commit", err);
    if (!ok)
        sql_rollback(&r->sql);
    r->has_roots = ok;
    return ok;
}

static bool registry_open(struct registry *r, enum sql_mode mode, struct error *err)
{
    int64_t version = 0;
    bool ok = sql_open(&r->sql, r->path, mode, true, err);
    if (ok && !r->sql.db)
        return true;
    ok = ok && version_check(r, &version, err);
    /* As durable as the data it speaks of (miniflare.c): a killed process loses nothing. */
    if (ok && mode == SQL_CREATE)
        ok = sql_exec(&r->sql, "PRAGMA synchronous = NORMAL", err) &&
             (version == VERSION || schema_make(r, version == 0 ? SCHEMA : ROOTS, err));
    if (ok && (version > 0 || mode == SQL_CREATE))
        return true;
    if (!ok && err->code == ERR_FORMAT && err->hint[0] == '\0')
        error_hint(err,
                   "delete it and apply again: the data of local namespaces stays where it is");
    registry_close(r);
    return ok;
}

bool registry_create(struct registry *r, struct error *err)
{
    if (r->writable)
        return true;
    registry_close(r);
    r->writable = registry_open(r, SQL_CREATE, err);
    return r->writable;
}

/* Looks again each time while there is no file: another process may make it. */
static bool registry_read(struct registry *r, struct error *err)
{
    return r->sql.db || registry_open(r, SQL_READ, err);
}

bool registry_describe(struct registry *r, int64_t *version, size_t *n, struct error *err)
{
    int64_t count = 0;
    *version = 0;
    *n = 0;
    if (!registry_read(r, err))
        return false;
    bool ok = !r->sql.db || (sql_number(&r->sql, "PRAGMA user_version", version, err) &&
                             sql_number(&r->sql, "SELECT count(*) FROM namespaces", &count, err));
    *n = (size_t)count;
    return ok;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

bool registry_list(struct registry *r, struct bytes account, unsigned page, struct arena *arena,
                   struct store_result *result, struct error *err)
{
    sqlite3_stmt *count = NULL, *stmt = NULL;
    bool row = false;
    struct store_namespace *namespaces = arena_alloc(arena, STORE_PAGE, sizeof *namespaces);
    result->namespaces = namespaces;
    if (!registry_read(r, err))
        return false;
    if (!r->sql.db)
        return true;
    bool ok = sql_query(&r->sql, &count, "SELECT count(*) FROM namespaces WHERE account = ?1",
                        &account, 1, err) &&
              sql_step(&r->sql, count, &row, err);
    result->total = row ? (size_t)sqlite3_column_int64(count, 0) : 0;
    sqlite3_finalize(count);
    ok = ok &&
         sql_query(&r->sql, &stmt,
                   "SELECT id, title FROM namespaces WHERE account = ?1"
                   " ORDER BY title LIMIT -1 OFFSET ?2",
                   &account, 1, err) &&
         sql_bind_int(&r->sql, stmt, 2, (int64_t)(page - 1) * STORE_PAGE, err);
    while (ok && result->n_namespaces < STORE_PAGE && (ok = sql_step(&r->sql, stmt, &row, err)) &&
           row)
        namespaces[result->n_namespaces++] =
            (struct store_namespace){.id = arena_copy(arena, sql_bytes(stmt, 0)),
                                     .title = arena_copy(arena, sql_bytes(stmt, 1))};
    sqlite3_finalize(stmt);
    return ok;
}

bool registry_accounts(struct registry *r, struct arena *arena, struct bytes **ids, size_t *n,
                       struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    size_t cap = 0;
    bool row = true;
    *ids = NULL;
    *n = 0;
    if (!registry_read(r, err))
        return false;
    if (!r->sql.db)
        return true;
    bool ok = sql_query(&r->sql, &stmt,
                        "SELECT account FROM namespaces GROUP BY account"
                        " ORDER BY count(*) DESC, account",
                        NULL, 0, err);
    while (ok && (ok = sql_step(&r->sql, stmt, &row, err)) && row) {
        arena_grow(arena, (void **)ids, &cap, *n + 1, sizeof **ids);
        (*ids)[(*n)++] = arena_copy(arena, sql_bytes(stmt, 0));
    }
    sqlite3_finalize(stmt);
    return ok;
}

bool registry_find(struct registry *r, struct bytes account, struct bytes id, struct arena *arena,
                   struct bytes *title, bool *found, struct error *err)
{
    const struct bytes args[] = {account, id};
    *found = false;
    if (!registry_read(r, err))
        return false;
    if (!r->sql.db)
        return true;
    bool ok =
        sql_query(&r->sql, &r->find, "SELECT title FROM namespaces WHERE account = ?1 AND id = ?2",
                  args, 2, err) &&
        sql_step(&r->sql, r->find, found, err);
    if (ok && *found)
        *title = arena_copy(arena, sql_bytes(r->find, 0));
    sqlite3_reset(r->find);
    return ok;
}

/* true in `*any` when `text` finds a row. */
static bool any_row(struct registry *r, const char *text, const struct bytes *args, int n,
                    bool *any, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool ok = sql_query(&r->sql, &stmt, text, args, n, err) && sql_step(&r->sql, stmt, any, err);
    sqlite3_finalize(stmt);
    return ok;
}

bool registry_id_taken(struct registry *r, struct bytes id, bool *taken, struct error *err)
{
    *taken = false;
    if (!registry_read(r, err))
        return false;
    return !r->sql.db || any_row(r, "SELECT 1 FROM namespaces WHERE id = ?1", &id, 1, taken, err);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Inside a transaction of its own. */
static bool run_one(struct registry *r, const char *text, const struct bytes *args, int n,
                    struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool ok = sql_query(&r->sql, &stmt, text, args, n, err) && sql_run(&r->sql, stmt, err);
    sqlite3_finalize(stmt);
    return ok;
}

static bool finish(struct registry *r, bool ok, struct error *err)
{
    if (!ok)
        sql_rollback(&r->sql);
    return ok && sql_commit(&r->sql, "registry.commit", err);
}

/* Another namespace than `id` must not have the title. */
static bool title_free(struct registry *r, struct bytes account, struct bytes id,
                       struct bytes title, struct error *err)
{
    char name[256];
    bool taken;
    if (!any_row(r, "SELECT 1 FROM namespaces WHERE account = ?1 AND title = ?2 AND id <> ?3",
                 (const struct bytes[]){account, title, id}, 3, &taken, err))
        return false;
    return !taken || error_set(err, ERR_EXISTS, "the title %s is taken",
                               text_quoted(title, name, sizeof name));
}

bool registry_add(struct registry *r, struct bytes account, struct bytes id, struct bytes title,
                  struct error *err)
{
    const struct bytes args[] = {account, id, title};
    if (!sql_begin(&r->sql, "registry.create", err))
        return false;
    bool ok =
        title_free(r, account, bytes_of(""), title, err) &&
        run_one(r, "INSERT INTO namespaces (account, id, title) VALUES (?1, ?2, ?3)", args, 3, err);
    return finish(r, ok, err);
}

bool registry_rename(struct registry *r, struct bytes account, struct bytes id, struct bytes title,
                     struct error *err)
{
    const struct bytes args[] = {account, id, title};
    if (!sql_begin(&r->sql, "registry.rename", err))
        return false;
    bool ok =
        title_free(r, account, id, title, err) &&
        run_one(r, "UPDATE namespaces SET title = ?3 WHERE account = ?1 AND id = ?2", args, 3, err);
    return finish(r, ok, err);
}

bool registry_remove(struct registry *r, struct bytes id, struct error *err)
{
    if (!sql_begin(&r->sql, "registry.delete", err))
        return false;
    bool ok = run_one(r, "DELETE FROM namespaces WHERE id = ?1", &id, 1, err) &&
              run_one(r, "DELETE FROM roots WHERE id = ?1", &id, 1, err);
    return finish(r, ok, err);
}

/* ---- Moving ---------------------------------------------------------------------------------- */

bool registry_move(struct registry *r, struct bytes account, struct bytes from, struct bytes to,
                   struct bytes title, struct error *err)
{
    const struct bytes args[] = {account, to, title};
    char name[128];
    bool taken, foreign, here;
    if (!sql_begin(&r->sql, "local.move.register", err))
        return false;
    bool ok =
        any_row(r, "SELECT 1 FROM namespaces WHERE id = ?2 AND (account <> ?1 OR title <> ?3)",
                args, 3, &taken, err) &&
        any_row(r, "SELECT 1 FROM namespaces WHERE id = ?2 AND account <> ?1",
                (const struct bytes[]){account, from}, 2, &foreign, err) &&
        any_row(r, "SELECT 1 FROM namespaces WHERE account = ?1 AND id = ?2 AND title = ?3", args,
                3, &here, err);
    if (ok && (taken || foreign))
        ok = error_set(err, ERR_EXISTS, "the id %s is another local namespace's",
                       text_quoted(taken ? to : from, name, sizeof name));
    ok = ok && (here || title_free(r, account, from, title, err)) &&
         run_one(r, "DELETE FROM namespaces WHERE id = ?1 AND title = ?2",
                 (const struct bytes[]){from, title}, 2, err) &&
         run_one(r, "INSERT OR IGNORE INTO namespaces (account, id, title) VALUES (?1, ?2, ?3)",
                 args, 3, err);
    return finish(r, ok, err);
}

/* ---- Roots ----------------------------------------------------------------------------------- */

/* A registry that another process has brought to this version meanwhile has some. */
static bool find_roots(struct registry *r, struct error *err)
{
    int64_t version = VERSION;
    if (!registry_read(r, err))
        return false;
    if (!r->sql.db || r->has_roots)
        return true;
    if (!sql_number(&r->sql, "PRAGMA user_version", &version, err))
        return false;
    r->has_roots = version == VERSION;
    return true;
}

bool registry_roots(struct registry *r, struct bytes id, struct root_name *names, size_t max,
                    size_t *n, struct arena *arena, struct error *err)
{
    static const char text[] = "SELECT folder, persist_to FROM roots WHERE id = ?1 ORDER BY seq";
    bool row = false;
    *n = 0;
    if (!find_roots(r, err))
        return false;
    if (!r->sql.db || !r->has_roots)
        return true;
    bool ok = sql_query(&r->sql, &r->roots, text, &id, 1, err);
    while (ok && *n < max && (ok = sql_step(&r->sql, r->roots, &row, err)) && row)
        names[(*n)++] = (struct root_name){.folder = arena_copy(arena, sql_bytes(r->roots, 0)).data,
                                           .is_persist_to = sqlite3_column_int(r->roots, 1) != 0};
    sqlite3_reset(r->roots);
    return ok;
}

bool registry_set_roots(struct registry *r, struct bytes id, const struct root_name *names,
                        size_t n, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    if (!sql_begin(&r->sql, "registry.roots", err))
        return false;
    bool ok = run_one(r, "DELETE FROM roots WHERE id = ?1", &id, 1, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = sql_query(&r->sql, &stmt,
                       "INSERT INTO roots (id, folder, seq, persist_to) VALUES (?1, ?2, ?3, ?4)",
                       (const struct bytes[]){id, bytes_of(names[i].folder)}, 2, err) &&
             sql_bind_int(&r->sql, stmt, 3, (int64_t)i, err) &&
             sql_bind_int(&r->sql, stmt, 4, names[i].is_persist_to, err) &&
             sql_run(&r->sql, stmt, err);
    sqlite3_finalize(stmt);
    return finish(r, ok, err);
}

/* ---- Documents ------------------------------------------------------------------------------- */

bool registry_load(struct registry *r, struct bytes name, struct buf *document, struct buf *journal,
                   struct error *err)
{
    sqlite3_stmt *find = NULL, *lines = NULL;
    bool row = false;
    if (!registry_read(r, err))
        return false;
    if (!r->sql.db)
        return true;
    /* One transaction, so that a save in between cannot part the two. */
    bool ok =
        sql_exec(&r->sql, "BEGIN", err) &&
        sql_query(&r->sql, &find, "SELECT rowid FROM documents WHERE name = ?1", &name, 1, err) &&
        sql_step(&r->sql, find, &row, err);
    /* Straight from the database, since it may be large. */
    if (ok && row)
        ok = sql_read_blob(&r->sql, "documents", "content", sqlite3_column_int64(find, 0), document,
                           err);
    ok = ok && sql_query(&r->sql, &lines, "SELECT lines FROM journal WHERE name = ?1 ORDER BY seq",
                         &name, 1, err);
    while (ok && (ok = sql_step(&r->sql, lines, &row, err)) && row)
        buf_add_bytes(journal, sql_bytes(lines, 0));
    sqlite3_finalize(find);
    sqlite3_finalize(lines);
    sql_rollback(&r->sql);
    return ok;
}

/* Runs `text` with `name` and the bytes of `content`. */
static bool run_content(struct registry *r, const char *text, struct bytes name,
                        struct bytes content, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool ok = sql_query(&r->sql, &stmt, text, &name, 1, err) &&
              sql_bind_blob(&r->sql, stmt, 2, content, err) && sql_run(&r->sql, stmt, err);
    sqlite3_finalize(stmt);
    return ok;
}

bool registry_append(struct registry *r, struct bytes name, struct bytes lines, struct error *err)
{
    if (!sql_begin(&r->sql, "registry.append", err))
        return false;
    bool ok = run_content(r, "INSERT INTO journal (name, lines) VALUES (?1, ?2)", name, lines, err);
    return finish(r, ok, err);
}

bool registry_save(struct registry *r, struct bytes name, struct bytes document, struct error *err)
{
    if (!sql_begin(&r->sql, "registry.save", err))
        return false;
    bool ok = run_content(r, "INSERT OR REPLACE INTO documents (name, content) VALUES (?1, ?2)",
                          name, document, err) &&
              run_one(r, "DELETE FROM journal WHERE name = ?1", &name, 1, err);
    return finish(r, ok, err);
}
