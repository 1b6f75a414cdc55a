#include "fill.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

/* ---- What an interrupted run did ------------------------------------------------------------- */

struct resume *kv_resume(struct kv *kv, const struct kv_namespace *ns,
                         const struct kv_journal *journal, const struct digest *content,
                         struct bytes options, struct error *err)
{
    char text[80];
    struct digest work =
        resume_work(journal->command, bytes_of(kv->service), ns->account, ns->id, content, options);
    struct resume *r = resume_open(journal->root, &work, journal->command, journal->restart,
                                   kv->now, KV_RESUME_SECONDS, err);
    if (!r || !kv->tell)
        return r;
    if (resume_was_old(r))
        kv->tell(kv->tell_ctx, "what an earlier run did is older than a day: it is done anew");
    uint64_t n = resume_count(r);
    snprintf(text, sizeof text, "resumed: %" PRIu64 " key%s written by an earlier run", n,
             n == 1 ? " was" : "s were");
    if (n > 0)
        kv->tell(kv->tell_ctx, text);
    return r;
}

/* ---- Saving ---------------------------------------------------------------------------------- */

static enum pull pull_next(void *ctx, struct bytes *key, struct error *err)
{
    const struct kv_stream *keys = ctx;
    bool end;
    if (!keys->next(keys->ctx, key, &end, err))
        return PULL_FAILED;
    return end ? PULL_END : PULL_PAIR;
}

/* What an earlier run overwrote was saved by it. */
static bool save(struct kv_fill *f, const struct kv_source *source, struct resume *resume,
                 struct error *err)
{
    struct kv_saving what = {
        .ns = f->ns, .reason = "overwrite", .prefix = f->prefix, .partial = true};
    struct kv_stream keys;
    if (!source->pending(source->ctx, resume, &keys, err))
        return false;
    if (source->ordered)
        return kv_save_overwritten(f->kv, f->ns, f->prefix, &keys, &f->saved, err);
    return kv_save(f->kv, &what, pull_next, &keys, &f->saved, err);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static struct sender_options put_of(const struct kv_fill *f)
{
    return (struct sender_options){.store = f->kv->store,
                                   .account = f->ns->account,
                                   .id = f->ns->id,
                                   .jobs = f->kv->jobs,
                                   .on_failed = f->on_failed,
                                   .on_failed_ctx = f->told_ctx,
                                   .progress = f->progress,
                                   .progress_ctx = f->progress_ctx,
                                   .counts = f->written};
}

static struct kv_delete prune_of(const struct kv_fill *f, const struct kv_source *source)
{
    return (struct kv_delete){.ns = f->ns,
                              .doomed = {.prefix = f->prefix, .stays = source->all},
                              .reason = "prune",
                              .how = "pruned",
                              .source = source->name,
                              .on_failed = f->on_failed,
                              .on_failed_ctx = f->told_ctx,
                              .counts = f->pruned};
}

static bool go(struct kv_fill *f, const struct kv_source *source, const struct kv_fill_loss *loss,
               struct resume *resume, struct error *err)
{
    struct sender_options put = put_of(f);
    struct kv_delete prune = prune_of(f, source);
    if (loss->overwrites && !save(f, source, resume, err))
        return false;
    bool ok = source->write(source->ctx, f, &put, resume, err);
    f->written->skipped += f->present;
    if (!ok || f->written->failed > 0 || loss->pruned.keys == 0)
        return ok;
    return kv_delete_go(f->kv, &prune, &f->pruned_saved, err);
}

/* What may be lost, and whether whoever is asked wants that. `live`: keys that are there, or one of
 * them. */
static bool confirm(struct kv_fill *f, const struct kv_source *source, struct kv_fill_loss *loss,
                    uint64_t *live, struct error *err)
{
    struct kv_delete prune = prune_of(f, source);
    struct kv_preview preview = {0};
    bool look = f->preview && !f->if_missing && !f->created, ok = true;
    *live = 0;
    if (f->prune && !kv_delete_judge(f->kv, &prune, &loss->pruned, err))
        return false;
    if (look) {
        ok = kv_preview_make(&preview, f->kv, f->ns, f->prefix, source, live, err);
        loss->preview = &preview;
    } else if (!f->created)
        ok = kv_count(f->kv, f->ns, f->prefix, 1, live, err);
    loss->overwrites = *live > 0 && !f->if_missing;
    ok = ok && f->confirm(f->confirm_ctx, loss, err);
    loss->preview = NULL;
    kv_preview_release(&preview);
    return ok;
}

bool kv_fill(struct kv_fill *f, const struct kv_source *source, struct error *err)
{
    struct kv_fill_loss loss = {.wanted = source->wanted};
    struct kv_journal journal = f->journal;
    struct resume *resume = NULL;
    struct error ended;
    uint64_t live;
    if (!confirm(f, source, &loss, &live, err))
        return false;
    journal.restart = journal.restart || live == 0;
    if (!f->if_missing) {
        resume = kv_resume(f->kv, f->ns, &journal, &source->content, f->prefix, err);
        if (!resume)
            return false;
        f->resumed = resume_count(resume);
    }
    bool ok = go(f, source, &loss, resume, err);
    bool complete = ok && f->written->failed + f->pruned->failed == 0;
    return (!resume || resume_end(resume, complete, ok ? err : &ended)) && ok;
}
