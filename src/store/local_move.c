#include "local_move.h"

#include <errno.h>

#include "base/clock.h"
#include "base/fault.h"

#define PASSES 3 /* over one root; the later ones find what others put meanwhile */

struct move {
    struct local_keys *k;
    struct bytes from, to;
    struct place_set from_set, to_set;
    struct arena page; /* the rows on their way */
    struct buf last;   /* the last key of the page */
    size_t brought;    /* in the current pass */
};

/* ---- One page -------------------------------------------------------------------------------- */

static struct miniflare_row row_copy(struct arena *arena, const struct miniflare_row *row)
{
    struct miniflare_row copy = {.key = arena_copy(arena, row->key),
                                 .blob = arena_copy(arena, row->blob),
                                 .expires_ms = row->expires_ms};
    if (row->metadata.data)
        copy.metadata = arena_copy(arena, row->metadata);
    return copy;
}

/* The rows behind the last key, at most a page of them. */
static bool read_rows(struct move *m, struct miniflare *mf, struct miniflare_row *rows, size_t *n,
                      struct error *err)
{
    bool found = true;
    struct miniflare_row row;
    if (!miniflare_seek(mf, buf_bytes(&m->last), clock_now(), err))
        return false;
    for (*n = 0; *n < STORE_PAGE;) {
        if (!miniflare_next(mf, &row, &found, err))
            return false;
        if (!found)
            return true;
        if (m->last.len > 0 && bytes_equal(row.key, buf_bytes(&m->last)))
            continue;
        rows[(*n)++] = row_copy(&m->page, &row);
    }
    return true;
}

static bool take_rows(struct move *m, size_t root, const struct miniflare *from,
                      struct miniflare_row *rows, size_t n, struct error *err)
{
    size_t taken = 0;
    struct root *r = &m->k->places.roots[root];
    if (!root_lock(r, m->k->interrupted, err))
        return false;
    struct miniflare *mf = places_open(&m->k->places, root, m->to, SQL_CREATE, err);
    bool ok = mf && miniflare_take(mf, &from->blobs, rows, n, &taken, err);
    root_unlock(r);
    m->brought += taken;
    return ok;
}

/* Brings one page from root `source` to root `root`; `*n` is 0 when there was none. */
static bool move_page(struct move *m, size_t root, size_t source, size_t *n, struct error *err)
{
    *n = 0;
    if (m->k->interrupted && *m->k->interrupted != 0)
        return error_set(err, ERR_INTERRUPTED, "interrupted");
    arena_reset(&m->page);
    struct miniflare_row *rows = arena_alloc(&m->page, STORE_PAGE, sizeof *rows);
    struct miniflare *mf = places_open(&m->k->places, source, m->from, SQL_READ, err);
    if (!mf)
        return false;
    bool ok = read_rows(m, mf, rows, n, err);
    miniflare_stop(mf);
    if (!ok || *n == 0)
        return ok;
    buf_clear(&m->last);
    buf_add_bytes(&m->last, rows[*n - 1].key);
    return take_rows(m, root, mf, rows, *n, err);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static bool take_from(struct move *m, size_t root, size_t source, struct error *err)
{
    size_t n = 1, pass = 0;
    do {
        m->brought = 0;
        buf_clear(&m->last);
        do
            if (!move_page(m, root, source, &n, err))
                return false;
        while (n == STORE_PAGE);
    } while (m->brought > 0 && ++pass < PASSES);
    return true;
}

static bool take_from_others(struct move *m, size_t root, const struct place_set *set,
                             struct error *err)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->root[i] != root && !take_from(m, root, set->root[i], err))
            return false;
    return true;
}

static bool same_roots(const struct place_set *a, const struct place_set *b)
{
    size_t i = 0;
    while (i < a->n && place_set_has(b, a->root[i]))
        i++;
    return i == a->n && a->n == b->n;
}

static bool take_all(struct move *m, struct error *err)
{
    bool alone = same_roots(&m->from_set, &m->to_set);
    for (size_t i = 0; i < m->to_set.n; i++) {
        size_t root = m->to_set.root[i];
        if (!take_from(m, root, root, err) ||
            (!alone && (!take_from_others(m, root, &m->from_set, err) ||
                        !take_from_others(m, root, &m->to_set, err))))
            return false;
    }
    return true;
}

/* Also under the roots of `to`: what lay there under the old id came along. */
static bool clear_all(struct move *m, struct error *err)
{
    if (FAULT("local.move.clear"))
        return error_errno(err, errno, "cannot clear a namespace that got another id");
    return local_keys_clear(m->k, m->from, &m->from_set, err) &&
           local_keys_clear(m->k, m->from, &m->to_set, err);
}

bool local_keys_move(struct local_keys *k, struct bytes from, struct bytes to, struct error *err)
{
    struct move m = {.k = k,
                     .from = from,
                     .to = to,
                     .from_set = places_of(&k->places, from),
                     .to_set = places_of(&k->places, to)};
    bool ok = take_all(&m, err) && clear_all(&m, err);
    arena_release(&m.page);
    buf_release(&m.last);
    return ok;
}
