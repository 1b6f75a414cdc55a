/*
 * opening.h: empty brackets get lines, in a config that is written over lines. Private to
 * wrangler/.
 */
#ifndef CFKV_WRANGLER_OPENING_H
#define CFKV_WRANGLER_OPENING_H

#include "flow.h"

/*
 * What is to be filled is written as a formatter would break it: an empty `{}` or `[]` in JSON, and
 * an empty list of TOML that is no part of an inline table (those stay on one line). Brackets
 * around it that stand on the same line are broken with it, one item a line.
 *
 * true: the patch breaks them, and `place` is that of the first item; `unit` is one step of
 * indentation. false: `container` stays as it is, because something is in it, it has lines already,
 * or the whole file is on one line.
 */
bool opening_place(struct patch *patch, const struct node *container, struct bytes unit,
                   struct item_place *place);

#endif
