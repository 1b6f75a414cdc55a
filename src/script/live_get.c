/* cfkv.bulk.get: the values of many keys: an array's as a table, an iterator's as an iterator. */
#include <lauxlib.h>
#include <string.h>

#include "live.h"
#include "store/queue.h"
#include "value.h"

#define GETTING   "cfkv.bulk.get"
#define WAVE_GETS 4 /* bulk gets in flight, each of at most 25 MiB */
#define WAVE_KEYS (WAVE_GETS * STORE_GET_MAX)

/* The keys of one wave and what was found under them. Offsets, because the buffers grow. */
struct wave_key {
    size_t at, len; /* in `texts` */
    size_t value_at, value_len;
    bool found;
};

/* User values: 1 what gives the keys, 2 the id. */
struct live_getting {
    struct live_keys keys;
    struct bytes account, id; /* of the namespace */
    bool ended;               /* there are no more keys */
    bool at_work; /* in a call of next_pair, or one of these raised: then keys would be left out */
    struct buf texts;
    struct buf values;
    struct wave_key wave[WAVE_KEYS];
    struct bytes list[WAVE_KEYS]; /* the keys of the wave, for the store */
    size_t n, at;                 /* keys of the wave; how many were given */
    size_t sent;
};

static int free_getting(lua_State *L)
{
    struct live_getting *g = luaL_checkudata(L, 1, GETTING);
    buf_release(&g->texts);
    buf_release(&g->values);
    g->n = g->at = 0;
    g->ended = true;
    return 0;
}

/* The function that gives the keys, or a finalizer, may close what is at work: that goes on with
 * the keys it has. */
static int close_getting(lua_State *L)
{
    struct live_getting *g = luaL_checkudata(L, 1, GETTING);
    if (!g->at_work)
        return free_getting(L);
    g->ended = true;
    return 0;
}

static const luaL_Reg getting_methods[] = {
    {"__gc", free_getting}, {"__close", close_getting}, {NULL, NULL}};

/* ---- One wave -------------------------------------------------------------------------------- */

/* Takes up to a wave of keys from what is at g->keys.idx. Raises. */
static void take_keys(lua_State *L, struct live_getting *g)
{
    int top = lua_gettop(L);
    buf_clear(&g->texts);
    buf_clear(&g->values);
    g->n = g->at = g->sent = 0;
    while (!g->ended && g->n < WAVE_KEYS) {
        struct bytes key;
        if (!live_next_key(L, &g->keys, &key)) {
            g->ended = true;
            break;
        }
        struct wave_key k = {.at = g->texts.len, .len = key.len};
        buf_add_bytes(&g->texts, key);
        g->wave[g->n++] = k;
        lua_settop(L, top);
    }
    for (size_t i = 0; i < g->n; i++)
        g->list[i] = bytes_make(g->texts.data + g->wave[i].at, g->wave[i].len);
}

static bool keep_value(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct live_getting *g = ctx;
    (void)err;
    for (size_t i = 0; i < g->n; i++) {
        struct wave_key *k = &g->wave[i];
        if (k->found || !bytes_equal(g->list[i], pair->key))
            continue;
        k->value_at = g->values.len;
        k->value_len = pair->value.len;
        k->found = true;
        buf_add_bytes(&g->values, pair->value);
        return true;
    }
    return true; /* asked for twice, answered twice */
}

static bool got(void *ctx, struct queue *q, const struct store_op *op,
                const struct store_result *result, struct error *err)
{
    (void)ctx, (void)q, (void)op;
    if (!result->ok)
        *err = result->error;
    return result->ok;
}

static bool ask(void *ctx, struct queue *q, struct error *err)
{
    struct live_getting *g = ctx;
    size_t n = g->n - g->sent;
    if (n == 0)
        return true;
    struct store_op op = {.kind = STORE_BULK_GET,
                          .account = g->account,
                          .id = g->id,
                          .keys = g->list + g->sent,
                          .n = n < STORE_GET_MAX ? n : STORE_GET_MAX,
                          .on_pair = keep_value,
                          .on_pair_ctx = g};
    g->sent += op.n;
    (void)err;
    queue_push(q, &op, got, NULL);
    return true;
}

/* ---- One after the other --------------------------------------------------------------------- */

enum given { GIVEN, GIVEN_ALL, GIVEN_FAILED };

/* [ …, getting at `idx` ]: pushes the next key that was found, and its value. Raises about keys. */
static enum given give(lua_State *L, int idx, struct live_getting *g, struct error *err)
{
    for (;;) {
        while (g->at < g->n) {
            const struct wave_key *k = &g->wave[g->at++];
            if (!k->found)
                continue;
            lua_pushlstring(L, g->texts.data + k->at, k->len);
            lua_pushlstring(L, k->value_len ? g->values.data + k->value_at : "", k->value_len);
            return GIVEN;
        }
        if (g->ended)
            return GIVEN_ALL;
        int top = lua_gettop(L);
        struct queue q = {.refill = ask, .refill_ctx = g};
        lua_getiuservalue(L, idx, 1);
        g->keys.idx = lua_gettop(L);
        take_keys(L, g);
        bool ok = queue_run(&q, live_of(L)->kv->store, err);
        queue_release(&q);
        if (!ok)
            return GIVEN_FAILED;
        lua_settop(L, top);
    }
}

/* Upvalue: the getting. A failure is raised: a loop would take nil for the end. The function that
 * gives the keys must not come back here: both would write the same wave. */
static int next_pair(lua_State *L)
{
    struct live_getting *g = lua_touserdata(L, lua_upvalueindex(1));
    struct error err = {0};
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    if (g->at_work)
        return vm_raise(L, "call cfkv.bulk.get again for the keys that are left",
                        "this cfkv.bulk.get is at work already, or has failed");
    g->at_work = true;
    enum given given = give(L, 1, g, &err);
    g->at_work = given == GIVEN_FAILED;
    if (given == GIVEN)
        return 2;
    if (given == GIVEN_ALL) {
        lua_pushnil(L);
        return 1;
    }
    live_push_error(L, &err);
    return lua_error(L);
}

int live_bulk_get(lua_State *L)
{
    struct kv_namespace ns;
    struct error err = {0};
    lua_settop(L, 2);
    struct live_keys keys = live_keys_at(L, 2, "cfkv.bulk.get");
    if (!live_find(L, 1, &ns, &err))
        return live_fail(L, &err);
    struct live_getting *g = lua_newuserdatauv(L, sizeof *g, 2);
    int idx = lua_gettop(L);
    *g = (struct live_getting){.keys = keys, .account = ns.account};
    value_set_metatable(L, GETTING, getting_methods);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, idx, 1);
    value_push_bytes(L, ns.id);
    g->id = value_bytes(L, -1);
    lua_setiuservalue(L, idx, 2);
    if (lua_istable(L, 2)) {
        enum given given;
        lua_newtable(L);
        while ((given = give(L, idx, g, &err)) == GIVEN)
            lua_rawset(L, idx + 1);
        return given == GIVEN_ALL ? 1 : live_fail(L, &err);
    }
    lua_pushvalue(L, idx);
    live_push_native(L, next_pair, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, idx);
    return 4; /* the fourth is closed when a loop is left */
}
