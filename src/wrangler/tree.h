/*
 * tree.h: a parsed config with the place of everything in it. Private to wrangler/.
 *
 * TOML and JSON give the same tree of nodes. What stands between brackets ({…}, […]) also has its
 * items in the order of the text, with their commas: editing is about those. TOML tables outside
 * brackets belong to sections, one for each header. Offsets are from the start of the text.
 */
#ifndef CFKV_WRANGLER_TREE_H
#define CFKV_WRANGLER_TREE_H

#include "base/arena.h"
#include "base/map.h"
#include "wrangler.h"

#define TREE_DEPTH_MAX 64
#define NO_OFFSET      SIZE_MAX

struct span {
    size_t start, end;
};

enum node_kind { NODE_TABLE, NODE_ARRAY, NODE_STRING, NODE_BOOLEAN, NODE_OTHER };

/* How a table or array came to be; in JSON always HOW_FLOW. */
enum node_how {
    HOW_FLOW,     /* between brackets: complete where it stands */
    HOW_IMPLICIT, /* named on the way in a header */
    HOW_HEADER,   /* has a header of its own; an array: of [[headers]] */
    HOW_DOTTED    /* named on the way in a dotted key */
};

/* One element between brackets: `key = value`, `"key": value` or a value. */
struct tree_item {
    struct tree_item *next, *prev;
    struct node *container;
    struct node *node; /* its value */
    struct span at;    /* from the key to the end of the value */
    size_t comma;      /* behind it, or NO_OFFSET */
};

struct node {
    enum node_kind kind;
    enum node_how how;
    unsigned depth;
    size_t id;          /* unique in the tree */
    struct bytes key;   /* decoded; data NULL in an array and for the root */
    struct span key_at; /* the last part of a dotted key, as written */
    struct span value;  /* as written; of a table of headers: its first header */
    struct bytes text;  /* NODE_STRING: decoded; NODE_BOOLEAN and NODE_OTHER: as written */
    struct node *parent, *next, *first, *last;
    size_t n;                                 /* children */
    struct tree_item *item;                   /* where it stands between brackets; NULL: nowhere */
    struct tree_item *first_item, *last_item; /* HOW_FLOW: its own */
    size_t section;                           /* tables: whose header is its own */
};

/* A header and what is below it, to the next header. Section 0 is the top level, without one. */
struct section {
    size_t line;        /* where the header's line starts */
    struct span header; /* with its brackets */
    struct span *parts; /* of its key, as written */
    struct bytes *names;
    size_t n_parts;
    struct node *node;
    size_t content_end; /* behind its last line that is no comment and not blank */
};

struct tree {
    struct arena arena;
    enum wrangler_syntax syntax;
    struct bytes text;
    size_t start;  /* behind the byte order mark */
    size_t *lines; /* where each begins */
    size_t n_lines;
    struct node *root;
    size_t n_nodes;
    struct map index; /* (id of the parent, key) → into by_id */
    struct node **by_id;
    size_t cap_nodes;
    struct section *sections; /* TOML */
    size_t n_sections, cap_sections;
    struct wrangler_newer newer; /* than TOML 1.0 */
};

/* Borrows `text`. The tree must be released after a failure too. */
bool tree_parse(struct tree *tree, struct bytes text, enum wrangler_syntax syntax,
                struct error *err);
void tree_release(struct tree *tree);

/* The child of that name; NULL when `table` is NULL, no table, or has none. */
struct node *tree_child(const struct tree *tree, const struct node *table, struct bytes key);
struct node *tree_member(const struct tree *tree, const struct node *table, const char *key);

/* true when both hold the same: members in any order, array elements in theirs. */
bool tree_same(const struct tree *a_tree, const struct node *a, const struct tree *b_tree,
               const struct node *b);

/* As tree_same for the members of two tables, without those named in `but` (ends with NULL). A
 * NULL table is an empty one. */
bool tree_same_but(const struct tree *a_tree, const struct node *a, const struct tree *b_tree,
                   const struct node *b, const char *const *but);

/* The line of an offset, from 1. */
size_t tree_line(const struct tree *tree, size_t at);

/* Sets ERR_FORMAT "line L, column C: WHAT"; columns count characters. */
bool tree_fail(const struct tree *tree, size_t at, struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- For the parsers ------------------------------------------------------------------------- */

/* A new child at the end of `parent` (NULL: the root); fails at a repeated key or too deep, at the
 * place of the key or of `at`. */
struct node *tree_add(struct tree *tree, struct node *parent, enum node_kind kind, struct bytes key,
                      size_t at, struct error *err);

/* A new item at the end of a flow container. */
struct tree_item *tree_add_item(struct tree *tree, struct node *container, size_t start);

#endif
