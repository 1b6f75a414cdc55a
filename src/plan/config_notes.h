/*
 * config_notes.h: what wrangler will make of a config, besides the bindings that cfkv writes.
 */
#ifndef CFKV_PLAN_CONFIG_NOTES_H
#define CFKV_PLAN_CONFIG_NOTES_H

#include "config_files.h"

/*
 * Tells what stands in a config that was read: sections that a Pages project does not have (errors
 * where they are wanted, for wrangler would refuse the file; "wrangler.pages"), and lists of
 * bindings that wrangler does not read (warnings, "wrangler.legacy", "wrangler.misplaced").
 */
void config_note_contents(const struct config *config, const struct model *m,
                          struct diag_list *notes);

#endif
