/*
 * entries.h: the bindings in a tree. Private to wrangler/.
 */
#ifndef CFKV_WRANGLER_ENTRIES_H
#define CFKV_WRANGLER_ENTRIES_H

#include "base/text.h"
#include "tree.h"

#define KV_NAMESPACES "kv_namespaces"
#define PREVIEWS      "previews"

/* A name, quoted for a message. */
#define QUOTE(text) text_quoted((text), (char[128]){0}, 128)

/* The tables on the way from the root to the bindings of a section. */
struct entries_path {
    struct bytes names[3]; /* the last is KV_NAMESPACES */
    size_t n;              /* of the section itself: 0 for the top level */
};

struct entries_path entries_path(struct bytes env);

struct entry {
    struct bytes env; /* as everywhere in wrangler.h */
    struct bytes binding, id, preview_id;
    bool remote;
    const struct node *node;
};

struct entries {
    struct entry *items; /* in the tree's arena */
    size_t n, cap;
};

/* The top level's, those of [previews], then each environment's. ERR_FORMAT with the place when
 * they are not sound. */
bool entries_collect(struct tree *tree, struct entries *entries, struct error *err);

struct entry *entries_find(const struct entries *entries, struct bytes env, struct bytes binding);

/* The binding whose style is copied, written in that way: the last one of the section, else of the
 * file; NULL when there is none. */
const struct node *entries_model(const struct entries *entries, struct bytes env,
                                 enum node_how how);

/* The table of a section, or NULL. */
struct node *entries_table(const struct tree *tree, struct bytes env);

#endif
