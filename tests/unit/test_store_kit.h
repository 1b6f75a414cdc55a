/*
 * test_store_kit.h: a store under test, and operations written as one line.
 *
 *     struct answer *a = put(kit, "ns1", PAIR("k", "v"));
 *
 * Answers are copies that live until the kit ends.
 */
#ifndef CFKV_TESTS_UNIT_TEST_STORE_KIT_H
#define CFKV_TESTS_UNIT_TEST_STORE_KIT_H

#define _GNU_SOURCE 1 /* nftw */

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "store/local.h"
#include "store/memory.h"
#include "test_base.h"

#define NOW 1700000000 /* what CFKV_NOW says unless a test moves it */

struct kit {
    struct store *store;
    struct local_store *local; /* the same store; NULL for the memory store */
    char root[128];            /* the folder of the local store */
    struct arena arena;
};

struct answer {
    bool ok;
    struct error error;
    struct store_namespace *namespaces;
    size_t n_namespaces, total;
    bool is_short;
    bool existed;
    struct store_key *keys;
    size_t n_keys;
    struct bytes cursor;
    struct bytes *failed;
    size_t n_failed;
    struct store_pair *pairs;
    size_t n_pairs, cap_pairs;
};

/* ---- Time and folders ------------------------------------------------------------------------ */

