/*
 * stale.h: listings as they were before the last writes, for the fault of that name.
 *
 * Nothing is kept unless the faults file has such a rule.
 */
#ifndef CFKV_SERVE_STALE_H
#define CFKV_SERVE_STALE_H

#include "base/arena.h"
#include "store/store.h"

struct snapshot {
    struct bytes of; /* an account ("a" before it) or a namespace ("n" before its id) */
    struct store_namespace *namespaces;
    struct store_key *keys;
    size_t n;
    struct arena arena;
};

struct stale {
    struct snapshot **items; /* the older ones first */
    size_t n, cap;
};

struct call;

/* Remember the namespaces of the request's account, or the keys of its namespace, before they
 * change. */
void stale_keep_namespaces(struct call *c);
void stale_keep_keys(struct call *c);

/* The listing before the last `writes`, or before the first that is known; NULL: there was none. */
const struct snapshot *stale_namespaces(struct call *c, size_t writes);
const struct snapshot *stale_keys(struct call *c, size_t writes);

void stale_release(struct stale *stale);

#endif
