/*
 * cloudflare_pages.h: is a page of a listing to be believed? Private to store/.
 *
 * A listing is several operations, and only all of its pages together tell that it goes nowhere:
 * so what the pages before said is remembered from one to the next. An operation that goes on where
 * nothing is remembered (a cursor kept on disk) is judged by its own page.
 */
#ifndef CFKV_STORE_CLOUDFLARE_PAGES_H
#define CFKV_STORE_CLOUDFLARE_PAGES_H

#include "store.h"

struct answer_keys;
struct answer_namespaces;

/* A page without keys may have others behind it: deleted and expired keys are skipped within a page
 * (fact sheet section 4). So many in a row are believed. */
#define PAGES_EMPTY_MAX 200

struct page_walk;

/* The listings that are under way; zeroed: none. */
struct pages {
    struct page_walk *first;
    size_t n;
};

/*
 * Judges the page that answers `op`. ERR_FORMAT, saying what is wrong: fewer keys than it counts;
 * keys that lack the prefix, or are not each above the one before, on this page or the last; the
 * cursor that was sent; too many empty pages in a row.
 */
bool pages_take_keys(struct pages *p, const struct store_op *op, const struct answer_keys *page,
                     struct error *err);

/* Judges page `number` of the namespaces of an account. ERR_FORMAT: it holds an id twice, or only
 * ids that pages before it held. */
bool pages_take_namespaces(struct pages *p, struct bytes account, unsigned number,
                           const struct answer_namespaces *page, struct error *err);

void pages_release(struct pages *p);

#endif
