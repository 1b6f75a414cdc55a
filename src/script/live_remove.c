/* cfkv.key.delete and cfkv.bulk.delete. All keys are laid aside before the first is deleted: guards
 * count them, and what goes is backed up before. */
#include <lauxlib.h>

#include "kv/delete.h"
#include "live.h"

#define REMOVING "cfkv.bulk.delete"

/* ---- One key --------------------------------------------------------------------------------- */

static bool rewind_one(void *ctx, struct error *err)
{
    (void)err;
    ((struct live_one_key *)ctx)->given = false;
    return true;
}

static bool fail_one(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    (void)cause, (void)err;
    live_refused(key, ctx);
    return true;
}

int live_key_delete(lua_State *L)
{
    struct live *live = live_of(L);
    struct kv_namespace ns;
    struct kv_section saved;
    struct kv_counts counts = {0};
    struct error refused = {0}, err = {0};
    lua_settop(L, 3);
    struct live_one_key one = {.key = live_key(L, 2, "")};
    live_allow(L, 3, "cfkv.key.delete");
    struct kv_delete del = {
        .ns = &ns,
        .doomed = {.pull = live_pull_one, .named = 1, .rewind = rewind_one, .ctx = &one},
        .reason = "delete",
        .how = "deleted",
        .on_failed = fail_one,
        .on_failed_ctx = &refused,
        .counts = &counts};
    bool ok = live_find(L, 1, &ns, &err) && kv_delete_keys(live->kv, &del, &saved, &err);
    if (!ok || refused.code)
        return live_fail_write(L, ok ? &refused : &err);
    return live_done(L, saved.path);
}

/* ---- Many keys ------------------------------------------------------------------------------- */

struct removing {
    struct live_keys keys;
    struct live_spool spool;
    struct live_tally tally;
    struct error err; /* why they cannot be laid aside */
};

static int close_removing(lua_State *L)
{
    struct removing *r = luaL_checkudata(L, 1, REMOVING);
    live_spool_release(&r->spool);
    live_tally_release(&r->tally);
    return 0;
}

void live_open_removes(lua_State *L)
{
    luaL_newmetatable(L, REMOVING);
    lua_pushcfunction(L, close_removing);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

/* [ namespace, keys, removing (light) ] Runs protected. */
static int lay_aside(lua_State *L)
{
    struct removing *r = lua_touserdata(L, 3);
    struct bytes key;
    while (live_next_key(L, &r->keys, &key) && live_spool_add(&r->spool, key, &r->err))
        lua_settop(L, 3);
    return 0;
}

static bool delete_all(struct kv *kv, const struct kv_namespace *ns, struct removing *r,
                       struct error *err)
{
    struct kv_section saved;
    struct kv_delete del = {.ns = ns,
                            .doomed = {.pull = live_spool_pull,
                                       .named = r->spool.n,
                                       .rewind = live_spool_rewind,
                                       .ctx = &r->spool},
                            .reason = "delete",
                            .how = "deleted",
                            .on_failed = live_tally_failed,
                            .on_failed_ctx = &r->tally,
                            .counts = &r->tally.counts};
    bool ok = kv_delete_keys(kv, &del, &saved, err);
    r->tally.backup = saved.path;
    return ok;
}

/* [ namespace, keys ] Its keys in the spool; raises what the script's function raised. */
static void collect(lua_State *L, struct removing *r)
{
    lua_pushcfunction(L, lay_aside);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushlightuserdata(L, r);
    int status = lua_pcall(L, 3, 0, 0);
    live_of(L)->busy = true;
    if (status == LUA_ERRMEM)
        vm_stop_memory(L);
    if (status != LUA_OK)
        live_tally_raise(L, &r->tally);
}

int live_bulk_delete(lua_State *L)
{
    struct live *live = live_of(L);
    struct kv_namespace ns;
    lua_settop(L, 3);
    struct live_keys keys = live_keys_at(L, 2, "cfkv.bulk.delete");
    struct removing *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (struct removing){.keys = keys, .tally = {.done = "deleted"}};
    luaL_setmetatable(L, REMOVING);
    live_allow(L, 3, "cfkv.bulk.delete");
    if (!live_find(L, 1, &ns, &r->err))
        return live_tally_fail(L, &r->tally, &r->err);
    collect(L, r);
    live_allow(L, 3, "cfkv.bulk.delete"); /* the iterator may have made calls of its own */
    if (r->err.code || !delete_all(live->kv, &ns, r, &r->err))
        return live_tally_fail(L, &r->tally, &r->err);
    return live_tally_give(L, &r->tally);
}
