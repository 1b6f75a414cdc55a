#include "local_keys.h"

#include "base/clock.h"

/* ---- Readers --------------------------------------------------------------------------------- */

/* One root while all of them are read. */
struct root_rows {
    struct miniflare *mf;
    struct miniflare_row row;
    bool at; /* `row` is the next key */

    /* While values are read: a walk through the rows, since keys are mostly asked for in byte order
     * and near each other. */
    bool going;
    struct bytes last; /* what was asked for before */
};

struct readers {
    size_t n;
    struct root_rows reader[PLACES_MAX];
};

static bool readers_open(struct readers *rs, struct local_keys *k, struct bytes id,
                         enum sql_mode mode, struct error *err)
{
    struct place_set set = places_of(&k->places, id);
    for (rs->n = 0; rs->n < set.n; rs->n++) {
        struct miniflare *mf = places_open(&k->places, set.root[rs->n], id, mode, err);
        if (!mf)
            return false;
        rs->reader[rs->n] = (struct root_rows){.mf = mf};
    }
    return true;
}

/* true when a file was read without locks and somebody came meanwhile. */
static bool readers_moved(const struct readers *rs)
{
    for (size_t i = 0; i < rs->n; i++)
        if (sql_moved(&rs->reader[i].mf->sql))
            return true;
    return false;
}

static void readers_stop(struct readers *rs)
{
    for (size_t i = 0; i < rs->n; i++)
        miniflare_stop(rs->reader[i].mf);
}

static bool reader_advance(struct root_rows *r, struct error *err)
{
    return miniflare_next(r->mf, &r->row, &r->at, err);
}

/* Goes to the first key from `from` on. */
static bool reader_seek(struct root_rows *r, struct bytes from, int64_t now, struct error *err)
{
    return miniflare_seek(r->mf, from, now, err) && reader_advance(r, err);
}

static bool has_key(const struct root_rows *r, struct bytes key)
{
    return r->at && bytes_equal(r->row.key, key);
}

/* ---- Listing --------------------------------------------------------------------------------- */

/* Opens all roots, each at the first key of the prefix, or behind the cursor. */
static bool merge_start(struct readers *rs, struct local_keys *k, const struct store_op *op,
                        enum sql_mode mode, struct error *err)
{
    int64_t now = clock_now();
    bool behind = op->cursor.len > 0 && bytes_compare(op->cursor, op->prefix) >= 0;
    struct bytes from = behind ? op->cursor : op->prefix;
    if (!readers_open(rs, k, op->id, mode, err))
        return false;
    for (size_t i = 0; i < rs->n; i++) {
        struct root_rows *r = &rs->reader[i];
        if (!reader_seek(r, from, now, err) ||
            (behind && has_key(r, from) && !reader_advance(r, err)))
            return false;
    }
    return true;
}

/* The reader whose key comes first; the first root's among equals. NULL at the end. */
static struct root_rows *merge_first(struct readers *rs)
{
    struct root_rows *first = NULL;
    for (size_t i = 0; i < rs->n; i++) {
        struct root_rows *r = &rs->reader[i];
        if (r->at && (!first || bytes_compare(r->row.key, first->row.key) < 0))
            first = r;
    }
    return first;
}

static bool diverges(const struct readers *rs, const struct root_rows *first)
{
    for (size_t i = 0; i < rs->n; i++) {
        const struct root_rows *r = &rs->reader[i];
        if (r != first && (!has_key(r, first->row.key) ||
                           !miniflare_same(first->mf, &first->row, r->mf, &r->row)))
            return true;
    }
    return false;
}

