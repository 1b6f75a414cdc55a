/* cfkv.key.*: put, get, metadata, list, delete. */
#include <lauxlib.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "live.h"
#include "kv/read.h"
#include "kv/rewrites.h"
#include "kv/run.h"
#include "tables.h"
#include "value.h"

#define LISTING "cfkv.key.list"

/* ---- put ------------------------------------------------------------------------------------- */

bool live_refused(struct bytes key, struct error *err)
{
    char quoted[160];
    error_set(err, ERR_FAILED, "key %s was refused by the service",
              text_quoted(key, quoted, sizeof quoted));
    return error_hint(err, "try again");
}

/* A write that was answered may still have left out its key. */
static bool hear_written(void *ctx, const struct store_result *result, struct error *err)
{
    const struct bytes *key = ctx;
    return result->n_failed == 0 || live_refused(*key, err);
}

int live_key_put(lua_State *L)
{
    struct kv *kv = live_of(L)->kv;
    struct kv_namespace ns;
    struct store_pair pair;
    struct error err = {0};
    const char *saved = NULL;
    bool backup = false;
    lua_settop(L, 4);
    if (!live_read_pair(L, 2, 3, 4, &backup, "", &pair, &err) || !live_find(L, 1, &ns, &err) ||
        (backup && !live_back_up(kv, &ns, live_pull_one, &(struct live_one_key){pair.key, false},
                                 &saved, &err)))
        return live_fail_write(L, &err);
    if (pair.expiration_ttl == 0 && pair.expiration == 0 && !pair.no_ttl)
        pair.expiration_ttl = ns.ttl_seconds;
    struct store_op op = {
        .kind = STORE_BULK_PUT, .account = ns.account, .id = ns.id, .pairs = &pair, .n = 1};
    rewrites_note(kv->rewrites, ns.id, pair.key, clock_monotonic_ms());
    if (!kv_run(kv->store, &op, hear_written, &pair.key, &err))
        return live_fail_write(L, &err);
    return live_done(L, saved);
}

/* ---- get, metadata --------------------------------------------------------------------------- */

/* One key as it is in the store: its value in live->text, its metadata in live->metadata. */
struct live_found {
    struct live *live;
    bool there;
    bool has_metadata;
    int64_t expiration;
};

static bool on_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct live_found *found = ctx;
    struct live *live = found->live;
    (void)err;
    found->there = true;
    found->has_metadata = pair->metadata.data != NULL;
    found->expiration = pair->expiration;
    buf_clear(&live->text);
    buf_clear(&live->metadata);
    buf_add_bytes(&live->text, pair->value);
    buf_add_bytes(&live->metadata, pair->metadata);
    return true;
}

/* Arguments namespace and key. false with err, also when there is no such key. */
static bool read_key(lua_State *L, struct live_found *found, struct error *err)
{
    struct kv_namespace ns;
    lua_settop(L, 2);
    struct bytes key = live_key(L, 2, "");
    *found = (struct live_found){.live = live_of(L)};
    if (!live_find(L, 1, &ns, err))
        return false;
    struct store_op op = {.kind = STORE_BULK_GET,
                          .account = ns.account,
                          .id = ns.id,
                          .keys = &key,
                          .n = 1,
                          .on_pair = on_pair,
                          .on_pair_ctx = found};
    if (!kv_run(found->live->kv->store, &op, NULL, NULL, err))
        return false;
    char quoted[160], name[KV_QUOTED_SIZE];
    return found->there || error_set(err, ERR_NOT_FOUND, "there is no key %s in namespace %s",
                                     text_quoted(key, quoted, sizeof quoted), kv_quoted(&ns, name));
}

int live_key_get(lua_State *L)
{
    struct live_found found;
    struct error err = {0};
    if (!read_key(L, &found, &err))
        return live_fail(L, &err);
    value_push_bytes(L, buf_bytes(&found.live->text));
    return 1;
}

/* Pushes nil for none. Raises when it is no JSON, as in a damaged local store, and when Lua has no
 * such number. */
static void push_metadata(lua_State *L, struct bytes key, struct bytes metadata)
{
    struct error err = {0};
    char quoted[QUOTED_SIZE];
    if (!metadata.data) {
        lua_pushnil(L);
    } else if (!value_push_json(L, metadata, &err)) {
        error_wrap(&err, "metadata of key %s", text_quoted(key, quoted, sizeof quoted));
        vm_raise_error(L, &err);
    }
}

static void push_expiration(lua_State *L, int64_t expiration)
{
    if (expiration > 0)
        lua_pushinteger(L, expiration);
    else
        lua_pushnil(L);
}

