/*
 * locate.h: which configuration is meant when none is named.
 *
 * kv.lua of the folder itself, else the nearest above it, up to the repository's root (the folder
 * that has .git), else up to the user's home, else nowhere; never across a file system. A file from
 * above runs as the user's own, so it must be his, or root's, and nobody else's to write.
 */
#ifndef CFKV_CLI_LOCATE_H
#define CFKV_CLI_LOCATE_H

#include "base/arena.h"
#include "base/error.h"

#define CONFIG_NAME "kv.lua"

struct located {
    const char *file; /* as one would type it here ("../../kv.lua"); there may be none */
    bool found;       /* it, or a state of its name, is there */
    bool above;       /* it was found above `folder` */
};

/* Looks from `folder` (an existing one) upwards; `out->file` is of the arena. ERR_GUARD, naming the
 * file and -f, when one was found above that somebody else may have written. */
bool locate_config(struct arena *arena, const char *folder, struct located *out, struct error *err);

#endif
