/*
 * dry.h: a store in front of another one, in which everything can be written and nothing is.
 *
 * What is written stays here, and every read sees it over what is in the other store; so who works
 * on it goes the way that it would go. Expiry, taken titles and the limits of the service are as
 * they would be. What is kept lies in a private temporary file when it is much, and is gone when
 * the store is closed or its process ends.
 */
#ifndef CFKV_STORE_DRY_H
#define CFKV_STORE_DRY_H

#include "base/buf.h"
#include "store.h"

/* `below` stays the caller's, and must outlive it. NULL with err. */
struct store *dry_open(struct store *below, struct error *err);

/* What was made of a namespace. Texts are good until it is changed again. */
struct dry_namespace {
    struct bytes account, id;
    struct bytes title; /* as it would be; data NULL: nobody asked */
    struct bytes was;   /* the title it has, when it would get another one; else data NULL */
    bool made, gone;    /* both: it would not be there before and after */
    bool replaced;      /* it is made in the place of one that is there, and would be deleted */
    uint64_t writes, deletes; /* keys that were put and deleted, each time counted */
};

/* In the order in which they were met first; NULL behind the last. */
const struct dry_namespace *dry_namespace_at(const struct store *dry, size_t i);

/* A key that was put or deleted, as it would be. */
struct dry_key {
    struct store_pair pair; /* expiration, not ttl */
    bool gone;
};

/* The next key behind `after` (data NULL: the first) that was put or deleted in namespace `i`;
 * `key` gets a copy, and may be what holds `after`. false with err. */
bool dry_next(struct store *dry, size_t i, struct bytes after, struct buf *key, bool *end,
              struct error *err);

/* What became of such a key; good until the next call. */
bool dry_look(struct store *dry, size_t i, struct bytes key, struct dry_key *out,
              struct error *err);

#endif
