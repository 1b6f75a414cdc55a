#include "local_keys.h"

#include "base/clock.h"

/* ---- Listing --------------------------------------------------------------------------------- */

/* One root while all of them are walked in step. */
struct reader {
    struct miniflare *mf;
    struct miniflare_row row;
    bool at; /* `row` is the next key */
};

struct merge {
    size_t n;
    struct reader reader[PLACES_MAX];
};

static bool reader_advance(struct reader *r, struct error *err)
{
    return miniflare_next(r->mf, &r->row, &r->at, err);
}

/* Goes to the first key from `from` on, or behind it when `from` is the cursor. */
static bool reader_start(struct reader *r, struct bytes from, bool behind, int64_t now,
                         struct error *err)
{
    if (!miniflare_seek(r->mf, from, now, err) || !reader_advance(r, err))
        return false;
    return !behind || !r->at || !bytes_equal(r->row.key, from) || reader_advance(r, err);
}

static void merge_stop(struct merge *m)
{
    for (size_t i = 0; i < m->n; i++)
        miniflare_stop(m->reader[i].mf);
}

/* true when a file was read without locks and somebody came meanwhile. */
static bool merge_moved(const struct merge *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (sql_moved(&m->reader[i].mf->sql))
            return true;
    return false;
}

static bool merge_start(struct merge *m, struct local_keys *k, const struct store_op *op,
                        enum sql_mode mode, struct error *err)
{
    int64_t now = clock_now();
    struct place_set set = places_of(&k->places, op->id);
    bool behind = op->cursor.len > 0 && bytes_compare(op->cursor, op->prefix) >= 0;
    for (m->n = 0; m->n < set.n; m->n++) {
        struct reader *r = &m->reader[m->n];
        *r = (struct reader){.mf = places_open(&k->places, set.root[m->n], op->id, mode, err)};
        if (!r->mf)
            return false;
    }
    for (size_t i = 0; i < m->n; i++)
        if (!reader_start(&m->reader[i], behind ? op->cursor : op->prefix, behind, now, err))
            return false;
    return true;
}

/* The reader whose key comes first; the first root's among equals. NULL at the end. */
static struct reader *merge_first(struct merge *m)
{
    struct reader *first = NULL;
    for (size_t i = 0; i < m->n; i++) {
        struct reader *r = &m->reader[i];
        if (r->at && (!first || bytes_compare(r->row.key, first->row.key) < 0))
            first = r;
    }
    return first;
}

static bool has_key(const struct reader *r, struct bytes key)
{
    return r->at && bytes_equal(r->row.key, key);
}

/* cfkv gives a value the same name in every root, so most comparisons need no reading. */
static bool rows_agree(const struct reader *a, const struct reader *b)
{
    return a->row.expires_ms == b->row.expires_ms &&
           bytes_equal(a->row.metadata, b->row.metadata) &&
           (bytes_equal(a->row.blob, b->row.blob) ||
            blob_same(&a->mf->blobs, a->row.blob, &b->mf->blobs, b->row.blob));
}

static bool diverges(const struct merge *m, const struct reader *first)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct reader *r = &m->reader[i];
        if (r != first && (!has_key(r, first->row.key) || !rows_agree(first, r)))
            return true;
    }
    return false;
}

/* Moves every root that is at `key` on. `key` is a copy: rows are gone once their root moves. */
static bool merge_pass(struct merge *m, struct bytes key, struct error *err)
{
    for (size_t i = 0; i < m->n; i++)
        if (has_key(&m->reader[i], key) && !reader_advance(&m->reader[i], err))
            return false;
    return true;
}

static struct store_key key_copy(const struct merge *m, const struct reader *r, struct arena *arena)
{
    struct store_key key = {.key = arena_copy(arena, r->row.key),
                            .expiration = r->row.expires_ms / 1000,
                            .divergent = diverges(m, r)};
    if (r->row.metadata.data)
        key.metadata = arena_copy(arena, r->row.metadata);
    return key;
}

