#include "remove.h"

#include "sender.h"

/* Keys as pairs without a value, numbered. */
struct keys {
    pull_key_fn pull;
    void *ctx;
    uint64_t n;
};

static enum pull pull_pair(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct keys *keys = ctx;
    *pair = (struct store_pair){0};
    *number = ++keys->n;
    return keys->pull(keys->ctx, &pair->key, err);
}

bool remove_stream(const struct remove_options *options, pull_key_fn pull, void *ctx,
                   struct error *err)
{
    struct put_options o = {.store = options->store,
                            .account = options->account,
                            .id = options->id,
                            .jobs = options->jobs,
                            .on_failed = options->on_failed,
                            .on_failed_ctx = options->on_failed_ctx,
                            .progress = options->progress,
                            .progress_ctx = options->progress_ctx,
                            .counts = options->counts};
    struct keys keys = {pull, ctx, 0};
    struct sender sender;
    sender_init(&sender, &o, STORE_BULK_DELETE);
    bool ok = sender_stream(&sender, pull_pair, &keys, err);
    sender_release(&sender);
    return ok;
}
