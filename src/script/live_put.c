/* cfkv.bulk.put: any number of pairs from an array, an iterator or a cfkv.source. */
#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "live.h"
#include "value.h"

#define PUT "cfkv.bulk.put"

struct put_fields {
    int64_t ttl;
};

static const struct field put_fields[] = {
    {"ttl", FIELD_INTEGER, false, offsetof(struct put_fields, ttl), NULL, 0},
};

static const struct schema put_schema = {"cfkv.bulk.put", put_fields, 1};

/* One call of it. The texts of `options` are on the stack of the call. */
struct bulk {
    struct put *put; /* NULL: over */
    lua_Integer n;   /* items of an array; < 0: what is put is none */
    struct put_options options;
    struct kv_counts counts;
    struct live_list failed;
    struct error cause; /* of the first key that failed */
    struct error err;   /* why it could not go on */
};

static int close_bulk(lua_State *L)
{
    struct bulk *bulk = luaL_checkudata(L, 1, PUT);
    put_abandon(bulk->put);
    bulk->put = NULL;
    buf_release(&bulk->failed.bytes);
    return 0;
}

void live_open_puts(lua_State *L)
{
    luaL_newmetatable(L, PUT);
    lua_pushcfunction(L, close_bulk);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

static bool on_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct bulk *bulk = ctx;
    if (bulk->failed.n == 0)
        bulk->cause = *cause;
    return live_list_add(&bulk->failed, key) || error_nomem(err);
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
        return live_read_pair(L, base, base + 1, base + 2, where, pair, late) ||
               error_wrap(late, "item %lld", (long long)number);
    lua_settop(L, base);
    return live_read_item(L, where, pair, late) || error_wrap(late, "item %lld", (long long)number);
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
                  ? put_add(bulk->put, &pair, (uint64_t)number, &bulk->err)
                  : on_failed(bulk, pair.key, &late, &bulk->err)))
            return 0;
    }
}

/* ---- What came of it ------------------------------------------------------------------------- */

/* Sets `written` and `failed` of the table on top of the stack. */
static void push_counts(lua_State *L, const struct bulk *bulk)
{
    lua_pushinteger(L, (lua_Integer)bulk->counts.keys);
    lua_setfield(L, -2, "written");
    live_push_list(L, &bulk->failed);
    lua_setfield(L, -2, "failed");
}

/* { written, failed, reason? } */
static int push_result(lua_State *L, const struct bulk *bulk)
{
    lua_createtable(L, 0, 3);
    push_counts(L, bulk);
    if (bulk->failed.n > 0) {
        live_push_error(L, &bulk->cause);
        lua_setfield(L, -2, "reason");
    }
    return 1;
}

static int push_failure(lua_State *L, const struct bulk *bulk)
{
    live_fail(L, &bulk->err);
    push_counts(L, bulk);
    return 2;
}

/*
 * [ …, error ] An error of the iterator's, or about what it gave, is raised again as an error value
 * that tells what was written by then; the error itself is its `cause`.
 */
static int raise_again(lua_State *L, const struct bulk *bulk)
{
    struct error err = {0};
    vm_check(L);
    int cause = lua_gettop(L);
    const char *text = luaL_tolstring(L, cause, NULL);
    const char *hint = strstr(text, "\nhint: ");
    error_set(&err, ERR_FAILED, "%.*s (%llu keys were written before)",
              (int)(hint ? (size_t)(hint - text) : strlen(text)), text,
              (unsigned long long)bulk->counts.keys);
    if (hint)
        error_hint(&err, "%s", hint + strlen("\nhint: "));
    live_push_error(L, &err);
    push_counts(L, bulk);
    lua_pushliteral(L, "raised");
    lua_setfield(L, -2, "code");
    lua_pushvalue(L, cause);
    lua_setfield(L, -2, "cause");
    return lua_error(L);
}

/* Sends what is left of it, unless it failed already. */
static void finish(lua_State *L, struct bulk *bulk, bool raised)
{
    struct put *put = bulk->put;
    bulk->put = NULL;
    if (raised || bulk->err.code)
        put_abandon(put);
    else
        put_end(put, &bulk->err);
    live_of(L)->written = bulk->counts.keys;
}

static int answer(lua_State *L, const struct bulk *bulk)
{
    return bulk->err.code ? push_failure(L, bulk) : push_result(L, bulk);
}

static int put_source(lua_State *L, struct bulk *bulk)
{
    live_put_source(live_of(L), vm_of(L)->shown_root, bind_to_source(L, 2), &bulk->options,
                    bulk->put, &bulk->err);
    finish(L, bulk, false);
    return answer(L, bulk);
}

/* [ namespace, source, options, bulk ] */
static int put_items(lua_State *L, struct bulk *bulk)
{
    lua_pushcfunction(L, feed);
    for (int i = 1; i <= 3; i++)
        lua_pushvalue(L, i);
    lua_pushlightuserdata(L, bulk);
    int status = lua_pcall(L, 4, 0, 0);
    live_of(L)->busy = true;
    finish(L, bulk, status != LUA_OK);
    if (status == LUA_ERRMEM)
        return vm_stop_memory(L);
    return status == LUA_OK ? answer(L, bulk) : raise_again(L, bulk);
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

/* The default ttl of the call; < 0: not given. */
static int64_t read_ttl(lua_State *L)
{
    struct put_fields fields = {.ttl = -1};
    struct schema_result r = live_options(L, 3, &put_schema, &fields);
    if (r.given && fields.ttl != 0 && (fields.ttl < KV_TTL_MIN || fields.ttl > KV_EXPIRATION_MAX))
        vm_raise(L, "0 stands for no expiry", "ttl must be 0 or at least %d seconds, got %lld",
                 KV_TTL_MIN, (long long)fields.ttl);
    return fields.ttl;
}

int live_bulk_put(lua_State *L)
{
    struct live *live = live_of(L);
    struct live_target target;
    struct error err = {0};
    lua_settop(L, 3);
    lua_Integer n = check_source(L);
    int64_t ttl = read_ttl(L);
    if (!live_find(L, 1, &target, &err))
        return live_fail(L, &err);
    struct bulk *bulk = lua_newuserdatauv(L, sizeof *bulk, 0);
    *bulk = (struct bulk){.n = n};
    luaL_setmetatable(L, PUT);
    bulk->options = (struct put_options){
        .store = live->options->store,
        .id = target.id,
        .jobs = live->options->jobs,
        .default_ttl = ttl < 0 ? target.ttl_seconds : ttl,
        .on_failed = on_failed,
        .on_failed_ctx = bulk,
        .counts = &bulk->counts,
    };
    bulk->put = put_begin(&bulk->options, &err);
    if (!bulk->put)
        return live_fail(L, &err);
    return bind_to_source(L, 2) ? put_source(L, bulk) : put_items(L, bulk);
}
