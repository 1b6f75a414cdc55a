/*
 * curl.h: libcurl, loaded at the first request (base/library.h). Includes the library's own header,
 * and its functions are called by their own names.
 */
#ifndef CFKV_HTTP_CURL_H
#define CFKV_HTTP_CURL_H

#include <curl/curl.h>

#include "base/error.h"

/* To be called before any function of libcurl. Quick when it was loaded before. */
bool curl_load(struct error *err);

#endif
