/* cfkv.bulk.put: any number of pairs from an array, an iterator or a cfkv.source. */
#include <inttypes.h>
#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kv/batch.h"
#include "live.h"
#include "model/validate.h"
#include "seed/seed.h"
#include "tables.h"
#include "value.h"

#define PUT          "cfkv.bulk.put"
#define PROBLEMS_MAX 20 /* of a source; the first is told, and how many there are */

struct put_fields {
    int64_t ttl;
    bool backup;
};

static const struct field put_fields[] = {
    FIELD_ROW("ttl", FIELD_DURATION, offsetof(struct put_fields, ttl), .min = KV_TTL_MIN,
              .or_zero = true,
              .doc = "for items without an expiry, in place of the recorded default; 0: none"),
    FIELD_ROW("backup", FIELD_BOOLEAN, offsetof(struct put_fields, backup),
              .doc = "keep a backup of what is overwritten"),
};

const struct fields live_bulk_fields = {"cfkv.bulk.put", put_fields, 2};

/* Pairs on their way into a namespace whose values are backed up before they are overwritten: as
 * many at a time as go in a batch. */
struct wave {
    const char *backup; /* path, once one was written */
    struct buf pairs;
    size_t n, at, given; /* pairs; where reading stands, and how many were read */
};

/* One call of it. */
struct bulk {
    struct sender *put; /* NULL: over, or a source is put */
    lua_Integer n;      /* items of an array; < 0: what is put is none */
    const struct kv_namespace *ns;
    struct sender_options options;
    struct live_tally tally;
    bool backup; /* of what is overwritten: through `wave` */
    struct wave wave;
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

static const luaL_Reg bulk_methods[] = {{"__gc", close_bulk}, {NULL, NULL}};

/* ---- Pairs laid aside ------------------------------------------------------------------------ */

/* What stands before the bytes of key, value and metadata of each. */
struct pair_head {
    struct store_pair pair; /* lengths; of the pointers only whether there is metadata */
    uint64_t number;
};

static bool next_waved(struct wave *wave, struct pair_head *head)
{
    struct bytes *texts[] = {&head->pair.key, &head->pair.value, &head->pair.metadata};
    if (wave->given == wave->n)
        return false;
    wave->given++;
    memcpy(head, wave->pairs.data + wave->at, sizeof *head);
    wave->at += sizeof *head;
    for (size_t i = 0; i < 3; i++) {
        texts[i]->data = texts[i]->data ? wave->pairs.data + wave->at : NULL;
        wave->at += texts[i]->len;
    }
    return true;
}

static enum pull pull_waved_key(void *ctx, struct bytes *key, struct error *err)
{
    struct pair_head head;
    (void)err;
    if (!next_waved(ctx, &head))
        return PULL_END;
    *key = head.pair.key;
    return PULL_PAIR;
}

/* Backs up and passes on what is there. */
static bool flush_wave(struct bulk *bulk, struct kv *kv)
{
    struct wave *wave = &bulk->wave;
    struct pair_head head;
    wave->at = wave->given = 0;
    bool ok =
        wave->n == 0 || live_back_up(kv, bulk->ns, pull_waved_key, wave, &wave->backup, &bulk->err);
    wave->at = wave->given = 0;
    while (ok && next_waved(wave, &head))
        ok = sender_add(bulk->put, &head.pair, head.number, &bulk->err);
    buf_clear(&wave->pairs);
    wave->n = 0;
    return ok;
}

/* Copies it; backs up and passes on all when there are enough. */
static bool add_to_wave(struct bulk *bulk, struct kv *kv, const struct pair_head *head)
{
    struct wave *wave = &bulk->wave;
    size_t size = head->pair.key.len + head->pair.value.len;
    if (batch_is_full(wave->n, wave->pairs.len, size) && !flush_wave(bulk, kv))
        return false;
    wave->n++;
    buf_add(&wave->pairs, head, sizeof *head);
    buf_add_bytes(&wave->pairs, head->pair.key);
    buf_add_bytes(&wave->pairs, head->pair.value);
    buf_add_bytes(&wave->pairs, head->pair.metadata);
    return true;
}

/* ---- Items ----------------------------------------------------------------------------------- */

/* Runs protected, with the arguments of the call and, as light userdata at 4, the bulk. Returns
 * early when the store cannot go on. */
static int feed(lua_State *L)
{
    struct bulk *bulk = lua_touserdata(L, 4);
    luaL_checkstack(L, 24, NULL);
    for (lua_Integer number = 1; bulk->n < 0 || number <= bulk->n; number++) {
        struct pair_head head = {.number = (uint64_t)number};
        struct error late;
        char where[48];
        bool good, on;
        lua_settop(L, 4);
        if (bulk->n >= 0) {
            lua_geti(L, 2, number);
        } else { /* an iterator gives an item, or key, value, options */
            lua_pushvalue(L, 2);
            live_call_back(L, 3);
            if (lua_isnil(L, 5))
                return 0;
        }
        snprintf(where, sizeof where, "item %lld: ", (long long)number);
        if (lua_type(L, 5) == LUA_TSTRING && lua_gettop(L) > 5) {
            good = live_read_pair(L, 5, 6, 7, NULL, where, &head.pair, &late);
        } else {
            lua_settop(L, 5);
            good = live_read_item(L, where, &head.pair, &late);
        }
        if (!good) {
            error_wrap(&late, "item %lld", (long long)number);
            on = live_tally_failed(&bulk->tally, head.pair.key, &late, &bulk->err);
        } else if (bulk->backup) {
            on = add_to_wave(bulk, live_of(L)->kv, &head);
        } else {
            on = sender_add(bulk->put, &head.pair, head.number, &bulk->err);
        }
        if (!on)
            return 0;
    }
    return 0;
}

/* ---- A source: judged as a whole before the first pair is sent ------------------------------- */

static bool tell_problems(const struct diag_list *diags, struct error *err)
{
    live_first_problem(diags, err);
    if (diags->errors > 1)
        return error_hint(err, "there %s %zu more problem%s; nothing was sent",
                          diags->errors == 2 ? "is" : "are", diags->errors - 1,
                          diags->errors == 2 ? "" : "s");
    return error_hint(err, "%s", err->hint[0] ? err->hint : "nothing was sent");
}

/* A pass after the survey. */
struct pass {
    struct seed_reader *reader;
    const struct store *store;
    const struct sender_options *sending; /* NULL: only keys are read, and nothing is told */
    struct diag_list diags;
    const struct seed_survey *survey;
    const char *path;
};

/* The next item, those that are late left out. */
static enum pull pull_pair(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct pass *pass = ctx;
    struct seed_item item;
    struct error late;
    enum seed_status status;
    while ((status = seed_next(pass->reader, &item, &pass->diags, err)) == SEED_ITEM) {
        *number = item.number;
        if (!seed_key_is_late(&item.seed, store_now(pass->store), &late)) {
            *pair = pair_of_item(&item);
            return PULL_PAIR;
        }
        error_wrap(&late, "item %" PRIu64, item.number);
        if (pass->sending &&
            !pass->sending->on_failed(pass->sending->on_failed_ctx, item.seed.key, &late, err))
            return PULL_FAILED;
    }
    if (status == SEED_END) {
        uint64_t size;
        struct digest digest;
        seed_content(pass->reader, &size, &digest);
        if (digest_equal(&digest, &pass->survey->digest))
            return PULL_END;
    }
    if (status != SEED_FAILED) /* the survey found it good, and what it is now was not judged */
        error_set(err, ERR_FAILED, "'%s' changed while it was read", pass->path);
    return PULL_FAILED;
}

static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct store_pair pair = {0};
    uint64_t number;
    enum pull pulled = pull_pair(ctx, &pair, &number, err);
    *key = pair.key;
    return pulled;
}

