/*
 * guard.h: the library functions that evaluated files get in place of Lua's own.
 *
 * Four reasons to wrap one: it can catch an error (then a spent budget is raised again), it can
 * spin in C where the count hook cannot see it (then the range is checked and the wall clock told
 * the line), it would show an address, or it could change what is shared.
 */
#ifndef CFKV_SCRIPT_GUARD_H
#define CFKV_SCRIPT_GUARD_H

#include <lua.h>
#include <stdio.h>

#include "base/bytes.h"

/* Pushes the table of all of them, by Lua's names; those of libraries as "table.insert". */
void guard_push(lua_State *L);

/* Prints for a person: what a terminal shows must not be forged by a value. Raises nothing; false
 * when it could not be written. */
bool guard_show(struct bytes text, FILE *to);

/* Pushes the text that tostring gives for the value at `idx`: no addresses. May call __tostring. */
void guard_push_text(lua_State *L, int idx);

#endif
