/*
 * buf.h: growable bytes with a length.
 *
 * `struct buf b = {0};` is empty and safe to release. `b.data` is NUL-terminated once anything was
 * added (the NUL is not counted), and NULL before. Additions never fail (mem.h).
 */
#ifndef CFKV_BASE_BUF_H
#define CFKV_BASE_BUF_H

#include <stdint.h>

#include "bytes.h"
#include "error.h"

struct buf {
    char *data;
    size_t len;
    size_t cap;
    bool failed; /* never: goes with who still asks */
};

void buf_reserve(struct buf *b, size_t extra);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_bytes(struct buf *b, struct bytes bytes);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Lowercase hexadecimal of `len` bytes. */
void buf_add_hex(struct buf *b, const void *data, size_t len);

/* Standard base64 with padding, as wrangler's bulk format uses. */
void buf_add_base64(struct buf *b, struct bytes bytes);

/* Decodes strict standard base64 (padding required, no white space). ERR_FORMAT on anything else.
 */
bool buf_add_base64_decoded(struct buf *b, struct bytes text, struct error *err);

/* Empties it, keeps the storage and clears nothing else. */
void buf_clear(struct buf *b);
void buf_release(struct buf *b);

static inline struct bytes buf_bytes(const struct buf *b)
{
    return bytes_make(b->data, b->len);
}

#endif
