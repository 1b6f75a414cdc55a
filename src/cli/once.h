/*
 * once.h: one operation on the target of a session.
 */
#ifndef CFKV_CLI_ONCE_H
#define CFKV_CLI_ONCE_H

#include "session.h"

/* Gets the result of an operation that succeeded; what it points at is good during the call. */
typedef bool (*once_fn)(void *ctx, const struct store_result *result, struct error *err);

/* Runs it, and fails as it failed. `on_ok` may be NULL. Needs an open target. */
bool once_run(struct session *s, const struct store_op *op, once_fn on_ok, void *ctx,
              struct error *err);

#endif
