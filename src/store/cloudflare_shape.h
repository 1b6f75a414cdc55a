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

#include "base/json.h"

/* Bits of what a value is. */
enum {
    SHAPE_NULL = 1 << JSON_NULL,
    SHAPE_BOOLEAN = 1 << JSON_BOOLEAN,
    SHAPE_INTEGER = 1 << JSON_INTEGER,
    SHAPE_NUMBER = 1 << JSON_NUMBER,
    SHAPE_STRING = 1 << JSON_STRING,
    SHAPE_OBJECT = 1 << JSON_BEGIN_OBJECT,
    SHAPE_ARRAY = 1 << JSON_BEGIN_ARRAY,
    SHAPE_ANY = SHAPE_NULL | SHAPE_BOOLEAN | SHAPE_INTEGER | SHAPE_NUMBER | SHAPE_STRING |
                SHAPE_OBJECT | SHAPE_ARRAY
};

typedef bool (*shape_name_fn)(void *ctx, struct bytes name, struct error *err);
typedef bool (*shape_edge_fn)(void *ctx, struct error *err);

struct shape {
    const char *name; /* of a member */
    const char *what; /* how messages call it; NULL: the name in quotes */
    unsigned kinds;   /* what it may be, bits of SHAPE_; any other kind is ERR_FORMAT … */
    bool lenient;     /* … or passed over */
    bool required;    /* its object must have it */

    /* The whole value, unless its inside is described below; the text of an object or an array is
     * all of it, as JSON. Not called for a null, which is as if the member were absent wherever it
     * may stand. */
    json_event_fn take;

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

/* Adds a value that was taken as JSON without white space; as json_compact does. */
bool shape_print(const struct json_event *v, struct buf *out, struct error *err);

#endif
