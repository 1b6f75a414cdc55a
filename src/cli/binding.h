/*
 * binding.h: a namespace as a wrangler config names it: --binding NAME [--env] [--preview]
 * [--config].
 *
 * The config is the one that wrangler's kv commands read, and so is what they make of it, but that
 * without --preview a binding with two ids is no question: the account's namespace is `id`, and
 * the local one is what `wrangler dev` reads (preview_id, else id, else the binding's own name).
 */
#ifndef CFKV_CLI_BINDING_H
#define CFKV_CLI_BINDING_H

#include "options.h"

struct bound {
    const char *config;      /* the path of the config; NULL: there is no --binding */
    struct bytes id;         /* never empty */
    struct bytes account_id; /* that the config gives, before CLOUDFLARE_ACCOUNT_ID; or data NULL */
    bool remote;             /* `wrangler dev` reads the account's namespace */
};

/* ERR_USAGE when the options do not go together: --env, --preview or --config without --binding,
 * or --binding beside another name of a namespace. */
bool binding_check(const struct options *o, struct error *err);

/* Finds and reads the config. Texts are of the arena. ERR_NOT_FOUND when there is no config, no
 * such environment, binding or id; ERR_FORMAT with file, line and column. */
bool binding_find(const struct options *o, struct arena *arena, struct bound *out,
                  struct error *err);

#endif
