#include "step.h"

#include "base/clock.h"

struct step {
    struct call *call;
    const struct store_op *op;
    step_fn on_result;
    void *ctx;
    bool given, ok;
};

static enum store_next next(void *ctx, struct store_op *op)
{
    struct step *step = ctx;
    if (step->given)
        return NEXT_END;
    step->given = true;
    *op = *step->op;
    op->account = step->call->account;
    return NEXT_OP;
}

static bool fail(struct call *c, const struct error *err)
{
    if (c->reply->status != 0)
        return false;
    switch (err->code) {
    case ERR_NOT_FOUND:
        return reply_fail(c->reply, CODE_NAMESPACE_NOT_FOUND, "%s: '%s'", c->op,
                          code_text(CODE_NAMESPACE_NOT_FOUND));
    case ERR_EXISTS:
        return reply_fail(c->reply, CODE_TITLE_TAKEN, "%s: '%s'", c->op,
                          code_text(CODE_TITLE_TAKEN));
    case ERR_LIMIT:
        return reply_fail(c->reply, CODE_BODY, "%s: '%s'", c->op, err->message);
    default:
        return reply_fail(c->reply, CODE_UNAVAILABLE, "%s: '%s'", c->op, err->message);
    }
}

static void done(void *ctx, const struct store_op *op, const struct store_result *result)
{
    struct step *step = ctx;
    (void)op;
    step->ok = result->ok || fail(step->call, &result->error);
    if (step->ok && step->on_result)
        step->on_result(step->call, result, step->ctx);
}

bool step_run(struct call *c, const struct store_op *op, step_fn on_result, void *ctx)
{
    struct error err;
    struct step step = {.call = c, .op = op, .on_result = on_result, .ctx = ctx};
    if (!store_run(c->server->store, next, done, &step, &err))
        return fail(c, &err);
    return step.ok;
}

void step_count(struct call *c, enum usage_action action, size_t n)
{
    usage_add(&c->server->usage, c->account, c->route.id, action, n, clock_now());
}
