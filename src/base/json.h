/*
 * json.h: JSON in and out; the only includer of the JSON library (cJSON).
 *
 * Three tools, for three jobs:
 *
 *   - json_writer prints. Whatever cfkv stores, hashes or compares is printed by it.
 *   - json_stream reads events: lengths are kept, so a NUL inside a string survives, input
 *     may come in pieces of any size, and memory grows at most with the longest single string. User
 *     data (values, metadata, seeds) is read by it.
 *   - json_doc reads a whole small document into a tree (cJSON): state, saved plans, answers. cJSON
 *     cuts strings at NUL, so a document holding the escape for NUL is refused; so are a repeated
 *     member name and a number of more than 63 characters.
 *
 * Both readers are strict: one document, nothing behind it, valid UTF-8, at most JSON_MAX_DEPTH
 * levels, no NaN or Infinity.
 */
#ifndef CFKV_BASE_JSON_H
#define CFKV_BASE_JSON_H

#include <stdint.h>

#include "buf.h"

#define JSON_MAX_DEPTH 64

/* What to look at in a text that people wrote and that does not parse. */
#define JSON_SYNTAX_HINT                                                                           \
    "JSON has names and texts in double quotes, no comma behind the last of a list, and no "       \
    "comments"

/* ---- Writing -------------------------------------------------------------------------------- */

/*
 *     struct json_writer w = json_writer_to(&out, 2);
 *     json_begin_object(&w);
 *     json_key(&w, "title");
 *     json_str(&w, title);
 *     json_end_object(&w);
 *
 * Commas, line breaks and indentation are the writer's. `indent` 0 prints on one line without
 * spaces; 2 is for people. Misuse (a value without its key) is a bug and asserts. Documents have
 * their members sorted by name: who writes them in order does just that, who walks a table brackets
 * them with json_sort_begin and json_sort_end; json_canonical sorts what others wrote.
 */
struct json_writer {
    struct buf *out;
    int indent;
    int depth;
    bool first;             /* nothing written yet at this level */
    bool after_key;         /* a key was written, its value is due */
    uint64_t objects;       /* bit n - 1: level n is an object; only to catch misuse */
    struct json_sort *sort; /* the innermost members that are being sorted; NULL: none are */
};

struct json_writer json_writer_to(struct buf *out, int indent);
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *name);
void json_key_bytes(struct json_writer *w, struct bytes name);
void json_str(struct json_writer *w, const char *s);     /* NULL prints null */
void json_string(struct json_writer *w, struct bytes s); /* valid UTF-8; bad bytes become U+FFFD */
void json_int(struct json_writer *w, int64_t n);
void json_double(struct json_writer *w, double d); /* shortest text that reads back equal; finite */
void json_bool(struct json_writer *w, bool b);
void json_null(struct json_writer *w);
void json_raw(struct json_writer *w, struct bytes json); /* already JSON, put in as it is */
void json_text(struct json_writer *w, struct bytes s);   /* json_string; null when data is NULL */

/* A key and its value in one; of a container its beginning. */
void json_field_str(struct json_writer *w, const char *name, const char *s);
void json_field_string(struct json_writer *w, const char *name, struct bytes s);
void json_field_text(struct json_writer *w, const char *name, struct bytes s);
void json_field_int(struct json_writer *w, const char *name, int64_t n);
void json_field_count(struct json_writer *w, const char *name, uint64_t n);
void json_field_bool(struct json_writer *w, const char *name, bool b);
void json_field_object(struct json_writer *w, const char *name);
void json_field_array(struct json_writer *w, const char *name);

/* A member that is an array of strings, whole. */
void json_field_strings(struct json_writer *w, const char *name, const struct bytes *items,
                        size_t n);

/*
 * Between the two, in one object, members may be written in any order and stand sorted by name.
 * `s` is the caller's to keep meanwhile, and so are the names.
 */
struct json_sort {
    struct json_sort *outer;
    int depth;
    bool sorted; /* so far: then nothing is moved */
    struct json_sort_member {
        struct bytes name;
        size_t at, end; /* in the output */
    } * members;
    size_t n, cap;
};
void json_sort_begin(struct json_writer *w, struct json_sort *s);
void json_sort_end(struct json_writer *w, struct json_sort *s);

/* A string when `s` is valid UTF-8, else {"base64":"…"}: how values of any bytes are shown. */
void json_value(struct json_writer *w, struct bytes s);

/* Only the characters inside the quotes, escaped; for splicing text into a JSON string. */
void json_escape(struct buf *out, struct bytes s);

/*
 * Adds a name that others chose (a key, a title) to a result that is read line by line: as it is,
 * unless it is not plain (text.h) or begins with a quote; then it is a JSON string. So it cannot
 * forge a line or move the cursor, and a program can tell which it got.
 */
void json_show_name(struct buf *out, struct bytes name);

/* The shortest decimal text of a finite double that reads back equal; integral values below 2^53
 * print without a fraction. */
void json_format_double(struct buf *out, double d);

