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
    struct miniflare_row *rows;
    struct buf last; /* the last key of the page */
    size_t brought;  /* in the current pass */
};

/* ---- One page -------------------------------------------------------------------------------- */

/* Reads the rows behind the last into m->rows. */
static bool read_page(struct move *m, size_t source, struct miniflare **from, size_t *n,
                      struct error *err)
{
    struct miniflare_row row;
    bool found = true;
    *n = 0;
    if (m->k->interrupted && *m->k->interrupted != 0)
        return error_set(err, ERR_INTERRUPTED, "interrupted");
    arena_reset(&m->page);
    m->rows = arena_alloc(&m->page, STORE_PAGE, sizeof *m->rows);
    *from = places_open(&m->k->places, source, m->from, SQL_READ, err);
    if (!*from)
        return false;
    bool ok = miniflare_seek(*from, buf_bytes(&m->last), clock_now(), err);
    while (ok && *n < STORE_PAGE && (ok = miniflare_next(*from, &row, &found, err)) && found)
        if (m->last.len == 0 || !bytes_equal(row.key, buf_bytes(&m->last)))
            m->rows[(*n)++] = miniflare_row_copy(&row, &m->page);
    miniflare_stop(*from);
    if (!ok || *n == 0)
        return ok;
    buf_clear(&m->last);
    buf_add_bytes(&m->last, m->rows[*n - 1].key);
    return true;
}

/* Brings one page from root `source` to root `root`; `*n` is 0 when there was none. */
static bool move_page(struct move *m, size_t root, size_t source, size_t *n, struct error *err)
{
    struct places *places = &m->k->places;
    struct root *r = &places->roots[root];
    struct miniflare *from;
    size_t taken = 0;
    if (!read_page(m, source, &from, n, err))
        return false;
    if (*n == 0)
        return true;
    if (!root_lock(r, m->k->interrupted, err))
        return false;
    struct miniflare *to = places_open(places, root, m->to, SQL_CREATE, err);
    bool ok = to && miniflare_take(to, &from->blobs, m->rows, *n, &taken, err);
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

static struct move move_begin(struct local_keys *k, struct bytes from, struct bytes to)
{
    return (struct move){.k = k,
                         .from = from,
                         .to = to,
                         .from_set = places_of(&k->places, from),
                         .to_set = places_of(&k->places, to)};
}

static bool move_end(struct move *m, bool ok)
{
    arena_release(&m->page);
    buf_release(&m->last);
    return ok;
}

bool local_keys_copy(struct local_keys *k, struct bytes from, struct bytes to, struct error *err)
{
    struct move m = move_begin(k, from, to);
    bool same = same_roots(&m.from_set, &m.to_set), ok = true;
    for (size_t i = 0; ok && i < m.to_set.n; i++) {
        size_t root = m.to_set.root[i];
        ok = take_from(&m, root, root, err) &&
             (same || (take_from_others(&m, root, &m.from_set, err) &&
                       take_from_others(&m, root, &m.to_set, err)));
    }
    return move_end(&m, ok);
}

/* ---- What has gone over ---------------------------------------------------------------------- */

/* The same key with the same value is under `to`: there, or under any root when `to` does not live
 * there. One without a value is nothing. */
static bool has_gone(struct move *m, struct miniflare *from, size_t source,
                     const struct miniflare_row *row, bool *gone, struct error *err)
{
    struct place_set here = {.n = 1, .root = {source}};
    const struct place_set *set = place_set_has(&m->to_set, source) ? &here : &m->to_set;
    *gone = !blob_exists(&from->blobs, row->blob);
    for (size_t i = 0; i < set->n && !*gone; i++) {
        struct miniflare_row there;
        bool found = false;
        struct miniflare *to = places_open(&m->k->places, set->root[i], m->to, SQL_READ, err);
        if (!to || !miniflare_seek(to, row->key, clock_now(), err) ||
            !miniflare_next(to, &there, &found, err))
            return false;
        *gone = found && bytes_equal(there.key, row->key) && miniflare_same(from, row, to, &there);
        miniflare_stop(to);
    }
    return true;
}

/* The keys of one page under root `source` that have gone over: they are deleted when `drop`.
 * `*left` counts the others. */
static bool settle_page(struct move *m, size_t source, bool drop, size_t *n, size_t *left,
                        struct error *err)
{
    struct miniflare *from;
    struct bytes *gone;
    size_t n_gone = 0;
    bool ok = read_page(m, source, &from, n, err);
    gone = arena_alloc(&m->page, *n + 1, sizeof *gone);
    for (size_t i = 0; ok && i < *n; i++) {
        bool over = false;
        ok = has_gone(m, from, source, &m->rows[i], &over, err);
        if (over)
            gone[n_gone++] = m->rows[i].key;
    }
    *left += *n - n_gone;
    if (!ok || !drop || (n_gone == 0 && !blobs_marked(&from->blobs))) /* a write clears up, too */
        return ok;
    struct root *r = &m->k->places.roots[source];
    if (!root_lock(r, m->k->interrupted, err))
        return false;
    from = places_open(&m->k->places, source, m->from, SQL_CREATE, err);
    ok = from && miniflare_delete(from, gone, n_gone, err);
    root_unlock(r);
    return ok;
}

static bool settle_pages(struct move *m, size_t source, bool drop, size_t *left, struct error *err)
{
    size_t n = 0;
    *left = 0;
    buf_clear(&m->last);
    do
        if (!settle_page(m, source, drop, &n, left, err))
            return false;
    while (n == STORE_PAGE);
    return true;
}

/* When all of it has gone over, the files go too. */
static bool settle(struct move *m, size_t source, size_t *left, struct error *err)
{
    struct place_set set = {.n = 1, .root = {source}};
    size_t kept;
    if (!settle_pages(m, source, false, &kept, err))
        return false;
    if (kept == 0)
        return local_keys_clear(m->k, m->from, &set, err);
    *left += kept;
    return settle_pages(m, source, true, &kept, err);
}

bool local_keys_clear_copied(struct local_keys *k, struct bytes from, struct bytes to, size_t *left,
                             struct error *err)
{
    struct move m = move_begin(k, from, to);
    bool ok = true;
    *left = 0;
    if (FAULT("local.move.clear"))
        ok = error_errno(err, errno, "cannot clear a namespace that got another id");
    for (size_t i = 0; ok && i < m.from_set.n; i++)
        ok = settle(&m, m.from_set.root[i], left, err);
    /* Also under the roots of `to`: what lay there under the old id came along. */
    for (size_t i = 0; ok && i < m.to_set.n; i++)
        ok =
            place_set_has(&m.from_set, m.to_set.root[i]) || settle(&m, m.to_set.root[i], left, err);
    return move_end(&m, ok);
}
