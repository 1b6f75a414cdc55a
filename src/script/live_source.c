/* A cfkv.source into a namespace: judged as a whole before the first pair is sent. */
#include <inttypes.h>

#include "base/clock.h"
#include "kv/save.h"
#include "live.h"
#include "model/validate.h"
#include "seed/seed.h"

#define PROBLEMS_MAX 20 /* of a source; the first is told, and how many there are */

/* The first problem, with its place. */
static bool tell_problems(const struct diag_list *diags, struct error *err)
{
    const struct diag *first = diags->items;
    while (first->severity != DIAG_ERROR)
        first++;
    error_set(err, ERR_INVALID, "%s", first->message);
    if (first->pos.line > 0)
        error_wrap(err, "%s:%d", first->pos.file, first->pos.line);
    else if (first->pos.file)
        error_wrap(err, "%s", first->pos.file);
    if (diags->errors > 1)
        return error_hint(err, "there %s %zu more problem%s; nothing was sent",
                          diags->errors == 2 ? "is" : "are", diags->errors - 1,
                          diags->errors == 2 ? "" : "s");
    return error_hint(err, "%s", first->hint ? first->hint : "nothing was sent");
}

static bool survey(struct live *live, struct seed_source *source, struct seed_survey *found,
                   struct error *err)
{
    struct diag_list diags = {0};
    bool ok = seed_survey(source, live->kv->now, PROBLEMS_MAX, &diags, found, err) &&
              (diags.errors == 0 || tell_problems(&diags, err));
    if (ok)
        live_warn(live, &diags);
    diag_release(&diags);
    return ok;
}

/* The second pass. */
struct pass {
    struct seed_reader *reader;
    const struct sender_options *options;
    struct diag_list diags;
    const struct seed_survey *survey;
    const char *path;
};

static bool is_same(const struct pass *pass, struct error *err)
{
    uint64_t size;
    struct digest digest;
    seed_content(pass->reader, &size, &digest);
    return digest_equal(&digest, &pass->survey->digest) ||
           error_set(err, ERR_FAILED, "'%s' changed while it was read", pass->path);
}

/* The next item, those that are late left out. */
static enum seed_status next_item(struct pass *pass, struct seed_item *item, struct error *err)
{
    for (;;) {
        struct error late;
        enum seed_status status = seed_next(pass->reader, item, &pass->diags, err);
        if (status != SEED_ITEM || !seed_key_is_late(&item->seed, clock_now(), &late))
            return status;
        error_wrap(&late, "item %" PRIu64, item->number);
        if (!pass->options->on_failed(pass->options->on_failed_ctx, item->seed.key, &late, err))
            return SEED_FAILED;
    }
}

static enum pull pull_pair(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct pass *pass = ctx;
    struct seed_item item;
    switch (next_item(pass, &item, err)) {
    case SEED_ITEM:
        *pair = (struct store_pair){.key = item.seed.key,
                                    .value = item.value,
                                    .metadata = item.seed.metadata,
                                    .expiration = item.seed.expiration,
                                    .expiration_ttl = item.seed.expiration_ttl,
                                    .no_ttl = item.seed.no_ttl};
        *number = item.number;
        return PULL_PAIR;
    case SEED_END:
        return is_same(pass, err) ? PULL_END : PULL_FAILED;
    case SEED_BAD: /* the first pass found it good */
        error_set(err, ERR_FAILED, "'%s' changed while it was read", pass->path);
        break;
    case SEED_FAILED:
        break;
    }
    return PULL_FAILED;
}

static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct store_pair pair;
    uint64_t number;
    enum pull pulled = pull_pair(ctx, &pair, &number, err);
    *key = pulled == PULL_PAIR ? pair.key : bytes_make(NULL, 0);
    return pulled;
}

static bool ignore_late(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    (void)ctx, (void)key, (void)cause, (void)err;
    return true;
}

/* A pass of its own, for the keys. */
static bool back_up(struct seed_source *source, const struct seed_survey *found,
                    struct live_wave *saving, struct error *err)
{
    struct kv_saving what = {.ns = saving->ns, .reason = "overwrite", .partial = true};
    const struct sender_options options = {.on_failed = ignore_late}; /* told when it is sent */
    struct kv_section saved = {0};
    struct pass pass = {.survey = found, .path = seed_source_path(source), .options = &options};
    saving->kv->backups.off = false;
    pass.reader = seed_source_read(source, err);
    bool ok = pass.reader && kv_save(saving->kv, &what, pull_key, &pass, &saved, err);
    seed_close(pass.reader);
    diag_release(&pass.diags);
    saving->backup = saved.path;
    return ok;
}

static bool send(struct seed_source *source, const struct seed_survey *found,
                 const struct sender_options *options, struct error *err)
{
    struct pass pass = {.survey = found, .path = seed_source_path(source), .options = options};
    pass.reader = seed_source_read(source, err);
    bool ok = pass.reader && sender_stream(options, pull_pair, &pass, err);
    seed_close(pass.reader);
    diag_release(&pass.diags);
    return ok;
}

bool live_put_source(struct live *live, const char *root, const struct source_handle *handle,
                     const struct sender_options *options, struct live_wave *saving,
                     struct error *err)
{
    struct arena arena = {0};
    struct seed_survey found;
    const char *path = path_join(&arena, root, handle->path);
    struct seed_source *source = seed_source_open(path, handle->format, err);
    bool ok = source && survey(live, source, &found, err) &&
              (!saving || back_up(source, &found, saving, err)) &&
              send(source, &found, options, err);
    seed_source_close(source);
    arena_release(&arena);
    return ok;
}
