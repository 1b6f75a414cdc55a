/*
 * config_reads.h: whether wrangler reads the configs that are declared (kv/wrangler_find.h), and
 * what it reads instead.
 */
#ifndef CFKV_PLAN_CONFIG_READS_H
#define CFKV_PLAN_CONFIG_READS_H

#include "config_files.h"

/* Configs in folders that build tools write into are an error, "wrangler.path", that names the one
 * to declare. `root`: the project's. */
void config_paths_check(const struct model *m, const char *root, struct diag_list *notes);

/* false, with the reason, when cfkv must not edit the config, which was read: a build tool wrote
 * it, or whether it did cannot be told, since wrangler's redirection is broken. */
bool config_check_source(const struct config *config, const char *root, struct error *cause);

/* Warns of each config before which wrangler takes another one, and of each that is to be made and
 * will come before one that wrangler takes now ("wrangler.unread"). */
void configs_note_unread(const struct configs *c, const char *root, struct diag_list *notes);

/* Warns of each config from which wrangler is redirected to a built one that holds other ids, or
 * will when this one is written ("wrangler.redirect"); where building again mends it, the config's
 * `built` is that one. bindings_decide comes before, where something may be written. */
void configs_note_redirected(struct configs *c, const char *root, struct diag_list *notes);

#endif
