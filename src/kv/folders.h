/*
 * folders.h: the folders below one, as people see them: no hidden ones, none that build tools and
 * npm make (model/config_names.h), and none through a link.
 */
#ifndef CFKV_KV_FOLDERS_H
#define CFKV_KV_FOLDERS_H

#include "base/arena.h"
#include "base/error.h"

struct folders_limits {
    unsigned levels; /* how far below each other they may be */
    size_t max;      /* how many are looked at; 0: any number */
};

/*
 * One of them: `path` from the top on ("" for the top itself, then "apps/api"), `place` to open it
 * by. Both are of the walk's arena. `*deeper`, true at first: the folders in it are walked, too.
 * false (with err) ends the walk.
 */
typedef bool (*folder_fn)(void *ctx, const char *path, const char *place, bool *deeper,
                          struct error *err);

/*
 * Walks from `top` on: each folder before what is in it, names in byte order. What cannot be read
 * has nothing in it. `*cut` (NULL: nobody asks) tells that there are more than `limits.max`, which
 * were left out. false only where `each` says so.
 */
bool folders_walk(struct arena *arena, const char *top, const struct folders_limits *limits,
                  folder_fn each, void *ctx, bool *cut, struct error *err);

#endif
