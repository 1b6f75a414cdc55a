/*
 * multipart.h: the parts of a multipart/form-data body. Strict, binary safe, copies nothing.
 */
#ifndef CFKV_SERVE_MULTIPART_H
#define CFKV_SERVE_MULTIPART_H

#include "base/bytes.h"

/* true when the content type (may be NULL) says multipart/form-data. */
bool multipart_is(const char *content_type);

/*
 * Finds the first part of each of `n` names (a part may have a filename or not); `parts[i].data`
 * stays NULL for a name that is not there. false when the content type has no boundary or the body
 * is not well-formed up to its closing delimiter.
 */
bool multipart_find(const char *content_type, struct bytes body, const char *const *names, size_t n,
                    struct bytes *parts);

#endif
