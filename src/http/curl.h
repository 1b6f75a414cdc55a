/*
 * curl.h: libcurl, loaded at the first request (base/library.h). Includes the library's own header;
 * what it declares as curl_NAME is called as curl()->NAME.
 *
 * curl_easy_setopt and curl_easy_getinfo are called by these names: then they are the library's
 * macros, with which the compiler checks each value against its option.
 */
#ifndef CFKV_HTTP_CURL_H
#define CFKV_HTTP_CURL_H

#include <curl/curl.h>

#include "base/library.h"

#define CURL_FUNCTIONS(X)                                                                          \
    X(curl_, easy_cleanup)                                                                         \
    X(curl_, easy_getinfo)                                                                         \
    X(curl_, easy_header)                                                                          \
    X(curl_, easy_init)                                                                            \
    X(curl_, easy_reset)                                                                           \
    X(curl_, easy_setopt)                                                                          \
    X(curl_, easy_strerror)                                                                        \
    X(curl_, free)                                                                                 \
    X(curl_, getdate)                                                                              \
    X(curl_, global_cleanup)                                                                       \
    X(curl_, global_init)                                                                          \
    X(curl_, mime_addpart)                                                                         \
    X(curl_, mime_data_cb)                                                                         \
    X(curl_, mime_free)                                                                            \
    X(curl_, mime_init)                                                                            \
    X(curl_, mime_name)                                                                            \
    X(curl_, mime_type)                                                                            \
    X(curl_, multi_add_handle)                                                                     \
    X(curl_, multi_cleanup)                                                                        \
    X(curl_, multi_fdset)                                                                          \
    X(curl_, multi_info_read)                                                                      \
    X(curl_, multi_init)                                                                           \
    X(curl_, multi_perform)                                                                        \
    X(curl_, multi_poll)                                                                           \
    X(curl_, multi_remove_handle)                                                                  \
    X(curl_, multi_setopt)                                                                         \
    X(curl_, multi_strerror)                                                                       \
    X(curl_, multi_timeout)                                                                        \
    X(curl_, slist_append)                                                                         \
    X(curl_, slist_free_all)                                                                       \
    X(curl_, url)                                                                                  \
    X(curl_, url_cleanup)                                                                          \
    X(curl_, url_get)                                                                              \
    X(curl_, url_set)                                                                              \
    X(curl_, version)

LIBRARY_DECLARE(curl, CURL_FUNCTIONS);

#endif
