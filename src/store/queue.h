/*
 * queue.h: operations with their continuations, fed to a store.
 *
 * Work on a store is a graph: a listing asks for its next page, a create is followed by puts. A
 * queue holds the operations that may start now; when one is done its continuation runs and may
 * push more. When the queue is empty `refill`, if set, may produce more (streams make a batch only
 * when there is a slot for it, so memory stays bounded).
 */
#ifndef CFKV_STORE_QUEUE_H
#define CFKV_STORE_QUEUE_H

#include "store.h"

struct queue;

/* Runs when `op` is done. false (with err) ends the run: nothing more is started, what is in
 * flight is still waited for and its continuations run. */
typedef bool (*queue_done_fn)(void *ctx, struct queue *q, const struct store_op *op,
                              const struct store_result *result, struct error *err);

/* Pushes what may start next; pushing nothing means that there is nothing (for now, while
 * operations are in flight). */
typedef bool (*queue_refill_fn)(void *ctx, struct queue *q, struct error *err);

struct queue_entry;

struct queue {
    struct queue_entry *first, *last; /* ready, in order */
    struct queue_entry *flying;
    size_t in_flight;
    uint64_t sent; /* operations handed to a store since the start */
    queue_refill_fn refill;
    void *refill_ctx;
    struct error err;
    bool failed;
};

/* Adds one operation; `op` is copied, what it points at is borrowed until its continuation. */
void queue_push(struct queue *q, const struct store_op *op, queue_done_fn done, void *ctx);

/* Runs until nothing is left. false with the first error a continuation gave, or the store's. */
bool queue_run(struct queue *q, struct store *store, struct error *err);

/* Frees what was pushed and never run. */
void queue_release(struct queue *q);

#endif
