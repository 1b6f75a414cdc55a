/*
 * dev_data.h: what `wrangler dev` has, and will not see any more once a config is written by a run
 * that moves no local data: one to the account, or `cfkv wrangler`.
 */
#ifndef CFKV_PLAN_DEV_DATA_H
#define CFKV_PLAN_DEV_DATA_H

#include "config_files.h"

/* Warns ("wrangler.dev_data") of each binding behind which dev has something, and whose word
 * changes. `root`: the project's. For bindings_decide to have come before. A local store that
 * cannot be read has nothing to tell. */
void configs_note_dev_data(const struct configs *c, const char *root, struct diag_list *notes);

#endif
