#include "guard.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

#include "base/ci.h"
#include "base/text.h"
#include "chunk.h"
#include "collect.h"
#include "order.h"
#include "value.h"

#define ELEMENTS_MAX 10000000 /* see order.c */
#define PRINT_MAX    ((size_t)1024 * 1024)

/* ---- Text ------------------------------------------------------------------------------------ */

void guard_push_text(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 6, NULL);
    if (luaL_callmeta(L, idx, "__tostring")) {
        if (!lua_isstring(L, -1))
            vm_raise(L, NULL, "'__tostring' must return a string");
    } else if (lua_type(L, idx) >= LUA_TTABLE || lua_islightuserdata(L, idx)) {
        if (value_is_null(L, idx))
            lua_pushliteral(L, "null");
        else if (luaL_getmetafield(L, idx, "__name") != LUA_TSTRING)
            lua_pushstring(L, luaL_typename(L, idx));
    } else {
        luaL_tolstring(L, idx, NULL);
    }
}

static int guard_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    guard_push_text(L, 1);
    return 1;
}

bool guard_show(struct bytes text, FILE *to)
{
    struct buf shown = {0};
    text_show(&shown, text);
    bool ok = fwrite(shown.data ? shown.data : "", 1, shown.len, to) == shown.len;
    buf_release(&shown);
    return ok;
}

/* print is for the person at the terminal: stdout belongs to data. */
static int guard_print(lua_State *L)
{
    struct vm *vm = vm_of(L);
    int n = lua_gettop(L);
    for (int i = 1; i <= n; i++) {
        if (value_is_deferred(L, i))
            value_push_shown(L, i);
        else
            guard_push_text(L, i);
        lua_replace(L, i);
    }
    for (int i = 1; i <= n && vm->printed <= PRINT_MAX; i++) {
        size_t len;
        const char *s = lua_tolstring(L, i, &len);
        vm->printed += len + 1;
        if (vm->printed > PRINT_MAX)
            fputs("(more than 1 MiB was printed; the rest is left out)", stderr);
        else
            ci_tell(bytes_make(s, len));
        fputc(i < n ? '\t' : '\n', stderr);
    }
    if (n == 0 && vm->printed++ <= PRINT_MAX)
        fputc('\n', stderr);
    return 0;
}

/* ---- Catchers -------------------------------------------------------------------------------- */

/* After a protected call: may its error be handed to the file at all? */
static void check_status(lua_State *L, int status)
{
    if (status == LUA_ERRMEM)
        vm_stop_memory(L);
    vm_check(L);
}

static int finish_pcall(lua_State *L, int status, lua_KContext extra)
{
    check_status(L, status);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, 0);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L) - (int)extra;
}

static int guard_pcall(lua_State *L)
{
    vm_check(L);
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
    return finish_pcall(L, status, 0);
}

/* Upvalue: the file's own handler, which must not run once the budget is spent. */
static int guarded_handler(lua_State *L)
{
    if (vm_of(L)->end != VM_ALIVE)
        return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int guard_xpcall(lua_State *L)
{
    vm_check(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    int n = lua_gettop(L);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); /* f, handler, true, f, arguments */
    int status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, finish_pcall);
    return finish_pcall(L, status, 2);
}

/* Runs `co` with the top `nargs` values of L. The number of results that are on L then, or -1 with
 * the error on top. */
static int resume(lua_State *L, lua_State *co, int nargs)
{
    struct vm *vm = vm_of(L);
    if (!lua_checkstack(co, nargs)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, nargs);
    int nresults;
    lua_State *resumer = vm->running;
    vm->running = co;
    int status = lua_resume(co, L, nargs, &nresults);
    vm->running = resumer;
    check_status(L, status);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, nresults + 1)) {
        lua_pop(co, nresults);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, nresults);
    return nresults;
}

static int guard_resume(lua_State *L)
{
    vm_check(L);
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co, 1, "coroutine");
    int n = resume(L, co, lua_gettop(L) - 1);
    lua_pushboolean(L, n >= 0);
    lua_insert(L, n >= 0 ? -(n + 1) : -2);
    return n >= 0 ? n + 1 : 2;
}

/* Upvalue: the coroutine. Its errors reach the caller as they are. */
static int wrap_step(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int n = resume(L, co, lua_gettop(L));
    if (n >= 0)
        return n;
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD) { /* it failed; it may still have to close */
        lua_pop(L, 1);
        check_status(L, vm_close_coroutine(L, co));
        lua_xmove(co, L, 1);
    }
    return lua_error(L);
}

static int guard_wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushcclosure(L, wrap_step, 1);
    return 1;
}

static int guard_close(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co, 1, "coroutine");
    lua_Debug ar;
    bool suspended = lua_status(co) == LUA_YIELD ||
                     (co != L && lua_status(co) == LUA_OK && !lua_getstack(co, 0, &ar));
    if (!suspended && lua_status(co) == LUA_OK)
        return vm_raise(L, NULL, "cannot close a running coroutine");
    int status = vm_close_coroutine(L, co);
    check_status(L, status);
    lua_pushboolean(L, status == LUA_OK);
    if (status == LUA_OK)
        return 1;
    lua_xmove(co, L, 1);
    return 2;
}

/* ---- Shared tables --------------------------------------------------------------------------- */

