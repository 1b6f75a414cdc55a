#include "copy.h"

#include "batch.h"
#include "fill.h"
#include "base/buf.h"
#include "model/fingerprint.h"
#include "read.h"

/*
 * Reading and writing take turns: a wave of pairs is read, then written, then marked. A wave makes
 * at most as many batches as may be in flight, so that a kill costs no more than these.
 */
struct copy_wave {
    unsigned batches;
    size_t bytes;
    size_t open_n, open_bytes; /* of its last batch */
};

struct copying {
    const struct copy_options *o;
    struct copy_report *report;
    struct reader *from;
    struct reader *there; /* if_missing: keys of the destination */
    struct store_pair next_there;
    bool there_end;
    struct sender *put;
    struct copy_wave wave;
    uint64_t number;
    struct buf last;    /* key that was added last */
    struct buf scratch; /* metadata without the fingerprint */
};

/* ---- Waves ----------------------------------------------------------------------------------- */

/* As sender.h makes them. */
static bool starts_batch(const struct copy_wave *w, const struct store_pair *pair)
{
    return w->batches == 0 || batch_is_full(w->open_n, w->open_bytes, pair_content(pair));
}

static bool has_room(const struct copying *c, const struct store_pair *pair)
{
    const struct copy_wave *w = &c->wave;
    unsigned jobs = c->o->put.jobs ? c->o->put.jobs : STORE_JOBS;
    return w->batches == 0 || (w->batches + starts_batch(w, pair) <= jobs &&
                               w->bytes + pair_size(pair) <= SENDER_FLIGHT_BYTES);
}

static void note_pair(struct copy_wave *w, const struct store_pair *pair)
{
    if (starts_batch(w, pair)) {
        w->batches++;
        w->open_n = w->open_bytes = 0;
    }
    w->open_n++;
    w->open_bytes += pair_content(pair);
    w->bytes += pair_size(pair);
}

/* Nothing behind a key that failed is marked: the next run takes it up again. */
static bool mark(struct copying *c, struct error *err)
{
    const struct kv_counts *counts = c->o->put.counts;
    if (!c->o->resume || c->last.len == 0 || counts->failed > 0)
        return true;
    return resume_set_mark(c->o->resume, buf_bytes(&c->last),
                           resume_count(c->o->resume) + counts->keys, err);
}

static bool end_wave(struct copying *c, struct error *err)
{
    struct sender *put = c->put;
    c->put = NULL;
    c->wave = (struct copy_wave){0};
    return !put || (sender_close(put, err) && mark(c, err));
}

static bool add(struct copying *c, const struct store_pair *pair, struct error *err)
{
    if (!has_room(c, pair) && !end_wave(c, err))
        return false;
    if (!c->put)
        c->put = sender_open(&c->o->put);
    note_pair(&c->wave, pair);
    buf_clear(&c->last);
    buf_add_bytes(&c->last, pair->key);
    return sender_add(c->put, pair, ++c->number, err);
}

/* ---- What is there --------------------------------------------------------------------------- */

static bool look_ahead(struct copying *c, struct error *err)
{
    return c->there_end || reader_next(c->there, &c->next_there, &c->there_end, err);
}

