/*
 * json_tree.h: a JSON document as nodes in an arena, for comparing. Private to model/.
 *
 * Unlike json_doc it keeps numbers as they are written and strings with NUL, and its members are
 * sorted by name.
 */
#ifndef CFKV_MODEL_JSON_TREE_H
#define CFKV_MODEL_JSON_TREE_H

#include "base/arena.h"
#include "base/json.h"

struct json_node {
    enum json_type type; /* a scalar's; JSON_BEGIN_OBJECT, JSON_BEGIN_ARRAY */
    uint32_t n;          /* children */
    struct bytes name;   /* in an object */
    struct bytes text;   /* of a string; a number as it is written */
    struct json_node *child, *next;
    uint64_t hash; /* equal nodes have equal ones */
};

/* Nodes of one document: more of them are not read. */
#define JSON_TREE_MAX ((uint32_t)1 << 20)

/* NULL when `text` is no document, has a repeated member or too many nodes. */
struct json_node *json_tree_read(struct arena *arena, struct bytes text);

static inline bool json_node_is_container(const struct json_node *v)
{
    return v->type == JSON_BEGIN_OBJECT || v->type == JSON_BEGIN_ARRAY;
}

/* The same value: 1 and 1.0 are, 2^53 and 2^53 + 1 are not. Names do not count. */
bool json_node_equal(const struct json_node *a, const struct json_node *b);

/* Prints it compactly, numbers as they were written. */
void json_node_write(struct json_writer *w, const struct json_node *v);

/* The member of that name, or NULL. */
const struct json_node *json_node_member(const struct json_node *object, struct bytes name);

#endif
