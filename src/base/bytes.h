/*
 * bytes.h: a borrowed run of bytes.
 *
 * KV keys and values are bytes with a length; a NUL is a byte like any other. A `struct bytes`
 * never owns what it points at: whoever made the storage (an arena, a buf, a static string) does.
 * `data` may be NULL only when `len` is 0.
 */
#ifndef CFKV_BASE_BYTES_H
#define CFKV_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct bytes {
    const char *data;
    size_t len;
};

/* printf arguments for "%.*s". Only for bytes known to be short text (titles, keys in messages). */
#define BYTES_FMT(b) ((int)((b).len > 4096 ? 4096 : (b).len)), ((b).data ? (b).data : "")

/* The bytes of a C string, its NUL left out; `s` NULL gives empty bytes. */
static inline struct bytes bytes_of(const char *s)
{
    struct bytes b = {s, s ? strlen(s) : 0};
    return b;
}

static inline struct bytes bytes_make(const char *data, size_t len)
{
    struct bytes b = {data, len};
    return b;
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Both absent (data NULL), or both there and equal. */
static inline bool bytes_same(struct bytes a, struct bytes b)
{
    return !a.data == !b.data && bytes_equal(a, b);
}

static inline bool bytes_starts_with(struct bytes b, struct bytes prefix)
{
    return b.len >= prefix.len && (prefix.len == 0 || memcmp(b.data, prefix.data, prefix.len) == 0);
}

static inline bool bytes_ends_with(struct bytes b, struct bytes end)
{
    return b.len >= end.len &&
           (end.len == 0 || memcmp(b.data + b.len - end.len, end.data, end.len) == 0);
}

static inline bool bytes_is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* What is left without the bytes of `set` at both ends. */
static inline struct bytes bytes_trim(struct bytes b, const char *set)
{
    while (b.len > 0 && bytes_is_one_of(b.data[b.len - 1], set))
        b.len--;
    while (b.len > 0 && bytes_is_one_of(b.data[0], set))
        b = bytes_make(b.data + 1, b.len - 1);
    return b;
}

/* Unsigned byte order, the order Workers KV lists keys in; a prefix sorts first. */
static inline int bytes_compare(struct bytes a, struct bytes b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.data, b.data, n) : 0;
    if (c != 0)
        return c;
    return a.len < b.len ? -1 : a.len > b.len;
}

#endif