static bool merge_page(struct merge *m, const struct store_op *op, struct arena *arena,
                       struct store_key *keys, struct store_result *result, struct error *err)
{
    const struct reader *r;
    while ((r = merge_first(m)) != NULL && bytes_starts_with(r->row.key, op->prefix)) {
        if (result->n_keys == STORE_PAGE) {
            result->cursor = keys[STORE_PAGE - 1].key;
            return true;
        }
        struct store_key *key = &keys[result->n_keys];
        *key = key_copy(m, r, arena);
        if (!merge_pass(m, key->key, err))
            return false;
        result->n_keys++;
    }
    return true;
}

static bool list_page(struct local_keys *k, const struct store_op *op, enum sql_mode mode,
                      struct arena *arena, struct store_key *keys, struct store_result *result,
                      bool *moved, struct error *err)
{
    struct merge m;
    result->n_keys = 0;
    result->cursor = bytes_make(NULL, 0);
    bool ok = merge_start(&m, k, op, mode, err) && merge_page(&m, op, arena, keys, result, err);
    *moved = merge_moved(&m);
    merge_stop(&m);
    return ok;
}

bool local_keys_list(struct local_keys *k, const struct store_op *op, struct arena *arena,
                     struct store_result *result, struct error *err)
{
    bool moved = false;
    struct store_key *keys = arena_alloc(arena, STORE_PAGE, sizeof *keys);
    result->keys = keys;
    bool ok = list_page(k, op, SQL_STILL, arena, keys, result, &moved, err);
    return moved ? list_page(k, op, SQL_READ, arena, keys, result, &moved, err) : ok;
}

bool local_keys_any(struct local_keys *k, struct bytes id, bool *any, struct error *err)
{
    struct merge m;
    struct store_op op = {.id = id};
    bool ok = merge_start(&m, k, &op, SQL_READ, err);
    *any = ok && merge_first(&m) != NULL;
    merge_stop(&m);
    return ok;
}

/* ---- Getting ----------------------------------------------------------------------------------
 *
 * First the rows of all the keys, then their blobs: so the database is left again soon, and one
 * that is read without locks is asked only once whether it moved.
 */

#define TRIES    3
#define SKIP_MAX 16 /* rows passed over before a search is cheaper */

/* One root while values are read from it: a walk through its rows, since keys are mostly asked for
 * in byte order and near each other. */
struct walk {
    struct reader reader;
    bool going;
    struct bytes last; /* what was asked for before */
};

struct walks {
    size_t n;
    struct walk walk[PLACES_MAX];
};

static bool walks_start(struct walks *w, struct local_keys *k, struct bytes id, enum sql_mode mode,
                        struct error *err)
{
    struct place_set set = places_of(&k->places, id);
    for (w->n = 0; w->n < set.n; w->n++) {
        struct miniflare *mf = places_open(&k->places, set.root[w->n], id, mode, err);
        if (!mf || !miniflare_hold(mf, err))
            return false;
        w->walk[w->n] = (struct walk){.reader.mf = mf};
    }
    return true;
}

static bool walks_moved(const struct walks *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (sql_moved(&w->walk[i].reader.mf->sql))
            return true;
    return false;
}

static void walks_stop(struct walks *w)
{
    for (size_t i = 0; i < w->n; i++)
        miniflare_stop(w->walk[i].reader.mf);
}

/* Goes to the first row from `key` on. */
static bool walk_to(struct walk *w, struct bytes key, int64_t now, struct error *err)
{
    struct reader *r = &w->reader;
    bool onward = w->going && bytes_compare(w->last, key) <= 0;
    w->going = true;
    w->last = key;
    for (int i = 0; onward && i < SKIP_MAX; i++) {
        if (!r->at || bytes_compare(r->row.key, key) >= 0)
            return true;
        if (!reader_advance(r, err))
            return false;
    }
    return reader_start(r, key, false, now, err);
}

/* What is there now, whatever was read of it before. */
static bool walk_afresh(struct walk *w, struct error *err)
{
    miniflare_stop(w->reader.mf);
    w->going = false;
    return miniflare_hold(w->reader.mf, err);
}

