#include "order.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

#include "vm.h"

/* Elements that table functions handle in one call; far above what fits the memory cap, it only
 * stops the absurd counts that __len can claim. */
#define ELEMENTS_MAX 10000000

static int compare_mixed(lua_Integer i, lua_Number f)
{
    if (f >= 0x1p63)
        return -1;
    if (f < -0x1p63)
        return 1;
    return i <= (lua_Integer)floor(f) ? -1 : 1; /* f has a fraction, or it would be an integer */
}

static int compare_numbers(const struct order_key *a, const struct order_key *b)
{
    if (a->is_integer && b->is_integer)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    if (a->is_integer)
        return compare_mixed(a->integer, b->number);
    if (b->is_integer)
        return -compare_mixed(b->integer, a->number);
    return a->number < b->number ? -1 : a->number > b->number;
}

static int rank(const struct order_key *k)
{
    return k->type == LUA_TNUMBER ? 0 : k->type == LUA_TSTRING ? 1 : 2;
}

static int compare_keys(const void *left, const void *right)
{
    const struct order_key *a = left;
    const struct order_key *b = right;
    if (a->type != b->type)
        return rank(a) - rank(b);
    if (a->type == LUA_TNUMBER)
        return compare_numbers(a, b);
    if (a->type == LUA_TSTRING)
        return bytes_compare(a->text, b->text);
    return (int)a->boolean - (int)b->boolean;
}

/* The key at `idx`; raises on types that have no order. */
static struct order_key read_key(lua_State *L, int idx)
{
    struct order_key k = {.type = lua_type(L, idx)};
    switch (k.type) {
    case LUA_TNUMBER:
        k.is_integer = lua_isinteger(L, idx);
        if (k.is_integer)
            k.integer = lua_tointeger(L, idx);
        else
            k.number = lua_tonumber(L, idx);
        break;
    case LUA_TSTRING:
        k.text.data = lua_tolstring(L, idx, &k.text.len);
        break;
    case LUA_TBOOLEAN:
        k.boolean = lua_toboolean(L, idx);
        break;
    default:
        vm_raise(L, "iterate over a list of them with ipairs instead",
                 "keys of type %s have no order", luaL_typename(L, idx));
    }
    return k;
}

static void push_key(lua_State *L, const struct order_key *k)
{
    if (k->type == LUA_TSTRING)
        lua_pushlstring(L, k->text.data, k->text.len);
    else if (k->type == LUA_TBOOLEAN)
        lua_pushboolean(L, k->boolean);
    else if (k->is_integer)
        lua_pushinteger(L, k->integer);
    else
        lua_pushnumber(L, k->number);
}

const struct order_key *order_push_keys(lua_State *L, int table, size_t n)
{
    luaL_checkstack(L, 4, NULL);
    struct order_key *keys = lua_newuserdatauv(L, (n ? n : 1) * sizeof *keys, 0);
    size_t i = 0;
    lua_pushnil(L);
    while (i < n && lua_next(L, table)) {
        lua_pop(L, 1);
        keys[i++] = read_key(L, -1);
    }
    if (i == n) /* stopped before lua_next could take the last key */
        lua_pop(L, 1);
    qsort(keys, i, sizeof *keys, compare_keys);
    return keys;
}

/* ---- pairs and next -------------------------------------------------------------------------- */

/* Upvalues: the table, its sorted keys in a sequence, the last position. */
static int pairs_step(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        if (lua_rawgeti(L, lua_upvalueindex(2), ++i) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
            break;
        lua_pop(L, 2); /* removed meanwhile */
    }
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

/* Upvalues: the table, its length at the start, the last position. */
static int sequence_step(lua_State *L)
{
    lua_Integer n = lua_tointeger(L, lua_upvalueindex(2));
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    while (++i <= n) {
        lua_pushinteger(L, i);
        if (lua_rawgeti(L, lua_upvalueindex(1), i) != LUA_TNIL) {
            lua_pushinteger(L, i);
            lua_replace(L, lua_upvalueindex(3));
            return 2;
        }
        lua_pop(L, 2);
    }
    lua_pushnil(L);
    return 1;
}

/* Counts the keys; `*sequence` says whether they are 1 to n. */
static size_t count_keys(lua_State *L, int table, bool *sequence)
{
    size_t n = 0;
    lua_Integer max = 0;
    *sequence = true;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        n++;
        lua_Integer i = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (i < 1)
            *sequence = false;
        max = i > max ? i : max;
    }
    *sequence = *sequence && (size_t)max == n;
    return n;
}

int order_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    bool sequence;
    size_t n = count_keys(L, 1, &sequence);
    lua_pushvalue(L, 1);
    if (sequence) {
        lua_pushinteger(L, (lua_Integer)n);
    } else {
        const struct order_key *keys = order_push_keys(L, 1, n);
        lua_createtable(L, n > INT32_MAX ? 0 : (int)n, 0);
        for (size_t i = 0; i < n; i++) {
            push_key(L, &keys[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_remove(L, -2);
    }
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, sequence ? sequence_step : pairs_step, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

int order_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    bool from_start = lua_isnil(L, 2);
    struct order_key after = {0};
    if (!from_start)
        after = read_key(L, 2);
    struct order_key best = {0};
    bool found = false;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        struct order_key k = read_key(L, -1);
        if ((from_start || compare_keys(&k, &after) > 0) &&
            (!found || compare_keys(&k, &best) < 0)) {
            best = k;
            found = true;
        }
    }
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    push_key(L, &best);
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    return 2;
}

/* ---- table.sort ------------------------------------------------------------------------------ */

/* Is the element at `a` less than the one at `b` (absolute stack indexes)? */
static bool is_less(lua_State *L, int a, int b)
{
    if (lua_isnil(L, 2))
        return lua_compare(L, a, b, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    bool less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return less;
}

/* Merges from[lo, mid) and from[mid, hi) into to[lo, hi); 1-based; `from` and `to` are indexes of
 * plain tables. Equal elements keep their order. */
static void merge(lua_State *L, int from, int to, lua_Integer lo, lua_Integer mid, lua_Integer hi)
{
    lua_Integer a = lo, b = mid;
    for (lua_Integer out = lo; out < hi; out++) {
        bool right = a >= mid;
        if (!right && b < hi) {
            lua_rawgeti(L, from, b);
            lua_rawgeti(L, from, a);
            int top = lua_gettop(L);
            right = is_less(L, top - 1, top);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, from, right ? b++ : a++);
        lua_rawseti(L, to, out);
    }
}

int order_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_Integer n = luaL_len(L, 1);
    luaL_argcheck(L, n <= ELEMENTS_MAX, 1, "too many elements");
    int from = 3, to = 4; /* [ t, less, from, to ] */
    lua_createtable(L, (int)(n > 0 ? n : 0), 0);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, 1, i);
        lua_rawseti(L, from, i);
    }
    lua_createtable(L, (int)(n > 0 ? n : 0), 0);
    for (lua_Integer width = 1; width < n; width *= 2) {
        for (lua_Integer lo = 1; lo <= n; lo += 2 * width) {
            lua_Integer mid = lo + width > n + 1 ? n + 1 : lo + width;
            lua_Integer hi = lo + 2 * width > n + 1 ? n + 1 : lo + 2 * width;
            merge(L, from, to, lo, mid, hi);
        }
        int swap = from;
        from = to;
        to = swap;
    }
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, from, i);
        lua_seti(L, 1, i);
    }
    return 0;
}
