/*
 * counts.h: what moving many keys has in common: counts, and who is told of them.
 */
#ifndef CFKV_KV_COUNTS_H
#define CFKV_KV_COUNTS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

struct kv_counts {
    uint64_t total;   /* keys there are to do; 0: not known */
    uint64_t keys;    /* done by this run */
    uint64_t bytes;   /* of their keys and values */
    uint64_t skipped; /* done by an earlier run, or not to be done (there already, expired) */
    uint64_t failed;
    uint64_t requests; /* operations that were answered; a batch is one */
};

/* Called after each answer. Must be quick: work waits for it. */
typedef void (*kv_progress_fn)(void *ctx, const struct kv_counts *counts);

/* Gets a key that was not written (or deleted), and why; the cause does not name it. */
typedef bool (*kv_failed_fn)(void *ctx, struct bytes key, const struct error *cause,
                             struct error *err);

#endif
