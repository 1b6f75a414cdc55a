/* test_seed_kit.h: a folder with seed files, and what reading them gave. */
#ifndef CFKV_TESTS_UNIT_TEST_SEED_KIT_H
#define CFKV_TESTS_UNIT_TEST_SEED_KIT_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_base.h"

#include "seed/seed.h"

struct kit {
    char folder[64];
    struct file_root root;
};

static inline int kit_setup(void **state)
{
    static struct kit k;
    struct error err;
    snprintf(k.folder, sizeof k.folder, "/tmp/cfkv-seed-XXXXXX");
    *state = &k;
    return mkdtemp(k.folder) && file_root_open(&k.root, k.folder, &err) ? 0 : -1;
}

static inline int kit_teardown(void **state)
{
    struct kit *k = *state;
    DIR *dir = opendir(k->folder);
    for (struct dirent *e; dir && (e = readdir(dir));)
        unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
    file_root_close(&k->root);
    return rmdir(k->folder);
}

static inline void write_seed(const struct kit *k, const char *name, struct bytes content)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", k->folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(content.data, 1, content.len, f), content.len);
    assert_int_equal(fclose(f), 0);
}

static inline struct bulk_decl source(const char *path)
{
    enum source_format format = strstr(path, ".jsonl")  ? SOURCE_JSONL
                                : strstr(path, ".json") ? SOURCE_JSON
                                : strstr(path, ".csv")  ? SOURCE_CSV
                                                        : SOURCE_DIR;
    return (struct bulk_decl){.format = format, .path = bytes_of(path), .pos = {"kv.lua", 7}};
}

/* All of a source in text: "number:key=value[ttl][@expiration][#metadata]", "BAD", and at the end
 * "END" or "FAILED: message". Diagnostics go to `diags`. */
static inline void read_all(const struct kit *k, const struct bulk_decl *bulk, struct buf *out,
                            struct diag_list *diags)
{
    struct error err = {0};
    struct seed_item item;
    enum seed_status status;
    struct seed_reader *r = seed_open(&k->root, bulk, &err);
    buf_clear(out);
    if (!r) {
        buf_addf(out, "%s", err.message);
        return;
    }
    while ((status = seed_next(r, &item, diags, &err)) == SEED_ITEM || status == SEED_BAD) {
        if (status == SEED_BAD) {
            buf_add_str(out, "BAD ");
            continue;
        }
        buf_addf(out, "%u:", (unsigned)item.number);
        buf_add_bytes(out, item.seed.key);
        buf_add_char(out, '=');
        buf_add_bytes(out, item.value);
        if (item.seed.expiration_ttl || item.seed.no_ttl)
            buf_addf(out, "+%ld", (long)item.seed.expiration_ttl);
        if (item.seed.expiration)
            buf_addf(out, "@%ld", (long)item.seed.expiration);
        if (item.seed.metadata.data) {
            buf_add_char(out, '#');
            buf_add_bytes(out, item.seed.metadata);
        }
        buf_add_char(out, ' ');
    }
    buf_add_str(out, status == SEED_END ? "END" : "FAILED: ");
    if (status == SEED_FAILED)
        buf_add_str(out, err.message);
    seed_close(r);
}

/* Reads all of a source, whatever is wrong with its items. */
static inline bool read_through(const struct kit *k, const char *path, struct error *err)
{
    struct diag_list diags = {0};
    struct seed_item item;
    struct bulk_decl bulk = source(path);
    enum seed_status status;
    struct seed_reader *r = seed_open(&k->root, &bulk, err);
    if (!r)
        return false;
    do
        status = seed_next(r, &item, &diags, err);
    while (status == SEED_ITEM || status == SEED_BAD);
    seed_close(r);
    bool ok = status == SEED_END;
    diag_release(&diags);
    return ok;
}

#endif
