/*
 * source.h: a bulk source, read whole.
 */
#ifndef CFKV_PLAN_SOURCE_H
#define CFKV_PLAN_SOURCE_H

#include "base/file.h"
#include "seed/seed.h"

typedef bool (*source_item_fn)(void *ctx, const struct seed_item *item, struct error *err);

/*
 * Gives each item to `fn` (its bytes are good during the call), then fills size and digest of what
 * was read. Every source was validated before, so an item that is wrong now means that the file
 * changed: ERR_FAILED.
 */
bool source_each(const struct file_root *root, const struct bulk_decl *bulk, source_item_fn fn,
                 void *ctx, uint64_t *size, struct digest *digest, struct error *err);

/* ERR_FAILED: the source is not what it was when its actions were planned. */
bool source_changed(struct bytes name, struct error *err);

#endif
