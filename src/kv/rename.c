#include "rename.h"

#include "base/mem.h"
#include "base/text.h"
#include "model/fingerprint.h"
#include "model/validate.h"
#include "seed/key_spool.h"

/* Pairs are read, compared with what is there, written and noted in waves of so many. */
#define WAVE_KEYS STORE_BULK_MAX

struct item {
    struct bytes old_name;
    struct store_pair pair; /* under the new name */
    bool there;             /* something has that name, */
    bool same;              /* and it is this */
};

struct renamer {
    struct kv *kv;
    struct kv_rename *r;
    bool nested; /* the new prefix begins with the old one */
    struct key_spool *todo,
        *done; /* old names: those there are, and those whose copies are there */
    struct buf name, scratch;

    struct reader *from;
    struct reader *there; /* the keys under the new prefix; NULL for a single one */
    struct store_pair next_there;
    bool there_end;

    struct arena arena; /* of the wave */
    struct item items[WAVE_KEYS];
    size_t n, at, bytes;
};

/* ---- Names ----------------------------------------------------------------------------------- */

static struct bytes behind(struct bytes key, struct bytes prefix)
{
    return bytes_make(key.data + prefix.len, key.len - prefix.len);
}

/* The name that takes the place of a name: good until the next call. */
static struct bytes exchanged(struct renamer *c, struct bytes key, struct bytes from,
                              struct bytes to)
{
    buf_clear(&c->name);
    buf_add_bytes(&c->name, to);
    if (!c->r->single)
        buf_add_bytes(&c->name, behind(key, from));
    return buf_bytes(&c->name);
}

static struct bytes new_name(struct renamer *c, struct bytes key)
{
    return exchanged(c, key, c->r->from, c->r->to);
}

static struct bytes old_name(struct renamer *c, struct bytes key)
{
    return exchanged(c, key, c->r->to, c->r->from);
}

/* Is it renamed already? */
static bool is_settled(const struct renamer *c, struct bytes key)
{
    return c->nested && bytes_starts_with(key, c->r->to);
}

static bool check_name(struct renamer *c, struct bytes key, struct error *err)
{
    char old[QUOTED_SIZE], new[QUOTED_SIZE];
    struct bytes name = new_name(c, key);
    bool stays = !c->r->single && !c->nested && bytes_starts_with(name, c->r->from);
    text_quoted(key, old, sizeof old);
    if (stays) {
        error_set(err, ERR_FAILED, "key %s would become %s, which is still under the old prefix",
                  old, text_quoted(name, new, sizeof new));
        return error_hint(err,
                          "the next run would rename it again: first move what is below it out "
                          "of the way, by its longer prefix");
    }
    return seed_name_judge(name, "", err) || error_wrap(err, "key %s cannot be renamed", old);
}

static bool check_words(struct renamer *c, struct error *err)
{
    char name[QUOTED_SIZE];
    const struct kv_rename *r = c->r;
    if (bytes_equal(r->from, r->to))
        return error_set(err, ERR_USAGE, "both names are %s",
                         text_quoted(r->from, name, sizeof name));
    c->nested = !r->single && bytes_starts_with(r->to, r->from);
    return !r->single || seed_name_judge(r->from, "", err);
}

/* ---- Which keys there are -------------------------------------------------------------------- */

static struct read_options read_of(const struct renamer *c)
{
    return (struct read_options){.store = c->kv->store,
                                 .account = c->r->ns->account,
                                 .id = c->r->ns->id,
                                 .jobs = c->kv->jobs};
}

struct one_key {
    struct bytes key;
    bool given;
};

static enum pull pull_one(void *ctx, struct bytes *key, struct error *err)
{
    struct one_key *one = ctx;
    (void)err;
    if (one->given)
        return PULL_END;
    one->given = true;
    *key = one->key;
    return PULL_PAIR;
}

static bool has_key(struct renamer *c, struct bytes key, bool *has, struct error *err)
{
    struct read_options read = read_of(c);
    struct one_key one = {.key = key};
    struct store_pair pair = {0};
    bool end;
    struct reader *r = reader_open_keys(&read, pull_one, &one);
    bool ok = reader_next(r, &pair, &end, err);
    *has = ok && !end && pair.value.data;
    reader_close(r);
    return ok;
}

