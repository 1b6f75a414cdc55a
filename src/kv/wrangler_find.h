/*
 * wrangler_find.h: which config wrangler reads when none is named.
 *
 * That is the nearest wrangler.json from a folder up, else the nearest wrangler.jsonc, else the
 * nearest wrangler.toml: a wrangler.json of any folder above comes before a wrangler.toml of this
 * one. Where a build tool has left .wrangler/deploy/config.json, wrangler's dev and deploy (not its
 * kv commands) read the config which that names instead: one that was built of the user's own.
 * With wrangler's -c none of this counts.
 */
#ifndef CFKV_KV_WRANGLER_FIND_H
#define CFKV_KV_WRANGLER_FIND_H

#include "base/arena.h"
#include "base/error.h"
#include "wrangler/wrangler.h"

#define WRANGLER_REDIRECT ".wrangler/deploy/config.json"

/* The config that wrangler takes in `folder`; NULL: there is none. Paths that are found are of the
 * arena, and as `folder` is: "FOLDER/../wrangler.toml". A folder that is not there has none. */
const char *wrangler_find_config(struct arena *arena, const char *folder);

/* The config that lies in that folder itself: of several the one that wrangler takes first; NULL:
 * none does. */
const char *wrangler_find_beside(struct arena *arena, const char *folder);

/* The config that wrangler takes there before one of that name (which need not be there yet); NULL:
 * it takes that one. Of names that wrangler does not look for, it is NULL too: who has such a
 * config names it to wrangler. */
const char *wrangler_find_before(struct arena *arena, const char *folder, const char *name);

/* true of the names that wrangler looks for. */
bool wrangler_finds(const char *name);

/* The redirection that wrangler's dev and deploy find from `folder` up; NULL: there is none. */
const char *wrangler_find_redirect(struct arena *arena, const char *folder);

/*
 * What it redirects to. ERR_FORMAT when it is broken, or leads nowhere but to a redirection;
 * ERR_NOT_FOUND when there is no file where it leads to. `base` as for wrangler_path_shown.
 */
bool wrangler_redirect_read(struct arena *arena, const char *redirect, const char *base,
                            const char **built, struct error *err);

/* The version of the wrangler that projects in `folder` run, from node_modules there or above;
 * NULL: none is found. */
const char *wrangler_installed(struct arena *arena, const char *folder);

/* Reads and parses a config; ended by wrangler_config_release whatever happens. ERR_USAGE when its
 * name is none of a config; else what file_read and wrangler_config_read say. */
bool wrangler_config_load(const char *path, struct wrangler_config *config, struct error *err);

/* How messages call it: relative to `base` when it lies below that folder, else the whole path. */
const char *wrangler_path_shown(struct arena *arena, const char *base, const char *path);

/* Whether two paths lead to one file, also where that is not there yet. */
bool wrangler_path_same(struct arena *arena, const char *a, const char *b);

#endif
