/* cfkv.json.* and cfkv.array: the bounded codec. */
#include <lauxlib.h>

#include "bind.h"
#include "call.h"
#include "value.h"

int bind_json_encode(lua_State *L)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    vm_where(L); /* the wall clock may end here */
    pieces_clear(p);
    if (lua_isnoneornil(L, 1))
        return vm_raise(L, "JSON's null is cfkv.null", "cfkv.json.encode: the value is nil");
    if (!value_add_json(L, 1, "value", p, &err))
        return vm_raise_error(L, &err);
    value_push_pieces(L, p);
    return 1;
}

int bind_json_decode(lua_State *L)
{
    struct error err = {0};
    struct bytes text = call_text(L, 1, "a text");
    vm_where(L); /* the wall clock may end here */
    if (!value_push_json(L, text, &err)) {
        error_wrap(&err, "cannot decode JSON");
        return vm_raise_error(L, &err);
    }
    return 1;
}

int bind_array(lua_State *L)
{
    char got[160];
    if (!lua_isnoneornil(L, 1) && !lua_istable(L, 1))
        vm_problem(L, "array.type", vm_where(L), "write cfkv.array { … }",
                   "cfkv.array takes a table, got %s", value_describe(L, 1, got, sizeof got));
    if (!lua_istable(L, 1)) {
        lua_newtable(L);
    } else {
        lua_settop(L, 1);
        if (value_is_array(L, 1))
            return 1;
        if (lua_getmetatable(L, 1))
            return vm_raise(L, NULL, "cfkv.array cannot mark a table that has a metatable");
    }
    value_mark_array(L);
    return 1;
}
