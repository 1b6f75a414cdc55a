/*
 * step.h: one operation of the store within a request. Private to serve/.
 */
#ifndef CFKV_SERVE_STEP_H
#define CFKV_SERVE_STEP_H

#include "server.h"

/* Gets the result of an operation that succeeded; what it points at is good only during the call.
 */
typedef void (*step_fn)(struct call *c, const struct store_result *result, void *ctx);

/* Runs `op` on the request's account. A failure is replied as the service words it, unless a reply
 * was decided on already. `on_result` may be NULL. */
bool step_run(struct call *c, const struct store_op *op, step_fn on_result, void *ctx);

/* Counts for the metrics. */
void step_count(struct call *c, enum usage_action action, size_t n);

#endif
