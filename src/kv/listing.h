/*
 * listing.h: the namespaces of an account, page by page.
 */
#ifndef CFKV_KV_LISTING_H
#define CFKV_KV_LISTING_H

#include "store/store.h"

/* Gets each namespace once; its texts are good during the call. */
typedef bool (*listing_row_fn)(void *ctx, const struct store_namespace *ns, struct error *err);

struct listing_report {
    uint64_t requests;
    size_t seen, total; /* rows that came, rows that the answers promised */
    bool is_short;      /* fewer came, also when asked again: what is missing may exist */
};

/* Lists all of them. ERR_FORMAT when the listing does not end. `report` may be NULL; it is added
 * to, also when this fails. */
bool listing_walk(struct store *store, struct bytes account, listing_row_fn row, void *ctx,
                  struct listing_report *report, struct error *err);

#endif
