#include "rehearsal.h"

#include "base/buf.h"
#include "preview.h"
#include "read.h"

struct walk {
    struct store *dry;
    size_t i;
    const struct dry_namespace *ns;
    struct buf key; /* that was pulled last */
    bool begun;
    struct rehearsal_counts *counts;
    rehearsal_fn fn;
    void *ctx;
};

static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct walk *w = ctx;
    bool end;
    struct bytes after = w->begun ? buf_bytes(&w->key) : bytes_make(NULL, 0);
    if (!dry_next(w->dry, w->i, after, &w->key, &end, err))
        return PULL_FAILED;
    w->begun = true;
    *key = end ? bytes_make(NULL, 0) : buf_bytes(&w->key);
    return end ? PULL_END : PULL_PAIR;
}

/* `before` with a value of data NULL: it is not there. */
static bool compare(struct walk *w, const struct store_pair *before, struct error *err)
{
    struct dry_key now;
    struct rehearsal_change c = {.key = before->key, .before = *before};
    bool there = before->value.data != NULL;
    if (!dry_look(w->dry, w->i, before->key, &now, err))
        return false;
    c.after = now.pair;
    if (now.gone && !there)
        return true;
    if (now.gone) {
        c.kind = REHEARSAL_DELETED;
        w->counts->deleted++;
    } else if (!there) {
        c.kind = REHEARSAL_NEW;
        w->counts->fresh++;
    } else {
        c.value = !bytes_equal(before->value, now.pair.value);
        c.metadata = !kv_metadata_same(before->metadata, now.pair.metadata);
        c.expiry = (before->expiration == 0) != (now.pair.expiration == 0);
        bool same = !c.value && !c.metadata && !c.expiry;
        c.kind = same ? REHEARSAL_SAME : REHEARSAL_CHANGED;
        w->counts->same += same;
        w->counts->changed += !same;
    }
    return w->fn(w->ctx, &c, err);
}

/* All of it is new. */
static bool walk_made(struct walk *w, struct error *err)
{
    struct bytes key;
    enum pull pulled;
    while ((pulled = pull_key(w, &key, err)) == PULL_PAIR)
        if (!compare(w, &(struct store_pair){.key = key}, err))
            return false;
    return pulled == PULL_END;
}

static bool walk_both(struct walk *w, struct store *below, unsigned jobs, struct error *err)
{
    struct read_options read = {
        .store = below, .account = w->ns->account, .id = w->ns->id, .values = true, .jobs = jobs};
    struct reader *reader = reader_open_keys(&read, pull_key, w);
    struct store_pair pair;
    bool end = false;
    while (reader_next(reader, &pair, &end, err) && !end)
        if (!compare(w, &pair, err)) {
            end = false;
            break;
        }
    reader_close(reader);
    return end;
}

bool rehearsal_walk(struct store *dry, size_t i, struct store *below, unsigned jobs,
                    struct rehearsal_counts *counts, rehearsal_fn fn, void *ctx, struct error *err)
{
    struct walk w = {
        .dry = dry, .i = i, .ns = dry_namespace_at(dry, i), .counts = counts, .fn = fn, .ctx = ctx};
    bool ok = w.ns->made ? walk_made(&w, err) : walk_both(&w, below, jobs, err);
    buf_release(&w.key);
    return ok;
}
