/*
 * order.h: one order for the keys of a table: numbers rising, then strings by their bytes, then
 * false and true. Lua's own order depends on addresses and on a seed, and must reach no value.
 */
#ifndef CFKV_SCRIPT_ORDER_H
#define CFKV_SCRIPT_ORDER_H

#include <lua.h>

#include "base/bytes.h"

struct order_key {
    int type; /* LUA_TNUMBER, LUA_TSTRING, LUA_TBOOLEAN */
    bool is_integer;
    union {
        lua_Integer integer;
        lua_Number number;
        bool boolean;
        struct bytes text; /* borrowed from the table's key */
    };
};

/* Pushes a userdata that holds the `n` keys of `table` in order; good while the table keeps them.
 * Raises on keys of other types ("pairs cannot order …") and when memory runs out. */
const struct order_key *order_push_keys(lua_State *L, int table, size_t n);

/* pairs(t), next(t, k): as Lua's, in this order. table.sort(t, less): stable and, whatever `less`
 * says, the same at each run. */
int order_pairs(lua_State *L);
int order_next(lua_State *L);
int order_sort(lua_State *L);

#endif
