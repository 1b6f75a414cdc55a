/*
 * credentials.h: the headers that carry the credentials. Private to http/.
 */
#ifndef CFKV_HTTP_CREDENTIALS_H
#define CFKV_HTTP_CREDENTIALS_H

#include "curl.h"

#include "http.h"

/* The header lines of every request: those of `c`, which passed http_check_credentials, and none of
 * curl's Expect, which costs a round trip. */
struct curl_slist *credentials_headers(const struct http_credentials *c);

/* Overwrites the list before it is freed. NULL is fine. */
void credentials_free(struct curl_slist *headers);

/* true when `text` holds the token or the key: what came from outside may repeat them. */
bool credentials_shown(const struct http_credentials *c, const char *text);

#endif
