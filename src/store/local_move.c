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

/* Brings one page from root `source` to root `root`; `*n` is 0 when there was none. */
static bool move_page(struct move *m, size_t root, size_t source, size_t *n, struct error *err)
{
    struct places *places = &m->k->places;
    struct root *r = &places->roots[root];
    struct miniflare_row row;
    bool found = true;
    size_t taken = 0;
    *n = 0;
    if (m->k->interrupted && *m->k->interrupted != 0)
        return error_set(err, ERR_INTERRUPTED, "interrupted");
    arena_reset(&m->page);
    struct miniflare_row *rows = arena_alloc(&m->page, STORE_PAGE, sizeof *rows);
    struct miniflare *from = places_open(places, source, m->from, SQL_READ, err);
    if (!from)
        return false;
    bool ok = miniflare_seek(from, buf_bytes(&m->last), clock_now(), err);
    while (ok && *n < STORE_PAGE && (ok = miniflare_next(from, &row, &found, err)) && found)
        if (m->last.len == 0 || !bytes_equal(row.key, buf_bytes(&m->last)))
            rows[(*n)++] = miniflare_row_copy(&row, &m->page);
    miniflare_stop(from);
    if (!ok || *n == 0)
        return ok;
    buf_clear(&m->last);
    buf_add_bytes(&m->last, rows[*n - 1].key);
    if (!root_lock(r, m->k->interrupted, err))
        return false;
    struct miniflare *to = places_open(places, root, m->to, SQL_CREATE, err);
    ok = to && miniflare_take(to, &from->blobs, rows, *n, &taken, err);
    root_unlock(r);
    m->brought += taken;
    return ok;
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

static bool same_roots(const struct place_set *a, const struct place_set *b)
{
    size_t i = 0;
    while (i < a->n && place_set_has(b, a->root[i]))
        i++;
    return i == a->n && a->n == b->n;
}

static bool take_from_others(struct move *m, size_t root, const struct place_set *set,
                             struct error *err)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->root[i] != root && !take_from(m, root, set->root[i], err))
            return false;
    return true;
}

bool local_keys_move(struct local_keys *k, struct bytes from, struct bytes to, struct error *err)
{
    struct move m = {.k = k,
                     .from = from,
                     .to = to,
                     .from_set = places_of(&k->places, from),
                     .to_set = places_of(&k->places, to)};
    bool same = same_roots(&m.from_set, &m.to_set), ok = true;
    for (size_t i = 0; ok && i < m.to_set.n; i++) {
        size_t root = m.to_set.root[i];
        ok = take_from(&m, root, root, err) &&
             (same || (take_from_others(&m, root, &m.from_set, err) &&
                       take_from_others(&m, root, &m.to_set, err)));
    }
    if (ok && FAULT("local.move.clear"))
        ok = error_errno(err, errno, "cannot clear a namespace that got another id");
    /* Also under the roots of `to`: what lay there under the old id came along. */
    ok = ok && local_keys_clear(k, from, &m.from_set, err) &&
         local_keys_clear(k, from, &m.to_set, err);
    arena_release(&m.page);
    buf_release(&m.last);
    return ok;
}
