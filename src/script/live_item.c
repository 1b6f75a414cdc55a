/* Pairs for the store, read from Lua: judged before anything is sent, by the rules of a seed. */
#include <inttypes.h>
#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>

#include "live.h"
#include "model/validate.h"
#include "tables.h"
#include "value.h"

struct pair_fields {
    int64_t expiration_ttl, expiration;
    bool base64, backup;
};

#define AT(field) offsetof(struct pair_fields, field)

/* Positions in both schemas. */
enum { I_TTL, I_EXPIRATION, I_METADATA, I_BACKUP };

#define SHARED_FIELDS PAIR_FIELDS(AT(expiration_ttl), AT(expiration))

static const struct field option_fields[] = {
    SHARED_FIELDS,
    FIELD_ROW("backup", FIELD_BOOLEAN, AT(backup), .doc = "keep a backup of what is overwritten"),
};

static const struct field item_fields[] = {SHARED_FIELDS, ITEM_FIELDS(FIELD_ANY, 0, AT(base64))};

const struct fields live_put_fields = {"the options of a put", option_fields,
                                       sizeof option_fields / sizeof *option_fields};
/* Of one pair among many. */
static const struct fields option_schema = {"the options of a put", option_fields,
                                            sizeof option_fields / sizeof *option_fields - 1};
const struct fields live_item_fields = {"a bulk item", item_fields,
                                        sizeof item_fields / sizeof *item_fields};

static bool is_given(const struct schema_result *r, int field)
{
    return r->given & (UINT32_C(1) << field);
}

/* ---- Metadata and value ---------------------------------------------------------------------- */

static int raise_at(lua_State *L, const char *where, const struct error *err)
{
    return vm_raise(L, err->hint[0] ? err->hint : NULL, "%s%s", where, err->message);
}

/* Field `metadata` of the table at `idx`. It is moved out of the way of the value. */
static struct bytes read_metadata(lua_State *L, int idx, const char *where)
{
    struct live *live = live_of(L);
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    struct bytes none = {0};
    lua_getfield(L, idx, "metadata");
    bool null = value_is_null(L, -1);
    pieces_clear(p);
    if (!null && !value_add_json(L, -1, "metadata", p, &err))
        raise_at(L, where, &err);
    lua_pop(L, 1);
    if (null)
        return none;
    buf_clear(&live->metadata);
    buf_add_bytes(&live->metadata, buf_bytes(&p->text));
    return buf_bytes(&live->metadata);
}

/* A string as its bytes, a table as canonical JSON. */
static struct bytes read_value(lua_State *L, struct bytes key, int idx, bool base64,
                               const char *where)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    pieces_clear(p);
    if (lua_type(L, idx) == LUA_TSTRING) {
        struct bytes text = live_string(L, idx, "the value");
        if (base64 && !seed_value_decode(key, text, &p->text, &err))
            raise_at(L, where, &err);
        return !base64 ? text : p->text.data ? buf_bytes(&p->text) : bytes_of("");
    }
    if (!lua_istable(L, idx) || base64) {
        char got[160];
        bool shown = lua_isnumber(L, idx) || lua_isboolean(L, idx) || value_is_null(L, idx);
        vm_raise(L, shown ? "tostring(v) stores its text, cfkv.json.encode(v) its JSON" : NULL,
                 "%sthe value must be a string or a table, got %s", where,
                 value_describe(L, idx, got, sizeof got));
    }
    if (!value_add_json(L, idx, "value", p, &err))
        raise_at(L, where, &err);
    return buf_bytes(&p->text);
}

/* ---- A pair ---------------------------------------------------------------------------------- */

/* `table` holds the fields that `r` tells of; 0: there are none. */
static bool finish_pair(lua_State *L, int key, int value, int table, const struct schema_result *r,
                        const struct pair_fields *fields, const char *where, struct store_pair *out,
                        struct error *late)
{
    char what[64];
    snprintf(what, sizeof what, "%sthe key", where);
    struct seed_key seed = {
        .key = live_string(L, key, what),
        .expiration_ttl = fields->expiration_ttl,
        .expiration = fields->expiration,
        .no_ttl = is_given(r, I_TTL) && fields->expiration_ttl == 0,
        .zero_expiration = is_given(r, I_EXPIRATION) && fields->expiration == 0,
    };
    if (is_given(r, I_METADATA))
        seed.metadata = read_metadata(L, table, where);
    *out = (struct store_pair){
        .key = seed.key,
        .value = read_value(L, seed.key, value, fields->base64, where),
        .metadata = seed.metadata,
        .expiration_ttl = seed.expiration_ttl,
        .expiration = seed.expiration,
        .no_ttl = seed.no_ttl,
    };
    struct diag_list *diags = &vm_of(L)->model->diags;
    struct error err = {0};
    int64_t now = store_now(live_of(L)->kv->store);
    seed.pos = vm_where(L);
    bool ok = seed_key_judge(diags, &seed, out->value.len, now, where, &err);
    bool is_late = ok && seed_key_is_late(&seed, now, late);
    if (ok && !is_late && diags->n > 0 && live_of(L)->options->strict) {
        ok = error_set(&err, ERR_INVALID, "%s", diags->items[0].message);
        if (diags->items[0].hint)
            error_hint(&err, "%s", diags->items[0].hint);
    }
    if (ok && !is_late)
        live_warn(L, diags);
    diag_release(diags);
    if (!ok)
        vm_raise_error(L, &err);
    return !is_late;
}

bool live_read_pair(lua_State *L, int key, int value, int options, bool *backup, const char *where,
                    struct store_pair *out, struct error *late)
{
    struct pair_fields fields = {0};
    struct schema_result r = {.ok = true};
    luaL_checkstack(L, 12, NULL);
    if (!lua_isnoneornil(L, options))
        r = schema_read(L, options, backup ? &live_put_fields : &option_schema, &fields,
                        vm_where(L), where);
    if (backup && is_given(&r, I_BACKUP))
        *backup = fields.backup;
    return finish_pair(L, key, value, options, &r, &fields, where, out, late);
}

bool live_read_item(lua_State *L, const char *where, struct store_pair *out, struct error *late)
{
    struct pair_fields fields = {0};
    char got[160];
    int item = lua_gettop(L);
    luaL_checkstack(L, 12, NULL);
    struct schema_result r = schema_read(L, item, &live_item_fields, &fields, vm_where(L), where);
    if (lua_getfield(L, item, "key") != LUA_TSTRING)
        vm_raise(L, lua_isnumber(L, -1) ? "write it in quotes" : NULL,
                 "%sfield 'key' of a bulk item must be a string, got %s", where,
                 value_describe(L, -1, got, sizeof got));
    lua_getfield(L, item, "value");
    return finish_pair(L, item + 1, item + 2, item, &r, &fields, where, out, late);
}
