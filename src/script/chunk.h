/*
 * chunk.h: Lua source into running code: the configuration, modules, load(), our own half.
 *
 * Everything of the user's is text (never bytecode), runs in the one environment that sandbox.c
 * builds, and is named "@" plus the path the user would type, so that messages lead there. Our own
 * Lua is named "=cfkv/…": a user's file can never have such a name.
 */
#ifndef CFKV_SCRIPT_CHUNK_H
#define CFKV_SCRIPT_CHUNK_H

#include <lua.h>

#include "vm.h"

/* Reads the configuration into vm->source, records its digest and opens the root. */
bool chunk_read_main(struct vm *vm, struct error *err);

/* Pushes what chunk_read_main read as a function. Raises. */
void chunk_push_main(lua_State *L);

/* Calls the embedded module `name` ("cfkv/sandbox.lua") with the `nargs` values on top of the
 * stack, which it replaces by `nresults`. Raises. */
void chunk_run_trusted(lua_State *L, const char *name, int nargs, int nresults);

/* Takes the environment of user code from the top of the stack. */
void chunk_set_environment(lua_State *L);

/* Takes the tools that lua/cfkv/lock.lua gives to the rest of our Lua; pushes them. */
void chunk_set_tools(lua_State *L);
void chunk_push_tools(lua_State *L);

/* Takes the value that require "cfkv" gives from the top of the stack. */
void chunk_set_module(lua_State *L);

/* Takes the value that require(name) gives from the top of the stack; after the environment. */
void chunk_set_loaded(lua_State *L, const char *name);

/* Pushes the table of such values: what `package.loaded` is to Lua. */
void chunk_push_loaded(lua_State *L);

/* Reads a file below the root into vm->source and records it; ERR_NOT_FOUND when it is not there.
 */
bool chunk_read_file(struct vm *vm, struct bytes relative, size_t max, struct error *err);

/* require(name) and load(chunk, name, mode, env) of user code. */
int chunk_require(lua_State *L);
int chunk_load(lua_State *L);

#endif
