/*
 * sender.h: batches of one namespace on their way into a store. Private to kv/: put.c and
 * remove.c are made of it.
 *
 * Pairs are added to the open batch; a full one becomes ready; what is ready is sent while there is
 * room for it. Deletes use the keys of the pairs.
 */
#ifndef CFKV_KV_SENDER_H
#define CFKV_KV_SENDER_H

#include "parcel.h"
#include "put.h"
#include "store/queue.h"

struct sender {
    struct put_options o;
    enum store_op_kind kind;   /* STORE_BULK_PUT or STORE_BULK_DELETE */
    struct parcel *open;       /* being filled */
    struct parcel *ready;      /* full, the oldest first */
    struct parcel **ready_end; /* where the next one is linked */
    struct parcel *spare;      /* empty */
    size_t n_ready, ready_bytes;
    size_t flying, flying_bytes;
    bool broken;                 /* sending failed, and nothing more is sent */
    struct kv_counts own_counts; /* when the caller wants none */

    /* put_stream: where pairs come from. */
    pull_pair_fn pull;
    void *pull_ctx;
    bool ended;             /* it has no more */
    bool held;              /* a pair was pulled that does not fit yet: */
    struct store_pair pair; /* it, borrowed from the source until the next pull */
    uint64_t number;
};

void sender_init(struct sender *s, const struct put_options *options, enum store_op_kind kind);
void sender_release(struct sender *s);

/* Sends all that `pull` gives, and what was added before. */
bool sender_stream(struct sender *s, pull_pair_fn pull, void *ctx, struct error *err);

/* Copies a pair, and sends what is ready when that is enough to keep the store busy. */
bool sender_add(struct sender *s, const struct store_pair *pair, uint64_t number,
                struct error *err);

/* Sends what is left, unless sending failed before: then nothing, and it is true. */
bool sender_flush(struct sender *s, struct error *err);

#endif
