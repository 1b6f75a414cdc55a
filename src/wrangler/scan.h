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

static inline bool scan_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool scan_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool scan_is_letter(int c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Of a TOML key without quotes. */
static inline bool scan_is_bare(int c)
{
    return scan_is_digit(c) || scan_is_letter(c) || c == '_' || c == '-';
}

/* What neither syntax allows unescaped, but for the tab. */
static inline bool scan_is_control(int c)
{
    return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F;
}

/* ERR_FORMAT at the place. */
bool scan_error(struct scan *s, const char *what);

/* From the opening bracket of `node` past `close`: what read_item reads, with commas between and
 * space around. read_item ends behind the space that follows its item. */
bool scan_container(struct scan *s, struct node *node, char close,
                    bool (*skip_space)(struct scan *s),
                    bool (*read_item)(struct scan *s, struct node *container));

/* The two parsers: all of the text, into the tree. */
bool toml_document(struct scan *s);
bool jsonc_document(struct scan *s);

#endif
