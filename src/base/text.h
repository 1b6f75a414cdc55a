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

/* Adds the character of a code point up to U+10FFFF. */
void utf8_add(struct buf *out, unsigned code);

/* The start of a file that Windows' tools write as "Unicode": UTF-16, by its byte order mark or its
 * zero bytes. `start` is at least its first four bytes, or all of it. */
bool text_is_utf16(struct bytes start);

#define TEXT_UTF16      "this is UTF-16"
#define TEXT_UTF16_HINT "save it as UTF-8"

/* false with ERR_FORMAT, saying so, when it is UTF-16. */
bool text_check_utf16(struct bytes start, struct error *err);

/*
 * The candidate nearest to `name` by edit distance (insert, delete, replace, swap), when it is near
 * enough to be a slip: at most 1 for names up to 4 letters, 2 up to 8, else 3. Else one that begins
 * with it, or that it begins with ("production", "prod"). NULL when there is none, or `name` is
 * longer than any name is. The first of equals wins. `candidates` ends with NULL.
 */
const char *text_nearest(struct bytes name, const char *const *candidates);

/*
 * What a terminal may get. Refused are control characters (C0, DEL, C1), what turns the direction
 * of text or breaks a line, and invalid UTF-8: with them a title or a key moves the cursor, hides
 * what was printed, or forges it.
 */

/* true when a terminal shows all of `b` as it is. */
bool text_is_plain(struct bytes b);

/* The printer for people: adds `b`, but what text_is_plain refuses as \xNN. Newlines and tabs
 * stay: `b` is whole lines. */
void text_show(struct buf *out, struct bytes b);

/* The same for `json`, a JSON text: as \uNNNN, so that it stays the JSON of the same values. */
void text_show_json(struct buf *out, struct bytes json);

/*
 * For what the runner of GitHub Actions reads as a log: it takes a line that begins with "::",
 * blanks before it or not, and anything with "##[" for a command. Adds `b`, these broken by U+200B,
 * a space of no width; with `anywhere` the first "::" of each line wherever it stands.
 */
void text_defuse(struct buf *out, struct bytes b, bool anywhere);

/* The ending of a regular noun behind `n`: "" or "s". */
static inline const char *text_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* How many columns of a terminal `b` takes: combining characters none, East Asian ones two. */
size_t text_columns(struct bytes b);

/* Adds blanks behind a cell of that many columns, up to `width`; none when it is wider. */
void text_pad(struct buf *out, size_t columns, size_t width);

/*
 * Adds `b` in single quotes for a message: control bytes, invalid UTF-8 and quotes as \xNN, at most
 * `max` bytes of it, then "…". What a terminal shows can thus not be forged by a key's name.
 */
void text_quote(struct buf *out, struct bytes b, size_t max);

/* Adds `word` as a shell wants it on its command line: as it is, or in single quotes. */
void text_shell_word(struct buf *out, struct bytes word);

#define QUOTED_SIZE 160 /* of an array for text_quoted: a name in a message */

/* As text_quote into a fixed array (cut to fit, always NUL-terminated); returns `out`. */
char *text_quoted(struct bytes b, char *out, size_t size);

/* The value of a hexadecimal digit of either case, or -1. */
int text_hex_digit(char c);

/* Parses a whole decimal integer with optional sign; false on anything else or overflow. */
bool text_to_int64(struct bytes b, int64_t *n);

#endif
