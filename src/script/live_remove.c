/* cfkv.bulk.delete: any number of keys from an array or an iterator, a wave after the other. */
#include <lauxlib.h>
#include <string.h>

#include "live.h"
#include "kv/remove.h"

#define REMOVING  "cfkv.bulk.delete"
#define WAVE_KEYS (2 * STORE_BULK_MAX)

struct removing {
    struct live_keys keys;
    struct live_list wave;
    size_t at, n; /* offset into the wave; keys of it that were pulled */
    struct live_list failed;
    struct error cause; /* of the first key that failed */
    struct kv_counts counts;
};

static int close_removing(lua_State *L)
{
    struct removing *r = luaL_checkudata(L, 1, REMOVING);
    buf_release(&r->wave.bytes);
    buf_release(&r->failed.bytes);
    return 0;
}

void live_open_removes(lua_State *L)
{
    luaL_newmetatable(L, REMOVING);
    lua_pushcfunction(L, close_removing);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

/* Takes up to a wave of keys; false when there were none left. Raises. */
static bool take_keys(lua_State *L, struct removing *r)
{
    int top = lua_gettop(L);
    struct bytes key;
    buf_clear(&r->wave.bytes);
    r->wave.n = r->at = r->n = 0;
    while (r->wave.n < WAVE_KEYS && live_next_key(L, &r->keys, &key)) {
        vm_need(L, live_list_add(&r->wave, key));
        lua_settop(L, top);
    }
    return r->wave.n > 0;
}

static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct removing *r = ctx;
    (void)err;
    if (r->n == r->wave.n)
        return PULL_END;
    memcpy(&key->len, r->wave.bytes.data + r->at, sizeof key->len);
    key->data = r->wave.bytes.data + r->at + sizeof key->len;
    r->at += sizeof key->len + key->len;
    r->n++;
    return PULL_PAIR;
}

static bool on_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct removing *r = ctx;
    if (r->failed.n == 0)
        r->cause = *cause;
    return live_list_add(&r->failed, key) || error_nomem(err);
}

/* Sets `deleted` and `failed` of the table on top of the stack. */
static void push_counts(lua_State *L, const struct removing *r)
{
    lua_pushinteger(L, (lua_Integer)r->counts.keys);
    lua_setfield(L, -2, "deleted");
    live_push_list(L, &r->failed);
    lua_setfield(L, -2, "failed");
}

static int push_result(lua_State *L, const struct removing *r)
{
    lua_createtable(L, 0, 3);
    push_counts(L, r);
    if (r->failed.n > 0) {
        live_push_error(L, &r->cause);
        lua_setfield(L, -2, "reason");
    }
    return 1;
}

int live_bulk_delete(lua_State *L)
{
    struct live *live = live_of(L);
    struct live_target target;
    struct error err = {0};
    lua_settop(L, 2);
    struct live_keys keys = live_keys_at(L, 2, "cfkv.bulk.delete");
    if (!live_find(L, 1, &target, &err))
        return live_fail(L, &err);
    struct removing *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (struct removing){.keys = keys};
    luaL_setmetatable(L, REMOVING);
    struct remove_options options = {.store = live->options->store,
                                     .id = target.id,
                                     .jobs = live->options->jobs,
                                     .on_failed = on_failed,
                                     .on_failed_ctx = r,
                                     .counts = &r->counts};
    while (take_keys(L, r)) {
        if (remove_stream(&options, pull_key, r, &err))
            continue;
        live_fail(L, &err);
        push_counts(L, r);
        return 2;
    }
    return push_result(L, r);
}
