/*
 * env_types.h: the KV part of a Worker's `Env`: which bindings its code may count on.
 *
 * As `wrangler types` has it: the bindings of all sections together. One is optional unless each
 * section has it, the top level and every environment of the config, declared or written there by
 * hand; [previews] does not count.
 */
#ifndef CFKV_PLAN_ENV_TYPES_H
#define CFKV_PLAN_ENV_TYPES_H

#include "base/json.h"
#include "config_files.h"

/*
 * Writes what lua/host/types.lua makes a file of: the declared bindings of these configs, in byte
 * order of their names.
 *
 *     {"bindings":[{"name","namespaces":[{"description","section","title"}],"optional"}],
 *      "configs":["wrangler.toml"]}
 */
void env_types_write_json(const struct config *const *configs, size_t n, const struct model *m,
                          struct json_writer *w);

#endif
