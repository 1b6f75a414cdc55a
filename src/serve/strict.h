/*
 * strict.h: requests that two readers could understand differently. Private to transport.
 *
 * What stands between a client and a server may take such a request for another one, or for two
 * (RFC 9112, sections 3.2, 5 and 6.3: "request smuggling"). The library answers the second of two
 * equal headers like one, and prefers Transfer-Encoding to Content-Length; a service refuses.
 * What the library itself refuses (a Content-Length that is no number, a line without a colon) or
 * does not tell (a header that goes on in the next line is joined before anybody sees it) is not
 * looked for here.
 */
#ifndef CFKV_SERVE_STRICT_H
#define CFKV_SERVE_STRICT_H

#include "microhttpd.h"

/* false: a header that may come once came twice, a name is no token, the body has two lengths or a
 * coding that is not "chunked". */
bool strict_head(struct MHD_Connection *connection);

#endif
