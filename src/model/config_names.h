/*
 * config_names.h: what the path of a wrangler config tells of it.
 */
#ifndef CFKV_MODEL_CONFIG_NAMES_H
#define CFKV_MODEL_CONFIG_NAMES_H

#include "base/bytes.h"

/* The programs that give wrangler its config under --x-new-config, each name once; ends with NULL.
 * cfkv edits none of them. */
extern const char *const config_programs[];

/* true when the file that `path` names is one of them. */
bool config_is_program(struct bytes path);

/* true when `path` lies in a folder that only build tools write into (".output", "_worker.js");
 * `*above`, how much of `path` is the folder above that. */
bool config_is_built(struct bytes path, size_t *above);

#endif
