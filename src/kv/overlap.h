/*
 * overlap.h: the live keys of a namespace beside a stream of other keys (of a backup, of another
 * namespace): which are in both, and which are live alone. Both come in byte order, so memory does
 * not grow with them.
 */
#ifndef CFKV_KV_OVERLAP_H
#define CFKV_KV_OVERLAP_H

#include "find.h"
#include "read.h"

/* Keys in byte order. */
struct kv_stream {
    /* Gives the next key (good until the next call). May use a store. NULL: there is none. */
    bool (*next)(void *ctx, struct bytes *key, bool *end, struct error *err);
    /* From the start again: called before each pass. NULL: it needs nothing. */
    bool (*rewind)(void *ctx, struct error *err);
    void *ctx;
};

struct overlap {
    struct kv *kv;
    const struct kv_namespace *ns;
    struct bytes prefix; /* live keys that do not begin with it are not looked at */
    struct kv_stream stream;
    bool shared; /* those in both are wanted; else those that are live alone */
};

/* What a walk saw. */
struct overlap_seen {
    uint64_t live, streamed;
};

/* Gets each wanted key; must not use a store. */
typedef bool (*overlap_fn)(void *ctx, struct bytes key, struct error *err);

bool overlap_walk(const struct overlap *o, overlap_fn fn, void *ctx, struct overlap_seen *seen,
                  struct error *err);

/* Gets up to STORE_BULK_MAX wanted keys at a time, through `pull`; may use the store. */
typedef bool (*overlap_wave_fn)(void *ctx, pull_key_fn pull, void *wave, struct error *err);

bool overlap_waves(const struct overlap *o, overlap_wave_fn fn, void *ctx, struct error *err);

#endif
