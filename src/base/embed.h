/*
 * embed.h: the Lua sources inside the binary.
 *
 * The tables are generated into build/ from lua/ and stdlib/ by the Makefile: the bytes are
 * unmodified, so line numbers are honest; names are module paths ("cfkv/sandbox.lua"). Each table
 * is declared by the folder that may run it.
 */
#ifndef CFKV_BASE_EMBED_H
#define CFKV_BASE_EMBED_H

#include "buf.h"

struct embed_file {
    const char *name; /* "cfkv/sandbox.lua" */
    const char *data; /* not NUL-terminated */
    size_t len;
};

/*
 * The text of a file of `table`, which is sorted and ends with a NULL name; false when it has none
 * of that name. A development build (make DEV=1) reads $CFKV_LUA_PATH/FOLDER/NAME instead, where
 * there is one, into `storage`, which the text then lies in.
 */
bool embed_text(const struct embed_file *table, const char *folder, const char *name,
                struct buf *storage, struct bytes *text);

#endif