static bool survey_single(struct renamer *c, struct error *err)
{
    char name[QUOTED_SIZE], where[KV_QUOTED_SIZE];
    bool has, has_new;
    if (!check_name(c, c->r->from, err) || !has_key(c, c->r->from, &has, err))
        return false;
    if (has)
        return key_spool_add(c->todo, c->r->from, err);
    if (!has_key(c, c->r->to, &has_new, err))
        return false;
    error_set(err, ERR_NOT_FOUND, "there is no key %s in namespace %s",
              text_quoted(c->r->from, name, sizeof name), kv_quoted(c->r->ns, where));
    return has_new ? error_hint(err, "there is %s: it may be renamed already",
                                text_quoted(c->r->to, name, sizeof name))
                   : false;
}

/* Lists them, and judges all of the new names before anything is done. */
static bool survey(struct renamer *c, struct error *err)
{
    struct read_options read = read_of(c);
    struct store_pair pair;
    bool end = false, ok = true;
    if (c->r->single)
        return survey_single(c, err);
    read.prefix = c->r->from;
    struct reader *names = reader_open(&read);
    while (ok && (ok = reader_next(names, &pair, &end, err)) && !end)
        if (is_settled(c, pair.key))
            c->r->settled++;
        else
            ok = check_name(c, pair.key, err) && key_spool_add(c->todo, pair.key, err);
    reader_close(names);
    return ok;
}

/* ---- Judging and asking ---------------------------------------------------------------------- */

static enum pull pull_spooled(void *ctx, struct bytes *key, struct error *err)
{
    bool end;
    if (!key_spool_next(ctx, key, &end, err))
        return PULL_FAILED;
    return end ? PULL_END : PULL_PAIR;
}

static bool rewind_spooled(void *ctx, struct error *err)
{
    return key_spool_rewind(ctx, err);
}

static struct kv_delete delete_of(const struct renamer *c, struct key_spool *keys)
{
    const struct kv_rename *r = c->r;
    return (struct kv_delete){.ns = r->ns,
                              .doomed = {.pull = pull_spooled,
                                         .named = key_spool_count(keys),
                                         .rewind = rewind_spooled,
                                         .ctx = keys},
                              .reason = "delete",
                              .how = "deleted",
                              .on_failed = r->on_failed,
                              .on_failed_ctx = r->told_ctx,
                              .progress = r->progress,
                              .progress_ctx = r->progress_ctx,
                              .counts = r->deleted};
}

/* As a source of the preview: the keys under their new names. */
static bool next_new(void *ctx, struct bytes *key, bool *end, struct error *err)
{
    struct renamer *c = ctx;
    if (!key_spool_next(c->todo, key, end, err))
        return false;
    if (!*end)
        *key = new_name(c, *key);
    return true;
}

static bool rewind_new(void *ctx, struct error *err)
{
    struct renamer *c = ctx;
    return key_spool_rewind(c->todo, err);
}

static bool all_new(void *ctx, struct resume *resume, struct kv_stream *keys, struct error *err)
{
    (void)resume, (void)err;
    *keys = (struct kv_stream){.next = next_new, .rewind = rewind_new, .ctx = ctx};
    return true;
}

struct old_keys {
    struct renamer *c;
    const struct bytes *keys; /* new names */
    size_t n, at;
};

static enum pull pull_old(void *ctx, struct bytes *key, struct error *err)
{
    struct old_keys *o = ctx;
    (void)err;
    if (o->at == o->n)
        return PULL_END;
    *key = old_name(o->c, o->keys[o->at++]);
    return PULL_PAIR;
}

static bool fetch_new(void *ctx, const struct bytes *keys, size_t n, kv_pair_fn fn, void *fn_ctx,
                      uint64_t *requests, struct error *err)
{
    struct renamer *c = ctx;
    struct read_options read = read_of(c);
    struct old_keys old = {c, keys, n, 0};
    struct reader *from = reader_open_keys(&read, pull_old, &old);
    struct store_pair pair;
    bool end = false, ok = true;
    for (size_t i = 0; ok && !end; i++) {
        ok = reader_next(from, &pair, &end, err);
        if (!ok || end || !pair.value.data)
            continue;
        pair.key = keys[i];
        ok = fn(fn_ctx, &pair, err);
    }
    *requests += reader_requests(from);
    reader_close(from);
    return ok;
}

