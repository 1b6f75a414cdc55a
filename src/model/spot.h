/*
 * spot.h: where in a Lua file a problem is, closer than the line of the call that met it.
 *
 * A call is written over many lines, and Lua tells its first. What the problem is about is in its
 * code, whose second word names a field ("namespace.binding"), and in its message, which quotes the
 * field or the value: they are looked for in the call's own text. What is not found there, because
 * a variable holds it, is at the call.
 */
#ifndef CFKV_MODEL_SPOT_H
#define CFKV_MODEL_SPOT_H

#include "lua_text.h"

struct spot {
    const struct lua_text *text; /* NULL: nowhere */
    size_t at, len;              /* of what it is about; on one line */
    int line;
    int column; /* of `at`, from 1, in characters; 0: the line is all that is known */
};

/* A problem of this code and message that was met at `line`. */
struct spot spot_find(const struct lua_text *text, const char *code, const char *message, int line);

#endif
