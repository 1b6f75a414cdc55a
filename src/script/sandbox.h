/*
 * sandbox.h: what an evaluated file can see.
 *
 * The allow-list itself is lua/cfkv/sandbox.lua; the `cfkv` module is put together in
 * lua/cfkv/declare.lua from the natives of bind.h.
 */
#ifndef CFKV_SCRIPT_SANDBOX_H
#define CFKV_SCRIPT_SANDBOX_H

#include <lua.h>

/* Makes what lua/cfkv/lock.lua gives to the rest of our Lua; the libraries are open. Raises. */
void sandbox_open_tools(lua_State *L);

/* Opens the libraries, builds the environment and the module, starts the collector. Raises. */
void sandbox_open(lua_State *L);

#endif
