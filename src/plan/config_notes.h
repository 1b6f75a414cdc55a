/*
 * config_notes.h: what wrangler will make of a config, besides the bindings that cfkv writes.
 */
#ifndef CFKV_PLAN_CONFIG_NOTES_H
#define CFKV_PLAN_CONFIG_NOTES_H

#include "config_files.h"

/*
 * Tells what stands in configs that were read: sections that a Pages project does not have (errors
 * where they are wanted, for wrangler would refuse the file; "wrangler.pages"), lists of bindings
 * that wrangler does not read (warnings, "wrangler.legacy", "wrangler.misplaced"), and TOML 1.1
 * ("wrangler.toml_1_1": an error where an older wrangler is installed beside the config, nothing
 * where one is that takes it, else a warning). false when there are errors.
 */
bool configs_check(const struct configs *c, const struct model *m, struct diag_list *notes,
                   struct error *err);

#endif
