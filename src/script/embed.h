/*
 * embed.h: the Lua sources inside the binary.
 *
 * The table is generated into build/ from lua/ and stdlib/ by the Makefile: the bytes are
 * unmodified, so line numbers are honest; names are module paths ("cfkv/sandbox.lua").
 */
#ifndef CFKV_SCRIPT_EMBED_H
#define CFKV_SCRIPT_EMBED_H

#include <stddef.h>

struct embed_file {
    const char *name; /* "cfkv/sandbox.lua" */
    const char *data; /* not NUL-terminated */
    size_t len;
};

/* Sorted by name; ends with a NULL name. Trusted modules come from lua/, the rest from stdlib/. */
extern const struct embed_file embed_lua[];
extern const struct embed_file embed_stdlib[];

#endif
