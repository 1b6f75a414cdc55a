/*
 * batch.h: when a bulk put is full: the one rule, for who sends and for who forecasts.
 *
 * Cloudflare allows 100 MB; small bodies are retried cheaply. A size is that of key and value:
 * metadata (at most 1024 bytes a pair) is not counted, so that a plan knows sizes before it has
 * made any.
 */
#ifndef CFKV_KV_BATCH_H
#define CFKV_KV_BATCH_H

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

#endif
