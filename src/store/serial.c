#include "serial.h"

#include "check.h"

bool serial_run(struct store *s, store_next_fn next, store_done_fn done, void *ctx,
                struct error *err)
{
    struct serial_store *serial = (struct serial_store *)s; /* store is its first member */
    while (!s->interrupted || *s->interrupted == 0) {
        struct store_op op = {0};
        struct store_result result = {0};
        enum store_next answer = next(ctx, &op);
        if (answer == NEXT_END)
            return true;
        if (answer != NEXT_OP)
            return error_set(err, ERR_FAILED,
                             "the %s store was told to wait while nothing is in flight",
                             s->cls->target);
        result.ok =
            store_check(&op, &result.error) && serial->do_op(s, &op, &result, &result.error);
        bool over = !result.ok && result.error.code == ERR_INTERRUPTED;
        if (over)
            *err = result.error;
        done(ctx, &op, &result);
        arena_reset(&serial->scratch);
        if (over)
            return false;
    }
    return error_set(err, ERR_INTERRUPTED, "interrupted");
}
