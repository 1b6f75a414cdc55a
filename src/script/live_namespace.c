/* cfkv.namespace.*: create, list, get, rename, delete. */
#include <lauxlib.h>

#include "base/text.h"
#include "kv/delete.h"
#include "kv/namespace.h"
#include "live.h"

static void push_namespace(lua_State *L, const struct kv_namespace *ns)
{
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, ns->id.data, ns->id.len);
    lua_setfield(L, -2, "id");
    lua_pushlstring(L, ns->title.data ? ns->title.data : "", ns->title.len);
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
    if (kv_create(kv, check_title(L, 1), bytes_make(NULL, 0), &ns, NULL, &err)) {
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
