/*
 * nearby.h: of a file that is not there, the one beside it that was probably meant.
 */
#ifndef CFKV_BASE_NEARBY_H
#define CFKV_BASE_NEARBY_H

#include "error.h"

/* Of a file that was named and where nothing is near. */
#define FILE_HERE_HINT "a path counts from the folder you are in; -C DIR is another one"

/* Sets the hint of `err`, which has none, when the folder of `path` has a name that is near; for
 * ERR_NOT_FOUND only. Returns false. */
bool nearby_hint(const char *path, struct error *err);

/* The same where the folder of `path` is open as `dir`, which is closed; -1: there is none. */
bool nearby_hint_in(int dir, const char *path, struct error *err);

#endif