/*
 * The value of a key under one root, its row in the walk. A blob that is gone may have been
 * replaced by wrangler after its row was read: then a look at what is there now finds the new one.
 */
static bool read_value(struct walk *w, struct bytes key, int64_t now, struct buf *value,
                       bool *found, struct error *err)
{
    for (int i = 0; i < TRIES; i++) {
        bool blob = false;
        if (!walk_to(w, key, now, err))
            return false;
        *found = has_key(&w->reader, key);
        if (!*found)
            return true;
        buf_clear(value);
        if (!blob_read(&w->reader.mf->blobs, w->reader.row.blob, value, &blob, err))
            return false;
        if (blob)
            return true;
        if (!walk_afresh(w, err))
            return false;
    }
    *found = false;
    return true;
}

static bool show_pair(const struct store_op *op, const struct miniflare_row *row,
                      const struct buf *value, struct error *err)
{
    struct store_pair pair = {.key = row->key,
                              .value = bytes_make(value->len > 0 ? value->data : "", value->len),
                              .metadata = row->metadata,
                              .expiration = row->expires_ms / 1000};
    return op->on_pair(op->on_pair_ctx, &pair, err);
}

/* From the first root that has the key. */
static bool get_one(struct walks *w, const struct store_op *op, struct bytes key, int64_t now,
                    struct buf *value, struct error *err)
{
    for (size_t i = 0; i < w->n; i++) {
        bool found = false;
        if (!read_value(&w->walk[i], key, now, value, &found, err))
            return false;
        if (found)
            return show_pair(op, &w->walk[i].reader.row, value, err);
    }
    return true;
}

/* The same for one key alone, as it is now. */
static bool get_afresh(struct local_keys *k, const struct store_op *op, struct bytes key,
                       int64_t now, struct buf *value, struct error *err)
{
    struct walks w;
    bool ok = walks_start(&w, k, op->id, SQL_READ, err) && get_one(&w, op, key, now, value, err);
    walks_stop(&w);
    return ok;
}

/* The row of a key under the first root that has one; `mf` NULL: none has. */
struct place_row {
    struct miniflare *mf;
    struct miniflare_row row; /* a copy */
};

static struct place_row row_copy(struct arena *arena, const struct reader *r, struct bytes key)
{
    struct place_row copy = {.mf = r->mf,
                             .row = {.key = key,
                                     .blob = arena_copy(arena, r->row.blob),
                                     .expires_ms = r->row.expires_ms}};
    if (r->row.metadata.data)
        copy.row.metadata = arena_copy(arena, r->row.metadata);
    return copy;
}

static bool row_find(struct walks *w, struct bytes key, int64_t now, struct arena *arena,
                     struct place_row *found, struct error *err)
{
    for (size_t i = 0; i < w->n && !found->mf; i++) {
        struct reader *r = &w->walk[i].reader;
        if (!walk_to(&w->walk[i], key, now, err))
            return false;
        if (has_key(r, key))
            *found = row_copy(arena, r, key);
    }
    return true;
}

static bool rows_find(struct local_keys *k, const struct store_op *op, enum sql_mode mode,
                      int64_t now, struct arena *arena, struct place_row *rows, bool *moved,
                      struct error *err)
{
    struct walks w;
    memset(rows, 0, op->n * sizeof *rows);
    bool ok = walks_start(&w, k, op->id, mode, err);
    for (size_t i = 0; ok && i < op->n; i++)
        ok = row_find(&w, op->keys[i], now, arena, &rows[i], err);
    *moved = walks_moved(&w);
    walks_stop(&w);
    return ok;
}

static bool get_row(struct local_keys *k, const struct store_op *op, const struct place_row *found,
                    int64_t now, struct buf *value, struct error *err)
{
    bool blob = false;
    buf_clear(value);
    if (!blob_read(&found->mf->blobs, found->row.blob, value, &blob, err))
        return false;
    return blob ? show_pair(op, &found->row, value, err)
                : get_afresh(k, op, found->row.key, now, value, err);
}