/* Is anything there that might be overwritten? */
static bool look(struct renamer *c, struct kv_preview *preview, struct kv_fill_loss *loss,
                 struct error *err)
{
    const struct kv_rename *r = c->r;
    struct kv_source source = {.ordered = true, .pending = all_new, .fetch = fetch_new, .ctx = c};
    uint64_t live = 0;
    if (r->single && !has_key(c, r->to, &loss->overwrites, err))
        return false;
    if (r->single ? !loss->overwrites : !kv_count(c->kv, r->ns, r->to, 1, &live, err))
        return r->single;
    loss->overwrites = loss->overwrites || live > 0;
    if (!r->preview || !loss->overwrites)
        return true;
    loss->preview = preview;
    return kv_preview_make(preview, c->kv, r->ns, r->to, &source, &live, err);
}

static bool confirm(struct renamer *c, struct error *err)
{
    const struct kv_rename *r = c->r;
    struct kv_delete d = delete_of(c, c->todo);
    struct kv_fill_loss loss = {.wanted = key_spool_count(c->todo)};
    struct kv_preview preview = {0};
    bool ok = kv_delete_judge(c->kv, &d, &loss.pruned, err) && look(c, &preview, &loss, err) &&
              (!r->confirm || r->confirm(r->confirm_ctx, &loss, err));
    kv_preview_release(&preview);
    return ok;
}

/* ---- Waves ----------------------------------------------------------------------------------- */

static bool fails(struct renamer *c, struct bytes key, const struct error *cause, struct error *err)
{
    c->r->written->failed++;
    return !c->r->on_failed || c->r->on_failed(c->r->told_ctx, key, cause, err);
}

static bool take(struct renamer *c, const struct store_pair *pair, struct error *err)
{
    struct error odd;
    if (restore_expires(pair->expiration, store_now(c->kv->store)))
        return !c->r->on_expired || c->r->on_expired(c->r->told_ctx, pair->key, err);
    if (!check_name(c, pair->key, &odd)) /* it came since they were listed */
        return fails(c, pair->key, &odd, err);
    struct item *item = &c->items[c->n++];
    *item = (struct item){.old_name = arena_copy(&c->arena, pair->key), .pair = *pair};
    item->pair.key = arena_copy(&c->arena, new_name(c, pair->key));
    item->pair.value = arena_copy(&c->arena, pair->value);
    item->pair.metadata = arena_keep(&c->arena, fingerprint_strip(pair->metadata, &c->scratch));
    c->bytes += pair_size(pair);
    return true;
}

static bool read_wave(struct renamer *c, bool *end, struct error *err)
{
    struct store_pair pair;
    arena_reset(&c->arena);
    c->n = c->bytes = 0;
    *end = false;
    while (c->n < WAVE_KEYS && c->bytes < SENDER_FLIGHT_BYTES) {
        if (!reader_next(c->from, &pair, end, err))
            return false;
        if (*end)
            return true;
        if (pair.value.data && !is_settled(c, pair.key) && !take(c, &pair, err))
            return false;
    }
    return true;
}

/* Which of the new names are there, by the listing; of a single key nobody has listed. */
static bool find_there(struct renamer *c, struct error *err)
{
    for (size_t i = 0; i < c->n; i++) {
        struct item *item = &c->items[i];
        while (c->there && !c->there_end && bytes_compare(c->next_there.key, item->pair.key) < 0)
            if (!reader_next(c->there, &c->next_there, &c->there_end, err))
                return false;
        item->there =
            !c->there || (!c->there_end && bytes_equal(c->next_there.key, item->pair.key));
    }
    return true;
}

static enum pull pull_there(void *ctx, struct bytes *key, struct error *err)
{
    struct renamer *c = ctx;
    (void)err;
    while (c->at < c->n && !c->items[c->at].there)
        c->at++;
    if (c->at == c->n)
        return PULL_END;
    *key = c->items[c->at++].pair.key;
    return PULL_PAIR;
}

static enum pull pull_replaced(void *ctx, struct bytes *key, struct error *err)
{
    struct renamer *c = ctx;
    (void)err;
    while (c->at < c->n && (!c->items[c->at].there || c->items[c->at].same))
        c->at++;
    if (c->at == c->n)
        return PULL_END;
    *key = c->items[c->at++].pair.key;
    return PULL_PAIR;
}

static bool is_same(struct renamer *c, const struct store_pair *a, const struct store_pair *b)
{
    return bytes_equal(a->value, b->value) && a->expiration == b->expiration &&
           kv_metadata_same(a->metadata, fingerprint_strip(b->metadata, &c->scratch));
}

