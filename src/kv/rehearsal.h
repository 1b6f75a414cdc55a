/*
 * rehearsal.h: what a dry run (store/dry.h) came to, compared with what is there: by key, in byte
 * order, in bounded memory.
 */
#ifndef CFKV_KV_REHEARSAL_H
#define CFKV_KV_REHEARSAL_H

#include "store/dry.h"
#include "store/store.h"

enum rehearsal_kind {
    REHEARSAL_NEW,
    REHEARSAL_CHANGED,
    REHEARSAL_SAME, /* it would be written as it is; an expiry may move */
    REHEARSAL_DELETED
};

/* Good during the call. A key that is deleted and was not there is no change. */
struct rehearsal_change {
    enum rehearsal_kind kind;
    bool value, metadata, expiry; /* what of it would change */
    struct bytes key;
    struct store_pair before, after; /* as far as there are */
};

struct rehearsal_counts {
    uint64_t fresh, changed, same, deleted;
};

typedef bool (*rehearsal_fn)(void *ctx, const struct rehearsal_change *change, struct error *err);

/* Gives all that became of the keys of the dry store's i-th namespace, and counts them. Reads what
 * is there from `below`. `jobs` as of read.h. */
bool rehearsal_walk(struct store *dry, size_t i, struct store *below, unsigned jobs,
                    struct rehearsal_counts *counts, rehearsal_fn fn, void *ctx, struct error *err);

#endif
