/*
 * parcel.h: the pairs or keys of one operation. Private to kv/.
 *
 * All its bytes are copies in one run of storage that the next batch uses again, so that a pair
 * costs no allocation.
 */
#ifndef CFKV_KV_PARCEL_H
#define CFKV_KV_PARCEL_H

#include "base/buf.h"
#include "store/store.h"

struct sender;

struct parcel {
    struct sender *owner;
    struct parcel *next;      /* in a list of the owner's */
    struct buf text;          /* key, value and metadata of each pair, one after the other */
    struct store_pair *pairs; /* their bytes point into `text` only once it is sealed */
    uint64_t *numbers;        /* of each in its source */
    struct bytes *keys;       /* of parcel_seal_keys */
    size_t n;
    size_t bytes;   /* that its pairs take: keys, values, metadata and their places */
    size_t content; /* of keys and values */
};

struct parcel *parcel_new(void); /* NULL: out of memory */
void parcel_free(struct parcel *b);

/* Empties it; large storage is given back. */
void parcel_clear(struct parcel *b);

/* Copies a pair; there are fewer than STORE_BULK_MAX. false: out of memory. */
bool parcel_add(struct parcel *b, const struct store_pair *pair, uint64_t number);

/* No more is added: `pairs` may be read, and after parcel_seal_keys (false: out of memory) `keys`.
 */
void parcel_seal(struct parcel *b);
bool parcel_seal_keys(struct parcel *b);

/* Frees a whole list. */
void parcel_free_list(struct parcel *first);

static inline size_t pair_size(const struct store_pair *pair)
{
    return pair->key.len + pair->value.len + pair->metadata.len;
}

#endif