/* A page of the listing. Nothing counts when `*moved`. */
static bool list_page(struct local_keys *k, const struct store_op *op, enum sql_mode mode,
                      struct arena *arena, struct store_key *keys, struct store_result *result,
                      bool *moved, struct error *err)
{
    struct readers rs;
    const struct root_rows *r;
    result->n_keys = 0;
    result->cursor = bytes_make(NULL, 0);
    bool ok = merge_start(&rs, k, op, mode, err);
    while (ok && (r = merge_first(&rs)) && bytes_starts_with(r->row.key, op->prefix)) {
        if (result->n_keys == STORE_PAGE) {
            result->cursor = keys[STORE_PAGE - 1].key;
            break;
        }
        struct store_key *key = &keys[result->n_keys++];
        *key = (struct store_key){.key = arena_copy(arena, r->row.key),
                                  .expiration = r->row.expires_ms / 1000,
                                  .divergent = diverges(&rs, r)};
        if (r->row.metadata.data)
            key->metadata = arena_copy(arena, r->row.metadata);
        /* Every root that is at the key moves on; its row is gone then. */
        for (size_t i = 0; ok && i < rs.n; i++)
            ok = !has_key(&rs.reader[i], key->key) || reader_advance(&rs.reader[i], err);
    }
    *moved = readers_moved(&rs);
    readers_stop(&rs);
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
    struct readers rs;
    struct store_op op = {.id = id};
    bool ok = merge_start(&rs, k, &op, SQL_READ, err);
    *any = ok && merge_first(&rs) != NULL;
    readers_stop(&rs);
    return ok;
}

/* ---- Getting ----------------------------------------------------------------------------------
 *
 * First the rows of all the keys, then their blobs: so the database is left again soon, and one
 * that is read without locks is asked only once whether it moved.
 */

#define TRIES    3
#define SKIP_MAX 16 /* rows passed over before a search is cheaper */

static bool walks_start(struct readers *rs, struct local_keys *k, struct bytes id,
                        enum sql_mode mode, struct error *err)
{
    bool ok = readers_open(rs, k, id, mode, err);
    for (size_t i = 0; ok && i < rs->n; i++)
        ok = miniflare_hold(rs->reader[i].mf, err);
    return ok;
}

/* Goes to the first row from `key` on. */
static bool walk_to(struct root_rows *r, struct bytes key, int64_t now, struct error *err)
{
    bool onward = r->going && bytes_compare(r->last, key) <= 0;
    r->going = true;
    r->last = key;
    for (int i = 0; onward && i < SKIP_MAX; i++) {
        if (!r->at || bytes_compare(r->row.key, key) >= 0)
            return true;
        if (!reader_advance(r, err))
            return false;
    }
    return reader_seek(r, key, now, err);
}

/*
 * The value of a key under one root, its row in the reader. A blob that is gone may have been
 * replaced by wrangler after its row was read: then a look at what is there now finds the new one.
 */
