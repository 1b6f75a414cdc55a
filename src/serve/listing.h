/*
 * listing.h: whole listings and pages of them, out of the pages of the store. Private to serve/.
 */
#ifndef CFKV_SERVE_LISTING_H
#define CFKV_SERVE_LISTING_H

#include "server.h"

struct namespaces {
    struct store_namespace *items;
    size_t n, cap;
};

/* All namespaces of the request's account, copied into `arena`. Replies when it fails. */
bool listing_namespaces(struct call *c, struct arena *arena, struct namespaces *out);

/* Where a page of keys starts: within the store's page at `store`, behind the key `after`. */
struct cursor {
    struct bytes store; /* the store's own cursor */
    struct bytes after;
};

struct keys_page {
    struct store_key *items; /* in the arena */
    size_t n, cap;
    bool more;          /* `next` goes on */
    size_t left_out;    /* rows that a fault took away */
    struct cursor next; /* in the arena */
};

/* At most `limit` keys with `prefix` of the request's namespace. Replies when it fails. */
bool listing_keys(struct call *c, struct arena *arena, struct bytes prefix,
                  const struct cursor *from, size_t limit, struct keys_page *page);

/* A cursor as an opaque text for clients, and back; false: it is none. */
void cursor_print(const struct cursor *cursor, struct buf *out);
bool cursor_parse(struct bytes text, struct arena *arena, struct cursor *cursor);

#endif
