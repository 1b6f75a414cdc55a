/*
 * serial.h: the loop of stores that do one operation at a time. Private to store/.
 */
#ifndef CFKV_STORE_SERIAL_H
#define CFKV_STORE_SERIAL_H

#include "store.h"

/* Does one operation that passed store_check, and fills the rest of `result` when it succeeds. */
typedef bool (*serial_do_fn)(struct store *s, const struct store_op *op,
                             struct store_result *result, struct error *err);

/* Lets go of what the last result pointed at. */
typedef void (*serial_reset_fn)(struct store *s);

/* store_run by way of these two. Memory running out ends the run, once it was reported. */
bool serial_run(struct store *s, serial_do_fn do_op, serial_reset_fn reset, store_next_fn next,
                store_done_fn done, void *ctx, struct error *err);

#endif
