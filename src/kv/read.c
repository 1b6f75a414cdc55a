#include "read.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "seed/backup.h"
#include "store/queue.h"

/*
 * Keys come in pages; a page is cut into gets, in key order; what is done is given from the first
 * get on. One run of the store lists and reads until as much is there as the window may hold, so
 * that nothing is in flight between two calls of reader_next. The sizes of values are not known
 * before they are read: how many gets are in flight starts at one, doubles with each answer, and is
 * held down by what the largest recent answer would take.
 */

#define GETS_MAX                                                                                   \
    128 /* done and not given: an interruption loses no more than these, however                   \
           small the values are */
#define NAME_SHOWN 256

/* The values of up to STORE_GET_MAX keys, or a single one that is no text. */
struct value_get {
    struct reader *r;
    struct value_get *next; /* in key order */
    struct arena arena;
    struct bytes *keys;
    struct store_pair *pairs; /* of keys[i], as it was listed until it is read; key.data NULL: it is
                                 not there */
    size_t n, cap;
    size_t bytes; /* of the pairs */
    size_t hint;  /* where the next pair is likely to belong */
    bool done;
};

struct reader {
    struct read_options o;
    struct value_get *first, *last; /* all that were started or wait for it, in key order */
    struct value_get *unsent;       /* the first that was not started */
    struct value_get *odd;          /* what is no text waits here until all is listed, the last
                                       first */
    size_t at;                      /* the pair of `first` that comes next */
    size_t n_unsent;
    size_t flying, allowed;
    size_t held;   /* bytes of what is done and not given */
    size_t n_done; /* gets that are */
    size_t guess;  /* bytes that an answer may bring */
    struct buf cursor;
    struct buf last_key; /* of the listing */
    bool any_key;
    bool listing, listed; /* a page is on its way; there are no more */
    pull_key_fn pull;     /* where keys come from when they are not listed */
    void *pull_ctx;
    uint64_t requests;
};

/* ---- Gets ------------------------------------------------------------------------------------ */

static struct value_get *get_new(struct reader *r, size_t cap)
{
    struct value_get *g = mem_zalloc(1, sizeof *g);
    g->r = r;
    g->cap = cap;
    g->keys = arena_alloc(&g->arena, cap, sizeof *g->keys);
    g->pairs = arena_alloc(&g->arena, cap, sizeof *g->pairs);
    return g;
}

static void get_append(struct reader *r, struct value_get *g)
{
    g->next = NULL;
    if (r->last)
        r->last->next = g;
    else
        r->first = g;
    r->last = g;
    if (!r->unsent)
        r->unsent = g;
    r->n_unsent++;
}

static bool is_full(const struct value_get *g)
{
    return g->n == g->cap;
}

static void keep(struct value_get *g, const struct store_pair *from, size_t i)
{
    struct store_pair *to = &g->pairs[i];
    struct bytes listed = to->metadata;
    *to = *from;
    to->key = g->keys[i];
    to->value = arena_copy(&g->arena, from->value);
    to->metadata = from->bare ? listed : arena_keep(&g->arena, from->metadata);
    g->bytes += from->key.len + from->value.len + to->metadata.len;
}

/* Answers nearly always come in the order of the question. A pair that was not asked for, or came
 * twice, is left out. */
static bool on_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct value_get *g = ctx;
    (void)err;
    for (size_t i = 0; i < g->n; i++) {
        size_t at = (g->hint + i) % g->n;
        if (!bytes_equal(g->keys[at], pair->key))
            continue;
        g->hint = at + 1;
        if (!g->pairs[at].key.data)
            keep(g, pair, at);
        break;
    }
    return true;
}

static bool fail(struct reader *r, const struct store_result *result, const char *what,
                 struct error *err)
{
    char name[NAME_SHOWN];
    *err = result->error;
    return error_wrap(err, "cannot %s of namespace %s", what,
                      text_quoted(r->o.id, name, sizeof name));
}

static bool got(void *ctx, struct queue *q, const struct store_op *op,
                const struct store_result *result, struct error *err)
{
    struct value_get *g = ctx;
    struct reader *r = g->r;
    (void)q;
    (void)op;
    r->flying--;
    r->requests++;
    if (!result->ok)
        return fail(r, result, "read values", err);
    g->done = true;
    r->held += g->bytes;
    r->n_done++;
    r->guess = g->bytes > r->guess ? g->bytes : r->guess - r->guess / 8 + g->bytes / 8;
    if (r->allowed < r->o.jobs)
        r->allowed *= 2;
    return true;
}

