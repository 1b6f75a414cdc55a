#include "observe.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

struct observed *observed_new(struct arena *arena, struct store *store)
{
    struct observed *o = mem_zalloc(1, sizeof *o);
    if (o) {
        o->arena = arena;
        o->store = store;
    }
    return o;
}

void observed_free(struct observed *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->n; i++)
        mem_free(o->namespaces[i].keys);
    mem_free(o->namespaces);
    account_map_release(&o->by_id);
    account_map_release(&o->by_title);
    mem_free(o);
}

size_t observed_by_id(const struct observed *o, struct bytes account, struct bytes id)
{
    size_t i = account_map_get(&o->by_id, account, id);
    return i < o->n && bytes_equal(o->namespaces[i].id, id) ? i : OBSERVE_NONE;
}

size_t observed_by_title(const struct observed *o, struct bytes account, struct bytes title)
{
    size_t i = account_map_get(&o->by_title, account, title);
    return i < o->n && bytes_equal(o->namespaces[i].title, title) ? i : OBSERVE_NONE;
}

/* Where `key` is, or belongs. */
static size_t key_position(const struct observed_namespace *ns, struct bytes key)
{
    size_t from = 0, upto = ns->n_keys;
    while (from < upto) {
        size_t middle = from + (upto - from) / 2;
        if (bytes_compare(ns->keys[middle].key, key) < 0)
            from = middle + 1;
        else
            upto = middle;
    }
    return from;
}

struct observed_key *observed_key(const struct observed_namespace *ns, struct bytes key)
{
    size_t i = key_position(ns, key);
    return i < ns->n_keys && bytes_equal(ns->keys[i].key, key) ? &ns->keys[i] : NULL;
}

size_t observed_add(struct observed *o, struct bytes account, struct bytes id, struct bytes title)
{
    if (!mem_grow((void **)&o->namespaces, &o->cap, o->n + 1, sizeof *o->namespaces))
        return OBSERVE_NONE;
    struct observed_namespace *ns = &o->namespaces[o->n];
    *ns = (struct observed_namespace){0};
    if (!arena_bytes(o->arena, account, &ns->account) || !arena_bytes(o->arena, id, &ns->id) ||
        !arena_bytes(o->arena, title, &ns->title) ||
        !account_map_set(&o->by_id, ns->account, ns->id, o->n) ||
        !account_map_set(&o->by_title, ns->account, ns->title, o->n))
        return OBSERVE_NONE;
    return o->n++;
}

