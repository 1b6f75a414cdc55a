/*
 * remove.h: any number of keys out of a namespace, in bounded memory. The counterpart of put.h:
 * batches of STORE_BULK_MAX keys, several in flight. Deleting a key that is not there succeeds.
 */
#ifndef CFKV_KV_REMOVE_H
#define CFKV_KV_REMOVE_H

#include "read.h"

struct remove_options {
    struct store *store;
    struct bytes account, id;
    unsigned jobs; /* batches in flight; 0: STORE_JOBS */
    put_failed_fn on_failed;
    void *on_failed_ctx;
    kv_progress_fn progress;
    void *progress_ctx;
    struct kv_counts *counts;
};

/* As put_stream. */
bool remove_stream(const struct remove_options *options, pull_key_fn pull, void *ctx,
                   struct error *err);

#endif
