#include "call.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "value.h"
#include "vm.h"

const struct call *call_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

static bool is_method(const struct call *call)
{
    return strchr(call->name, ':') != NULL;
}

static int count_params(const struct call *call)
{
    int n = (call->params[0] != '\0') + is_method(call);
    for (const char *s = call->params; (s = strchr(s, ',')); s++)
        n++;
    return n;
}

static void report_extra(lua_State *L, const struct call *call, int max, int n)
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

/* How many arguments there are without what an iterator of ours brings along as the last one: the
 * state, the control and the closing value that a loop would get. */
static int count_arguments(lua_State *L)
{
    int n = lua_gettop(L);
    bool loop = n >= 4 && lua_isuserdata(L, n) && lua_isnil(L, n - 1) && lua_isnil(L, n - 2) &&
                lua_isfunction(L, n - 3);
    return loop ? n - 3 : n;
}

/* Upvalue: the row. */
static int checked(lua_State *L)
{
    const struct call *call = call_of(L);
    int n = count_arguments(L), max = count_params(call);
    const char *policy = vm_of(L)->policy;
    if (policy && call->declares)
        return vm_raise(L, "declare outside of cfkv.policy",
                        "%s declares, and a policy only judges what was declared", call->name);
    while (n > max && lua_isnil(L, n))
        n--;
    if (n > max)
        report_extra(L, call, max, n);
    lua_settop(L, n < max ? n : max);
    return call->function(L);
}

void call_set(lua_State *L, const struct call *calls)
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
    const struct call *call = call_of(L);
    if (lua_type(L, idx) != LUA_TSTRING) {
        snprintf(hint, sizeof hint, "write %s(%s)", call->name, call->params);
        vm_raise(L, hint, "%s takes %s, got %s", call->name, what,
                 value_describe(L, idx, got, sizeof got));
    }
    size_t len;
    const char *s = lua_tolstring(L, idx, &len);
    return bytes_make(s, len);
}
