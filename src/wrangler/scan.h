/*
 * scan.h: a place in the text, and what both parsers ask of it. Private to wrangler/.
 */
#ifndef CFKV_WRANGLER_SCAN_H
#define CFKV_WRANGLER_SCAN_H

#include "tree.h"

struct scan {
    struct tree *tree;
    const char *text;
    size_t len;
    size_t at;
    struct buf scratch; /* the string being decoded */
    struct error *err;
};

/* The byte `ahead` of the place; -1 behind the end. */
static inline int scan_peek(const struct scan *s, size_t ahead)
{
    return ahead < s->len - s->at ? (unsigned char)s->text[s->at + ahead] : -1;
}

static inline bool scan_take(struct scan *s, char c)
{
    if (scan_peek(s, 0) != (unsigned char)c)
        return false;
    s->at++;
    return true;
}

static inline bool scan_starts(const struct scan *s, const char *what)
{
    return bytes_starts_with(bytes_make(s->text + s->at, s->len - s->at), bytes_of(what));
}

/* Past `digits` hex digits into `*code`; false when they are not there or no character. */
bool scan_hex(struct scan *s, size_t digits, unsigned *code);

/* A copy of what was decoded, in the tree's arena. */
struct bytes scan_keep(struct scan *s);

bool scan_is_blank(char c); /* a space or a tab */
bool scan_is_digit(int c);
bool scan_is_control(int c); /* what neither syntax allows unescaped, but for the tab */

#endif
