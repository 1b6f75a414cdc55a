#include "run.h"

#include "store/queue.h"

struct one {
    kv_ok_fn on_ok;
    void *ctx;
};

static bool answered(void *ctx, struct queue *q, const struct store_op *op,
                     const struct store_result *result, struct error *err)
{
    struct one *one = ctx;
    (void)q;
    (void)op;
    if (result->ok)
        return !one->on_ok || one->on_ok(one->ctx, result, err);
    *err = result->error;
    return false;
}

bool kv_run(struct store *store, const struct store_op *op, kv_ok_fn on_ok, void *ctx,
            struct error *err)
{
    struct one one = {on_ok, ctx};
    struct queue q = {0};
    queue_push(&q, op, answered, &one);
    bool ok = queue_run(&q, store, err);
    queue_release(&q);
    return ok;
}
