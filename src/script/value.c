#include "value.h"

#include <lauxlib.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "order.h"

#define ARRAY      "cfkv.array"
#define PATH_SHOWN 100 /* bytes of a path in a message */

/* cfkv.null is the address of this byte. */
static const char null_mark = 0;

struct bytes value_bytes(lua_State *L, int idx)
{
    size_t len = 0;
    const char *s = lua_type(L, idx) == LUA_TSTRING ? lua_tolstring(L, idx, &len) : NULL;
    return bytes_make(s, len);
}

void value_push_bytes(lua_State *L, struct bytes b)
{
    lua_pushlstring(L, b.data ? b.data : "", b.len);
}

void value_set_metatable(lua_State *L, const char *name, const luaL_Reg *methods)
{
    if (luaL_newmetatable(L, name)) {
        if (methods)
            luaL_setfuncs(L, methods, 0);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
}

void value_push_null(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)&null_mark);
}

bool value_is_null(lua_State *L, int idx)
{
    return lua_islightuserdata(L, idx) && lua_touserdata(L, idx) == (const void *)&null_mark;
}

void value_mark_array(lua_State *L)
{
    value_set_metatable(L, ARRAY, NULL);
}

bool value_is_array(lua_State *L, int idx)
{
    if (!lua_getmetatable(L, idx))
        return false;
    luaL_getmetatable(L, ARRAY);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

char *value_describe(lua_State *L, int idx, char *out, size_t size)
{
    switch (lua_type(L, idx)) {
    case LUA_TNONE:
    case LUA_TNIL:
        snprintf(out, size, "nothing");
        break;
    case LUA_TBOOLEAN:
        snprintf(out, size, "%s", lua_toboolean(L, idx) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, idx))
            snprintf(out, size, "%lld", (long long)lua_tointeger(L, idx));
        else
            snprintf(out, size, "%.14g", lua_tonumber(L, idx));
        break;
    case LUA_TSTRING:
        text_quoted(value_bytes(L, idx), out, size < 80 ? size : 80);
        break;
    default:
        snprintf(out, size, value_is_null(L, idx) ? "cfkv.null" : "a %s",
                 value_is_deferred(L, idx) ? "value known only at apply" : luaL_typename(L, idx));
    }
    return out;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

struct table_shape {
    size_t strings, integers, others;
    lua_Integer min, max;
};

static struct table_shape table_shape(lua_State *L, int table)
{
    struct table_shape s = {.min = LUA_MAXINTEGER, .max = 0};
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            s.strings++;
        } else if (lua_isinteger(L, -1)) {
            lua_Integer i = lua_tointeger(L, -1);
            s.integers++;
            s.min = i < s.min ? i : s.min;
            s.max = i > s.max ? i : s.max;
        } else {
            s.others++;
        }
    }
    return s;
}

static bool has_holes(const struct table_shape *s)
{
    return s->integers && (s->min != 1 || (size_t)s->max != s->integers);
}

