/*
 * block.h: [[kv_namespaces]] blocks of TOML, put in and taken out. Private to wrangler/.
 *
 * The two undo each other, as those of flow.h do.
 */
#ifndef CFKV_WRANGLER_BLOCK_H
#define CFKV_WRANGLER_BLOCK_H

#include "entries.h"
#include "patch.h"

/*
 * A new block: behind the last one of its section; else behind what has a header of the section;
 * else, for the top level and [previews], before the first header of an environment (the top
 * level's before [previews], too), and for a new environment at the end. Always before a header or
 * at the end, where no key is that it could swallow.
 */
void block_append(struct patch *patch, const struct entries *entries,
                  const struct wrangler_edit *edit);

/* Takes the block of an entry out, with the comments directly above, and one blank line. */
void block_remove(struct patch *patch, const struct entry *entry);

/* A line `key = "text"` below the line of the member `after`. */
void block_add_member(struct patch *patch, const struct node *entry, const struct node *after,
                      const char *key, struct bytes text);

/* Takes the lines of a member out. */
void block_remove_member(struct patch *patch, const struct node *member);

#endif
