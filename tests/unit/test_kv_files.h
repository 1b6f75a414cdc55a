/*
 * test_kv_files.h: a folder for the files of a backup or a restore, and namespaces told as text.
 */
#ifndef CFKV_TESTS_UNIT_TEST_KV_FILES_H
#define CFKV_TESTS_UNIT_TEST_KV_FILES_H

#include "test_kv_kit.h"

#include "kv/kv.h"
#include "seed/backup.h"

static inline int start_files(void **state)
{
    if (start_memory(state) != 0)
        return -1;
    struct kit *kit = *state;
    make_folder(kit->root);
    return 0;
}

static inline int stop_files(void **state)
{
    struct kit *kit = *state;
    remove_tree(kit->root);
    return stop(state);
}

/* On that store; kv_release it. */
static inline struct kv kv_over(struct kit *kit, struct store *store)
{
    return (struct kv){
        .store = store, .backups = {.dir = in_root(kit, ".cfkv/backups")}, .now = NOW};
}

/* All pairs of a namespace: "key=value[#metadata][@expiration] ", in key order. */
static inline const char *content(struct kit *kit, const char *id)
{
    static struct buf text;
    struct error err = {0};
    struct store_pair pair;
    bool end;
    struct read_options o = {.store = kit->store, .id = bytes_of(id), .values = true};
    struct reader *r = reader_open(&o);
    buf_clear(&text);
    buf_add_str(&text, "");
    while (reader_next(r, &pair, &end, &err) && !end) {
        buf_add_bytes(&text, pair.key);
        buf_add_char(&text, '=');
        buf_add_bytes(&text, pair.value);
        if (pair.metadata.data)
            buf_addf(&text, "#%.*s", BYTES_FMT(pair.metadata));
        if (pair.expiration)
            buf_addf(&text, "@%ld", (long)pair.expiration);
        buf_add_char(&text, ' ');
    }
    assert_true(end);
    reader_close(r);
    const char *copy = arena_str(&kit->arena, text.data ? text.data : "");
    buf_release(&text);
    return copy;
}

/* A backup with these pairs, as they come. */
static inline const char *write_file(struct kit *kit, const char *name,
                                     const struct store_pair *pairs, size_t n)
{
    struct error err = {0};
    struct backup_info info = {
        .id = TEXT("old"), .title = TEXT("shop"), .reason = TEXT("backup"), .created = NOW};
    struct backup_totals totals;
    const char *path = in_root(kit, name);
    struct backup_writer *w = backup_create(path, &info, &err);
    for (size_t i = 0; i < n; i++) {
        struct backup_key key = {.key = pairs[i].key,
                                 .value = pairs[i].value,
                                 .metadata = pairs[i].metadata,
                                 .expiration = pairs[i].expiration};
        assert_true(backup_add(w, &key, &err));
    }
    assert_true(backup_finish(w, &totals, &err));
    return path;
}

#endif
