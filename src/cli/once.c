#include "once.h"

#include "store/queue.h"

struct once {
    once_fn on_ok;
    void *ctx;
};

static bool answered(void *ctx, struct queue *q, const struct store_op *op,
                     const struct store_result *result, struct error *err)
{
    struct once *once = ctx;
    (void)q;
    (void)op;
    if (result->ok)
        return !once->on_ok || once->on_ok(once->ctx, result, err);
    *err = result->error;
    return false;
}

bool once_run(struct session *s, const struct store_op *op, once_fn on_ok, void *ctx,
              struct error *err)
{
    struct once once = {on_ok, ctx};
    struct queue q = {0};
    bool ok = queue_push(&q, op, answered, &once, err) && queue_run(&q, s->target.store, err);
    queue_release(&q);
    return ok;
}
