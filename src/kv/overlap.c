#include "overlap.h"

#include "base/mem.h"

/* The keys of the stream, one ahead. */
struct ahead {
    const struct kv_stream *stream;
    struct bytes key;
    bool end;
    uint64_t n;
};

static bool go_on(struct ahead *a, struct error *err)
{
    if (a->end)
        return true;
    if (!a->stream->next(a->stream->ctx, &a->key, &a->end, err))
        return false;
    a->n += !a->end;
    return true;
}

static bool streams(struct ahead *a, struct bytes key, bool *answer, struct error *err)
{
    while (!a->end && bytes_compare(a->key, key) < 0)
        if (!go_on(a, err))
            return false;
    *answer = !a->end && bytes_equal(a->key, key);
    return true;
}

static bool walk(const struct overlap *o, struct reader *live, overlap_fn fn, void *ctx,
                 struct overlap_seen *seen, struct error *err)
{
    struct ahead ahead = {.stream = &o->stream, .end = o->stream.next == NULL};
    struct store_pair pair;
    bool end = false, both = false;
    if (!go_on(&ahead, err))
        return false;
    while (reader_next(live, &pair, &end, err) && !end) {
        seen->live++;
        if (!streams(&ahead, pair.key, &both, err) ||
            (both == o->shared && !fn(ctx, pair.key, err)))
            return false;
    }
    seen->streamed = ahead.n;
    return end;
}

bool overlap_walk(const struct overlap *o, overlap_fn fn, void *ctx, struct overlap_seen *seen,
                  struct error *err)
{
    struct read_options read = {.store = o->kv->store,
                                .account = o->ns->account,
                                .id = o->ns->id,
                                .prefix = o->prefix,
                                .jobs = o->kv->jobs};
    *seen = (struct overlap_seen){0};
    if (o->stream.rewind && !o->stream.rewind(o->stream.ctx, err))
        return false;
    struct reader *live = reader_open(&read);
    bool ok = walk(o, live, fn, ctx, seen, err);
    reader_close(live);
    return ok;
}

/* ---- Waves ----------------------------------------------------------------------------------- */

/* Listing and working on what was listed take turns, for a store does not do one within the other.
 */
struct overlap_wave {
    overlap_wave_fn fn;
    void *ctx;
    struct arena arena;
    struct bytes *keys;
    size_t n, at;
};

static enum pull pull_wave(void *ctx, struct bytes *key, struct error *err)
{
    struct overlap_wave *w = ctx;
    (void)err;
    if (w->at == w->n)
        return PULL_END;
    *key = w->keys[w->at++];
    return PULL_PAIR;
}

static bool end_wave(struct overlap_wave *w, struct error *err)
{
    w->at = 0;
    bool ok = w->n == 0 || w->fn(w->ctx, pull_wave, w, err);
    w->n = 0;
    arena_reset(&w->arena);
    return ok;
}

static bool add_to_wave(void *ctx, struct bytes key, struct error *err)
{
    struct overlap_wave *w = ctx;
    w->keys[w->n++] = arena_copy(&w->arena, key);
    return w->n < STORE_BULK_MAX || end_wave(w, err);
}

bool overlap_waves(const struct overlap *o, overlap_wave_fn fn, void *ctx, struct error *err)
{
    struct overlap_wave w = {
        .fn = fn, .ctx = ctx, .keys = mem_zalloc(STORE_BULK_MAX, sizeof *w.keys)};
    struct overlap_seen seen;
    bool ok = overlap_walk(o, add_to_wave, &w, &seen, err) && end_wave(&w, err);
    mem_free(w.keys);
    arena_release(&w.arena);
    return ok;
}
