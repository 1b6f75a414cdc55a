/* cfkv.bulk.put: any number of pairs from an array, an iterator or a cfkv.source. */
#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>

#include "live.h"
#include "value.h"

#define PUT "cfkv.bulk.put"

struct put_fields {
    int64_t ttl;
    bool backup;
};

static const struct field put_fields[] = {
    FIELD_ROW("ttl", FIELD_INTEGER, offsetof(struct put_fields, ttl)),
    FIELD_ROW("backup", FIELD_BOOLEAN, offsetof(struct put_fields, backup)),
};

static const struct fields put_schema = {"cfkv.bulk.put", put_fields, 2};

/* One call of it. */
struct bulk {
    struct sender *put; /* NULL: over, or a source is put */
    lua_Integer n;      /* items of an array; < 0: what is put is none */
    struct sender_options options;
    struct live_tally tally;
    bool backup; /* of what is overwritten: through `wave` */
    struct live_wave wave;
    struct error err; /* why it could not go on */
};

static int close_bulk(lua_State *L)
{
    struct bulk *bulk = luaL_checkudata(L, 1, PUT);
    sender_abandon(bulk->put);
    bulk->put = NULL;
    live_tally_release(&bulk->tally);
    buf_release(&bulk->wave.pairs);
    return 0;
}

