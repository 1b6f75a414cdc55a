/*
 * serial.h: the loop of stores that do one operation at a time. Private to store/.
 */
#ifndef CFKV_STORE_SERIAL_H
#define CFKV_STORE_SERIAL_H

#include "base/arena.h"
#include "store.h"

/* Does one operation that passed store_check, and fills the rest of `result` when it succeeds. */
typedef bool (*serial_do_fn)(struct store *s, const struct store_op *op,
                             struct store_result *result, struct error *err);

/* Every store of this kind begins with this. */
struct serial_store {
    struct store store;
    serial_do_fn do_op;
    struct arena scratch; /* what the current result points at; the owner releases it */
};

/* The `run` of their classes. */
bool serial_run(struct store *s, store_next_fn next, store_done_fn done, void *ctx,
                struct error *err);

#endif
