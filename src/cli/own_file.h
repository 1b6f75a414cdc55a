/*
 * own_file.h: settings of the user's own, outside every project: what they name is run, or gets
 * credentials. So they are taken only from a file that nobody else could have written.
 */
#ifndef CFKV_CLI_OWN_FILE_H
#define CFKV_CLI_OWN_FILE_H

#include "base/arena.h"
#include "base/ini.h"

/* "$XDG_CONFIG_HOME/cfkv/config", by default below ~/.config. NULL: neither XDG_CONFIG_HOME nor
 * HOME says where that is. */
const char *own_file_config(struct arena *arena);

/* "$HOME/NAME"; NULL without HOME. */
const char *own_file_home(struct arena *arena, const char *name);

/*
 * Appends the settings of `path` to `out`. A file that is not there has none. ERR_GUARD for one
 * that belongs to neither the user nor root, or that group or others may write; ERR_IO for what is
 * no regular file or larger than OWN_FILE_MAX; ERR_FORMAT as ini_read.
 */
bool own_file_read(struct arena *arena, const char *path, struct ini *out, struct error *err);

#define OWN_FILE_MAX ((size_t)1024 * 1024)

#endif
