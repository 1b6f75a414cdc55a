/* test_state_kit.h: a state on a disk that is two buffers. */
#ifndef CFKV_TESTS_UNIT_TEST_STATE_KIT_H
#define CFKV_TESTS_UNIT_TEST_STATE_KIT_H

#include "test_base.h"

#include "state/state.h"

struct disk {
    struct buf document, journal;
    unsigned appends, saves;
    bool full; /* writes fail */
};

static inline bool disk_load(void *ctx, struct buf *document, struct buf *journal,
                             struct error *err)
{
    struct disk *d = ctx;
    buf_add_bytes(document, buf_bytes(&d->document));
    buf_add_bytes(journal, buf_bytes(&d->journal));
    (void)err;
    return true;
}

static inline bool disk_append(void *ctx, struct bytes lines, struct error *err)
{
    struct disk *d = ctx;
    if (d->full)
        return error_set(err, ERR_IO, "the disk is full");
    d->appends++;
    buf_add_bytes(&d->journal, lines);
    return true;
}

static inline bool disk_save(void *ctx, struct bytes document, struct error *err)
{
    struct disk *d = ctx;
    struct buf copy = {0};
    if (d->full)
        return error_set(err, ERR_IO, "the disk is full");
    buf_add_bytes(&copy, document);
    buf_release(&d->document);
    d->document = copy;
    d->saves++;
    buf_clear(&d->journal);
    return true;
}

static inline void disk_release(struct disk *d)
{
    buf_release(&d->document);
    buf_release(&d->journal);
}

static inline struct state_backend disk_backend(struct disk *d)
{
    return (struct state_backend){.ctx = d,
                                  .name = "kv.state.json",
                                  .load = disk_load,
                                  .append = disk_append,
                                  .save = disk_save};
}

static inline void open_state(struct state *s, struct disk *d)
{
    struct error err = {0};
    if (!state_open(s, disk_backend(d), bytes_of(NULL), &err))
        fail_msg("%s", err.message);
}

/* Opening fails; what it says is in `err`. */
static inline void open_fails(struct disk *d, struct error *err)
{
    struct state s;
    *err = (struct error){0};
    assert_false(state_open(&s, disk_backend(d), bytes_of(NULL), err));
}

static inline struct digest digest_of(const char *text)
{
    return hash_sha256(bytes_of(text));
}

/* ---- Changes that must succeed --------------------------------------------------------------- */

static inline void put_namespace(struct state *s, const char *address, const char *id,
                                 const char *title)
{
    struct error err = {0};
    struct state_namespace ns = {
        .address = bytes_of(address), .id = bytes_of(id), .title = bytes_of(title)};
    if (!state_set_namespace(s, bytes_of(NULL), &ns, &err))
        fail_msg("%s", err.message);
}

static inline void put_key(struct state *s, const char *address, const char *key, const char *hmac)
{
    struct error err = {0};
    struct state_key k = {
        .key = bytes_of(key), .hmac = {.digest = digest_of(hmac)}, .origin = KEY_WROTE};
    if (!state_set_key(s, bytes_of(NULL), bytes_of(address), &k, &err))
        fail_msg("%s", err.message);
}

static inline void put_bulk(struct state *s, const char *address, const char *source,
                            uint64_t count)
{
    struct error err = {0};
    struct state_bulk b = {.source = bytes_of(source), .count = count, .digest = digest_of(source)};
    if (!state_set_bulk(s, bytes_of(NULL), bytes_of(address), &b, &err))
        fail_msg("%s", err.message);
}

static inline void put_binding(struct state *s, const char *file, const char *env,
                               const char *binding, const char *id)
{
    struct error err = {0};
    struct state_binding b = {.file = bytes_of(file),
                              .env = bytes_of(env),
                              .binding = bytes_of(binding),
                              .id = bytes_of(id)};
    if (!state_set_binding(s, &b, &err))
        fail_msg("%s", err.message);
}

static inline void commit(struct state *s)
{
    struct error err = {0};
    if (!state_commit(s, &err))
        fail_msg("%s", err.message);
}

static inline void save(struct state *s)
{
    struct error err = {0};
    if (!state_save(s, &err))
        fail_msg("%s", err.message);
}

static inline void print_state(const struct state *s, struct buf *out)
{
    buf_clear(out);
    state_print(s, out);
}

static inline struct state_namespace *find(struct state *s, const char *address)
{
    return state_find(s, bytes_of(NULL), bytes_of(address));
}

static inline const struct state_key *find_key(struct state *s, const char *address,
                                               const char *key)
{
    struct state_namespace *ns = find(s, address);
    return ns ? state_find_key(ns, bytes_of(key)) : NULL;
}

#endif
