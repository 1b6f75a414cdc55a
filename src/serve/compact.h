/*
 * compact.h: a JSON text again, without white space; what metadata is measured and stored as.
 */
#ifndef CFKV_SERVE_COMPACT_H
#define CFKV_SERVE_COMPACT_H

#include "base/json.h"

/* Members keep their order, numbers their text. ERR_FORMAT when it is not JSON. */
bool json_compact(struct bytes text, struct buf *out, struct error *err);

#endif
