/*
 * line.h: what a service said, made fit for a message.
 */
#ifndef CFKV_BASE_LINE_H
#define CFKV_BASE_LINE_H

#include "bytes.h"

/*
 * One line of valid UTF-8 into `out` (`size` bytes with its NUL, at least 4): runs of white space
 * are one space, none at either end; control bytes and invalid bytes are shown as \xNN; what is too
 * long ends in "…". `text` may be anything at all.
 */
void text_one_line(struct bytes text, char *out, size_t size);

/* White space; a NUL is none. */
static inline bool text_is_blank(char c)
{
    return c && strchr(" \t\r\n\f\v", c);
}

#endif
