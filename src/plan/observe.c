#include "observe.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "kv/listing.h"

void observed_tell(struct observed *o, uint64_t requests)
{
    o->seen.requests += requests;
    if (o->progress)
        o->progress(o->progress_ctx, &o->seen);
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

void observe_namespace(struct observed *o, struct bytes account, const struct store_namespace *ns)
{
    size_t at = observed_by_id(o, account, ns->id);
    if (at == OBSERVE_NONE)
        at = observed_add(o, account, ns->id, ns->title);
    else
        observed_retitle(o, at, ns->title);
    if (ns->jurisdiction.data)
        o->namespaces[at].jurisdiction = arena_copy(o->arena, ns->jurisdiction);
    if (ns->mode.data)
        o->namespaces[at].mode = arena_copy(o->arena, ns->mode);
    store_note_mode(o->store, ns->id, ns->mode);
}

/* One account being listed. */
struct namespace_listing {
    struct observed *o;
    struct bytes account;
};

static bool namespace_listed_row(void *ctx, const struct store_namespace *ns, struct error *err)
{
    struct namespace_listing *listing = ctx;
    (void)err;
    observe_namespace(listing->o, listing->account, ns);
    return true;
}

static bool observed_run(struct observed *o, struct queue *q, struct error *err)
{
    bool ok = queue_run(q, o->store, err);
    o->requests += q->sent;
    queue_release(q);
    return ok;
}

static struct observed_account *listing_of(const struct observed *o, struct bytes account)
{
    for (size_t i = 0; i < o->n_listed; i++)
        if (bytes_equal(o->listed[i].id, account))
            return &o->listed[i];
    return NULL;
}

bool observed_lists(const struct observed *o, struct bytes account)
{
    return listing_of(o, account) != NULL;
}

bool observed_is_short(const struct observed *o, struct bytes account)
{
    const struct observed_account *listing = listing_of(o, account);
    return listing && listing->is_short;
}

bool observed_is_gone(const struct observed *o, struct bytes account, struct bytes id)
{
    return observed_lists(o, account) && observed_by_id(o, account, id) == OBSERVE_NONE &&
           (o->trusted || account_map_get(&o->gone, account, id) != MAP_NONE);
}

static void remember_listed(struct observed *o, struct bytes account,
                            const struct listing_report *report)
{
    struct observed_account *listing = listing_of(o, account);
    if (!listing) {
        arena_grow(o->arena, (void **)&o->listed, &o->cap_listed, o->n_listed + 1,
                   sizeof *o->listed);
        listing = &o->listed[o->n_listed++];
        listing->id = arena_copy(o->arena, account);
    }
    listing->is_short = report->is_short;
    listing->seen = report->seen;
    listing->total = report->total;
}

bool observe_namespaces(struct observed *o, struct bytes account, struct error *err)
{
    struct namespace_listing listing = {o, account};
    struct listing_report report = {0};
    bool ok = listing_walk(o->store, account, namespace_listed_row, &listing, &report, err);
    o->requests += report.requests;
    o->seen.listed += report.seen;
    observed_tell(o, report.requests);
    if (ok)
        remember_listed(o, account, &report);
    return ok;
}

bool observe_namespaces_once(struct observed *o, struct bytes account, struct error *err)
{
    return observed_lists(o, account) || observe_namespaces(o, account, err);
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
    size_t *ready;                /* indexes into `which` of those whose values may be read, */
    size_t n_ready, n_read;       /* the first n_read of them done */
    size_t key;                   /* the next one of ready[n_read] to be looked at */
    struct value_batch *open;     /* its batch that is being filled; NULL: none */
};

/* All keys of `which[k]` are known. */
static bool namespace_listed(struct contents *c, size_t k, struct error *err)
{
    c->o->namespaces[c->w->which[k]].keys_known = true;
    if (c->w->mark && !c->w->mark(c->w->ctx, k, err))
        return false;
    c->ready[c->n_ready++] = k;
    return true;
}

static bool add_page(struct key_listing *listing, struct observed_namespace *ns,
                     const struct store_result *result, struct error *err)
{
    const struct observe_wish *w = listing->c->w;
    for (size_t i = 0; i < result->n_keys; i++) {
        const struct store_key *live = &result->keys[i];
        bool whole = w->whole && w->whole(w->ctx, listing->k, live->key);
        if (!observed_add_key(listing->c->o, ns, live, whole, err))
            return false;
    }
    return true;
}

static bool keys_listed(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct key_listing *listing = ctx;
    struct observed_namespace *ns = &listing->c->o->namespaces[listing->c->w->which[listing->k]];
    char name[160];
    if (!result->ok) {
        *err = result->error;
        return error_wrap(err, "cannot list the keys of %s",
                          text_quoted(ns->title, name, sizeof name));
    }
    if (!add_page(listing, ns, result, err))
        return false;
    listing->c->o->seen.keys += result->n_keys;
    listing->c->o->seen.namespaces += result->cursor.len == 0;
    observed_tell(listing->c->o, 1);
    if (result->cursor.len == 0)
        return namespace_listed(listing->c, listing->k, err);
    if (bytes_equal(result->cursor, op->cursor))
        return error_set(err, ERR_ANSWER, "the listing of the keys of %s does not go on",
                         text_quoted(ns->title, name, sizeof name));
    struct store_op next = *op;
    buf_clear(&listing->cursor);
    buf_add_bytes(&listing->cursor, result->cursor);
    next.cursor = buf_bytes(&listing->cursor);
    queue_push(q, &next, keys_listed, listing);
    return true;
}

static bool list_next(struct contents *c, struct queue *q, struct error *err)
{
    struct key_listing *listing = &c->listings[c->n_listed];
    const struct observed_namespace *ns = &c->o->namespaces[c->w->which[c->n_listed]];
    struct store_op op = {.kind = STORE_KEY_LIST, .account = ns->account, .id = ns->id};
    *listing = (struct key_listing){.c = c, .k = c->n_listed++};
    if (ns->keys_known)
        return namespace_listed(c, listing->k, err);
    queue_push(q, &op, keys_listed, listing);
    return true;
}

/* ---- Values ---------------------------------------------------------------------------------- */

struct value_batch {
    struct contents *c;
    size_t k; /* index into `which` */
    size_t n;
    struct bytes keys[STORE_GET_MAX];
};

static struct observed_namespace *namespace_of(const struct value_batch *batch)
{
    return &batch->c->o->namespaces[batch->c->w->which[batch->k]];
}

static bool value_got(void *ctx, const struct store_pair *pair, struct error *err)
{
    const struct value_batch *batch = ctx;
    const struct observe_wish *w = batch->c->w;
    struct observed *o = batch->c->o;
    struct observed_key *key = observed_key(namespace_of(batch), pair->key, NULL);
    (void)err;
    if (!key)
        return true;
    if (!key->value)
        key->value = arena_alloc(o->arena, 1, sizeof *key->value);
    key->value->digest = hash_sha256(pair->value);
    key->value->size = pair->value.len;
    key->value->is_text = utf8_valid(pair->value);
    bool fits =
        pair->value.len <= OBSERVE_KEEP_MAX && pair->value.len <= OBSERVE_KEEP_TOTAL - o->kept;
    if (fits && w->keep && w->keep(w->ctx, batch->k, key, pair->value)) {
        key->value->kept = arena_copy(o->arena, pair->value);
        o->kept += pair->value.len;
    }
    return true;
}

static bool values_read(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct value_batch *batch = ctx;
    bool ok = result->ok;
    char name[160];
    (void)q;
    batch->c->o->seen.values += op->n;
    observed_tell(batch->c->o, 1);
    if (!ok) {
        *err = result->error;
        error_wrap(err, "cannot read values of %s",
                   text_quoted(namespace_of(batch)->title, name, sizeof name));
    }
    mem_free(batch);
    return ok;
}

static struct value_batch *batch_begin(struct contents *c)
{
    struct value_batch *batch = mem_zalloc(1, sizeof *batch);
    batch->c = c;
    batch->k = c->ready[c->n_read];
    return batch;
}

/* The listing told metadata and expiry. */
static void push_batch(struct queue *q, struct value_batch *batch, bool singly)
{
    const struct observed_namespace *ns = namespace_of(batch);
    struct store_op op = {.kind = STORE_BULK_GET,
                          .account = ns->account,
                          .id = ns->id,
                          .keys = batch->keys,
                          .n = batch->n,
                          .values_only = true,
                          .singly = singly,
                          .on_pair = value_got,
                          .on_pair_ctx = batch};
    queue_push(q, &op, values_read, batch);
}

static void read_open(struct contents *c, struct queue *q)
{
    push_batch(q, c->open, false);
    c->open = NULL;
}

/* Adds a key to the open batch, which goes when it is full; one whose value is likely to be no text
 * goes by itself. */
static void read_key(struct contents *c, struct queue *q, const struct observed_key *key)
{
    if (key->odd) {
        struct value_batch *alone = batch_begin(c);
        alone->keys[alone->n++] = observed_name(key);
        push_batch(q, alone, true);
        return;
    }
    if (!c->open)
        c->open = batch_begin(c);
    c->open->keys[c->open->n++] = observed_name(key);
    if (c->open->n == STORE_GET_MAX)
        read_open(c, q);
}

/* One read of values of the first namespace that waits for it, or nothing. */
static void read_next(struct contents *c, struct queue *q)
{
    while (!q->first && c->n_read < c->n_ready) {
        const struct observed_namespace *ns = &c->o->namespaces[c->w->which[c->ready[c->n_read]]];
        while (!q->first && c->key < ns->n_keys) {
            const struct observed_key *key = &ns->keys[c->key++];
            if (key->wanted && !key->value)
                read_key(c, q, key);
        }
        if (!q->first && c->open)
            read_open(c, q);
        if (c->key == ns->n_keys && !c->open) {
            c->n_read++;
            c->key = 0;
        }
    }
}

/* ---- Contents -------------------------------------------------------------------------------- */

static bool refill_contents(void *ctx, struct queue *q, struct error *err)
{
    struct contents *c = ctx;
    do {
        if (c->w->values && c->n_read < c->n_ready)
            read_next(c, q);
        if (!q->first && c->n_listed < c->w->n && !list_next(c, q, err))
            return false;
    } while (!q->first && (c->n_listed < c->w->n || (c->w->values && c->n_read < c->n_ready)));
    return true;
}

bool observe_contents(struct observed *o, const struct observe_wish *w, struct error *err)
{
    struct contents c = {.o = o, .w = w};
    struct queue q = {.refill = refill_contents, .refill_ctx = &c};
    for (size_t i = 0; i < w->n; i++)
        o->seen.total += !o->namespaces[w->which[i]].keys_known;
    c.listings = mem_zalloc(w->n + 1, sizeof *c.listings);
    c.ready = mem_zalloc(w->n + 1, sizeof *c.ready);
    bool ok = observed_run(o, &q, err);
    for (size_t i = 0; i < w->n; i++)
        buf_release(&c.listings[i].cursor);
    mem_free(c.open);
    mem_free(c.listings);
    mem_free(c.ready);
    return ok;
}
