/*
 * shown.h: listings as they are shown: whole and true, or as the request's fault (faults.h: short,
 * stale, endless, empty_page) would have them. Private to serve/.
 */
#ifndef CFKV_SERVE_SHOWN_H
#define CFKV_SERVE_SHOWN_H

#include "listing.h"

/* The namespaces that a listing is about, in any order. Replies when it fails. */
bool shown_namespaces(struct call *c, struct namespaces *all);

/* Narrows all of them, sorted, to `pages->page` of `pages->per_page`, and says in `pages` how many
 * there are. */
void shown_pages(const struct call *c, struct namespaces *all, struct reply_pages *pages);

/* A page of at most `limit` keys with `prefix`. Replies when it fails. */
bool shown_keys(struct call *c, struct bytes prefix, const struct cursor *from, size_t limit,
                struct keys_page *page);

/* How many keys such a page says that it has; REPLY_UNSAID: it does not say. */
size_t shown_count(const struct call *c, const struct keys_page *page);

#endif
