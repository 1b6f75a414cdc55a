#include "sandbox.h"

#include <lauxlib.h>
#include <lualib.h>

#include "base/text.h"
#include "bind.h"
#include "chunk.h"
#include "collect.h"
#include "guard.h"
#include "value.h"

/* Everything else (io, os, debug, package) is not even in the state. */
static const luaL_Reg libraries[] = {
    {LUA_GNAME, luaopen_base},          {LUA_TABLIBNAME, luaopen_table},
    {LUA_STRLIBNAME, luaopen_string},   {LUA_MATHLIBNAME, luaopen_math},
    {LUA_COLIBNAME, luaopen_coroutine}, {LUA_UTF8LIBNAME, luaopen_utf8},
};

/* raise(message, hint?): at the line of the user's that is running. */
static int native_raise(lua_State *L)
{
    return vm_raise(L, luaL_optstring(L, 2, NULL), "%s", luaL_checkstring(L, 1));
}

/* quote(value): for a message. */
static int native_quote(lua_State *L)
{
    char quoted[160];
    lua_pushstring(L, value_describe(L, 1, quoted, sizeof quoted));
    return 1;
}

/* nearest(name, names): the one of `names` that is close enough to be meant, or nil. */
static int native_nearest(lua_State *L)
{
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    lua_Unsigned n = lua_rawlen(L, 2);
    const char **names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        names[i] = lua_tostring(L, -1);
        lua_pop(L, 1); /* the list keeps it alive */
    }
    names[n] = NULL;
    lua_pushstring(L, text_nearest(bytes_make(name, len), names));
    return 1;
}

/* lock_strings(methods): ("x"):rep() finds our functions, and nobody finds the metatable. */
static int native_lock_strings(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    return 0;
}

static const luaL_Reg natives[] = {
    {"raise", native_raise},
    {"quote", native_quote},
    {"nearest", native_nearest},
    {"lock_strings", native_lock_strings},
    {NULL, NULL},
};

static void push_arguments(lua_State *L)
{
    luaL_newlib(L, natives);
    lua_pushglobaltable(L);
    guard_push(L);
}

void sandbox_open_tools(lua_State *L)
{
    push_arguments(L);
    chunk_run_trusted(L, "cfkv/lock.lua", 3, 1);
    chunk_set_tools(L);
}

void sandbox_open(lua_State *L)
{
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    bind_open(L);
    sandbox_open_tools(L);

    push_arguments(L);
    chunk_push_tools(L);
    chunk_run_trusted(L, "cfkv/sandbox.lua", 4, 1);
    chunk_set_environment(L);

    chunk_push_tools(L);
    bind_push(L);
    chunk_run_trusted(L, "cfkv/declare.lua", 2, 1);
    chunk_set_module(L);
    collect_open(L);
}
