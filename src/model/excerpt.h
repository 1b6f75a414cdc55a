/*
 * excerpt.h: the line of a place, with a caret below.
 *
 *     12 | cfkv.namespace { title = "shop", bindin = "SHOP" }
 *        |                                  ^~~~~~
 *
 * It is the text that was evaluated. Of a line that is longer than the width the part around the
 * place is shown. What looks secret in it is not, nor what cfkv.secret marks.
 */
#ifndef CFKV_MODEL_EXCERPT_H
#define CFKV_MODEL_EXCERPT_H

#include "base/buf.h"
#include "spot.h"

/* Adds both lines; nothing where there is no place, or no room for it. */
void excerpt_add(const struct spot *spot, size_t width, struct buf *out);

#endif
