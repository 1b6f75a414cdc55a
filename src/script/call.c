#include "call.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "value.h"
#include "vm.h"

const struct script_call *call_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

static void report_extra(lua_State *L, const struct script_call *call, int max, int n)
{
    char extra[400];
    size_t used = 0;
    for (int i = max + 1; i <= n && used < sizeof extra; i++) {
        char got[160];
        used += (size_t)snprintf(extra + used, sizeof extra - used, "%s%s", i > max + 1 ? ", " : "",
                                 value_describe(L, i, got, sizeof got));
    }
    bool table = lua_istable(L, max + 1);
    vm_problem(L, "call.arguments", vm_where(L),
               table ? NULL : "parentheses keep one value of a call that gives several: (f(x))",
               "%s takes (%s) and nothing more, got %s besides", call->name, call->params, extra);
}

/* Upvalue: the row. */
static int checked(lua_State *L)
{
    const struct script_call *call = call_of(L);
    int n = lua_gettop(L), max = call->params[0] != '\0';
    for (const char *s = call->params; (s = strchr(s, ',')); s++)
        max++;
    max += strchr(call->name, ':') != NULL; /* a method takes its handle, too */
    if (vm_of(L)->policy && call->declares)
        return vm_raise(L, "declare outside of cfkv.policy",
                        "%s declares, and a policy only judges what was declared", call->name);
    /* An iterator of ours as the last argument brings along what a loop would get: the state, the
     * control and the closing value. */
    if (n >= 4 && lua_isuserdata(L, n) && lua_isnil(L, n - 1) && lua_isnil(L, n - 2) &&
        lua_isfunction(L, n - 3))
        n -= 3;
    while (n > max && lua_isnil(L, n))
        n--;
    if (n > max)
        report_extra(L, call, max, n);
    lua_settop(L, n < max ? n : max);
    return call->function(L);
}

void call_set(lua_State *L, const struct script_call *calls)
{
    for (; calls->field; calls++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)calls);
        lua_pushcclosure(L, checked, 1);
        lua_setfield(L, -2, calls->field);
    }
}

struct bytes call_text(lua_State *L, int idx, const char *what)
{
    char got[160], hint[200];
    const struct script_call *call = call_of(L);
    if (lua_type(L, idx) != LUA_TSTRING) {
        snprintf(hint, sizeof hint, "write %s(%s)", call->name, call->params);
        vm_raise(L, hint, "%s takes %s, got %s", call->name, what,
                 value_describe(L, idx, got, sizeof got));
    }
    return value_bytes(L, idx);
}
