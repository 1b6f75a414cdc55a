/* Pairs for the store, read from Lua: judged before anything is sent, by the rules of a seed. */
#include <lauxlib.h>
#include <stdio.h>
#include <stddef.h>

#include "live.h"
#include "model/validate.h"
#include "value.h"

struct pair_fields {
    int64_t expiration_ttl, expiration;
    bool base64;
};

#define AT(field) offsetof(struct pair_fields, field)

/* Positions in both schemas. */
enum { I_TTL, I_EXPIRATION, I_METADATA };

#define SHARED_FIELDS                                                                              \
    {"expiration_ttl", FIELD_INTEGER, false, AT(expiration_ttl), NULL, 0},                         \
        {"expiration", FIELD_INTEGER, false, AT(expiration), NULL, 0},                             \
    {                                                                                              \
        "metadata", FIELD_ANY, false, 0, NULL, 0                                                   \
    }

static const struct field option_fields[] = {SHARED_FIELDS};

static const struct field item_fields[] = {
    SHARED_FIELDS,
    {"key", FIELD_ANY, true, 0, NULL, 0},
    {"value", FIELD_ANY, true, 0, NULL, 0},
    {"base64", FIELD_BOOLEAN, false, AT(base64), NULL, 0},
};

static const struct schema option_schema = {"the options of a put", option_fields,
                                            sizeof option_fields / sizeof *option_fields};
static const struct schema item_schema = {"an item", item_fields,
                                          sizeof item_fields / sizeof *item_fields};

static bool is_given(const struct schema_result *r, int field)
{
    return r->given & (UINT32_C(1) << field);
}

/* In a pair 0 stands for "not given", so that a 0 that was written must be told here. */
static void refuse_zero(lua_State *L, const struct schema_result *r, int field, int64_t n,
                        const char *name, const char *where)
{
    if (n == 0 && is_given(r, field))
        vm_raise(L, "leave it out for a key that does not expire", "%s%s must not be 0", where,
                 name);
}

/* ---- Metadata and value ---------------------------------------------------------------------- */

static int raise_at(lua_State *L, const char *where, const struct error *err)
{
    if (err->code == ERR_NOMEM)
        return vm_stop(L, VM_NOMEM);
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
    vm_need(L, buf_add_bytes(&live->metadata, buf_bytes(&p->text)));
    return buf_bytes(&live->metadata);
}

static struct bytes decode_base64(lua_State *L, struct bytes text, const char *where)
{
    struct buf *out = &vm_of(L)->pieces.text;
    struct error err = {0};
    if (!buf_add_base64_decoded(out, text, &err)) {
        if (err.code != ERR_NOMEM)
            error_hint(&err, "leave base64 out for plain text");
        raise_at(L, where, &err);
    }
    return bytes_make(out->data ? out->data : "", out->len);
}

static int refuse_value(lua_State *L, int idx, const char *where)
{
    char got[160];
    bool shown = lua_isnumber(L, idx) || lua_isboolean(L, idx) || value_is_null(L, idx);
    return vm_raise(L, shown ? "tostring(v) stores its text, cfkv.json.encode(v) its JSON" : NULL,
                    "%sthe value must be a string or a table, got %s", where,
                    value_describe(L, idx, got, sizeof got));
}

/* A string as its bytes, a table as canonical JSON. */
static struct bytes read_value(lua_State *L, int idx, bool base64, const char *where)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    pieces_clear(p);
    if (lua_type(L, idx) == LUA_TSTRING) {
        struct bytes text = live_string(L, idx, "the value");
        return base64 ? decode_base64(L, text, where) : text;
    }
    if (!lua_istable(L, idx) || base64)
        refuse_value(L, idx, where);
    if (!value_add_json(L, idx, "value", p, &err))
        raise_at(L, where, &err);
    return buf_bytes(&p->text);
}

/* ---- A pair ---------------------------------------------------------------------------------- */

static void judge(lua_State *L, const struct store_pair *pair, const char *where)
{
    struct diag_list *diags = &vm_of(L)->model->diags;
    struct seed_key seed = {
        .key = pair->key,
        .metadata = pair->metadata,
        .expiration_ttl = pair->expiration_ttl,
        .expiration = pair->expiration,
    };
    if (!seed_key_check(diags, &seed, pair->value.len, live_of(L)->options->now, where))
        live_raise_problem(L);
    if (diags->n > 0)
        diag_release(diags); /* warnings are about declarations */
}

/* `table` holds the fields that `r` tells of; 0: there are none. */
static void finish_pair(lua_State *L, int key, int value, int table, const struct schema_result *r,
                        const struct pair_fields *fields, const char *where, struct store_pair *out)
{
    char what[64];
    refuse_zero(L, r, I_TTL, fields->expiration_ttl, "expiration_ttl", where);
    refuse_zero(L, r, I_EXPIRATION, fields->expiration, "expiration", where);
    snprintf(what, sizeof what, "%sthe key", where);
    *out = (struct store_pair){
        .key = live_string(L, key, what),
        .expiration_ttl = fields->expiration_ttl,
        .expiration = fields->expiration,
    };
    if (is_given(r, I_METADATA))
        out->metadata = read_metadata(L, table, where);
    out->value = read_value(L, value, fields->base64, where);
    judge(L, out, where);
}

void live_read_pair(lua_State *L, int key, int value, int options, const char *where,
                    struct store_pair *out)
{
    struct pair_fields fields = {0};
    struct schema_result r = {.ok = true};
    luaL_checkstack(L, 12, NULL);
    if (!lua_isnoneornil(L, options))
        r = schema_read(L, options, &option_schema, &fields, vm_where(L), where);
    finish_pair(L, key, value, options, &r, &fields, where, out);
}

void live_read_item(lua_State *L, const char *where, struct store_pair *out)
{
    struct pair_fields fields = {0};
    int item = lua_gettop(L);
    luaL_checkstack(L, 12, NULL);
    struct schema_result r = schema_read(L, item, &item_schema, &fields, vm_where(L), where);
    lua_getfield(L, item, "key");
    lua_getfield(L, item, "value");
    finish_pair(L, item + 1, item + 2, item, &r, &fields, where, out);
}