/* metadata, expiration: each nil when there is none. */
int live_key_metadata(lua_State *L)
{
    struct live_found found;
    struct error err = {0};
    if (!read_key(L, &found, &err))
        return live_fail(L, &err);
    struct bytes none = {0};
    push_metadata(L, value_bytes(L, 2),
                  found.has_metadata ? buf_bytes(&found.live->metadata) : none);
    push_expiration(L, found.expiration);
    return 2;
}

/* ---- list ------------------------------------------------------------------------------------ */

enum { I_PREFIX, I_LIMIT };

static const struct field list_fields[] = {
    FIELD_ROW("prefix", FIELD_ANY, 0, .doc = "only keys that begin with it"),
    FIELD_ROW("limit", FIELD_INTEGER, 0, .doc = "at most so many"),
};

const struct fields live_list_fields = {"cfkv.key.list", list_fields, 2};

/* Its texts are its user values: they live as long as it does. */
struct live_listing {
    struct reader *reader; /* NULL: over */
    int64_t left;          /* keys to give; < 0: all */
    bool at_work;          /* a key of the reader's is being pushed */
};

static int free_listing(lua_State *L)
{
    struct live_listing *listing = luaL_checkudata(L, 1, LISTING);
    reader_close(listing->reader);
    listing->reader = NULL;
    return 0;
}

/* A finalizer, which may run while a key is pushed, may close the listing that the key is from. */
static int close_listing(lua_State *L)
{
    struct live_listing *listing = luaL_checkudata(L, 1, LISTING);
    if (!listing->at_work)
        return free_listing(L);
    listing->left = 0;
    return 0;
}

static const luaL_Reg listing_methods[] = {
    {"__gc", free_listing}, {"__close", close_listing}, {NULL, NULL}};

/* Upvalue: the listing. A failure is raised: a loop would take nil for the end. */
static int next_key(lua_State *L)
{
    struct live_listing *listing = lua_touserdata(L, lua_upvalueindex(1));
    struct store_pair pair;
    struct error err = {0};
    bool end = !listing->reader || listing->left == 0;
    if (!end && !reader_next(listing->reader, &pair, &end, &err)) {
        live_push_error(L, &err);
        return lua_error(L);
    }
    if (end) {
        reader_close(listing->reader);
        listing->reader = NULL;
        lua_pushnil(L);
        return 1;
    }
    listing->left -= listing->left > 0;
    listing->at_work = true;
    lua_createtable(L, 0, 3);
    value_push_bytes(L, pair.key);
    lua_setfield(L, -2, "key");
    push_metadata(L, pair.key, pair.metadata);
    lua_setfield(L, -2, "metadata");
    push_expiration(L, pair.expiration);
    lua_setfield(L, -2, "expiration");
    listing->at_work = false;
    return 1;
}

/* [ namespace, options ] → the prefix, pushed. */
static struct bytes read_list_options(lua_State *L, int64_t *limit)
{
    *limit = -1;
    struct schema_result r = live_options(L, 2, &live_list_fields, limit);
    if ((r.given & (1u << I_LIMIT)) && *limit < 1)
        vm_raise(L, NULL, "limit must be at least 1, got %lld", (long long)*limit);
    if (!(r.given & (1u << I_PREFIX))) {
        lua_pushliteral(L, "");
        return bytes_make(NULL, 0);
    }
    lua_getfield(L, 2, "prefix");
    struct bytes prefix = live_string(L, lua_gettop(L), "the prefix");
    if (prefix.len > KV_KEY_MAX)
        vm_raise(L, NULL, "the prefix has %zu bytes, more than %d", prefix.len, KV_KEY_MAX);
    if (!utf8_valid(prefix))
        vm_raise(L, NULL, "the prefix is not valid UTF-8");
    return prefix;
}

int live_key_list(lua_State *L)
{
    struct kv_namespace ns;
    struct error err = {0};
    int64_t limit;
    lua_settop(L, 2);
    struct bytes prefix = read_list_options(L, &limit); /* 3 */
    if (!live_find(L, 1, &ns, &err))
        return live_fail(L, &err);
    struct live_listing *listing = lua_newuserdatauv(L, sizeof *listing, 2);
    *listing = (struct live_listing){.left = limit};
    value_set_metatable(L, LISTING, listing_methods);
    value_push_bytes(L, ns.id);
    ns.id = value_bytes(L, -1);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, 2);
    struct read_options options = {.store = live_of(L)->kv->store,
                                   .account = ns.account,
                                   .id = ns.id,
                                   .prefix = prefix,
                                   .jobs = live_of(L)->kv->jobs};
    listing->reader = reader_open(&options);
    lua_pushvalue(L, -1);
    live_push_native(L, next_key, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, -4);
    return 4; /* the fourth is closed when a loop is left */
}
