/* Which namespace a call is about, and cfkv.namespace.*: create, list, get, rename, delete. */
#include <lauxlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "kv/delete.h"
#include "kv/namespace.h"
#include "live.h"
#include "value.h"

/* ---- Found: by a title or an id, or by a table that holds one -------------------------------- */

void live_forget_given(struct live *live)
{
    live->n_given = 0;
}

static int refuse(lua_State *L, int idx)
{
    char got[160];
    return vm_raise(L, "give its title or id, or what cfkv.namespace.create or get returned",
                    "the namespace must be a string or a table with id or title, got %s",
                    value_describe(L, idx, got, sizeof got));
}

static bool find_by_table(lua_State *L, int idx, struct kv_namespace *out, struct error *err)
{
    struct live *live = live_of(L);
    lua_pushliteral(L, "id");
    lua_rawget(L, idx);
    lua_pushliteral(L, "title");
    lua_rawget(L, idx);
    struct bytes id = value_bytes(L, -2), title = value_bytes(L, -1);
    if ((!title.data && !lua_isnil(L, -1)) || (id.len == 0 && (!lua_isnil(L, -2) || !title.data)))
        refuse(L, idx);
    if (id.len == 0)
        return kv_find_word(live->kv, title, out, err);
    for (size_t i = 0; i < live->n_given; i++) {
        *out = live->given[i];
        if (bytes_equal(out->id, id) && bytes_equal(out->title, title) &&
            !out->title.data == !title.data)
            return true;
    }
    /* Nothing is sent: the title is what the table says. */
    if (!kv_find_id(live->kv, bytes_make(NULL, 0), id, false, out, err))
        return false;
    if (title.data)
        out->title = arena_copy(&live->kv->arena, title);
    mem_grow((void **)&live->given, &live->cap_given, live->n_given + 1, sizeof *live->given);
    live->given[live->n_given++] = *out;
    return true;
}

bool live_find(lua_State *L, int idx, struct kv_namespace *out, struct error *err)
{
    *out = (struct kv_namespace){0};
    luaL_checkstack(L, 8, NULL);
    if (lua_type(L, idx) == LUA_TSTRING)
        return kv_find_word(live_of(L)->kv, value_bytes(L, idx), out, err);
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

/* ---- Arguments and results ------------------------------------------------------------------- */

static void push_namespace(lua_State *L, const struct kv_namespace *ns)
{
    lua_createtable(L, 0, 2);
    value_push_bytes(L, ns->id);
    lua_setfield(L, -2, "id");
    value_push_bytes(L, ns->title);
    lua_setfield(L, -2, "title");
}

/* A title that can be given to a namespace. Raises. */
static struct bytes check_title(lua_State *L, int idx)
{
    char quoted[80];
    struct bytes title = live_string(L, idx, "the title");
    const char *fault = NULL;
    if (title.len == 0)
        vm_raise(L, NULL, "the title is empty");
    if (!utf8_valid(title))
        fault = "is not valid UTF-8";
    for (size_t i = 0; i < title.len && !fault; i++)
        if ((unsigned char)title.data[i] < 0x20 || title.data[i] == 0x7f)
            fault = "has a control character in it";
    if (fault)
        vm_raise(L, NULL, "title %s %s", text_quoted(title, quoted, sizeof quoted), fault);
    if (utf8_count(title) > KV_TITLE_MAX)
        vm_raise(L, NULL, "the title has %zu characters, more than %d", utf8_count(title),
                 KV_TITLE_MAX);
    return title;
}

/* ---- The calls ------------------------------------------------------------------------------- */

int live_namespace_create(lua_State *L)
{
    struct kv *kv = live_of(L)->kv;
    struct kv_namespace ns;
    struct error err = {0};
    lua_settop(L, 1);
    if (kv_create(kv, bytes_make(NULL, 0), check_title(L, 1), NULL, &ns, NULL, &err)) {
        push_namespace(L, &ns);
        return 1;
    }
    return err.code == ERR_EXISTS ? live_fail(L, &err) : live_fail_write(L, &err);
}

/* Upvalues: an array of namespaces, and how many were given. */
static int next_namespace(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(2)) + 1;
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(2));
    lua_geti(L, lua_upvalueindex(1), at);
    return 1;
}

int live_namespace_list(lua_State *L)
{
    struct kv *kv = live_of(L)->kv;
    struct kv_namespace *all;
    struct error err = {0};
    size_t n;
    kv_forget_names(kv);
    if (!kv_find_all(kv, &all, &n, &err))
        return live_fail(L, &err);
    lua_newtable(L);
    for (size_t i = 0; i < n; i++) {
        push_namespace(L, &all[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_namespace, 2);
    return 1;
}

/* Asked anew: a script may wait for something that others do. */
int live_namespace_get(lua_State *L)
{
    struct kv *kv = live_of(L)->kv;
    struct kv_namespace ns;
    struct error err = {0};
    lua_settop(L, 1);
    kv_forget_names(kv);
    bool ok = live_find(L, 1, &ns, &err);
    if (ok && lua_istable(L, 1)) /* the title that the table has may be an old one */
        ok = kv_find_id(kv, ns.account, ns.id, true, &ns, &err);
    if (!ok)
        return live_fail(L, &err);
    push_namespace(L, &ns);
    return 1;
}

int live_namespace_rename(lua_State *L)
{
    struct live *live = live_of(L);
    struct kv_namespace ns;
    struct error err = {0};
    lua_settop(L, 2);
    struct bytes title = check_title(L, 2);
    if (!live_find(L, 1, &ns, &err) || !kv_rename(live->kv, &ns, title, &err))
        return live_fail_write(L, &err);
    live_forget_given(live);
    if (lua_istable(L, 1)) { /* it stays what create or get would give */
        lua_pushliteral(L, "title");
        lua_pushvalue(L, 2);
        lua_rawset(L, 1);
    }
    return live_done(L, NULL);
}

int live_namespace_delete(lua_State *L)
{
    struct kv *kv = live_of(L)->kv;
    struct kv_namespace ns;
    struct kv_section saved;
    struct error err = {0};
    lua_settop(L, 2);
    live_allow(L, 2, "cfkv.namespace.delete");
    if (live_find_titled(L, 1, &ns, &err) &&
        kv_delete_namespace(kv, &ns, NULL, NULL, NULL, &saved, &err)) {
        live_forget_given(live_of(L));
        return live_done(L, saved.path);
    }
    return err.code == ERR_NOT_FOUND ? live_fail(L, &err) : live_fail_write(L, &err);
}