static bool is_there(struct copying *c, struct bytes key, bool *answer, struct error *err)
{
    *answer = false;
    if (!c->there)
        return true;
    while (!c->there_end && bytes_compare(c->next_there.key, key) < 0)
        if (!look_ahead(c, err))
            return false;
    *answer = !c->there_end && bytes_equal(c->next_there.key, key);
    return true;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static bool copy_pair(struct copying *c, struct store_pair *pair, struct error *err)
{
    bool there;
    if (restore_expires(pair->expiration, store_now(c->o->put.store))) {
        c->report->expired++;
        return !c->o->on_expired || c->o->on_expired(c->o->on_expired_ctx, pair->key, err);
    }
    if (!is_there(c, pair->key, &there, err))
        return false;
    c->report->present += there;
    if (there)
        return true;
    pair->metadata = fingerprint_strip(pair->metadata, &c->scratch);
    return add(c, pair, err);
}

static bool copy_all(struct copying *c, struct error *err)
{
    struct store_pair pair;
    bool end;
    if (c->there && !look_ahead(c, err))
        return false;
    while (reader_next(c->from, &pair, &end, err)) {
        if (end)
            return end_wave(c, err);
        if (!copy_pair(c, &pair, err))
            return false;
    }
    return false;
}

static void open_readers(struct copying *c)
{
    const struct copy_options *o = c->o;
    struct read_options from = {.store = o->from.store,
                                .account = o->from.account,
                                .id = o->from.id,
                                .prefix = o->prefix,
                                .values = true,
                                .jobs = o->put.jobs};
    struct read_options there = {.store = o->put.store,
                                 .account = o->put.account,
                                 .id = o->put.id,
                                 .prefix = o->prefix,
                                 .jobs = o->put.jobs};
    if (o->resume)
        from.after = resume_mark(o->resume);
    c->from = reader_open(&from);
    if (o->if_missing)
        c->there = reader_open(&there);
}

bool copy_keys(const struct copy_options *o, struct copy_report *report, struct error *err)
{
    struct copying c = {.o = o, .report = report};
    *report = (struct copy_report){0};
    open_readers(&c);
    bool ok = copy_all(&c, err);
    sender_abandon(c.put);
    reader_close(c.from);
    reader_close(c.there);
    buf_release(&c.last);
    buf_release(&c.scratch);
    return ok;
}

/* ---- Into a namespace ------------------------------------------------------------------------ */

/* The keys of the source, opened at each pass. */
struct source_keys {
    struct copy_options o;
    struct bytes after; /* the first ones were copied by an earlier run */
    struct reader *reader;
};

static bool open_names(void *ctx, struct error *err)
{
    struct source_keys *n = ctx;
    (void)err;
    struct read_options read = {.store = n->o.from.store,
                                .account = n->o.from.account,
                                .id = n->o.from.id,
                                .prefix = n->o.prefix,
                                .after = n->after,
                                .jobs = n->o.put.jobs};
    reader_close(n->reader);
    n->reader = reader_open(&read);
    return true;
}

static bool next_name(void *ctx, struct bytes *key, bool *end, struct error *err)
{
    struct source_keys *n = ctx;
    struct store_pair pair = {0};
    bool ok = reader_next(n->reader, &pair, end, err);
    *key = pair.key;
    return ok;
}

static bool pending_names(void *ctx, struct resume *resume, struct kv_stream *keys,
                          struct error *err)
{
    struct source_keys *n = ctx;
    (void)err;
    *keys = (struct kv_stream){.next = next_name, .rewind = open_names, .ctx = n};
    if (resume)
        n->after = resume_mark(resume);
    return true;
}

struct fetching {
    const struct bytes *keys;
    size_t n, at;
};

static enum pull pull_fetched(void *ctx, struct bytes *key, struct error *err)
{
    struct fetching *f = ctx;
    (void)err;
    if (f->at == f->n)
        return PULL_END;
    *key = f->keys[f->at++];
    return PULL_PAIR;
}

static bool fetch_copies(void *ctx, const struct bytes *keys, size_t n, kv_pair_fn fn, void *fn_ctx,
                         uint64_t *requests, struct error *err)
{
    struct source_keys *names = ctx;
    struct read_options read = {.store = names->o.from.store,
                                .account = names->o.from.account,
                                .id = names->o.from.id,
                                .jobs = names->o.put.jobs};
    struct fetching f = {keys, n, 0};
    struct reader *from = reader_open_keys(&read, pull_fetched, &f);
    struct store_pair pair;
    bool end = false, ok = true;
    while (ok && !end) {
        ok = reader_next(from, &pair, &end, err);
        if (ok && !end && pair.value.data &&
            !restore_expires(pair.expiration, store_now(names->o.put.store)))
            ok = fn(fn_ctx, &pair, err);
    }
    *requests += reader_requests(names->reader) + reader_requests(from);
    reader_close(from);
    return ok;
}

/* Pruning goes by all of the source again. */
static bool write_copies(void *ctx, struct kv_fill *f, const struct sender_options *put,
                         struct resume *resume, struct error *err)
{
    struct source_keys *n = ctx;
    struct copy_report report;
    n->after = bytes_make(NULL, 0);
    n->o.put = *put;
    n->o.resume = resume;
    f->written->skipped = f->resumed;
    bool ok = copy_keys(&n->o, &report, err);
    f->present = report.present;
    return ok;
}

bool kv_copy(struct kv_fill *f, struct kv *from, const struct kv_namespace *source,
             struct error *err)
{
    struct source_keys n = {
        .o = {.from = {.store = from->store, .account = source->account, .id = source->id},
              .prefix = f->prefix,
              .if_missing = f->if_missing,
              .on_expired = f->on_expired,
              .on_expired_ctx = f->told_ctx}};
    struct kv_source names = {.name = "the source",
                              .ordered = true,
                              .listed = true,
                              .all = {.next = next_name, .rewind = open_names, .ctx = &n},
                              .pending = pending_names,
                              .fetch = fetch_copies,
                              .write = write_copies,
                              .ctx = &n};
    struct hash content;
    hash_init(&content);
    hash_add_field(&content, bytes_of(from->service));
    hash_add_field(&content, source->account);
    hash_add_field(&content, source->id);
    names.content = hash_end(&content);
    n.o.put.store = f->kv->store;
    n.o.put.jobs = from->jobs;
    bool ok = kv_fill(f, &names, err);
    reader_close(n.reader);
    return ok;
}