static bool get_rows(struct local_keys *k, const struct store_op *op, struct arena *arena,
                     struct buf *value, struct error *err)
{
    int64_t now = clock_now();
    bool moved = false;
    struct place_row *rows = arena_alloc(arena, op->n, sizeof *rows);
    bool ok = rows_find(k, op, SQL_STILL, now, arena, rows, &moved, err);
    if (moved)
        ok = rows_find(k, op, SQL_READ, now, arena, rows, &moved, err);
    for (size_t i = 0; ok && i < op->n; i++)
        ok = !rows[i].mf || get_row(k, op, &rows[i], now, value, err);
    return ok;
}

bool local_keys_get(struct local_keys *k, const struct store_op *op, struct error *err)
{
    struct arena arena = {0};
    struct buf value = {0};
    bool ok = get_rows(k, op, &arena, &value, err);
    buf_release(&value);
    arena_release(&arena);
    return ok;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* One write under one root; `mf` is open for writing and the root is locked. */
typedef bool (*write_fn)(struct miniflare *mf, const void *ctx, struct error *err);

static bool write_locked(struct local_keys *k, size_t root, struct bytes id, write_fn write,
                         const void *ctx, struct error *err)
{
    struct root *r = &k->places.roots[root];
    if (!root_lock(r, k->interrupted, err))
        return false;
    struct miniflare *mf = places_open(&k->places, root, id, SQL_CREATE, err);
    bool ok = mf && write(mf, ctx, err);
    root_unlock(r);
    return ok;
}

/* true when there is something of the namespace under this root. */
static bool is_there(struct local_keys *k, size_t root, struct bytes id, bool *there,
                     struct error *err)
{
    struct miniflare *mf = places_open(&k->places, root, id, SQL_READ, err);
    *there = mf && (mf->sql.db || mf->blobs.home >= 0);
    return mf != NULL;
}

/* As write_locked under each of these roots, or only those that hold something, so that taking away
 * makes no files. */
static bool write_in(struct local_keys *k, struct bytes id, const struct place_set *set, bool make,
                     write_fn write, const void *ctx, struct error *err)
{
    for (size_t i = 0; i < set->n; i++) {
        bool there = true;
        if (!make && !is_there(k, set->root[i], id, &there, err))
            return false;
        if (there && !write_locked(k, set->root[i], id, write, ctx, err))
            return false;
    }
    return true;
}

static bool write_each(struct local_keys *k, struct bytes id, bool make, write_fn write,
                       const void *ctx, struct error *err)
{
    struct place_set set = places_of(&k->places, id);
    return write_in(k, id, &set, make, write, ctx, err);
}

struct put {
    const struct store_op *op;
    struct blob_series series;
    int64_t now; /* the same in each root, or they would disagree on when keys expire */
};

static bool write_put(struct miniflare *mf, const void *ctx, struct error *err)
{
    const struct put *p = ctx;
    return miniflare_put(mf, p->op->pairs, p->op->n, &p->series, p->now, err);
}

bool local_keys_put(struct local_keys *k, const struct store_op *op, struct error *err)
{
    struct put p = {.op = op, .now = clock_now()};
    if (op->n == 0)
        return true;
    return blob_series_start(&p.series, err) && write_each(k, op->id, true, write_put, &p, err);
}

static bool write_delete(struct miniflare *mf, const void *ctx, struct error *err)
{
    const struct store_op *op = ctx;
    return miniflare_delete(mf, op->keys, op->n, err);
}

bool local_keys_delete(struct local_keys *k, const struct store_op *op, struct error *err)
{
    return op->n == 0 || write_each(k, op->id, false, write_delete, op, err);
}

static bool write_clear(struct miniflare *mf, const void *ctx, struct error *err)
{
    (void)ctx;
    return miniflare_clear(mf, err);
}

bool local_keys_clear(struct local_keys *k, struct bytes id, const struct place_set *set,
                      struct error *err)
{
    return write_in(k, id, set, false, write_clear, NULL, err);
}
