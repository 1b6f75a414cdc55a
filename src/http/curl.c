#define CURL_DISABLE_TYPECHECK /* the functions themselves are wanted here, not the macros */
#include "curl.h"

#include <stdarg.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

LIBRARY_DEFINE(curl, CURL_FUNCTIONS, "libcurl.so.4", "libcurl4")

/* The number of an option says what kind of value it takes (CURLOPTTYPE_… of the library). */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list args;
    CURLcode code;
    va_start(args, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = curl()->easy_setopt(easy, option, va_arg(args, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = curl()->easy_setopt(easy, option, va_arg(args, curl_off_t));
    else
        code = curl()->easy_setopt(easy, option, va_arg(args, void *));
    va_end(args);
    return code;
}

CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
    va_list args;
    va_start(args, info);
    CURLcode code = curl()->easy_getinfo(easy, info, va_arg(args, void *));
    va_end(args);
    return code;
}
