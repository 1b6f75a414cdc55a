/*
 * fold.h: texts that people take for one: equal but for case, for how characters are composed
 * (Unicode NFC), or for blanks around them.
 *
 * ASCII is folded here; for all else libutf8proc is loaded (library.h). Where it is missing, texts
 * that are not ASCII are like none but themselves.
 */
#ifndef CFKV_BASE_FOLD_H
#define CFKV_BASE_FOLD_H

#include "arena.h"

/* true when `text` folds to itself, as far as a glance tells: ASCII without capitals or outer
 * blanks. Two of these that differ are never alike. */
bool fold_is_plain(struct bytes text);

/* What all texts that are like `text` fold to: itself, or a text in `arena`. */
struct bytes fold_text(struct arena *arena, struct bytes text);

/* false: programs that keep texts in NFC would keep another one. */
bool fold_is_composed(struct bytes text);

/* In what two texts differ that fold to the same: "case", "blanks around them", … */
const char *fold_difference(struct bytes a, struct bytes b);

#endif
