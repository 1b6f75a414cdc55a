/*
 * cfkv_folder.h: the folders below ROOT/.cfkv, for what cfkv keeps and nobody commits.
 */
#ifndef CFKV_SEED_CFKV_FOLDER_H
#define CFKV_SEED_CFKV_FOLDER_H

#include "base/buf.h"

/* Adds "ROOT/.cfkv/NAME" to `path`; an empty root is the current folder. Touches no disk. */
void cfkv_folder_path(const char *root, const char *name, struct buf *path);

/* Makes the folder `path` and its parents (0700) with a .gitignore of "*" in it. */
bool cfkv_folder_make(const char *path, struct error *err);

#endif
