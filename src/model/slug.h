/*
 * slug.h: the name of an environment out of any text, such as that of a branch (cfkv.naming.slug).
 *
 * A name of [a-z0-9-] that neither begins nor ends with a dash nor holds two in a row stays as it
 * is. Of any other text, and of one that is too long, upper case becomes lower, whatever else there
 * is becomes one dash, and the first digits of a hash of the whole text come behind: so two texts
 * have the same slug only by a collision of 28 bits behind the same words. A name that ends like a
 * slug gets a hash of its own, so that nobody takes another's place by choosing it.
 */
#ifndef CFKV_MODEL_SLUG_H
#define CFKV_MODEL_SLUG_H

#include "base/buf.h"

#define SLUG_DEFAULT   28  /* characters: "shop-session-" and it fit a title of 64 */
#define SLUG_MAX_LEAST 12  /* what `max` may be: room for a few letters and the hash, */
#define SLUG_MAX_MOST  512 /* and not beyond a title */

/* Appends the slug of `text`, which is not empty, of at most `max` characters (SLUG_MAX_LEAST or
 * more). It cannot fail; nothing of [a-z0-9] in `text`: the hash alone. */
void slug_add(struct buf *out, struct bytes text, size_t max);

#define SLUG_DIGITS 7 /* of the hash: as git shortens its own */

/* The digits that a slug of `text` ends with, unless it is `text` itself: for who asks slug_is_of
 * of many. */
void slug_digits(struct bytes text, char out[SLUG_DIGITS + 1]);

/* true when `name` is the slug of `text` for some `max`. Of an empty text nothing is. */
bool slug_is_of(struct bytes name, struct bytes text);

#endif
