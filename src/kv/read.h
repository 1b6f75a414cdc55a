/*
 * read.h: all pairs of a namespace, in byte order of their keys, as an iterator.
 *
 * Lists a page of keys, reads its values by bulk gets of which several are in flight, and gives
 * them in order; holds about READ_WINDOW_BYTES, or what one bulk get answers. A key that goes away
 * between listing and reading is left out.
 *
 * Values that are known to be no text are not asked for in bulk: they are read one by one, and
 * given behind all others (reader_gets says in how many requests). What a listing told of a key is
 * not asked for again.
 */
#ifndef CFKV_KV_READ_H
#define CFKV_KV_READ_H

#include "sender.h"
#include "store/store.h"
#include "counts.h"

#define READ_WINDOW_BYTES ((size_t)16 * 1024 * 1024)

struct read_options {
    struct store *store;
    struct bytes account, id;
    struct bytes prefix; /* empty: all */
    struct bytes after;  /* only keys behind this one; data NULL: from the start. The service has no
                            such question: pages before it are listed, and not read */
    bool values;         /* false: keys, metadata and expiry only; `value` is empty */
    unsigned jobs;       /* bulk gets in flight; 0: STORE_JOBS */
    bool (*is_odd)(void *ctx, struct bytes key); /* its value is known to be no text; NULL: of none
                                                    it is known */
    void *is_odd_ctx;
};

/* How many requests reading the values of `n` keys takes, of which `odd` are known to be no text:
 * whose metadata, when it was not listed, takes another each. */
static inline uint64_t reader_gets(uint64_t n, uint64_t odd, bool listed)
{
    return (n - odd + STORE_GET_MAX - 1) / STORE_GET_MAX + odd * (listed ? 1 : 2);
}

struct reader;

struct reader *reader_open(const struct read_options *options);

/* Gives the next key (good until the next call). Must not call into the store. */
typedef enum pull (*pull_key_fn)(void *ctx, struct bytes *key, struct error *err);

/* Reads the keys that `pull` gives instead, in their order, of the options only where and with how
 * many jobs. A key that is not there comes with a value of data NULL. */
struct reader *reader_open_keys(const struct read_options *options, pull_key_fn pull, void *ctx);

/* The next pair, good until the next call; `*end` at the end. Runs the store when it must, so it is
 * not for a callback of one. false with err. */
bool reader_next(struct reader *r, struct store_pair *pair, bool *end, struct error *err);

/* Operations that were answered so far. */
uint64_t reader_requests(const struct reader *r);

/* Adds a pair as one line, without its line break, in the form that `kv bulk put` takes. */
void kv_write_pair(const struct store_pair *pair, struct buf *out);

void reader_close(struct reader *r); /* NULL is fine */

#endif
