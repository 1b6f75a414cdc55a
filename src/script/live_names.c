/* Which namespace a call is about: a title or an id, or a table that holds one. */
#include <lauxlib.h>

#include "base/mem.h"
#include "live.h"
#include "value.h"

static struct bytes string_at(lua_State *L, int idx)
{
    size_t len;
    const char *s = lua_type(L, idx) == LUA_TSTRING ? lua_tolstring(L, idx, &len) : NULL;
    return bytes_make(s, s ? len : 0);
}

static int refuse(lua_State *L, int idx)
{
    char got[160];
    return vm_raise(L, "give its title or id, or what cfkv.namespace.create or get returned",
                    "the namespace must be a string or a table with id or title, got %s",
                    value_describe(L, idx, got, sizeof got));
}

/* ---- By id ----------------------------------------------------------------------------------- */

static const struct kv_namespace *find_given(const struct live *live, struct bytes id,
                                             struct bytes title)
{
    for (size_t i = 0; i < live->n_given; i++) {
        const struct kv_namespace *ns = &live->given[i];
        if (bytes_equal(ns->id, id) && bytes_equal(ns->title, title) &&
            !ns->title.data == !title.data)
            return ns;
    }
    return NULL;
}

/* Nothing is sent: the title is what the table says. */
static bool keep_given(struct live *live, struct bytes id, struct bytes title,
                       struct kv_namespace *out, struct error *err)
{
    struct kv *kv = live->kv;
    if (!kv_find_id(kv, bytes_make(NULL, 0), id, false, out, err))
        return false;
    if (title.data)
        out->title = arena_copy(&kv->arena, title);
    mem_grow((void **)&live->given, &live->cap_given, live->n_given + 1, sizeof *live->given);
    live->given[live->n_given++] = *out;
    return true;
}

void live_forget_given(struct live *live)
{
    live->n_given = 0;
}

static bool find_by_table(lua_State *L, int idx, struct kv_namespace *out, struct error *err)
{
    struct live *live = live_of(L);
    lua_pushliteral(L, "id");
    lua_rawget(L, idx);
    lua_pushliteral(L, "title");
    lua_rawget(L, idx);
    struct bytes id = string_at(L, -2), title = string_at(L, -1);
    if ((!title.data && !lua_isnil(L, -1)) || (id.len == 0 && (!lua_isnil(L, -2) || !title.data)))
        refuse(L, idx);
    if (id.len == 0)
        return kv_find_word(live->kv, title, out, err);
    const struct kv_namespace *known = find_given(live, id, title);
    if (!known)
        return keep_given(live, id, title, out, err);
    *out = *known;
    return true;
}

/* ---- By any of these ------------------------------------------------------------------------- */

bool live_find(lua_State *L, int idx, struct kv_namespace *out, struct error *err)
{
    *out = (struct kv_namespace){0};
    luaL_checkstack(L, 8, NULL);
    if (lua_type(L, idx) == LUA_TSTRING)
        return kv_find_word(live_of(L)->kv, string_at(L, idx), out, err);
    if (!lua_istable(L, idx))
        refuse(L, idx);
    int top = lua_gettop(L);
    bool ok = find_by_table(L, idx, out, err);
    lua_settop(L, top);
    return ok;
}

bool live_find_titled(lua_State *L, int idx, struct kv_namespace *out, struct error *err)
{
    return live_find(L, idx, out, err) &&
           (out->title.data || kv_find_id(live_of(L)->kv, out->account, out->id, true, out, err));
}
