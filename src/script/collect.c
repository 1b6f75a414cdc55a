#include "collect.h"

#include <lauxlib.h>

#define STEP_MIN ((size_t)64 * 1024)  /* garbage worth a collection near the cap */
#define STEP     ((size_t)512 * 1024) /* and elsewhere */

/* The registry table of known metatables, which it does not keep alive: metatable → true, or its
 * `__mode` while that is hidden. */
static const char known_key = 0;

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The next collection: when the heap has doubled, or has taken half of what the cap leaves. */
static void set_threshold(struct vm *vm)
{
    size_t step = min_size(max_size(vm->memory_used, STEP), vm_room(vm) / 2);
    vm->collect.at = vm->memory_used + max_size(step, STEP_MIN);
    vm->collect.armed = NULL;
}

void collect_open(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &known_key);
    set_threshold(vm_of(L));
}

void collect_know(lua_State *L, int metatable)
{
    metatable = lua_absindex(L, metatable);
    if (vm_of(L)->collect.at == 0)
        return;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &known_key);
    lua_pushvalue(L, metatable);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

void collect_note(struct vm *vm, bool forced)
{
    if (vm->collect.at == 0 || vm->end != VM_ALIVE || !vm->running)
        return;
    vm->collect.forced = vm->collect.forced || forced;
    bool due = forced || vm->memory_used > vm->collect.at;
    if (!due || vm->collect.armed == vm->running)
        return;
    vm->collect.armed = vm->running;
    vm_hook(vm->running, 1);
}

/* Has any known metatable a `__mode` that the collector would obey? */
static bool any_weak(lua_State *L)
{
    bool weak = false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &known_key);
    for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pop(L, 1);
        lua_pushliteral(L, "__mode");
        weak = lua_rawget(L, -2) == LUA_TSTRING || weak;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return weak;
}

/* [ …, known, metatable, value ]: both tables have these keys already, so neither grows. */
static void hide_mode(lua_State *L)
{
    lua_pushliteral(L, "__mode");
    if (lua_rawget(L, -3) == LUA_TSTRING) {
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -2);
        lua_rawset(L, -6); /* known[metatable] = mode */
        lua_pushliteral(L, "__mode");
        lua_pushboolean(L, 0);
        lua_rawset(L, -5); /* metatable.__mode = false */
    }
    lua_pop(L, 1);
}

static void show_mode(lua_State *L)
{
    if (lua_type(L, -1) != LUA_TSTRING)
        return;
    lua_pushliteral(L, "__mode");
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    lua_pushvalue(L, -2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -5);
}

static void for_each_known(lua_State *L, void (*change)(lua_State *L))
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &known_key);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        change(L);
    lua_pop(L, 1);
}

void collect_look(lua_State *L)
{
    struct vm *vm = vm_of(L);
    if (vm->collect.forced && any_weak(L))
        vm_stop(L, VM_MEMORY);
    vm->collect.forced = false;
    /* The model grows, too, and then less is left for garbage than was thought. */
    if (vm->collect.at == 0 || (vm->memory_used <= vm->collect.at &&
                                vm_room(vm) + STEP_MIN >= vm->collect.at - vm->memory_used))
        return;
    for_each_known(L, hide_mode);
    lua_gc(L, LUA_GCCOLLECT);
    for_each_known(L, show_mode);
    set_threshold(vm);
}