void live_open_puts(lua_State *L)
{
    luaL_newmetatable(L, PUT);
    lua_pushcfunction(L, close_bulk);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

/* ---- What is put ----------------------------------------------------------------------------- */

/* [ …, source at 2 ]: pushes the next item of an array of `n`; false at its end. */
static bool next_of_array(lua_State *L, lua_Integer number, lua_Integer n)
{
    return number <= n && (lua_geti(L, 2, number), true);
}

/* Pushes what the iterator gives: an item, or key, value, options; false at its end. */
static bool next_of_iterator(lua_State *L)
{
    lua_pushvalue(L, 2);
    live_call_back(L, 3);
    return !lua_isnil(L, -3);
}

/* Reads what `next_of_…` pushed from `base` on. false: as live_read_pair. */
static bool read_pushed(lua_State *L, int base, lua_Integer number, struct store_pair *pair,
                        struct error *late)
{
    char where[48];
    snprintf(where, sizeof where, "item %lld: ", (long long)number);
    if (lua_type(L, base) == LUA_TSTRING && lua_gettop(L) > base)
        return live_read_pair(L, base, base + 1, base + 2, NULL, where, pair, late) ||
               error_wrap(late, "item %lld", (long long)number);
    lua_settop(L, base);
    return live_read_item(L, where, pair, late) || error_wrap(late, "item %lld", (long long)number);
}

static bool pass_on(struct bulk *bulk, const struct store_pair *pair, uint64_t number)
{
    return bulk->backup ? live_wave_add(&bulk->wave, pair, number, &bulk->err)
                        : sender_add(bulk->put, pair, number, &bulk->err);
}

/* Runs protected, with the arguments of the call and, as light userdata at 4, the bulk. Returns
 * early when the store cannot go on. */
static int feed(lua_State *L)
{
    struct bulk *bulk = lua_touserdata(L, 4);
    luaL_checkstack(L, 24, NULL);
    for (lua_Integer number = 1;; number++) {
        struct store_pair pair;
        struct error late;
        lua_settop(L, 4);
        if (!(bulk->n < 0 ? next_of_iterator(L) : next_of_array(L, number, bulk->n)))
            return 0;
        if (!(read_pushed(L, 5, number, &pair, &late)
                  ? pass_on(bulk, &pair, (uint64_t)number)
                  : live_tally_failed(&bulk->tally, pair.key, &late, &bulk->err)))
            return 0;
    }
}

/* ---- What came of it ------------------------------------------------------------------------- */

/* Sends what is left of it, unless it failed already. */
static void finish(lua_State *L, struct bulk *bulk, bool raised)
{
    struct sender *put = bulk->put;
    bulk->put = NULL;
    if (!raised && !bulk->err.code)
        live_wave_flush(&bulk->wave, &bulk->err);
    bulk->tally.backup = bulk->wave.backup;
    if (raised || bulk->err.code)
        sender_abandon(put);
    else if (put)
        sender_close(put, &bulk->err);
    live_of(L)->written = bulk->tally.counts.keys;
}

static int answer(lua_State *L, const struct bulk *bulk)
{
    return bulk->err.code ? live_tally_fail(L, &bulk->tally, &bulk->err)
                          : live_tally_give(L, &bulk->tally);
}

static int put_source(lua_State *L, struct bulk *bulk)
{
    live_put_source(live_of(L), vm_of(L)->shown_root, bind_to_source(L, 2), &bulk->options,
                    bulk->backup ? &bulk->wave : NULL, &bulk->err);
    finish(L, bulk, false);
    return answer(L, bulk);
}

/* [ namespace, source, options, bulk ] */
static int put_items(lua_State *L, struct bulk *bulk)
{
    bulk->put = bulk->wave.put = sender_open(&bulk->options);
    lua_pushcfunction(L, feed);
    for (int i = 1; i <= 3; i++)
        lua_pushvalue(L, i);
    lua_pushlightuserdata(L, bulk);
    int status = lua_pcall(L, 4, 0, 0);
    live_of(L)->busy = true;
    finish(L, bulk, status != LUA_OK);
    if (status == LUA_ERRMEM)
        return vm_stop_memory(L);
    return status == LUA_OK ? answer(L, bulk) : live_tally_raise(L, &bulk->tally);
}

/* ---- The call -------------------------------------------------------------------------------- */

/* How many items an array has; < 0: it is none. */
static lua_Integer check_source(lua_State *L)
{
    struct error err = {0};
    lua_Integer n = -1;
    char got[160];
    if (lua_istable(L, 2) && !value_list_length(L, 2, "cfkv.bulk.put", &value_items, &n, &err))
        vm_raise_error(L, &err);
    if (lua_istable(L, 2) || lua_isfunction(L, 2) || bind_to_source(L, 2))
        return n;
    return vm_raise(
        L, lua_type(L, 2) == LUA_TSTRING ? "a file is read by cfkv.source.json(path)" : NULL,
        "cfkv.bulk.put takes an array of items, an iterator or a cfkv.source, got %s",
        value_describe(L, 2, got, sizeof got));
}

/* `ttl` < 0: not given. */
static struct put_fields read_options(lua_State *L)
{
    struct put_fields fields = {.ttl = -1};
    struct schema_result r = live_options(L, 3, &put_schema, &fields);
    if ((r.given & 1u) && fields.ttl != 0 &&
        (fields.ttl < KV_TTL_MIN || fields.ttl > KV_EXPIRATION_MAX))
        vm_raise(L, "0 stands for no expiry", "ttl must be 0 or at least %d seconds, got %lld",
                 KV_TTL_MIN, (long long)fields.ttl);
    return fields;
}

int live_bulk_put(lua_State *L)
{
    struct live *live = live_of(L);
    struct kv_namespace ns;
    struct error err = {0};
    lua_settop(L, 3);
    lua_Integer n = check_source(L);
    struct put_fields fields = read_options(L);
    struct bulk *bulk = lua_newuserdatauv(L, sizeof *bulk, 0);
    *bulk = (struct bulk){.n = n, .tally = {.done = "written"}, .backup = fields.backup};
    luaL_setmetatable(L, PUT);
    if (!live_find(L, 1, &ns, &err))
        return live_tally_fail(L, &bulk->tally, &err);
    bulk->options = (struct sender_options){
        .store = live->kv->store,
        .account = ns.account,
        .id = ns.id,
        .jobs = live->kv->jobs,
        .default_ttl = fields.ttl < 0 ? ns.ttl_seconds : fields.ttl,
        .on_failed = live_tally_failed,
        .on_failed_ctx = &bulk->tally,
        .counts = &bulk->tally.counts,
    };
    bulk->wave = (struct live_wave){.kv = live->kv, .ns = &ns};
    return bind_to_source(L, 2) ? put_source(L, bulk) : put_items(L, bulk);
}
