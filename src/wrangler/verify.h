/* verify.h: is the new text what was asked for? Private to wrangler/. */
#ifndef CFKV_WRANGLER_VERIFY_H
#define CFKV_WRANGLER_VERIFY_H

#include "entries.h"

/* ERR_FAILED unless `after` holds what `before` holds with the edits carried out: the same bindings
 * in the same order, new ones at the end, and all else equal. */
bool verify_edits(struct bytes before, struct bytes after, enum wrangler_syntax syntax,
                  const struct wrangler_edit *edits, size_t n, struct error *err);

#endif
