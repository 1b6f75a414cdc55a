/*
 * cloudflare_shape.h: reads a JSON text by a description of it, a tree of `struct shape`. Private
 * to the parsers of Cloudflare's answers.
 *
 *     static const struct shape item_members[] = {
 *         {.name = "id", .kinds = SHAPE_STRING, .required = true, .take = take_id},
 *         {.name = NULL}};
 *     static const struct shape item = {.what = "an item of 'result'",
 *                                       .kinds = SHAPE_OBJECT,
 *                                       .members = item_members,
 *                                       .end = add_item};
 *
 * What no shape describes is passed over, but must be JSON all the same. One walk, no recursion;
 * memory grows only with the longest single string.
 */
#ifndef CFKV_STORE_CLOUDFLARE_SHAPE_H
#define CFKV_STORE_CLOUDFLARE_SHAPE_H

#include <stdint.h>

#include "base/buf.h"

enum shape_kind {
    SHAPE_NULL = 1,
    SHAPE_BOOLEAN = 2,
    SHAPE_INTEGER = 4, /* integral, fits int64 */
    SHAPE_NUMBER = 8,  /* any other */
    SHAPE_STRING = 16,
    SHAPE_OBJECT = 32,
    SHAPE_ARRAY = 64,
    SHAPE_ANY = 127
};

/* Good during the call that gets it. */
struct shape_value {
    enum shape_kind kind;
    bool boolean;
    int64_t integer;
    struct bytes string; /* decoded */
    struct bytes text;   /* its JSON text; not of strings */
};

typedef bool (*shape_take_fn)(void *ctx, const struct shape_value *v, struct error *err);
typedef bool (*shape_name_fn)(void *ctx, struct bytes name, struct error *err);
typedef bool (*shape_edge_fn)(void *ctx, struct error *err);

struct shape {
    const char *name; /* of a member */
    const char *what; /* how messages call it; NULL: the name in quotes */
    unsigned kinds;   /* what it may be, bits of shape_kind; any other kind is ERR_FORMAT … */
    bool lenient;     /* … or passed over */
    bool required;    /* its object must have it */

    /* The whole value, unless its inside is described below. Not called for a null, which is as if
     * the member were absent wherever it may stand. */
    shape_take_fn take;

    /* The inside of an object: its members, to a nameless one, of which none may be there twice;
     * or, with `on_name`, any members at all, each an `item`. The inside of an array: `item`. */
    const struct shape *members;
    shape_name_fn on_name;
    const struct shape *item;
    shape_edge_fn begin, end; /* around an inside that is described */
};

/* ERR_FORMAT: the text is not JSON ("the answer is not JSON: at byte 17: …") or not of that shape
 * ("'result' is a string, not an array"); else what a callback reported. */
bool shape_read(struct bytes text, const struct shape *root, void *ctx, struct error *err);

/* Adds `v` as JSON without white space; as json_compact does. */
bool shape_print(const struct shape_value *v, struct buf *out, struct error *err);

#endif
