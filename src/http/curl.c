/*
 * curl.c: each function of libcurl that is used here, handed on to the loaded library. Prototypes
 * are curl.h's, so the compiler checks both sides.
 */
#define CURL_DISABLE_TYPECHECK  /* the functions themselves are wanted, not the macros around them \
                                 */
#include "curl.h"

#include <stdarg.h>

#include "base/library.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define FUNCTIONS(X)                                                                               \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_header)                                                                            \
    X(curl_easy_init)                                                                              \
    X(curl_easy_reset)                                                                             \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_strerror)                                                                          \
    X(curl_free)                                                                                   \
    X(curl_getdate)                                                                                \
    X(curl_global_cleanup)                                                                         \
    X(curl_global_init)                                                                            \
    X(curl_mime_addpart)                                                                           \
    X(curl_mime_data_cb)                                                                           \
    X(curl_mime_free)                                                                              \
    X(curl_mime_init)                                                                              \
    X(curl_mime_name)                                                                              \
    X(curl_mime_type)                                                                              \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_info_read)                                                                        \
    X(curl_multi_init)                                                                             \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_setopt)                                                                           \
    X(curl_multi_strerror)                                                                         \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)                                                                         \
    X(curl_strequal)                                                                               \
    X(curl_url)                                                                                    \
    X(curl_url_cleanup)                                                                            \
    X(curl_url_get)                                                                                \
    X(curl_url_set)

LIBRARY_TABLE(FUNCTIONS, "libcurl.so.4", "libcurl4")

bool curl_load(struct error *err)
{
    return library_ready(&library, err);
}

/* ---- Handing on ------------------------------------------------------------------------------ */

#if LIBCURL_VERSION_NUM >= 0x080000
#define URL_READ const CURLU
#else
#define URL_READ CURLU
#endif

HAND_ON_VOID(curl_easy_cleanup, (CURL * easy), (easy))
HAND_ON(CURLHcode, curl_easy_header,
        (CURL * easy, const char *name, size_t index, unsigned origin, int request,
         struct curl_header **header),
        (easy, name, index, origin, request, header))
HAND_ON(CURL *, curl_easy_init, (void), ())
HAND_ON_VOID(curl_easy_reset, (CURL * easy), (easy))
HAND_ON(const char *, curl_easy_strerror, (CURLcode code), (code))
HAND_ON_VOID(curl_free, (void *p), (p))
HAND_ON(time_t, curl_getdate, (const char *text, const time_t *unused), (text, unused))
HAND_ON_VOID(curl_global_cleanup, (void), ())
HAND_ON(CURLcode, curl_global_init, (long flags), (flags))
HAND_ON(curl_mimepart *, curl_mime_addpart, (curl_mime * mime), (mime))
HAND_ON(CURLcode, curl_mime_data_cb,
        (curl_mimepart * part, curl_off_t size, curl_read_callback read, curl_seek_callback seek,
         curl_free_callback free_fn, void *ctx),
        (part, size, read, seek, free_fn, ctx))
HAND_ON_VOID(curl_mime_free, (curl_mime * mime), (mime))
HAND_ON(curl_mime *, curl_mime_init, (CURL * easy), (easy))
HAND_ON(CURLcode, curl_mime_name, (curl_mimepart * part, const char *name), (part, name))
HAND_ON(CURLcode, curl_mime_type, (curl_mimepart * part, const char *type), (part, type))
HAND_ON(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
HAND_ON(CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
HAND_ON(CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))
HAND_ON(CURLM *, curl_multi_init, (void), ())
HAND_ON(CURLMcode, curl_multi_perform, (CURLM * multi, int *running), (multi, running))
HAND_ON(CURLMcode, curl_multi_poll,
        (CURLM * multi, struct curl_waitfd *extra, unsigned n_extra, int timeout_ms, int *ready),
        (multi, extra, n_extra, timeout_ms, ready))
HAND_ON(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy))
HAND_ON(const char *, curl_multi_strerror, (CURLMcode code), (code))
HAND_ON(struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text),
        (list, text))
HAND_ON_VOID(curl_slist_free_all, (struct curl_slist * list), (list))
HAND_ON(int, curl_strequal, (const char *a, const char *b), (a, b))
HAND_ON(CURLU *, curl_url, (void), ())
HAND_ON_VOID(curl_url_cleanup, (CURLU * url), (url))
HAND_ON(CURLUcode, curl_url_get, (URL_READ * url, CURLUPart part, char **content, unsigned flags),
        (url, part, content, flags))
HAND_ON(CURLUcode, curl_url_set, (CURLU * url, CURLUPart part, const char *content, unsigned flags),
        (url, part, content, flags))

/* ---- Options ----------------------------------------------------------------------------------
 *
 * The number of an option says what kind of value it takes (curl.h: CURLOPTTYPE_…).
 */

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list args;
    CURLcode code;
    va_start(args, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = lib()->curl_easy_setopt(easy, option, va_arg(args, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = lib()->curl_easy_setopt(easy, option, va_arg(args, curl_off_t));
    else
        code = lib()->curl_easy_setopt(easy, option, va_arg(args, void *));
    va_end(args);
    return code;
}

CURLMcode curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
    va_list args;
    CURLMcode code;
    va_start(args, option);
    if ((int)option < CURLOPTTYPE_OBJECTPOINT)
        code = lib()->curl_multi_setopt(multi, option, va_arg(args, long));
    else
        code = lib()->curl_multi_setopt(multi, option, va_arg(args, void *));
    va_end(args);
    return code;
}

CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
    va_list args;
    va_start(args, info);
    CURLcode code = lib()->curl_easy_getinfo(easy, info, va_arg(args, void *));
    va_end(args);
    return code;
}