static void refuse_field(lua_State *L, const char *name, const char *why)
{
    lua_pushstring(L, name);
    if (lua_rawget(L, 2) != LUA_TNIL)
        vm_raise(L, why, "'%s' is not available in evaluated files", name);
    lua_pop(L, 1);
}

static int guard_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return vm_raise(L, NULL, "cannot change a protected metatable");
    lua_settop(L, 2);
    if (lua_istable(L, 2)) {
        refuse_field(L, "__gc", "finalizers run at no certain time; use a local with <close>");
        refuse_field(L, "__mode", "weak tables empty themselves at no certain time");
        collect_know(L, 2);
    }
    lua_setmetatable(L, 1);
    return 1;
}

static int guard_rawset(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL && !value_is_array(L, 1))
        return vm_raise(L, NULL, "cannot change a protected table");
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 1;
}

/* ---- Calls that may spin in C --------------------------------------------------------------- */

/* Upvalue: Lua's own function. */
static int timed(lua_State *L)
{
    vm_where(L); /* the wall clock may end here */
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Upvalue: the iterator that Lua's gmatch made. */
static int gmatch_step(lua_State *L)
{
    vm_where(L); /* the wall clock may end here */
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 0, LUA_MULTRET);
    return lua_gettop(L);
}

static int guard_gmatch(lua_State *L)
{
    lua_tocfunction(L, lua_upvalueindex(1))(L);
    lua_pushcclosure(L, gmatch_step, 1);
    return 1;
}

/* An empty string repeated 10^15 times is still empty, but takes days. */
static int guard_rep(lua_State *L)
{
    size_t len, separator_len;
    luaL_checklstring(L, 1, &len);
    luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator_len);
    if (len + separator_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    return timed(L);
}

/* Makes each %s argument a string by our rules and refuses %p. */
static int guard_format(lua_State *L)
{
    size_t len;
    const char *f = luaL_checklstring(L, 1, &len);
    int arg = 1;
    for (size_t i = 0; i < len; i++) {
        if (f[i] != '%')
            continue;
        if (++i < len && f[i] == '%')
            continue;
        arg++;
        while (i < len && f[i] && strchr("-+ #0123456789.", f[i]))
            i++;
        if (i < len && f[i] == 'p')
            return vm_raise(L, "addresses differ from run to run",
                            "'%%p' is not available in evaluated files");
        if (i < len && f[i] == 's' && arg <= lua_gettop(L) && lua_type(L, arg) != LUA_TSTRING) {
            guard_push_text(L, arg);
            lua_replace(L, arg);
        }
    }
    return timed(L);
}

static void check_count(lua_State *L, lua_Integer from, lua_Integer to)
{
    if (to >= from && (lua_Unsigned)to - (lua_Unsigned)from >= ELEMENTS_MAX)
        vm_raise(L, "at most 10,000,000", "too many elements: %lld to %lld", (long long)from,
                 (long long)to);
}

static int guard_ends(lua_State *L) /* insert, remove */
{
    luaL_checktype(L, 1, LUA_TTABLE);
    check_count(L, 1, luaL_len(L, 1));
    return timed(L);
}

static int guard_concat(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer from = luaL_optinteger(L, 3, 1);
    check_count(L, from, lua_isnoneornil(L, 4) ? luaL_len(L, 1) : luaL_checkinteger(L, 4));
    return timed(L);
}

static int guard_unpack(lua_State *L)
{
    lua_Integer from = luaL_optinteger(L, 2, 1);
    check_count(L, from, lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3));
    return timed(L);
}

static int guard_move(lua_State *L)
{
    check_count(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
    return timed(L);
}

/* ---- The table ------------------------------------------------------------------------------- */

static const luaL_Reg plain[] = {
    {"pairs", order_pairs},
    {"next", order_next},
    {"tostring", guard_tostring},
    {"print", guard_print},
    {"pcall", guard_pcall},
    {"xpcall", guard_xpcall},
    {"setmetatable", guard_setmetatable},
    {"rawset", guard_rawset},
    {"load", chunk_load},
    {"require", chunk_require},
    {"coroutine.resume", guard_resume},
    {"coroutine.wrap", guard_wrap},
    {"coroutine.close", guard_close},
    {"table.sort", order_sort},
    {NULL, NULL},
};

/* Those that end in the original, which is their upvalue. */
static const struct over {
    const char *library;
    const char *name;
    lua_CFunction guard;
} overs[] = {
    {"string", "find", timed},         {"string", "match", timed},
    {"string", "gsub", timed},         {"string", "gmatch", guard_gmatch},
    {"string", "rep", guard_rep},      {"string", "format", guard_format},
    {"string", "pack", timed},         {"string", "unpack", timed},
    {"table", "concat", guard_concat}, {"table", "insert", guard_ends},
    {"table", "remove", guard_ends},   {"table", "move", guard_move},
    {"table", "unpack", guard_unpack},
};

void guard_push(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, plain, 0);
    for (size_t i = 0; i < sizeof overs / sizeof *overs; i++) {
        lua_getglobal(L, overs[i].library);
        lua_pushfstring(L, "%s.%s", overs[i].library, overs[i].name);
        lua_getfield(L, -2, overs[i].name);
        lua_pushcclosure(L, overs[i].guard, 1);
        lua_rawset(L, -4);
        lua_pop(L, 1);
    }
}
