/*
 * multipart.h: the parts of a multipart/form-data body. Strict, binary safe, copies nothing.
 *
 * Not libmicrohttpd's post processor, which (tried with 0.9.75) is content with a body that is
 * empty or has no delimiter at all, does not see a name without quotes or behind a filename="a;
 * name=b", refuses a boundary of one character and whatever follows the last delimiter, and hands a
 * value out in pieces that would have to be put together again.
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
