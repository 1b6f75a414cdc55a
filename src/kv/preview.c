#include "preview.h"

#include "base/map.h"
#include "fill.h"
#include "model/fingerprint.h"
#include "read.h"

/* A key that is there and that the source has: `before` and `after` once they were read. */
struct looker {
    struct kv_preview *p;
    struct map live;                   /* keys of the page, */
    struct bytes last;                 /* and the last of them */
    struct map chosen;                 /* keys to their place in: */
    struct bytes keys[KV_PREVIEW_MAX]; /* those to read, in the order of the source */
    struct kv_overwrite *both;
    bool *has_before, *has_after;
    size_t n, given; /* given: to the reader */
    struct buf scratch;
};

/* ---- Which keys are in both ------------------------------------------------------------------ */

static bool list_page(struct looker *l, const struct read_options *read, uint64_t *n,
                      struct error *err)
{
    struct reader *live = reader_open(read);
    struct store_pair pair;
    bool end = false, ok = true;
    *n = 0;
    while (*n < STORE_PAGE) {
        ok = reader_next(live, &pair, &end, err);
        if (!ok || end)
            break;
        l->last = arena_copy(&l->p->arena, pair.key);
        map_add(&l->live, l->last, (*n)++, NULL);
    }
    l->p->complete = end;
    reader_close(live);
    return ok;
}

static void choose(struct looker *l, struct bytes key)
{
    if (map_get(&l->live, key) == MAP_NONE)
        return;
    if (l->n == KV_PREVIEW_MAX) {
        l->p->more++;
        return;
    }
    l->keys[l->n] = arena_copy(&l->p->arena, key);
    map_add(&l->chosen, l->keys[l->n], l->n, NULL);
    l->n++;
}

/* Where the source is listed, as far as a page of it goes. */
static bool find_both(struct looker *l, const struct kv_source *source, struct error *err)
{
    struct kv_stream keys;
    struct bytes key;
    bool end = false;
    if (!source->pending(source->ctx, NULL, &keys, err) ||
        (keys.rewind && !keys.rewind(keys.ctx, err)))
        return false;
    for (uint64_t n = 0; !source->listed || n < STORE_PAGE; n++) {
        if (!keys.next(keys.ctx, &key, &end, err))
            return false;
        if (end || (source->ordered && bytes_compare(key, l->last) > 0))
            return true;
        choose(l, key);
    }
    l->p->complete = false;
    return true;
}

/* ---- What is in them ------------------------------------------------------------------------- */

static struct diff_value keep_value(struct arena *arena, struct bytes value)
{
    if (value.len <= KV_PREVIEW_VALUE_MAX)
        return diff_value_of(arena_copy(arena, value));
    return (struct diff_value){.size = value.len, .digest = hash_sha256(value)};
}

static struct kv_content keep(struct looker *l, const struct store_pair *pair)
{
    struct bytes metadata = fingerprint_strip(pair->metadata, &l->scratch);
    return (struct kv_content){.value = keep_value(&l->p->arena, pair->value),
                               .metadata = arena_keep(&l->p->arena, metadata),
                               .expiration = pair->expiration};
}

static bool keep_after(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct looker *l = ctx;
    size_t i = map_get(&l->chosen, pair->key);
    (void)err;
    if (i != MAP_NONE) {
        l->both[i].after = keep(l, pair);
        l->has_after[i] = true;
    }
    return true;
}

static enum pull pull_chosen(void *ctx, struct bytes *key, struct error *err)
{
    struct looker *l = ctx;
    (void)err;
    if (l->given == l->n)
        return PULL_END;
    *key = l->keys[l->given++];
    return PULL_PAIR;
}

static bool read_before(struct looker *l, const struct read_options *read, struct error *err)
{
    struct reader *live = reader_open_keys(read, pull_chosen, l);
    struct store_pair pair;
    bool end = false, ok = true;
    for (size_t i = 0; ok && !end; i++) {
        ok = reader_next(live, &pair, &end, err);
        l->has_before[i] = ok && !end && pair.value.data;
        if (l->has_before[i])
            l->both[i].before = keep(l, &pair);
    }
    l->p->requests += reader_requests(live);
    reader_close(live);
    return ok;
}

/* ---- What changes ---------------------------------------------------------------------------- */

static bool same_value(const struct diff_value *a, const struct diff_value *b)
{
    if (a->bytes.data && b->bytes.data)
        return bytes_equal(a->bytes, b->bytes);
    return !a->bytes.data && !b->bytes.data && a->size == b->size &&
           digest_equal(&a->digest, &b->digest);
}

bool kv_metadata_same(struct bytes a, struct bytes b)
{
    struct buf x = {0}, y = {0};
    struct error err;
    bool same = bytes_same(a, b);
    if (!same && a.data && b.data && json_canonical(a, &x, &err) && json_canonical(b, &y, &err))
        same = bytes_equal(buf_bytes(&x), buf_bytes(&y));
    buf_release(&x);
    buf_release(&y);
    return same;
}

/* Keys that went meanwhile are not overwritten. */
static void find_changes(struct looker *l)
{
    struct kv_preview *p = l->p;
    p->changes = l->both;
    for (size_t i = 0; i < l->n; i++) {
        struct kv_overwrite *o = &l->both[i];
        o->key = l->keys[i];
        if (!l->has_before[i] || !l->has_after[i])
            continue;
        o->value = !same_value(&o->before.value, &o->after.value);
        o->metadata = !kv_metadata_same(o->before.metadata, o->after.metadata);
        if (o->value || o->metadata || o->before.expiration != o->after.expiration)
            p->changes[p->n++] = *o;
        else
            p->same++;
    }
}

static bool look(struct looker *l, const struct read_options *read, const struct kv_source *source,
                 uint64_t *live, struct error *err)
{
    if (!list_page(l, read, live, err))
        return false;
    if (*live == 0)
        return true;
    if (!find_both(l, source, err))
        return false;
    l->both = arena_alloc(&l->p->arena, l->n, sizeof *l->both);
    l->has_before = arena_alloc(&l->p->arena, l->n + 1, sizeof *l->has_before);
    l->has_after = arena_alloc(&l->p->arena, l->n, sizeof *l->has_after);
    if (l->n > 0 &&
        (!source->fetch(source->ctx, l->keys, l->n, keep_after, l, &l->p->requests, err) ||
         !read_before(l, read, err)))
        return false;
    find_changes(l);
    return true;
}

bool kv_preview_make(struct kv_preview *p, struct kv *kv, const struct kv_namespace *ns,
                     struct bytes prefix, const struct kv_source *source, uint64_t *live,
                     struct error *err)
{
    struct looker l = {.p = p};
    struct read_options read = {.store = kv->store,
                                .account = ns->account,
                                .id = ns->id,
                                .prefix = prefix,
                                .jobs = kv->jobs};
    *p = (struct kv_preview){0};
    bool ok = look(&l, &read, source, live, err);
    map_release(&l.live);
    map_release(&l.chosen);
    buf_release(&l.scratch);
    return ok;
}

void kv_preview_release(struct kv_preview *p)
{
    arena_release(&p->arena);
}
