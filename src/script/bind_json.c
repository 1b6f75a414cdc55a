/* cfkv.json.* and cfkv.array: the bounded codec. */
#include <lauxlib.h>

#include "bind.h"
#include "value.h"

int bind_json_encode(lua_State *L)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    luaL_checkany(L, 1);
    vm_where(L); /* the wall clock may end here */
    pieces_clear(p);
    if (lua_isnil(L, 1))
        return vm_raise(L, "JSON's null is cfkv.null", "value is nil");
    if (!value_add_json(L, 1, "value", p, &err))
        return vm_raise_error(L, &err);
    value_push_pieces(L, p);
    return 1;
}

int bind_json_decode(lua_State *L)
{
    struct error err = {0};
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    vm_where(L); /* the wall clock may end here */
    if (!value_push_json(L, bytes_make(text, len), &err)) {
        error_wrap(&err, "cannot decode JSON");
        return vm_raise_error(L, &err);
    }
    return 1;
}

int bind_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_newtable(L);
    } else {
        luaL_checktype(L, 1, LUA_TTABLE);
        lua_settop(L, 1);
        if (value_is_array(L, 1))
            return 1;
        if (lua_getmetatable(L, 1))
            return vm_raise(L, NULL, "cfkv.array cannot mark a table that has a metatable");
    }
    value_mark_array(L);
    return 1;
}
