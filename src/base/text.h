/*
 * text.h: questions about text: UTF-8, nearest names, quoting for messages.
 */
#ifndef CFKV_BASE_TEXT_H
#define CFKV_BASE_TEXT_H

#include "buf.h"

/* Strict UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool utf8_valid(struct bytes b);

/* Code points of valid UTF-8. */
size_t utf8_count(struct bytes b);

/* Index of the first invalid byte, or b.len when all of it is valid. */
size_t utf8_first_invalid(struct bytes b);

/*
 * The candidate nearest to `name` by edit distance (insert, delete, replace, swap), when it is near
 * enough to be a slip: at most 1 for names up to 4 letters, 2 up to 8, else 3. NULL when none is.
 * The first of equals wins. `candidates` ends with NULL.
 */
const char *text_nearest(struct bytes name, const char *const *candidates);

/*
 * Adds `b` in single quotes for a message: control bytes, invalid UTF-8 and quotes as \xNN, at most
 * `max` bytes of it, then "…". What a terminal shows can thus not be forged by a key's name.
 */
void text_quote(struct buf *out, struct bytes b, size_t max);

/* As text_quote into a fixed array (cut to fit, always NUL-terminated); returns `out`. */
char *text_quoted(struct bytes b, char *out, size_t size);

/* Parses a whole decimal integer with optional sign; false on anything else or overflow. */
bool text_to_int64(struct bytes b, int64_t *n);

#endif