/* What its own metamethods say is there. */
static bool own_length(lua_State *L, int table, lua_Integer *n)
{
    if (luaL_getmetafield(L, table, "__len") != LUA_TNIL) {
        lua_pop(L, 1);
        *n = luaL_len(L, table);
        return true;
    }
    if (luaL_getmetafield(L, table, "__index") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    for (*n = 0; lua_geti(L, table, *n + 1) != LUA_TNIL; ++*n)
        lua_pop(L, 1);
    lua_pop(L, 1);
    return true;
}

const struct value_list value_items = {"items", "{ { key = \"a\", value = \"1\" }, … }"};
const struct value_list value_keys = {"keys", "{ \"a\", \"b\", … }"};

bool value_list_length(lua_State *L, int idx, const char *call, const struct value_list *list,
                       lua_Integer *n, struct error *err)
{
    int table = lua_absindex(L, idx);
    luaL_checkstack(L, 8, NULL);
    if (own_length(L, table, n))
        return true;
    struct table_shape s = table_shape(L, table);
    *n = (lua_Integer)s.integers;
    if (s.strings || s.others) {
        error_set(err, ERR_INVALID, "%s takes a list of %s, but this table has %s as keys", call,
                  list->of, s.strings ? "names" : "other things than numbers");
        return error_hint(err, "write %s", list->written);
    }
    if (!has_holes(&s))
        return true;
    lua_Integer hole = 1;
    for (; lua_rawgeti(L, table, hole) != LUA_TNIL; hole++)
        lua_pop(L, 1);
    lua_pop(L, 1);
    error_set(err, ERR_INVALID, "%s takes a list of %s, but this one has nothing at %lld", call,
              list->of, (long long)hole);
    return error_hint(err, "a list counts from 1 and has no holes: what is behind one would be "
                           "lost");
}

/* ---- JSON out -------------------------------------------------------------------------------- */

/* Where in the value we are, innermost last; lives on the C stack of the recursion. */
struct value_step {
    const struct value_step *up;
    const void *table; /* to recognise a cycle */
    struct bytes key;  /* of a member; data NULL: an element */
    lua_Integer index;
    int depth;
};

struct encoder {
    lua_State *L;
    struct pieces *out;
    const char *name;
    struct error *err;
};

static void add_path(struct buf *out, const struct value_step *step)
{
    if (!step || !step->up)
        return;
    add_path(out, step->up);
    if (!step->key.data)
        buf_addf(out, "[%lld]", (long long)step->index);
    else {
        buf_add_char(out, '.');
        buf_addf(out, "%.*s", (int)(step->key.len > 64 ? 64 : step->key.len), step->key.data);
    }
}

static bool refuse(struct encoder *e, const struct value_step *step, const char *problem,
                   const char *hint)
{
    struct buf path = {0};
    buf_add_str(&path, e->name);
    add_path(&path, step);
    error_set(e->err, ERR_INVALID, "%.*s%s %s", PATH_SHOWN, path.data ? path.data : e->name,
              path.len > PATH_SHOWN ? "…" : "", problem);
    buf_release(&path);
    if (hint)
        error_hint(e->err, "%s", hint);
    return false;
}

static bool add_any(struct encoder *e, int idx, const struct value_step *step);

static bool add_number(struct encoder *e, int idx, const struct value_step *step)
{
    struct buf *out = &e->out->text;
    if (lua_isinteger(e->L, idx)) {
        char digits[32];
        int n = snprintf(digits, sizeof digits, "%lld", (long long)lua_tointeger(e->L, idx));
        buf_add(out, digits, (size_t)n);
        return true;
    }
    double d = lua_tonumber(e->L, idx);
    if (!isfinite(d))
        return refuse(e, step, isnan(d) ? "is not a number (NaN)" : "is infinite",
                      "JSON has no word for it");
    json_format_double(out, d);
    return true;
}

static bool add_quoted(struct encoder *e, struct bytes s, const struct value_step *step)
{
    if (!utf8_valid(s))
        return refuse(e, step, "is a string that is not valid UTF-8",
                      "JSON holds only text; store bytes as a string value of their own");
    buf_add_char(&e->out->text, '"');
    json_escape(&e->out->text, s);
    buf_add_char(&e->out->text, '"');
    return true;
}

static bool add_array(struct encoder *e, int table, size_t n, const struct value_step *step)
{
    buf_add_char(&e->out->text, '[');
    for (size_t i = 1; i <= n; i++) {
        struct value_step child = {step, NULL, {NULL, 0}, (lua_Integer)i, step->depth + 1};
        if (i > 1)
            buf_add_char(&e->out->text, ',');
        lua_rawgeti(e->L, table, (lua_Integer)i);
        if (!add_any(e, lua_gettop(e->L), &child))
            return false;
        lua_pop(e->L, 1);
    }
    buf_add_char(&e->out->text, ']');
    return true;
}

static bool add_object(struct encoder *e, int table, size_t n, const struct value_step *step)
{
    if (n == 0) {
        buf_add_str(&e->out->text, "{}");
        return true;
    }
    const struct order_key *keys = order_push_keys(e->L, table, n);
    buf_add_char(&e->out->text, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(&e->out->text, ',');
        struct value_step child = {step, NULL, keys[i].text, 0, step->depth + 1};
        if (!add_quoted(e, keys[i].text, &child))
            return false;
        buf_add_char(&e->out->text, ':');
        value_push_bytes(e->L, keys[i].text);
        lua_rawget(e->L, table);
        if (!add_any(e, lua_gettop(e->L), &child))
            return false;
        lua_pop(e->L, 1);
    }
    lua_pop(e->L, 1);
    buf_add_char(&e->out->text, '}');
    return true;
}

static bool add_table(struct encoder *e, int table, struct value_step *step)
{
    step->table = lua_topointer(e->L, table);
    for (const struct value_step *up = step->up; up; up = up->up)
        if (up->table == step->table)
            return refuse(e, step, "contains itself", NULL);
    if (step->depth > JSON_MAX_DEPTH)
        return refuse(e, step, "is nested too deeply", "at most 64 levels");
    if (luaL_getmetafield(e->L, table, "__pairs") != LUA_TNIL)
        return refuse(e, step, "has its own __pairs", "copy what is meant into a plain table");

    struct table_shape s = table_shape(e->L, table);
    bool array = value_is_array(e->L, table);
    if (s.others)
        return refuse(e, step, "has a key that is neither a string nor an integer", NULL);
    if (s.strings && (s.integers || array))
        return refuse(e, step, "mixes an array with named members",
                      "JSON needs either; write numbers as strings to get an object");
    if (has_holes(&s))
        return refuse(e, step, "is an array with holes",
                      "fill holes with cfkv.null, or use strings as keys");
    if (s.integers || array)
        return add_array(e, table, s.integers, step);
    return add_object(e, table, s.strings, step);
}

static bool add_any(struct encoder *e, int idx, const struct value_step *step)
{
    struct buf *text = &e->out->text;
    luaL_checkstack(e->L, 8, NULL);
    vm_need(e->L, 1);
    if (text->len > KV_VALUE_MAX)
        return refuse(e, step, "makes the value larger than 25 MiB as JSON", NULL);
    struct value_step here = *step;
    switch (lua_type(e->L, idx)) {
    case LUA_TBOOLEAN:
        buf_add_str(text, lua_toboolean(e->L, idx) ? "true" : "false");
        return true;
    case LUA_TNUMBER:
        return add_number(e, idx, step);
    case LUA_TSTRING:
        return add_quoted(e, value_bytes(e->L, idx), step);
    case LUA_TTABLE:
        return add_table(e, idx, &here);
    default:
        break;
    }
    if (value_is_null(e->L, idx)) {
        buf_add_str(text, "null");
        return true;
    }
    if (value_is_deferred(e->L, idx)) {
        buf_add_char(text, '"');
        value_add_deferred(e->L, idx, e->out, true);
        buf_add_char(text, '"');
        return true;
    }
    char problem[80];
    snprintf(problem, sizeof problem, "is a %s", luaL_typename(e->L, idx));
    return refuse(e, step, problem, "JSON holds strings, numbers, booleans, tables and cfkv.null");
}

bool value_add_json(lua_State *L, int idx, const char *name, struct pieces *p, struct error *err)
{
    struct encoder e = {L, p, name, err};
    struct value_step root = {.depth = 1};
    int top = lua_gettop(L);
    bool ok = add_any(&e, lua_absindex(L, idx), &root);
    lua_settop(L, top);
    return ok;
}

bool value_read(lua_State *L, int idx, struct deferred *out, struct error *err)
{
    struct pieces *p = &vm_of(L)->pieces;
    pieces_clear(p);
    if (lua_type(L, idx) == LUA_TSTRING) {
        struct bytes copy = value_keep_bytes(L, value_bytes(L, idx));
        struct part *part = vm_alloc(L, 1, sizeof *part);
        *part = (struct part){PART_TEXT, copy, 0};
        *out = (struct deferred){part, 1, false};
        return true;
    }
    if (value_is_deferred(L, idx)) {
        value_add_deferred(L, idx, p, false);
    } else if (lua_istable(L, idx)) {
        if (!value_add_json(L, idx, "value", p, err))
            return false;
    } else {
        char got[96];
        error_set(err, ERR_INVALID, "the value must be a string or a table, got %s",
                  value_describe(L, idx, got, sizeof got));
        if (lua_isnumber(L, idx) || lua_isboolean(L, idx) || value_is_null(L, idx))
            error_hint(err, "tostring(v) stores its text, cfkv.json.encode(v) its JSON");
        return false;
    }
    *out = value_keep(L, p);
    return true;
}
