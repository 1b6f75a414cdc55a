#include "view.h"

#include <lauxlib.h>

/* On the stack lie, for each open container, its table and, in an object, the name of the member
 * whose value is due. */
struct view {
    lua_State *L;
    int object_kind, array_kind; /* stack indices of the metatables */
    int depth;
    uint64_t objects; /* bit n - 1: level n is an object */
};

void view_push_null(lua_State *L)
{
    lua_pushlightuserdata(L, NULL);
}

static int refuse_member(lua_State *L)
{
    return luaL_error(L, "a view cannot be changed");
}

/* A metatable whose only visible property is the name of the kind. */
static int push_kind(lua_State *L, const char *name)
{
    lua_createtable(L, 0, 2);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__metatable");
    lua_pushcfunction(L, refuse_member);
    lua_setfield(L, -2, "__newindex");
    return lua_gettop(L);
}

/* Puts the value on top of the stack where it belongs. */
static bool add(struct view *v)
{
    lua_State *L = v->L;
    if (v->depth == 0)
        return true;
    if (v->objects >> (v->depth - 1) & 1)
        lua_rawset(L, -3);
    else
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    return true;
}

static bool begin(struct view *v, bool object)
{
    lua_newtable(v->L);
    lua_pushvalue(v->L, object ? v->object_kind : v->array_kind);
    lua_setmetatable(v->L, -2);
    v->objects &= ~(UINT64_C(1) << v->depth);
    v->objects |= (uint64_t)object << v->depth;
    v->depth++;
    return true;
}

static bool on_null(void *ctx, struct error *err)
{
    struct view *v = ctx;
    (void)err;
    view_push_null(v->L);
    return add(v);
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    struct view *v = ctx;
    (void)err;
    lua_pushboolean(v->L, b);
    return add(v);
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    struct view *v = ctx;
    (void)err;
    lua_pushinteger(v->L, n);
    return add(v);
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    struct view *v = ctx;
    (void)text, (void)err;
    lua_pushnumber(v->L, d);
    return add(v);
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    struct view *v = ctx;
    (void)err;
    lua_pushlstring(v->L, s.data, s.len);
    return add(v);
}

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    struct view *v = ctx;
    (void)err;
    lua_pushlstring(v->L, name.data, name.len);
    return true;
}

static bool on_object(void *ctx, struct error *err)
{
    (void)err;
    return begin(ctx, true);
}

static bool on_array(void *ctx, struct error *err)
{
    (void)err;
    return begin(ctx, false);
}

static bool on_end(void *ctx, struct error *err)
{
    struct view *v = ctx;
    (void)err;
    v->depth--;
    return add(v);
}

static const struct json_handlers handlers = {
    .null = on_null,
    .boolean = on_boolean,
    .integer = on_integer,
    .number = on_number,
    .string = on_string,
    .begin_object = on_object,
    .key = on_key,
    .end_object = on_end,
    .begin_array = on_array,
    .end_array = on_end,
};

bool view_push(lua_State *L, struct bytes json, struct error *err)
{
    luaL_checkstack(L, 2 * JSON_MAX_DEPTH + LUA_MINSTACK, NULL);
    struct view v = {.L = L};
    v.object_kind = push_kind(L, "object");
    v.array_kind = push_kind(L, "array");
    if (!json_parse(json, &handlers, &v, err))
        return false;
    lua_replace(L, v.object_kind);
    lua_settop(L, v.object_kind);
    return true;
}