static bool read_value(struct root_rows *r, struct bytes key, int64_t now, struct buf *value,
                       bool *found, struct error *err)
{
    for (int i = 0; i < TRIES; i++) {
        bool blob = false;
        if (!walk_to(r, key, now, err))
            return false;
        *found = has_key(r, key);
        if (!*found)
            return true;
        buf_clear(value);
        if (!blob_read(&r->mf->blobs, r->row.blob, value, &blob, err))
            return false;
        if (blob)
            return true;
        miniflare_stop(r->mf);
        r->going = false;
        if (!miniflare_hold(r->mf, err))
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

/* One key alone, from the first root that has it, as it is now. */
static bool get_afresh(struct local_keys *k, const struct store_op *op, struct bytes key,
                       int64_t now, struct buf *value, struct error *err)
{
    struct readers rs;
    bool found = false;
    bool ok = walks_start(&rs, k, op->id, SQL_READ, err);
    for (size_t i = 0; ok && !found && i < rs.n; i++) {
        ok = read_value(&rs.reader[i], key, now, value, &found, err);
        if (ok && found)
            ok = show_pair(op, &rs.reader[i].row, value, err);
    }
    readers_stop(&rs);
    return ok;
}

/* The row of a key under the first root that has one; `mf` NULL: none has. */
struct place_row {
    struct miniflare *mf;
    struct miniflare_row row; /* a copy */
};

/* Like all reading, nothing counts when `*moved`. */
static bool rows_find(struct local_keys *k, const struct store_op *op, enum sql_mode mode,
                      int64_t now, struct arena *arena, struct place_row *rows, bool *moved,
                      struct error *err)
{
    struct readers rs;
    memset(rows, 0, op->n * sizeof *rows);
    bool ok = walks_start(&rs, k, op->id, mode, err);
    for (size_t i = 0; ok && i < op->n; i++) {
        struct bytes key = op->keys[i];
        for (size_t j = 0; ok && !rows[i].mf && j < rs.n; j++) {
            struct root_rows *r = &rs.reader[j];
            ok = walk_to(r, key, now, err);
            if (ok && has_key(r, key))
                rows[i] = (struct place_row){r->mf, miniflare_row_copy(&r->row, arena)};
        }
    }
    *moved = readers_moved(&rs);
    readers_stop(&rs);
    return ok;
}

bool local_keys_get(struct local_keys *k, const struct store_op *op, struct error *err)
{
    struct arena arena = {0};
    struct buf value = {0};
    int64_t now = clock_now();
    bool moved = false;
    struct place_row *rows = arena_alloc(&arena, op->n, sizeof *rows);
    bool ok = rows_find(k, op, SQL_STILL, now, &arena, rows, &moved, err);
    if (moved)
        ok = rows_find(k, op, SQL_READ, now, &arena, rows, &moved, err);
    for (size_t i = 0; ok && i < op->n; i++) {
        bool blob = false;
        if (!rows[i].mf)
            continue;
        buf_clear(&value);
        ok = blob_read(&rows[i].mf->blobs, rows[i].row.blob, &value, &blob, err);
        if (ok)
            ok = blob ? show_pair(op, &rows[i].row, &value, err)
                      : get_afresh(k, op, rows[i].row.key, now, &value, err);
    }
    buf_release(&value);
    arena_release(&arena);
    return ok;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* One write under one root; `mf` is open for writing and the root is locked. */
typedef bool (*write_fn)(struct miniflare *mf, const void *ctx, struct error *err);

/* Under each of these roots; without `make` only those that hold something of the namespace, so
 * that taking away makes no files. */
static bool write_in(struct local_keys *k, struct bytes id, const struct place_set *set, bool make,
                     write_fn write, const void *ctx, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < set->n; i++) {
        struct root *r = &k->places.roots[set->root[i]];
        struct miniflare *mf = NULL;
        if (!make && !(mf = places_open(&k->places, set->root[i], id, SQL_READ, err)))
            return false;
        if (!make && !mf->sql.db && mf->blobs.home < 0)
            continue;
        if (!root_lock(r, k->interrupted, err))
            return false;
        mf = places_open(&k->places, set->root[i], id, SQL_CREATE, err);
        ok = mf && write(mf, ctx, err);
        root_unlock(r);
    }
    return ok;
}

struct local_put {
    const struct store_op *op;
    struct blob_series series;
    int64_t now; /* the same in each root, or they would disagree on when keys expire */
};

static bool write_put(struct miniflare *mf, const void *ctx, struct error *err)
{
    const struct local_put *p = ctx;
    return miniflare_put(mf, p->op->pairs, p->op->n, &p->series, p->now, err);
}

bool local_keys_put(struct local_keys *k, const struct store_op *op, struct error *err)
{
    struct local_put p = {.op = op, .now = clock_now()};
    struct place_set set = places_of(&k->places, op->id);
    return op->n == 0 || (blob_series_start(&p.series, err) &&
                          write_in(k, op->id, &set, true, write_put, &p, err));
}

static bool write_delete(struct miniflare *mf, const void *ctx, struct error *err)
{
    const struct store_op *op = ctx;
    return miniflare_delete(mf, op->keys, op->n, err);
}

bool local_keys_delete(struct local_keys *k, const struct store_op *op, struct error *err)
{
    struct place_set set = places_of(&k->places, op->id);
    return op->n == 0 || write_in(k, op->id, &set, false, write_delete, op, err);
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
