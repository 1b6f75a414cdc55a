/*
 * flow.h: putting items between brackets and taking them out, in the style of what is there.
 * Private to wrangler/.
 *
 * The two undo each other: an item that was put in and is taken out again leaves the old bytes.
 */
#ifndef CFKV_WRANGLER_FLOW_H
#define CFKV_WRANGLER_FLOW_H

#include "patch.h"

/* Where a new item goes. */
struct item_place {
    size_t at;
    size_t comma_at; /* the item before needs a comma there; NO_OFFSET: it has one, or is none */
    bool lines;      /* on a line of its own */
    bool blank;      /* a blank line first: a comment above belongs to something else */
    bool comma;      /* a comma behind it, */
    bool closes;     /* and a line for the closing bracket, of this indentation without `deeper` */
    const char *gap; /* before it, when not on a line of its own */
    struct bytes indent; /* of its line, */
    bool deeper;         /* and one step more */
};

/* Behind the item `after`; NULL: at the end. */
struct item_place flow_place(const struct tree *tree, const struct node *container,
                             const struct tree_item *after);

/* Whether what is in a JSON container ends with a comma, as far as those around it tell. */
bool flow_trails(const struct tree *tree, const struct node *container);

/* Inserts the text of an item there. Its indentation, of the first line too, is the caller's. */
void flow_insert(struct patch *patch, const struct item_place *place, struct bytes item);

/*
 * Takes an item out, with the comments that are its own: those directly above it and those behind
 * it on its line. Above the first of several, comments are its own only when they hold `name` or
 * the next has some too. Of containers that this empties, and that are written, and stand, as a new
 * one would, the outermost is taken out in its place. Brackets that are left empty are closed up
 * again where opening.h may have opened them.
 */
void flow_remove(struct patch *patch, const struct tree_item *item, struct bytes name);

#endif
