/*
 * value_diff.h: what changes in a value, as a document for a reviewer (the DIFF of plan views).
 *
 * Pure. Two values are compared as the most telling thing that both of them are:
 *
 *   - JSON objects or arrays (with `json` also scalars): by path, {"kind":"json"};
 *   - text, of which one has more than one line: unified hunks with one line of context,
 *     {"kind":"text"}; the two lines of a single-line text are one "set" of the path "";
 *   - else by size and the first 12 digits of SHA-256, {"kind":"bytes"}.
 *
 * JSON that differs only in how it is written (white space, 1.0 for 1) is compared as text, so what
 * differs is never shown as no change, and says "same_json":true. Numbers are compared as decimals,
 * exactly. A document with a repeated member, deeper than JSON_MAX_DEPTH or of more than a million
 * values is text.
 *
 * Documents (members sorted; `more` counts what limits left out, `cut` tells that a text shown is
 * not whole):
 *
 *     {"changes":[CHANGE…],"cut":…,"kind":"json","more":…}
 *     {"cut":…,"hunks":[{"after":[line,count],"before":[line,count],"lines":[…]}],"kind":"text",
 *      "more":…}                                                   lines and more: changed lines
 *     {"after":{"bytes":…,"sha256":…},"before":{…},"kind":"bytes"} without the side that is not
 *     {"bytes":…,"cut":…,"json":…,"kind":"new","shown":"…"}
 *     {"after":DIFF,"before":{"bytes":…,"sha256":…},"kind":"replaced"}
 *     {"kind":"secret","was":…}
 *
 * ---- The changes of JSON, and their order
 * --------------------------------------------------------
 *
 *     {"op":"set","path":P,"before":TEXT,"after":TEXT}    {"op":"add","path":P,"after":TEXT}
 *     {"op":"remove","path":P,"before":TEXT}              {"op":"move","path":T,"from":F,"to":T}
 *
 * TEXT is JSON in a string. A path names members and indexes from the root: `a.b[3].c`; a member
 * that is no identifier is written `["odd \"key\""]`; the root is "".
 *
 * Changes stand from the outside in, so that who applies them in turn to the old value has the new
 * one. All but the last step of a path is meant as things stand by then: at its new place. Members
 * of an object are told one by one. Of an array come first the changes of its elements' places, one
 * behind the other: removes (from the back), moves, adds (from the front). They are meant at once:
 * the last index of a remove and of `from` is the old one, that of an add and of `to` the new one,
 * and elements that no change names fill the places left, in their order. Then come the changes
 * inside the elements, by new index.
 *
 * The elements of an array are the same ones when all of them are objects with an `id`, `key`,
 * `name`, `_id` or `uuid` (a string or a number) that no other of their array has; fewest elements
 * are moved. Elements of other arrays keep their order: what is equal stays, what stands between is
 * compared in pairs.
 */
#ifndef CFKV_MODEL_VALUE_DIFF_H
#define CFKV_MODEL_VALUE_DIFF_H

#include "base/hash.h"
#include "base/json.h"

/* A value: its bytes; or, where they are not at hand, what is known of them. */
struct diff_value {
    struct bytes bytes; /* data NULL: not at hand */
    uint64_t size;
    struct digest digest; /* read only when `bytes` are not at hand */
};

static inline struct diff_value diff_value_of(struct bytes bytes)
{
    return (struct diff_value){.bytes = {bytes.data ? bytes.data : "", bytes.len},
                               .size = bytes.len};
}

/* 0: no bound (a document ends with 16 MiB even so). Lengths are in bytes of what is shown. */
struct diff_limits {
    size_t changes; /* of JSON */
    size_t lines;   /* changed lines of text */
    size_t leaf;    /* of either side of a change; the part that differs is shown. At least 24 */
    size_t line;    /* of a line in a hunk, the same way */
    size_t value;   /* of a new value: its beginning */
};

/* For people: a change fits a line. With `whole` nothing is left out. */
static inline struct diff_limits diff_limits(bool whole)
{
    struct diff_limits none = {0};
    struct diff_limits brief = {.changes = 10, .lines = 20, .leaf = 48, .line = 120, .value = 200};
    return whole ? none : brief;
}

struct diff_options {
    struct bytes key; /* its name tells secrets, as of looks_secret; may be empty */
    bool json;        /* declared as JSON (metadata, a table): scalars are compared as such too */
    bool secret;      /* marked secret: nothing is shown */
    struct diff_limits limits;
};

/*
 * Writes how `before` became `after`: a whole object. Either may be NULL (there is none), not both:
 * without `before` it is "new", without `after` one "remove" of the path "". What looks secret on
 * either side, anywhere in it, is only said to be secret. Of equal values it has no changes.
 */
void value_diff(struct json_writer *w, const struct diff_value *before,
                const struct diff_value *after, const struct diff_options *options);

/* The same where `before` must not be shown: by its size and hash, `after` as new. */
void value_diff_replaced(struct json_writer *w, const struct diff_value *before,
                         const struct diff_value *after, const struct diff_options *options);

#endif
