/*
 * vocabulary.h: one thing, one word: what a name that nobody knows was meant to be.
 *
 * People bring the words of other tools and of other places here: `ttl`, `expirationTtl`,
 * `expires`, `name`. Whatever refuses a name (a field in Lua, a member of an item, a column, an
 * option) asks here what to write instead.
 */
#ifndef CFKV_MODEL_VOCABULARY_H
#define CFKV_MODEL_VOCABULARY_H

#include "base/bytes.h"

/* The one of `candidates` (which end with NULL) that `name` stands for: the same but for case,
 * blanks, "-" and "_"; else one that means the same; else the nearest (text_nearest). NULL: none.
 */
const char *vocabulary_meant(struct bytes name, const char *const *candidates);

/* true for a word under which people look for credentials: a configuration has none. */
bool vocabulary_is_credential(struct bytes name);

#endif