/* What an earlier run wrote is not written again. */
static bool compare(struct renamer *c, struct error *err)
{
    struct read_options read = read_of(c);
    struct store_pair pair;
    bool end = false, ok = true;
    c->at = 0;
    struct reader *live = reader_open_keys(&read, pull_there, c);
    for (size_t i = 0; ok && !end; i++) {
        ok = reader_next(live, &pair, &end, err);
        if (!ok || end)
            continue;
        while (!c->items[i].there)
            i++;
        c->items[i].there = pair.value.data != NULL;
        c->items[i].same = pair.value.data && is_same(c, &c->items[i].pair, &pair);
        c->r->written->skipped += c->items[i].same;
    }
    reader_close(live);
    return ok;
}

static bool save_replaced(struct renamer *c, struct error *err)
{
    struct kv_saving what = {
        .ns = c->r->ns, .reason = "overwrite", .prefix = c->r->to, .partial = true};
    struct kv_section section = {0};
    struct bytes first;
    c->at = 0;
    if (pull_replaced(c, &first, err) == PULL_END)
        return true;
    c->at = 0;
    if (!kv_save(c->kv, &what, pull_replaced, c, &section, err))
        return false;
    section.keys += c->r->saved.keys;
    section.requests += c->r->saved.requests;
    c->r->saved = section;
    return true;
}

static bool write_wave(struct renamer *c, struct error *err)
{
    struct kv_rename *r = c->r;
    struct sender_options put = {.store = c->kv->store,
                                 .account = r->ns->account,
                                 .id = r->ns->id,
                                 .jobs = c->kv->jobs,
                                 .on_failed = r->on_failed,
                                 .on_failed_ctx = r->told_ctx,
                                 .progress = r->progress,
                                 .progress_ctx = r->progress_ctx,
                                 .counts = r->written};
    struct sender *s = sender_open(&put);
    for (size_t i = 0; i < c->n; i++) {
        if (!c->items[i].same && !sender_add(s, &c->items[i].pair, i + 1, err)) {
            sender_abandon(s);
            return false;
        }
    }
    return sender_close(s, err);
}

static bool note_wave(struct renamer *c, struct error *err)
{
    for (size_t i = 0; i < c->n; i++)
        if (!key_spool_add(c->done, c->items[i].old_name, err))
            return false;
    return true;
}

static bool copy_all(struct renamer *c, struct error *err)
{
    bool end = false;
    if (c->there && !reader_next(c->there, &c->next_there, &c->there_end, err))
        return false;
    while (!end)
        if (!read_wave(c, &end, err) || !find_there(c, err) || !compare(c, err) ||
            !save_replaced(c, err) || !write_wave(c, err) || !note_wave(c, err))
            return false;
    return true;
}

static bool copy(struct renamer *c, struct error *err)
{
    struct read_options from = read_of(c), there = from;
    struct one_key one = {.key = c->r->from};
    from.prefix = c->r->from;
    from.values = true;
    there.prefix = c->r->to;
    c->from = c->r->single ? reader_open_keys(&from, pull_one, &one) : reader_open(&from);
    c->there = c->r->single ? NULL : reader_open(&there);
    bool ok = copy_all(c, err);
    reader_close(c->from);
    reader_close(c->there);
    return ok;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static bool rename_all(struct renamer *c, struct error *err)
{
    if (!check_words(c, err) || !(c->todo = key_spool_open(err)) ||
        !(c->done = key_spool_open(err)) || !survey(c, err))
        return false;
    if (key_spool_count(c->todo) == 0)
        return true;
    if (!confirm(c, err) || !copy(c, err))
        return false;
    if (c->r->written->failed > 0 || key_spool_count(c->done) == 0)
        return true;
    struct kv_delete d = delete_of(c, c->done);
    return kv_delete_go(c->kv, &d, &c->r->deleted_saved, err);
}

bool kv_rename_keys(struct kv *kv, struct kv_rename *r, struct error *err)
{
    struct renamer *c = mem_zalloc(1, sizeof *c);
    c->kv = kv;
    c->r = r;
    bool ok = rename_all(c, err);
    key_spool_close(c->todo);
    key_spool_close(c->done);
    buf_release(&c->name);
    buf_release(&c->scratch);
    arena_release(&c->arena);
    mem_free(c);
    return ok;
}