static void send_get(struct reader *r, struct queue *q)
{
    struct value_get *g = r->unsent;
    struct store_op op = {.kind = STORE_BULK_GET,
                          .account = r->o.account,
                          .id = r->o.id,
                          .keys = g->keys,
                          .n = g->n,
                          .values_only = !r->pull,
                          .singly = g->cap == 1,
                          .on_pair = on_pair,
                          .on_pair_ctx = g};
    queue_push(q, &op, got, g);
    r->unsent = g->next;
    r->n_unsent--;
    r->flying++;
}

/* ---- Listing --------------------------------------------------------------------------------- */

/* Whether the key is one to read; the listing must ascend, else a mark says nothing. */
static bool take_key(struct reader *r, const struct store_key *key, bool *wanted, struct error *err)
{
    char name[NAME_SHOWN];
    int order = r->any_key ? bytes_compare(key->key, buf_bytes(&r->last_key)) : 1;
    *wanted = order > 0 && (!r->o.after.data || bytes_compare(key->key, r->o.after) > 0);
    if (order < 0)
        return error_set(err, ERR_ANSWER, "the listing of namespace %s is not in order",
                         text_quoted(r->o.id, name, sizeof name));
    r->any_key = true;
    buf_clear(&r->last_key);
    buf_add_bytes(&r->last_key, key->key);
    return true;
}

/* The get that takes the next key. */
static struct value_get *get_open(struct reader *r, bool odd)
{
    struct value_get *g = r->unsent ? r->last : NULL;
    if (odd) {
        g = get_new(r, 1);
        g->next = r->odd;
        r->odd = g;
    } else if (!g || is_full(g)) {
        g = get_new(r, STORE_GET_MAX);
        get_append(r, g);
    }
    return g;
}

static void add_key(struct reader *r, const struct store_key *key)
{
    struct store_pair listed = {
        .key = key->key, .metadata = key->metadata, .expiration = key->expiration};
    bool odd = r->o.values && r->o.is_odd && r->o.is_odd(r->o.is_odd_ctx, key->key);
    struct value_get *g = get_open(r, odd);
    size_t at = g->n++;
    g->keys[at] = arena_copy(&g->arena, key->key);
    if (r->o.values)
        g->pairs[at].metadata = arena_keep(&g->arena, key->metadata);
    else
        keep(g, &listed, at);
}

/* No more keys come. */
static void end_listing(struct reader *r)
{
    struct value_get *g, *turned = NULL;
    r->listed = true;
    while ((g = r->odd) != NULL) {
        r->odd = g->next;
        g->next = turned;
        turned = g;
    }
    while ((g = turned) != NULL) {
        turned = g->next;
        get_append(r, g);
    }
}

static bool asked_for(const struct value_get *g, struct bytes key)
{
    for (size_t i = 0; g && i < g->n; i++)
        if (bytes_equal(g->keys[i], key))
            return true;
    return false;
}

/* What would be a page of a listing. What a get is asked for twice it may answer once, so a key
 * that comes again goes into another one. */
static bool pull_page(struct reader *r, struct error *err)
{
    struct store_key key = {0};
    for (size_t i = 0; i < STORE_PAGE; i++) {
        enum pull pulled = r->pull(r->pull_ctx, &key.key, err);
        if (pulled == PULL_END)
            end_listing(r);
        if (pulled != PULL_PAIR)
            return r->listed;
        if (r->unsent && asked_for(r->last, key.key))
            get_append(r, get_new(r, STORE_GET_MAX));
        add_key(r, &key);
    }
    return true;
}

/* Without values a listed key is all there is to it. */
static void settle_listed(struct reader *r)
{
    for (struct value_get *g = r->unsent; g && !r->o.values; g = g->next)
        g->done = true;
    if (!r->o.values) {
        r->unsent = NULL;
        r->n_unsent = 0;
    }
}

static bool move_on(struct reader *r, const struct store_result *result, struct error *err)
{
    char name[NAME_SHOWN];
    if (result->cursor.len == 0)
        end_listing(r);
    else if (bytes_equal(result->cursor, buf_bytes(&r->cursor)))
        return error_set(err, ERR_ANSWER, "the listing of namespace %s does not go on",
                         text_quoted(r->o.id, name, sizeof name));
    buf_clear(&r->cursor);
    buf_add_bytes(&r->cursor, result->cursor);
    return true;
}

