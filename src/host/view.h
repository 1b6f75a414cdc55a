/*
 * view.h: a JSON text as a Lua value, the one way by which data comes into the host state.
 */
#ifndef CFKV_HOST_VIEW_H
#define CFKV_HOST_VIEW_H

#include <lua.h>

#include "base/json.h"

/* Pushes the value (host.h says what it looks like). On failure the stack may have grown. */
bool view_push(lua_State *L, struct bytes json, struct error *err);

/* Pushes what stands for null. */
void view_push_null(lua_State *L);

#endif
