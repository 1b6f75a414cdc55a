/*
 * run.h: one operation on a store.
 */
#ifndef CFKV_KV_RUN_H
#define CFKV_KV_RUN_H

#include "store/store.h"

/* Gets the result of an operation that succeeded; what it points at is good during the call. */
typedef bool (*kv_ok_fn)(void *ctx, const struct store_result *result, struct error *err);

/* Runs it, and fails as it failed. `on_ok` may be NULL. */
bool kv_run(struct store *store, const struct store_op *op, kv_ok_fn on_ok, void *ctx,
            struct error *err);

#endif
