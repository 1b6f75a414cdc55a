/*
 * diff_parts.h: the comparers behind value_diff, and what they share. Private to model/.
 */
#ifndef CFKV_MODEL_DIFF_PARTS_H
#define CFKV_MODEL_DIFF_PARTS_H

#include "value_diff.h"

/* A document ends with so many bytes, whatever its limits: many long paths would go on for ever. */
#define DIFF_OUTPUT_MAX ((size_t)16 * 1024 * 1024)

enum json_relation {
    JSON_NEITHER, /* they cannot be compared by path, */
    JSON_SAME,    /* or are the same that way: nothing is written */
    JSON_DIFFERENT
};

/* Writes a DIFF of two JSON texts; with `scalars` they need not be objects or arrays. */
enum json_relation json_diff(struct json_writer *w, struct bytes before, struct bytes after,
                             bool scalars, const struct diff_limits *limits);

/* Writes a DIFF of two texts; `same_json` is told in it. */
void text_diff(struct json_writer *w, struct bytes before, struct bytes after, bool same_json,
               const struct diff_limits *limits);

/* ---- What is shown of a long text ----------------------------------------------------------- */

struct window {
    size_t from, to;
};

/*
 * The parts of two texts to show: all, where both fit into `max` (0: any do); else what surrounds
 * their first difference, so that the two parts differ. No character is split, nor, with `escapes`,
 * an escape of JSON. `b` empty: `a` from its beginning.
 */
void diff_windows(struct bytes a, struct bytes b, size_t max, bool escapes, struct window *of_a,
                  struct window *of_b);

/* Adds that part with "…" where something is left out; returns whether it is. */
bool diff_add_window(struct buf *out, struct bytes text, struct window part);

/* Two JSON texts, or what is shown of them, that differ and may look the same to a reader
 * (characters of no width, letters of other scripts, composed or not): what is beyond ASCII becomes
 * escapes. */
void diff_tell_apart(struct buf *a, struct buf *b);

/* Writes fields "after" and "before" of a change: JSON texts in a string, or what is shown of them.
 * One of them may have data NULL. Returns whether something is left out. */
bool diff_write_sides(struct json_writer *w, struct bytes before, struct bytes after, size_t max);

#endif