/*
 * The text of a number (of JSON) that is kept as an int64_t, else as a double. false with
 * ERR_FORMAT for an integer beyond 64 bits, and for one written with a point or an exponent that
 * would be printed as another: beyond 2^53 a double has not every integer. What holds such a number
 * is refused, or keeps the text.
 */
bool json_number_check(struct bytes text, struct error *err);

/* ---- Reading events ------------------------------------------------------------------------- */

enum json_type {
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_INTEGER, /* fits int64 */
    JSON_NUMBER,  /* any other */
    JSON_STRING,
    JSON_STRING_PART, /* json_stream_give_parts */
    JSON_KEY,
    JSON_BEGIN_OBJECT,
    JSON_END_OBJECT,
    JSON_BEGIN_ARRAY,
    JSON_END_ARRAY
};

struct json_event {
    enum json_type type;
    bool boolean;
    int64_t integer;
    double number;
    struct bytes text; /* of a string, a part or a key; a number as it is written */
};

/* Returns false to stop; it must then have set `err`, which json_stream_feed passes on. The event
 * and its text are valid only during the call. */
typedef bool (*json_event_fn)(void *ctx, const struct json_event *e, struct error *err);

/* Prints the event again, numbers as they were written (but an integer -0 is 0). Not of parts. */
void json_write_event(struct json_writer *w, const struct json_event *e);

struct json_stream;

/* `fn` gets the events; NULL: only the syntax matters. `ctx` is borrowed until json_stream_free. */
struct json_stream *json_stream_new(json_event_fn fn, void *ctx);

/*
 * Before the first piece: a string value that pieces leave unfinished beyond JSON_PART bytes is
 * given as it comes: its parts, none of them ending inside a character, then a string with what is
 * left. No other token may be that long then. Without it, memory grows with the longest single
 * string.
 */
#define JSON_PART ((size_t)64 * 1024)
void json_stream_give_parts(struct json_stream *s);

/*
 * Feeds the next piece. Errors (ERR_FORMAT) name the byte offset: "at byte 17: …". A token that the
 * piece leaves unfinished is kept until its rest comes, so its event may come pieces later. After
 * an error every further call fails with the same error.
 */
bool json_stream_feed(struct json_stream *s, struct bytes piece, struct error *err);

/* As json_stream_feed, but reads up to behind the event that makes `fn` set `*done` (false before);
 * `*used` are the bytes of the piece that were read. For who takes one value at a time. */
bool json_stream_feed_until(struct json_stream *s, struct bytes piece, const bool *done,
                            size_t *used, struct error *err);

/* Says that the input is over; an unfinished document is ERR_FORMAT. */
bool json_stream_end(struct json_stream *s, struct error *err);

/* Bytes fed so far; inside `fn`, the offset just behind the current token. */
uint64_t json_stream_offset(const struct json_stream *s);

/* The line of the current token, from 1; behind an error that of the token that was wrong. */
int json_stream_line(const struct json_stream *s);

void json_stream_free(struct json_stream *s);

/* All of it over one text. */
bool json_parse(struct bytes text, json_event_fn fn, void *ctx, struct error *err);

/*
 * Prints `text` again in the one form that is stored, hashed and compared: no white space, members
 * sorted by bytes, numbers in shortest form, minimal escapes. A repeated member name is ERR_FORMAT.
 */
bool json_canonical(struct bytes text, struct buf *out, struct error *err);

/*
 * Both print a text as json_write_event does: members keep their order. ERR_FORMAT when it is not
 * JSON. json_copy prints it as a value of what `w` writes, json_compact without white space.
 */
bool json_copy(struct json_writer *w, struct bytes text, struct error *err);
bool json_compact(struct bytes text, struct buf *out, struct error *err);

/* ---- Reading a tree ------------------------------------------------------------------------- */

struct json; /* one value in a tree; owned by the tree's root */

/* NULL with `err` set when `text` is not one strict JSON document. */
struct json *json_doc_parse(struct bytes text, struct error *err);
void json_doc_free(struct json *root);

/* The member of that exact name; NULL when `object` is NULL, no object, or has none. */
const struct json *json_member(const struct json *object, const char *name);
const struct json *json_first(const struct json *container); /* first child or NULL */
const struct json *json_next(const struct json *item);       /* next sibling or NULL */
const char *json_name(const struct json *member);            /* its name inside an object */
size_t json_count(const struct json *container);

bool json_is_object(const struct json *v);
bool json_is_array(const struct json *v);
bool json_is_null(const struct json *v);

/* Each is false (and leaves `out` alone) when `v` is NULL or of another type. Strings are owned by
 * the tree. An integer must be integral and below 2^53 in size (from there on doubles skip
 * some, so the text may have meant a neighbour). */
bool json_as_str(const struct json *v, const char **out);
bool json_as_int(const struct json *v, int64_t *out);
bool json_as_bool(const struct json *v, bool *out);

/* The event of a stream that the value is or begins. Numbers have no text; one that is no integer
 * (as of json_as_int) is a JSON_NUMBER. */
struct json_event json_as_event(const struct json *v);

/* Prints a subtree compactly, members in their order. */
void json_print(const struct json *v, struct buf *out);

#endif
