#include "put.h"

#include "base/mem.h"
#include "sender.h"

struct put {
    struct sender sender;
};

struct put *put_begin(const struct put_options *options, struct error *err)
{
    struct put *p = mem_alloc(sizeof *p);
    if (!p) {
        error_nomem(err);
        return NULL;
    }
    sender_init(&p->sender, options, STORE_BULK_PUT);
    return p;
}

bool put_stream(struct put *p, pull_pair_fn pull, void *ctx, struct error *err)
{
    return sender_stream(&p->sender, pull, ctx, err);
}

bool put_add(struct put *p, const struct store_pair *pair, uint64_t number, struct error *err)
{
    return sender_add(&p->sender, pair, number, err);
}

bool put_end(struct put *p, struct error *err)
{
    bool ok = sender_flush(&p->sender, err);
    put_abandon(p);
    return ok;
}

void put_abandon(struct put *p)
{
    if (p)
        sender_release(&p->sender);
    mem_free(p);
}
