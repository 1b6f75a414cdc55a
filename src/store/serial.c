#include "serial.h"

#include "check.h"

static bool interrupted(const struct store *s)
{
    return s->interrupted && *s->interrupted != 0;
}

static bool serial_step(struct store *s, serial_do_fn do_op, const struct store_op *op,
                        store_done_fn done, void *ctx, struct error *err)
{
    struct store_result result = {0};
    result.ok = store_check(op, &result.error) && do_op(s, op, &result, &result.error);
    bool over = !result.ok && result.error.code == ERR_INTERRUPTED;
    if (over)
        *err = result.error;
    done(ctx, op, &result);
    return !over;
}

bool serial_run(struct store *s, serial_do_fn do_op, serial_reset_fn reset, store_next_fn next,
                store_done_fn done, void *ctx, struct error *err)
{
    while (!interrupted(s)) {
        struct store_op op = {0};
        enum store_next answer = next(ctx, &op);
        if (answer == NEXT_END)
            return true;
        if (answer != NEXT_OP)
            return error_set(err, ERR_FAILED,
                             "the %s store was told to wait while nothing is in flight",
                             s->cls->target);
        bool ok = serial_step(s, do_op, &op, done, ctx, err);
        reset(s);
        if (!ok)
            return false;
    }
    return error_set(err, ERR_INTERRUPTED, "interrupted");
}