bool observed_retitle(struct observed *o, size_t i, struct bytes title)
{
    struct observed_namespace *ns = &o->namespaces[i];
    struct bytes copy;
    if (bytes_equal(ns->title, title))
        return true;
    if (!arena_bytes(o->arena, title, &copy) ||
        !account_map_set(&o->by_title, ns->account, copy, i))
        return false;
    ns->title = copy;
    return true;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

struct namespace_listing {
    struct observed *o;
    size_t seen;
};

static bool observe_namespace(struct observed *o, struct bytes account,
                              const struct store_namespace *ns)
{
    size_t at = observed_by_id(o, account, ns->id);
    if (at != OBSERVE_NONE && !observed_retitle(o, at, ns->title))
        return false;
    if (at == OBSERVE_NONE && (at = observed_add(o, account, ns->id, ns->title)) == OBSERVE_NONE)
        return false;
    return !ns->jurisdiction.data ||
           arena_bytes(o->arena, ns->jurisdiction, &o->namespaces[at].jurisdiction);
}

#define PAGES_MAX 1000 /* an account holds 1,000 namespaces: a page */

static bool namespaces_listed(void *ctx, struct queue *q, const struct store_op *op,
                              const struct store_result *result, struct error *err)
{
    struct namespace_listing *listing = ctx;
    if (!result->ok) {
        *err = result->error;
        return error_wrap(err, "cannot list the namespaces");
    }
    for (size_t i = 0; i < result->n_namespaces; i++)
        if (!observe_namespace(listing->o, op->account, &result->namespaces[i]))
            return error_nomem(err);
    listing->seen += result->n_namespaces;
    if (result->n_namespaces == 0 || listing->seen >= result->total)
        return true;
    if (op->page == PAGES_MAX)
        return error_set(err, ERR_FORMAT, "the listing of the namespaces does not end");
    struct store_op next = *op;
    next.page++;
    return queue_push(q, &next, namespaces_listed, listing, err);
}

static bool observed_run(struct observed *o, struct queue *q, struct error *err)
{
    bool ok = queue_run(q, o->store, err);
    o->requests += q->sent;
    queue_release(q);
    return ok;
}

bool observe_namespaces(struct observed *o, struct bytes account, struct error *err)
{
    struct queue q = {0};
    struct namespace_listing listing = {.o = o};
    struct store_op op = {.kind = STORE_NAMESPACE_LIST, .account = account, .page = 1};
    if (!queue_push(&q, &op, namespaces_listed, &listing, err)) {
        queue_release(&q);
        return false;
    }
    return observed_run(o, &q, err);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

struct contents;

/* The listing of one namespace of a wish. */
struct key_listing {
    struct contents *c;
    size_t k;          /* index into `which` */
    struct buf cursor; /* of the next page; op.cursor borrows it */
};

/* One wish being granted: namespaces are listed in order, and what is listed is read before the
 * next one is listed, so that a store has few of them open at a time. */
struct contents {
    struct observed *o;
    const struct observe_wish *w;
    struct key_listing *listings; /* one for each of `which` */
    size_t n_listed;              /* whose listing was started */
    size_t *ready;                /* indexes of namespaces whose values may be read, */
    size_t n_ready, n_read;       /* the first n_read of them done */
    size_t key;                   /* where the next batch of ready[n_read] starts */
};

static bool keep_metadata(struct arena *arena, struct bytes raw, struct observed_key *key,
                          struct error *err)
{
    struct buf b = {0};
    struct error bad = {0};
    key->damaged = !json_canonical(raw, &b, &bad);
    struct bytes text = key->damaged ? raw : buf_bytes(&b);
    bool none = bytes_equal(text, bytes_of("null")); /* Cloudflare docs "List keys" */
    bool ok = bad.code != ERR_NOMEM && (none || arena_bytes(arena, text, &key->metadata));
    buf_release(&b);
    return ok || error_nomem(err);
}

static bool observed_add_key(struct observed *o, struct observed_namespace *ns,
                             const struct store_key *live, struct error *err)
{
    /* Listings are in byte order, so nearly always the next key belongs at the end. */
    size_t n = ns->n_keys;
    size_t at = n > 0 && bytes_compare(ns->keys[n - 1].key, live->key) >= 0
                    ? key_position(ns, live->key)
                    : n;
    if (at < n && bytes_equal(ns->keys[at].key, live->key))
        return true;
    struct observed_key key = {.expiration = live->expiration, .divergent = live->divergent};
    if (!mem_grow((void **)&ns->keys, &ns->cap_keys, n + 1, sizeof *ns->keys) ||
        !arena_bytes(o->arena, live->key, &key.key))
        return error_nomem(err);
    if (live->metadata.data && !keep_metadata(o->arena, live->metadata, &key, err))
        return false;
    memmove(&ns->keys[at + 1], &ns->keys[at], (n - at) * sizeof key);
    ns->keys[at] = key;
    ns->n_keys++;
    return true;
}

/* All keys of `which[k]` are known. */
static bool namespace_listed(struct contents *c, size_t k, struct error *err)
{
    size_t ns = c->w->which[k];
    c->o->namespaces[ns].keys_known = true;
    if (c->w->mark && !c->w->mark(c->w->ctx, k, err))
        return false;
    c->ready[c->n_ready++] = ns;
    return true;
}

static bool keys_listed(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct key_listing *listing = ctx;
    struct observed *o = listing->c->o;
    struct observed_namespace *ns = &o->namespaces[listing->c->w->which[listing->k]];
    char name[160];
    if (!result->ok) {
        *err = result->error;
        return error_wrap(err, "cannot list the keys of %s",
                          text_quoted(ns->title, name, sizeof name));
    }
    for (size_t i = 0; i < result->n_keys; i++)
        if (!observed_add_key(o, ns, &result->keys[i], err))
            return false;
    if (result->cursor.len == 0)
        return namespace_listed(listing->c, listing->k, err);
    if (bytes_equal(result->cursor, op->cursor))
        return error_set(err, ERR_FORMAT, "the listing of the keys of %s does not go on",
                         text_quoted(ns->title, name, sizeof name));
    struct store_op next = *op;
    buf_clear(&listing->cursor);
    if (!buf_add_bytes(&listing->cursor, result->cursor))
        return error_nomem(err);
    next.cursor = buf_bytes(&listing->cursor);
    return queue_push(q, &next, keys_listed, listing, err);
}

static bool list_next(struct contents *c, struct queue *q, struct error *err)
{
    struct key_listing *listing = &c->listings[c->n_listed];
    const struct observed_namespace *ns = &c->o->namespaces[c->w->which[c->n_listed]];
    struct store_op op = {.kind = STORE_KEY_LIST, .account = ns->account, .id = ns->id};
    *listing = (struct key_listing){.c = c, .k = c->n_listed++};
    return ns->keys_known ? namespace_listed(c, listing->k, err)
                          : queue_push(q, &op, keys_listed, listing, err);
}

/* ---- Values ---------------------------------------------------------------------------------- */

struct value_batch {
    struct observed *o;
    size_t ns;
    struct bytes keys[STORE_GET_MAX];
};

static bool value_got(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct value_batch *batch = ctx;
    struct observed_key *key = observed_key(&batch->o->namespaces[batch->ns], pair->key);
    if (!key)
        return true;
    key->value = hash_sha256(pair->value);
    key->size = pair->value.len;
    key->has_value = true;
    if (pair->value.len <= OBSERVE_SHOW_MAX &&
        !arena_bytes(batch->o->arena, pair->value, &key->shown))
        return error_nomem(err);
    return true;
}

static bool values_read(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct value_batch *batch = ctx;
    bool ok = result->ok;
    char name[160];
    (void)q;
    (void)op;
    if (!ok) {
        *err = result->error;
        error_wrap(err, "cannot read values of %s",
                   text_quoted(batch->o->namespaces[batch->ns].title, name, sizeof name));
    }
    mem_free(batch);
    return ok;
}

/* Takes the next wanted keys of one namespace; 0: it has no more. */
static size_t fill_batch(struct contents *c, struct value_batch *batch)
{
    struct observed_namespace *ns = &c->o->namespaces[batch->ns];
    size_t n = 0;
    while (c->key < ns->n_keys && n < STORE_GET_MAX) {
        struct observed_key *key = &ns->keys[c->key++];
        if (key->wanted && !key->has_value)
            batch->keys[n++] = key->key;
    }
    return n;
}

static bool push_batch(struct contents *c, struct queue *q, struct value_batch *batch, size_t n,
                       struct error *err)
{
    const struct observed_namespace *ns = &c->o->namespaces[batch->ns];
    struct store_op op = {.kind = STORE_BULK_GET,
                          .account = ns->account,
                          .id = ns->id,
                          .keys = batch->keys,
                          .n = n,
                          .on_pair = value_got,
                          .on_pair_ctx = batch};
    return queue_push(q, &op, values_read, batch, err);
}

/* One bulk get for the values of the first namespace that waits for it, or nothing. */
static bool read_next(struct contents *c, struct queue *q, struct error *err)
{
    struct value_batch *batch = mem_zalloc(1, sizeof *batch);
    size_t n = 0;
    if (!batch)
        return error_nomem(err);
    batch->o = c->o;
    while (n == 0 && c->n_read < c->n_ready) {
        batch->ns = c->ready[c->n_read];
        n = fill_batch(c, batch);
        if (n == 0) {
            c->n_read++;
            c->key = 0;
        }
    }
    if (n > 0 && push_batch(c, q, batch, n, err))
        return true;
    mem_free(batch);
    return n == 0;
}

/* ---- Contents -------------------------------------------------------------------------------- */

static bool refill_contents(void *ctx, struct queue *q, struct error *err)
{
    struct contents *c = ctx;
    do {
        if (c->w->values && c->n_read < c->n_ready && !read_next(c, q, err))
            return false;
        if (!q->first && c->n_listed < c->w->n && !list_next(c, q, err))
            return false;
    } while (!q->first && (c->n_listed < c->w->n || (c->w->values && c->n_read < c->n_ready)));
    return true;
}

bool observe_contents(struct observed *o, const struct observe_wish *w, struct error *err)
{
    struct contents c = {.o = o, .w = w};
    struct queue q = {.refill = refill_contents, .refill_ctx = &c};
    c.listings = mem_zalloc(w->n + 1, sizeof *c.listings);
    c.ready = mem_zalloc(w->n + 1, sizeof *c.ready);
    bool ok = c.listings && c.ready ? observed_run(o, &q, err) : error_nomem(err);
    for (size_t i = 0; c.listings && i < w->n; i++)
        buf_release(&c.listings[i].cursor);
    mem_free(c.listings);
    mem_free(c.ready);
    return ok;
}
