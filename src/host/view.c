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
static void add(struct view *v)
{
    lua_State *L = v->L;
    if (v->depth == 0)
        return;
    if (v->objects >> (v->depth - 1) & 1)
        lua_rawset(L, -3);
    else
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void begin(struct view *v, bool object)
{
    lua_newtable(v->L);
    lua_pushvalue(v->L, object ? v->object_kind : v->array_kind);
    lua_setmetatable(v->L, -2);
    v->objects &= ~(UINT64_C(1) << v->depth);
    v->objects |= (uint64_t)object << v->depth;
    v->depth++;
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct view *v = ctx;
    (void)err;
    switch (e->type) {
    case JSON_BEGIN_OBJECT:
    case JSON_BEGIN_ARRAY:
        begin(v, e->type == JSON_BEGIN_OBJECT);
        return true;
    case JSON_KEY:
        lua_pushlstring(v->L, e->text.data, e->text.len);
        return true;
    case JSON_END_OBJECT:
    case JSON_END_ARRAY:
        v->depth--;
        break;
    case JSON_BOOLEAN:
        lua_pushboolean(v->L, e->boolean);
        break;
    case JSON_INTEGER:
        lua_pushinteger(v->L, e->integer);
        break;
    case JSON_NUMBER:
        lua_pushnumber(v->L, e->number);
        break;
    case JSON_STRING:
        lua_pushlstring(v->L, e->text.data, e->text.len);
        break;
    default:
        view_push_null(v->L);
        break;
    }
    add(v);
    return true;
}

bool view_push(lua_State *L, struct bytes json, struct error *err)
{
    luaL_checkstack(L, 2 * JSON_MAX_DEPTH + LUA_MINSTACK, NULL);
    struct view v = {.L = L};
    v.object_kind = push_kind(L, "object");
    v.array_kind = push_kind(L, "array");
    if (!json_parse(json, on_event, &v, err))
        return false;
    lua_replace(L, v.object_kind);
    lua_settop(L, v.object_kind);
    return true;
}