static bool page_listed(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct reader *r = ctx;
    (void)q;
    (void)op;
    r->listing = false;
    r->requests++;
    if (!result->ok)
        return fail(r, result, "list the keys", err);
    for (size_t i = 0; i < result->n_keys; i++) {
        bool wanted;
        if (!take_key(r, &result->keys[i], &wanted, err))
            return false;
        if (wanted)
            add_key(r, &result->keys[i]);
    }
    settle_listed(r);
    return move_on(r, result, err);
}

static void send_listing(struct reader *r, struct queue *q)
{
    struct store_op op = {.kind = STORE_KEY_LIST,
                          .account = r->o.account,
                          .id = r->o.id,
                          .prefix = r->o.prefix,
                          .cursor = buf_bytes(&r->cursor)};
    r->listing = true;
    queue_push(q, &op, page_listed, r);
}

/* ---- Filling the window ---------------------------------------------------------------------- */

static bool is_due(const struct reader *r)
{
    return r->first && r->first->done;
}

/* The one that everybody waits for always goes. What is not full may become so. */
static bool may_get(const struct reader *r)
{
    if (!r->unsent || (!is_full(r->unsent) && r->unsent == r->last && !r->listed))
        return false;
    if (r->flying == 0 && !is_due(r))
        return true;
    size_t limit = r->allowed < r->o.jobs ? r->allowed : r->o.jobs;
    return r->flying < limit && r->n_done + r->flying < GETS_MAX &&
           r->held + (r->flying + 1) * r->guess < READ_WINDOW_BYTES;
}

/* A page ahead of the gets, so that they need not wait for it. */
static bool may_list(const struct reader *r)
{
    if (r->listed || r->listing)
        return false;
    if (!r->o.values)
        return !is_due(r);
    return r->n_unsent < STORE_PAGE / STORE_GET_MAX && r->held < READ_WINDOW_BYTES;
}

static bool refill(void *ctx, struct queue *q, struct error *err)
{
    struct reader *r = ctx;
    if (may_list(r) && !r->pull) {
        send_listing(r, q);
        return true;
    }
    if (may_list(r) && !pull_page(r, err))
        return false;
    if (may_get(r))
        send_get(r, q);
    return true;
}

static bool fill(struct reader *r, struct error *err)
{
    struct queue q = {.refill = refill, .refill_ctx = r};
    bool ok = queue_run(&q, r->o.store, err);
    queue_release(&q);
    return ok;
}

/* ---- Giving ---------------------------------------------------------------------------------- */

static void drop_first(struct reader *r)
{
    struct value_get *g = r->first;
    r->first = g->next;
    if (!r->first)
        r->last = NULL;
    r->held -= r->o.values ? g->bytes : 0;
    r->n_done -= r->o.values && g->done;
    r->at = 0;
    arena_release(&g->arena);
    mem_free(g);
}

/* The next pair that is there already. */
static bool give(struct reader *r, struct store_pair *pair)
{
    while (is_due(r)) {
        while (r->at < r->first->n) {
            size_t at = r->at++;
            *pair = r->first->pairs[at];
            bool is_there = pair->key.data != NULL;
            pair->key = r->first->keys[at];
            if (is_there || r->pull)
                return true;
        }
        drop_first(r);
    }
    return false;
}

struct reader *reader_open(const struct read_options *options)
{
    struct reader *r = mem_alloc(sizeof *r);
    *r = (struct reader){.o = *options, .allowed = 1};
    if (r->o.jobs == 0)
        r->o.jobs = STORE_JOBS;
    return r;
}

struct reader *reader_open_keys(const struct read_options *options, pull_key_fn pull, void *ctx)
{
    struct read_options o = *options;
    o.values = true;
    o.after = bytes_make(NULL, 0);
    struct reader *r = reader_open(&o);
    r->pull = pull;
    r->pull_ctx = ctx;
    return r;
}

bool reader_next(struct reader *r, struct store_pair *pair, bool *end, struct error *err)
{
    *end = false;
    while (!give(r, pair)) {
        *end = r->listed && !r->first;
        if (*end)
            return true;
        if (!fill(r, err))
            return false;
    }
    return true;
}

uint64_t reader_requests(const struct reader *r)
{
    return r->requests;
}

void reader_close(struct reader *r)
{
    if (!r)
        return;
    end_listing(r);
    while (r->first)
        drop_first(r);
    buf_release(&r->cursor);
    buf_release(&r->last_key);
    mem_free(r);
}

void kv_write_pair(const struct store_pair *pair, struct buf *out)
{
    struct backup_key line = {.key = pair->key,
                              .value = pair->value,
                              .metadata = pair->metadata,
                              .expiration = pair->expiration};
    backup_write_key(&line, out);
}
