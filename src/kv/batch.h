/*
 * batch.h: the pairs or keys of one bulk operation, and when it is full: the one rule, for who
 * sends and for who forecasts.
 *
 * Cloudflare allows 100 MB; small bodies are retried cheaply. A size is that of key and value:
 * metadata (at most 1024 bytes a pair) is not counted, so that a plan knows sizes before it has
 * made any.
 */
#ifndef CFKV_KV_BATCH_H
#define CFKV_KV_BATCH_H

#include "base/buf.h"
#include "base/map.h"
#include "store/store.h"

#define BATCH_BYTES ((size_t)4 * 1024 * 1024)

/* A pair of that size goes by itself. */
static inline bool batch_goes_alone(size_t size)
{
    return size >= STORE_ALONE_BYTES;
}

/* true when a pair of `size` bytes does not fit into a batch that holds `n` pairs of `bytes`. */
static inline bool batch_is_full(size_t n, size_t bytes, size_t size)
{
    return n > 0 && (n >= STORE_BULK_MAX || bytes + size > BATCH_BYTES || batch_goes_alone(size) ||
                     (n == 1 && batch_goes_alone(bytes)));
}

/* All its bytes are copies in one run of storage that the next batch uses again, so that a pair
 * costs no allocation. */
struct batch {
    void *owner;
    struct batch *next;       /* in a list of the owner's */
    struct buf text;          /* key, value and metadata of each pair, one after the other */
    struct store_pair *pairs; /* their bytes point into `text` only once it is sealed */
    uint64_t *numbers;        /* of each in its source */
    struct bytes *keys;       /* of its pairs, for a delete */
    size_t n, cap_pairs, cap_numbers, cap_keys;
    size_t bytes;   /* that its pairs take: keys, values, metadata and their places */
    size_t content; /* of keys and values */

    /* What came of it. */
    bool refused;      /* all of it */
    struct map failed; /* else the keys that the store did not take */
};

struct batch *batch_new(void);
void batch_free_list(struct batch *first); /* all of a list; NULL is fine */

/* Empties it; large storage is given back. */
void batch_clear(struct batch *b);

/* Copies a pair; there are fewer than STORE_BULK_MAX. */
void batch_add(struct batch *b, const struct store_pair *pair, uint64_t number);

/* No more is added: `pairs` may be read, and if wanted `keys`. */
void batch_seal(struct batch *b, bool keys);

static inline size_t pair_content(const struct store_pair *pair)
{
    return pair->key.len + pair->value.len;
}

static inline size_t pair_size(const struct store_pair *pair)
{
    return pair_content(pair) + pair->metadata.len;
}

/* true when its i-th pair is not known to be written (or deleted). */
static inline bool batch_failed(const struct batch *b, size_t i)
{
    return b->refused || (b->failed.n > 0 && map_get(&b->failed, b->pairs[i].key) != MAP_NONE);
}

#endif
