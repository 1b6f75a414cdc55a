/*
 * credentials.h: the headers that carry the credentials. Private to http/.
 */
#ifndef CFKV_HTTP_CREDENTIALS_H
#define CFKV_HTTP_CREDENTIALS_H

#include "curl.h"

#include "http.h"

/* The header lines of every request: those of `c`, which passed http_check_credentials, and none of
 * curl's Expect, which costs a round trip. NULL where there are none: what is signed for each
 * request apart is not among them. */
struct curl_slist *credentials_headers(const struct http_credentials *c);

/* Overwrites the list before it is freed. NULL is fine. */
void credentials_free(struct curl_slist *headers);

/* The aws_ ones count. */
bool credentials_signed(const struct http_credentials *c);

bool credentials_any(const struct http_credentials *c);
bool credentials_same(const struct http_credentials *a, const struct http_credentials *b);

/* true when `text` holds a secret of `c`, or the value of a header in `headers` that carries one:
 * what came from outside may repeat them. */
bool credentials_shown(const struct http_credentials *c, const struct curl_slist *headers,
                       const char *text);

#endif
