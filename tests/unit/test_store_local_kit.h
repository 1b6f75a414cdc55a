/*
 * test_store_local_kit.h: a local store under test, and what other programs do to its files.
 */
#ifndef CFKV_TESTS_UNIT_TEST_STORE_LOCAL_KIT_H
#define CFKV_TESTS_UNIT_TEST_STORE_LOCAL_KIT_H

#include "test_store_kit.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "store/miniflare.h"
#include "store/sql.h"

#define ID      "0123456789abcdef0123456789abcdef"
#define V3      ".wrangler/state/v3"
#define BLOBS   V3 "/kv/" ID "/blobs"
#define OBJECTS V3 "/kv/miniflare-KVNamespaceObject"

/* The file of ID, as wrangler 4.164 named it. */
#define DATABASE OBJECTS "/8261cfe8323dd703d3e553434db498fec63d9a7e7ae8a23f047ef589d503196c.sqlite"

struct count {
    size_t entries, ours;
};

static struct count counted;

static inline int count_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    if (ftw->level == 0)
        return 0;
    counted.entries++;
    if (strncmp(path + ftw->base, "cfkv-", 5) == 0)
        counted.ours++;
    return 0;
}

static inline struct count count_below(const char *path)
{
    counted = (struct count){0};
    nftw(path, count_entry, 16, FTW_PHYS);
    return counted;
}

static inline void write_file(const char *path, const char *content)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(content, f);
    assert_int_equal(fclose(f), 0);
}

static inline void make_dirs(const char *path)
{
    struct error err;
    assert_true(file_make_dirs(path, 0777, &err));
}

/* Runs statements in a database as another program would. */
static inline void sqlite_do(const char *path, const char *text)
{
    struct sql sql = {0};
    struct error err = {0};
    if (!sql_open(&sql, path, SQL_CREATE, false, &err) || !sql_exec(&sql, text, &err))
        fail_msg("%s", err.message);
    sql_close(&sql);
}

static inline int64_t sqlite_number(const char *path, const char *text)
{
    int64_t n = -1;
    struct sql sql = {0};
    struct error err = {0};
    if (!sql_open(&sql, path, SQL_READ, false, &err) || !sql_number(&sql, text, &n, &err))
        fail_msg("%s", err.message);
    sql_close(&sql);
    return n;
}

/* What wrangler leaves behind after `kv key put --local`. */
static inline void wrangler_put_as(const char *root, const char *id, const char *key,
                                   const char *blob, const char *value)
{
    char path[512], text[512], name[65];
    snprintf(path, sizeof path, "%s/" V3 "/kv/%s/blobs", root, id);
    make_dirs(path);
    snprintf(path, sizeof path, "%s/" V3 "/kv/%s/blobs/%s", root, id, blob);
    write_file(path, value);
    snprintf(path, sizeof path, "%s/" OBJECTS, root);
    make_dirs(path);
    miniflare_name(bytes_of(id), name);
    snprintf(path, sizeof path, "%s/" OBJECTS "/%s.sqlite", root, name);
    snprintf(text, sizeof text,
             "CREATE TABLE IF NOT EXISTS _mf_entries (key TEXT PRIMARY KEY, blob_id TEXT NOT NULL,"
             " expiration INTEGER, metadata TEXT);"
             "INSERT OR REPLACE INTO _mf_entries VALUES ('%s', '%s', NULL, NULL)",
             key, blob);
    sqlite_do(path, text);
}

static inline void wrangler_put(const char *root, const char *key, const char *blob,
                                const char *value)
{
    wrangler_put_as(root, ID, key, blob, value);
}

static inline void expect_message(const struct answer *a, enum error_code code, const char *part)
{
    expect_error(a, code);
    if (!strstr(a->error.message, part))
        fail_msg("'%s' does not say '%s'", a->error.message, part);
}

/* ---- Processes that are broken off ----------------------------------------------------------- */

#define DONE   (0 << 8) /* exit status 0, as waitpid gives it */
#define FAILED (1 << 8)

/* Runs `body` in a process of its own, on a store of its own: SQLite must not be carried over a
 * fork. The status as waitpid gives it. */
static inline int in_child(bool (*body)(struct kit *kit), struct kit *kit)
{
    fflush(NULL);
    store_close(kit->store);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        kit_open_local(kit);
        bool ok = body(kit);
        store_close(kit->store);
        _exit(ok ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    kit_open_local(kit);
    return status;
}

#endif