/* In memory that child processes share. */
static inline void set_now(long long now)
{
    static char *setting;
    if (!setting)
        setting = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(setting, MAP_FAILED);
    snprintf(setting, 64, "CFKV_NOW=%lld", now);
    putenv(setting);
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* In memory where that is to be had: these tests make thousands of files and wait for the disk
 * often, and it is not the disk that they are about. */
static inline void make_folder(char *path)
{
    strcpy(path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/cfkv-XXXXXX" : "/tmp/cfkv-XXXXXX");
    assert_non_null(mkdtemp(path));
}

static inline const char *in_root(struct kit *kit, const char *path)
{
    return arena_printf(&kit->arena, "%s/%s", kit->root, path);
}

/* ---- Kits ------------------------------------------------------------------------------------ */

static inline void kit_open_local(struct kit *kit)
{
    kit->local = local_store_open(kit->root);
    kit->store = local_store_face(kit->local);
}

static inline void kit_reopen(struct kit *kit)
{
    store_close(kit->store);
    kit_open_local(kit);
}

static inline int kit_start(void **state, bool local)
{
    struct kit *kit = calloc(1, sizeof *kit);
    assert_non_null(kit);
    set_now(NOW);
    if (local) {
        make_folder(kit->root);
        kit_open_local(kit);
    } else {
        kit->store = memory_store_new();
    }
    *state = kit;
    return 0;
}

static inline int start_memory(void **state)
{
    return kit_start(state, false);
}

static inline int start_local(void **state)
{
    return kit_start(state, true);
}

static inline int stop(void **state)
{
    struct kit *kit = *state;
    store_close(kit->store);
    if (kit->local)
        remove_tree(kit->root);
    arena_release(&kit->arena);
    free(kit);
    return 0;
}

/* ---- Running operations ---------------------------------------------------------------------- */

struct single {
    struct kit *kit;
    const struct store_op *op;
    struct answer *answer;
    int asked, reported;
};

static inline struct bytes kept(struct kit *kit, struct bytes b)
{
    return b.data ? arena_copy(&kit->arena, b) : b;
}

static inline bool keep_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct single *s = ctx;
    struct answer *a = s->answer;
    (void)err;
    arena_grow(&s->kit->arena, (void **)&a->pairs, &a->cap_pairs, a->n_pairs + 1, sizeof *pair);
    a->pairs[a->n_pairs++] = (struct store_pair){.key = kept(s->kit, pair->key),
                                                 .value = kept(s->kit, pair->value),
                                                 .metadata = kept(s->kit, pair->metadata),
                                                 .expiration = pair->expiration};
    return true;
}

static inline enum store_next next_single(void *ctx, struct store_op *op)
{
    struct single *s = ctx;
    if (s->asked++ > 0)
        return NEXT_END;
    *op = *s->op;
    if (op->kind == STORE_BULK_GET && !op->on_pair) {
        op->on_pair = keep_pair;
        op->on_pair_ctx = s;
    }
    return NEXT_OP;
}

static inline void done_single(void *ctx, const struct store_op *op, const struct store_result *r)
{
    struct single *s = ctx;
    struct answer *a = s->answer;
    (void)op;
    s->reported++;
    a->ok = r->ok;
    a->error = r->error;
    a->total = r->total;
    a->existed = r->existed;
    a->cursor = kept(s->kit, r->cursor);
    a->n_namespaces = r->n_namespaces;
    a->is_short = r->is_short;
    a->namespaces = arena_alloc(&s->kit->arena, r->n_namespaces, sizeof *a->namespaces);
    for (size_t i = 0; i < r->n_namespaces; i++)
        a->namespaces[i] =
            (struct store_namespace){.id = kept(s->kit, r->namespaces[i].id),
                                     .title = kept(s->kit, r->namespaces[i].title),
                                     .jurisdiction = kept(s->kit, r->namespaces[i].jurisdiction)};
    a->n_keys = r->n_keys;
    a->keys = arena_alloc(&s->kit->arena, r->n_keys, sizeof *a->keys);
    for (size_t i = 0; i < r->n_keys; i++) {
        a->keys[i] = r->keys[i];
        a->keys[i].key = kept(s->kit, r->keys[i].key);
        a->keys[i].metadata = kept(s->kit, r->keys[i].metadata);
    }
    a->n_failed = r->n_failed;
    a->failed = arena_alloc(&s->kit->arena, r->n_failed, sizeof *a->failed);
    for (size_t i = 0; i < r->n_failed; i++)
        a->failed[i] = kept(s->kit, r->failed[i]);
}

static inline struct answer *run_op(struct kit *kit, const struct store_op *op)
{
    struct error err = {0};
    struct answer *a = arena_alloc(&kit->arena, 1, sizeof *a);
    struct single s = {.kit = kit, .op = op, .answer = a};
    bool ok = store_run(kit->store, next_single, done_single, &s, &err);
    assert_int_equal(s.reported, 1);
    if (!ok)
        assert_int_equal(err.code, a->error.code);
    return a;
}

static inline struct answer *expect_ok(struct answer *a)
{
    if (!a->ok)
        fail_msg("%s", a->error.message);
    return a;
}

static inline void expect_error(const struct answer *a, enum error_code code)
{
    assert_false(a->ok);
    assert_int_equal(a->error.code, code);
    assert_string_not_equal(a->error.message, "");
}

/* ---- One line each --------------------------------------------------------------------------- */

static inline struct answer *create(struct kit *kit, const char *id, const char *title)
{
    return run_op(kit, &(struct store_op){.kind = STORE_NAMESPACE_CREATE,
                                          .id = bytes_of(id),
                                          .title = bytes_of(title)});
}

static inline struct answer *on_namespace(struct kit *kit, enum store_op_kind kind, const char *id,
                                          const char *title)
{
    return run_op(kit,
                  &(struct store_op){.kind = kind, .id = bytes_of(id), .title = bytes_of(title)});
}

static inline struct answer *list_namespaces(struct kit *kit, const char *account, unsigned page)
{
    return run_op(kit, &(struct store_op){.kind = STORE_NAMESPACE_LIST,
                                          .account = bytes_of(account),
                                          .page = page});
}

#define PAIR(k, v) (&(struct store_pair){.key = TEXT(k), .value = TEXT(v)})

static inline struct answer *put_many(struct kit *kit, const char *id,
                                      const struct store_pair *pairs, size_t n)
{
    return run_op(kit, &(struct store_op){
                           .kind = STORE_BULK_PUT, .id = bytes_of(id), .pairs = pairs, .n = n});
}

static inline struct answer *put(struct kit *kit, const char *id, const struct store_pair *pair)
{
    return put_many(kit, id, pair, 1);
}

static inline struct answer *on_keys(struct kit *kit, enum store_op_kind kind, const char *id,
                                     const struct bytes *keys, size_t n)
{
    return run_op(kit, &(struct store_op){.kind = kind, .id = bytes_of(id), .keys = keys, .n = n});
}

static inline struct answer *get(struct kit *kit, const char *id, struct bytes key)
{
    return on_keys(kit, STORE_BULK_GET, id, &key, 1);
}

static inline struct answer *delete_key(struct kit *kit, const char *id, struct bytes key)
{
    return on_keys(kit, STORE_BULK_DELETE, id, &key, 1);
}

static inline struct answer *list_keys(struct kit *kit, const char *id, struct bytes prefix,
                                       struct bytes cursor)
{
    return run_op(
        kit, &(struct store_op){
                 .kind = STORE_KEY_LIST, .id = bytes_of(id), .prefix = prefix, .cursor = cursor});
}

/* The only value under `key`. */
static inline struct bytes value_of(struct kit *kit, const char *id, struct bytes key)
{
    const struct answer *a = expect_ok(get(kit, id, key));
    assert_int_equal(a->n_pairs, 1);
    assert_bytes(a->pairs[0].key, key);
    return a->pairs[0].value;
}

static inline void assert_absent(struct kit *kit, const char *id, struct bytes key)
{
    assert_int_equal(expect_ok(get(kit, id, key))->n_pairs, 0);
    const struct answer *list = expect_ok(list_keys(kit, id, key, TEXT("")));
    assert_true(list->n_keys == 0 || !bytes_equal(list->keys[0].key, key));
}

#endif