/* Sends all of a cfkv.source, if all of it is good; keys that are late are told as failed. What is
 * overwritten is backed up first, in a pass of its own. */
static void put_source(lua_State *L, struct bulk *bulk)
{
    struct live *live = live_of(L);
    const struct source_handle *handle = bind_to_source(L, 2);
    struct arena arena = {0};
    struct seed_survey found;
    struct pass pass = {.store = live->kv->store,
                        .survey = &found,
                        .path = path_join(&arena, vm_of(L)->shown_root, handle->path)};
    struct seed_source *source = seed_source_open(pass.path, handle->format, &bulk->err);
    bool ok =
        source && seed_survey(source, live->kv->now, PROBLEMS_MAX, &pass.diags, &found, &bulk->err);
    if (live->options->strict)
        diag_make_strict(&pass.diags);
    if (ok && pass.diags.errors > 0)
        ok = tell_problems(&pass.diags, &bulk->err);
    if (ok)
        live_warn(L, &pass.diags);
    diag_release(&pass.diags);
    for (int sending = bulk->backup ? 0 : 1; ok && sending < 2; sending++) {
        pass.sending = sending ? &bulk->options : NULL;
        pass.reader = seed_source_read(source, &bulk->err);
        ok = pass.reader && (sending ? sender_stream(&bulk->options, pull_pair, &pass, &bulk->err)
                                     : live_back_up(live->kv, bulk->ns, pull_key, &pass,
                                                    &bulk->wave.backup, &bulk->err));
        seed_close(pass.reader);
        diag_release(&pass.diags);
    }
    seed_source_close(source);
    arena_release(&arena);
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
    struct schema_result r = live_options(L, 3, &live_bulk_fields, &fields);
    struct error err = {0};
    if ((r.given & 1u) && !ttl_judge("ttl", fields.ttl, store_now(live_of(L)->kv->store), &err))
        vm_raise_error(L, &err);
    return fields;
}

