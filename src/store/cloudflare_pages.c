#include "cloudflare_pages.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloudflare_answer.h"

#define SHOWN 160 /* bytes of a text in a message */

/* Listings that nobody went on with are forgotten when there are so many; the oldest first. */
#define LISTINGS_MAX 64

/* What the pages of one listing said so far, and what its next operation will look like. */
struct page_walk {
    struct page_walk *next; /* an older one */
    struct arena arena;     /* of all that follows */
    struct bytes account;

    /* keys */
    struct bytes id, prefix, cursor;
    struct bytes last; /* the last key; data NULL: none yet */
    unsigned empty;    /* pages in a row */

    /* namespaces; page 0: it is a listing of keys */
    unsigned page;
    struct map seen; /* their ids */
};

static void listing_free(struct page_walk *l)
{
    map_release(&l->seen);
    arena_release(&l->arena);
    mem_free(l);
}

/* Takes a listing out of those under way; `*at` is where it hangs. */
static struct page_walk *take_out(struct pages *p, struct page_walk **at)
{
    struct page_walk *l = *at;
    if (l) {
        *at = l->next;
        p->n--;
    }
    return l;
}

static void put_back(struct pages *p, struct page_walk *l)
{
    struct page_walk **oldest = &p->first;
    while (p->n >= LISTINGS_MAX && (*oldest)->next)
        oldest = &(*oldest)->next;
    if (p->n >= LISTINGS_MAX)
        listing_free(take_out(p, oldest));
    l->next = p->first;
    p->first = l;
    p->n++;
}

void pages_release(struct pages *p)
{
    while (p->first)
        listing_free(take_out(p, &p->first));
}

/* ---- Keys ------------------------------------------------------------------------------------ */

/* `last`: the key before the page; data NULL: none. `empty`: pages without keys in a row. */
static bool check_keys(const struct store_op *op, const struct answer_keys *page, struct bytes last,
                       unsigned empty, struct error *err)
{
    char name[SHOWN], other[SHOWN];
    if (page->n < page->count) /* a key that is missing would be missing from a backup */
        return error_set(err, ERR_FORMAT, "the answer counts %llu key%s and holds %zu of them",
                         (unsigned long long)page->count, text_plural(page->count), page->n);
    for (size_t i = 0; i < page->n; i++) {
        struct bytes key = page->items[i].key;
        if (!bytes_starts_with(key, op->prefix))
            return error_set(err, ERR_FORMAT, "key %s is listed, which does not begin with %s",
                             text_quoted(key, name, sizeof name),
                             text_quoted(op->prefix, other, sizeof other));
        if (last.data && bytes_compare(key, last) <= 0)
            return error_set(err, ERR_FORMAT,
                             "key %s is listed after %s, and keys are listed in their order: the "
                             "listing does not go on",
                             text_quoted(key, name, sizeof name),
                             text_quoted(last, other, sizeof other));
        last = key;
    }
    if (page->cursor.len > 0 && bytes_equal(page->cursor, op->cursor))
        return error_set(err, ERR_FORMAT,
                         "the answer's cursor is the one that was sent: the listing "
                         "would never end");
    return empty < PAGES_EMPTY_MAX ||
           error_set(err, ERR_FORMAT,
                     "%u pages in a row hold no key, and each names another page: the listing "
                     "does not end",
                     empty);
}

bool pages_take_keys(struct pages *p, const struct store_op *op, const struct answer_keys *page,
                     struct error *err)
{
    struct page_walk **at = &p->first;
    while (*at &&
           !(op->cursor.len > 0 && (*at)->page == 0 && bytes_equal((*at)->cursor, op->cursor) &&
             bytes_equal((*at)->id, op->id) && bytes_equal((*at)->prefix, op->prefix) &&
             bytes_equal((*at)->account, op->account)))
        at = &(*at)->next;
    struct page_walk *before = take_out(p, at); /* NULL: `op` goes on with none that is known */
    struct bytes last = before ? before->last : bytes_make(NULL, 0);
    unsigned empty = page->n > 0 || page->cursor.len == 0 ? 0 : 1 + (before ? before->empty : 0);
    bool ok = check_keys(op, page, last, empty, err);
    if (page->n > 0)
        last = page->items[page->n - 1].key;
    if (ok && page->cursor.len > 0) { /* what the next page is judged by */
        struct page_walk *l = mem_zalloc(1, sizeof *l);
        l->empty = empty;
        l->account = arena_copy(&l->arena, op->account);
        l->id = arena_copy(&l->arena, op->id);
        l->prefix = arena_copy(&l->arena, op->prefix);
        l->cursor = arena_copy(&l->arena, page->cursor);
        if (last.data)
            l->last = arena_copy(&l->arena, last);
        put_back(p, l);
    }
    if (before)
        listing_free(before);
    return ok;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

/* The listing whose page `number` is awaited; a new one when there is none. */
static struct page_walk *namespaces_before(struct pages *p, struct bytes account, unsigned number)
{
    struct page_walk **at = &p->first;
    while (*at && !(number > 1 && (*at)->page == number && bytes_equal((*at)->account, account)))
        at = &(*at)->next;
    if (*at)
        return take_out(p, at);
    struct page_walk *l = mem_zalloc(1, sizeof *l);
    l->account = arena_copy(&l->arena, account);
    return l;
}

static bool add_ids(struct page_walk *l, const struct answer_namespaces *page, unsigned number,
                    struct error *err)
{
    struct map here = {0};
    char name[SHOWN];
    size_t new = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < page->n; i++) {
        struct bytes id = page->items[i].id;
        size_t existing;
        map_add(&here, id, i, &existing);
        if (existing != MAP_NONE)
            ok = error_set(err, ERR_FORMAT, "the namespace id %s is listed twice",
                           text_quoted(id, name, sizeof name));
        else if (map_get(&l->seen, id) == MAP_NONE && ++new)
            map_set(&l->seen, arena_copy(&l->arena, id), i);
    }
    map_release(&here);
    return ok && (page->n == 0 || new > 0 ||
                  error_set(err, ERR_FORMAT,
                            "page %u holds only namespaces that the pages before it held: the "
                            "listing does not go on",
                            number));
}

bool pages_take_namespaces(struct pages *p, struct bytes account, unsigned number,
                           const struct answer_namespaces *page, struct error *err)
{
    struct page_walk *l = namespaces_before(p, account, number);
    bool ok = add_ids(l, page, number, err);
    l->page = number + 1;
    if (ok && page->n > 0)
        put_back(p, l);
    else
        listing_free(l);
    return ok;
}
