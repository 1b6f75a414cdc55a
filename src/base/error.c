#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Cuts `text`, which fills all `size` bytes, back to a character boundary and ends it in "…". */
static void cut(char *text, size_t size)
{
    size_t end = size - sizeof ELLIPSIS;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, ELLIPSIS, sizeof ELLIPSIS);
}

/* printf into `out`, cut when too long. Arguments may point into `out`: it is written last. */
__attribute__((format(printf, 3, 0))) static void format_cut(char *out, size_t size,
                                                             const char *fmt, va_list args)
{
    char text[sizeof((struct error *)0)->message];
    int n = vsnprintf(text, size, fmt, args);
    if (n < 0)
        text[0] = '\0';
    else if ((size_t)n >= size)
        cut(text, size);
    memcpy(out, text, strlen(text) + 1);
}

__attribute__((format(printf, 3, 4))) static void printf_cut(char *out, size_t size,
                                                             const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    format_cut(out, size, fmt, args);
    va_end(args);
}

bool error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    format_cut(err->message, sizeof err->message, fmt, args);
    va_end(args);
    err->code = code;
    err->hint[0] = '\0';
    return false;
}

bool error_errno(struct error *err, int errnum, const char *fmt, ...)
{
    char what[sizeof err->message];
    va_list args;
    va_start(args, fmt);
    format_cut(what, sizeof what, fmt, args);
    va_end(args);
    enum error_code code = errnum == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    error_set(err, code, "%s: %s", what, strerror(errnum));
    return errnum == EMFILE ? error_too_many_files(err) : false;
}

bool error_too_many_files(struct error *err)
{
    return error_hint(err, "let it open more files at once: 'ulimit -n 256', or more");
}

bool error_hint(struct error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    format_cut(err->hint, sizeof err->hint, fmt, args);
    va_end(args);
    return false;
}

bool error_wrap(struct error *err, const char *fmt, ...)
{
    char context[sizeof err->message];
    va_list args;
    va_start(args, fmt);
    format_cut(context, sizeof context, fmt, args);
    va_end(args);
    printf_cut(err->message, sizeof err->message, "%s: %s", context, err->message);
    return false;
}

enum exit_code error_exit_code(enum error_code code)
{
    switch (code) {
    case ERR_NONE:
        return EXIT_OK;
    case ERR_INVALID:
    case ERR_FORMAT:
        return EXIT_INVALID;
    case ERR_USAGE:
        return EXIT_USAGE;
    case ERR_GUARD:
    case ERR_STALE:
        return EXIT_REFUSED;
    case ERR_PARTIAL:
        return EXIT_PARTIAL;
    case ERR_LOCKED:
    case ERR_AWAY:
        return EXIT_LOCKED;
    case ERR_INTERRUPTED:
        return EXIT_INTERRUPTED;
    case ERR_IO:
    case ERR_ANSWER:
    case ERR_LIMIT:
    case ERR_NOT_FOUND:
    case ERR_EXISTS:
    case ERR_DENIED:
    case ERR_FAILED:
        break;
    }
    return EXIT_FAILED;
}