/* Sends what is left of it, unless it failed already, and gives what came of it. `status`: Lua's,
 * of what gave the items. */
static int finish(lua_State *L, struct bulk *bulk, int status)
{
    struct live *live = live_of(L);
    struct sender *put = bulk->put;
    if (status == LUA_OK && !bulk->err.code)
        flush_wave(bulk, live->kv);
    bulk->put = NULL;
    bulk->tally.backup = bulk->wave.backup;
    if (status != LUA_OK || bulk->err.code)
        sender_abandon(put);
    else if (put)
        sender_close(put, &bulk->err);
    live->written = bulk->tally.counts.keys;
    if (status == LUA_ERRMEM)
        return vm_stop_memory(L);
    if (status != LUA_OK)
        return live_tally_raise(L, &bulk->tally);
    return bulk->err.code ? live_tally_fail(L, &bulk->tally, &bulk->err)
                          : live_tally_give(L, &bulk->tally);
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
    *bulk = (struct bulk){.n = n, .ns = &ns, .tally = {.done = "written"}, .backup = fields.backup};
    value_set_metatable(L, PUT, bulk_methods);
    if (!live_find(L, 1, &ns, &err))
        return live_tally_fail(L, &bulk->tally, &err);
    bulk->options = (struct sender_options){
        .store = live->kv->store,
        .account = ns.account,
        .id = ns.id,
        .jobs = live->kv->jobs,
        .rewrites = live->kv->rewrites,
        .default_ttl = fields.ttl < 0 ? ns.ttl_seconds : fields.ttl,
        .on_failed = live_tally_failed,
        .on_failed_ctx = &bulk->tally,
        .counts = &bulk->tally.counts,
    };
    if (bind_to_source(L, 2)) {
        put_source(L, bulk);
        return finish(L, bulk, LUA_OK);
    }
    bulk->put = sender_open(&bulk->options);
    return finish(L, bulk, live_protect(L, feed, 3, bulk));
}
