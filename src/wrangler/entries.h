/*
 * entries.h: the bindings in a tree. Private to wrangler/.
 */
#ifndef CFKV_WRANGLER_ENTRIES_H
#define CFKV_WRANGLER_ENTRIES_H

#include "base/text.h"
#include "tree.h"

#define KV_NAMESPACES "kv_namespaces"

/* A name, quoted for a message. */
#define QUOTE(text) text_quoted((text), (char[128]){0}, 128)

struct entry {
    struct bytes env; /* data NULL: the top level */
    struct bytes binding, id, preview_id;
    bool remote;
    const struct node *node;
};

struct entries {
    struct entry *items; /* in the tree's arena */
    size_t n, cap;
};

/* The top level's, then each environment's. ERR_FORMAT with the place when they are not sound. */
bool entries_collect(struct tree *tree, struct entries *entries, struct error *err);

struct entry *entries_find(const struct entries *entries, struct bytes env, struct bytes binding);

/* The table of an environment (data NULL: the root), or NULL. */
struct node *entries_table(const struct tree *tree, struct bytes env);

#endif
