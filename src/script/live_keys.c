/* Keys for a call, one after the other: from an array or an iterator of the script's. */
#include <lauxlib.h>
#include <stdio.h>

#include "live.h"
#include "value.h"

struct live_keys live_keys_at(lua_State *L, int idx, const char *what)
{
    char got[160];
    if (!lua_istable(L, idx) && !lua_isfunction(L, idx))
        vm_raise(L, NULL, "%s takes an array of keys or an iterator, got %s", what,
                 value_describe(L, idx, got, sizeof got));
    struct live_keys keys = {.idx = lua_absindex(L, idx), .n = -1};
    struct error err = {0};
    if (lua_istable(L, idx) && !value_list_length(L, idx, what, &value_keys, &keys.n, &err))
        vm_raise_error(L, &err);
    return keys;
}

bool live_next_key(lua_State *L, struct live_keys *keys, struct bytes *key)
{
    char where[48];
    luaL_checkstack(L, 8, NULL);
    if (keys->n == keys->at)
        return false;
    if (keys->n >= 0) {
        lua_geti(L, keys->idx, keys->at + 1);
    } else {
        lua_pushvalue(L, keys->idx);
        live_call_back(L, 1);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            return false;
        }
    }
    keys->at++;
    snprintf(where, sizeof where, "key %lld: ", (long long)keys->at);
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "key");
        lua_remove(L, -2);
    }
    *key = live_key(L, lua_gettop(L), where);
    return true;
}

enum pull live_pull_one(void *ctx, struct bytes *key, struct error *err)
{
    struct live_one_key *one = ctx;
    (void)err;
    if (one->given)
        return PULL_END;
    one->given = true;
    *key = one->key;
    return PULL_PAIR;
}
