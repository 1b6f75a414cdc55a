#include "buf.h"

#include <nettle/base16.h>
#include <nettle/base64.h>
#include <stdarg.h>
#include <stdio.h>

#include "mem.h"

static void grow(struct buf *b, size_t extra)
{
    if (extra > SIZE_MAX - 1 - b->len)
        mem_exhausted();
    size_t need = b->len + extra + 1;
    size_t cap = b->cap < 64 ? 64 : b->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    b->data = mem_realloc(b->data, cap);
    b->cap = cap;
    b->data[b->len] = '\0';
}

/* Most additions find the room that is there. */
static inline void make_room(struct buf *b, size_t extra)
{
    if (extra >= b->cap - b->len)
        grow(b, extra);
}

void buf_reserve(struct buf *b, size_t extra)
{
    make_room(b, extra);
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    make_room(b, len);
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_add_bytes(struct buf *b, struct bytes bytes)
{
    buf_add(b, bytes.data, bytes.len);
}

void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_add_char(struct buf *b, char c)
{
    make_room(b, 1);
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) /* a format that cannot be printed */
        return;
    buf_reserve(b, (size_t)len);
    va_start(args, fmt);
    vsnprintf(b->data + b->len, (size_t)len + 1, fmt, args);
    va_end(args);
    b->len += (size_t)len;
}

void buf_add_hex(struct buf *b, const void *data, size_t len)
{
    if (len > SIZE_MAX / 2)
        mem_exhausted();
    make_room(b, BASE16_ENCODE_LENGTH(len));
    base16_encode_update(b->data + b->len, len, data);
    b->len += BASE16_ENCODE_LENGTH(len);
    b->data[b->len] = '\0';
}

void buf_add_base64(struct buf *b, struct bytes bytes)
{
    if (bytes.len > SIZE_MAX / 4)
        mem_exhausted();
    make_room(b, BASE64_ENCODE_RAW_LENGTH(bytes.len));
    base64_encode_raw(b->data + b->len, bytes.len, (const uint8_t *)bytes.data);
    b->len += BASE64_ENCODE_RAW_LENGTH(bytes.len);
    b->data[b->len] = '\0';
}

/* The library skips white space, and then gives too little. */
static bool decode(struct bytes text, char *out, size_t *len)
{
    struct base64_decode_ctx ctx;
    size_t pad = 0;
    while (pad < 2 && pad < text.len && text.data[text.len - 1 - pad] == '=')
        pad++;
    base64_decode_init(&ctx);
    return base64_decode_update(&ctx, len, (uint8_t *)out, text.len, text.data) &&
           base64_decode_final(&ctx) && *len == text.len / 4 * 3 - pad;
}

bool buf_add_base64_decoded(struct buf *b, struct bytes text, struct error *err)
{
    size_t len = 0, group = 0;
    if (text.len % 4 != 0)
        return error_set(err, ERR_FORMAT, "base64 of %zu characters, not a multiple of 4",
                         text.len);
    make_room(b, text.len / 4 * 3);
    bool ok = decode(text, b->data + b->len, &len);
    if (ok)
        b->len += len;
    while (!ok && decode(bytes_make(text.data + group, 4), b->data + b->len, &len) && len == 3)
        group += 4;
    b->data[b->len] = '\0';
    return ok || error_set(err, ERR_FORMAT, "invalid base64 at character %zu", group + 1);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

void buf_release(struct buf *b)
{
    mem_free(b->data);
    *b = (struct buf){0};
}
