/* ns:put, ns:bulk, ns:prune. */
#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>

#include "bind.h"
#include "model/validate.h"
#include "schema.h"
#include "tables.h"
#include "value.h"

static const char *const policies[] = {"managed", "once", NULL};

/* ---- What a put and a bulk item have in common ---------------------------------------------- */

struct seed_fields {
    struct seed_key seed;
    enum seed_policy policy;
    bool base64;
};

#define AT(field) offsetof(struct seed_fields, field)

/* Positions in both schemas below. */
enum { I_TTL, I_EXPIRATION, I_METADATA };

#define SHARED_FIELDS PAIR_FIELDS(AT(seed.expiration_ttl), AT(seed.expiration))
#define POLICY_FIELD                                                                               \
    FIELD_PICK("policy", policies, SEED_MANAGED, AT(policy),                                       \
               .doc =                                                                              \
                   "\"once\": written only where there is no such key; \"managed\" unless given")

static const struct field put_fields[] = {SHARED_FIELDS, POLICY_FIELD};
static const struct field item_fields[] = {SHARED_FIELDS,
                                           ITEM_FIELDS(FIELD_STRING, AT(seed.key), AT(base64))};
static const struct field bulk_fields[] = {POLICY_FIELD};

const struct fields seed_put_fields = {"ns:put", put_fields,
                                       sizeof put_fields / sizeof *put_fields};
const struct fields seed_item_fields = {"a bulk item", item_fields,
                                        sizeof item_fields / sizeof *item_fields};
const struct fields seed_bulk_fields = {"ns:bulk", bulk_fields,
                                        sizeof bulk_fields / sizeof *bulk_fields};

static void read_metadata(lua_State *L, int table, struct seed_key *seed, struct srcpos pos,
                          const char *where)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    bool ok = true;
    lua_getfield(L, table, "metadata");
    pieces_clear(p);
    if (value_is_null(L, -1)) {
        seed->metadata = bytes_make(NULL, 0);
    } else if (!value_add_json(L, -1, "metadata", p, &err)) {
        ok = false;
    } else if (p->n_marks || p->secret) {
        ok = error_set(&err, ERR_INVALID, "metadata cannot hold ids or secrets");
        error_hint(&err, "put them into the value");
    } else {
        seed->metadata = value_keep_bytes(L, buf_bytes(&p->text));
    }
    lua_pop(L, 1);
    if (!ok)
        vm_problem(L, "metadata.json", pos, error_hint_or_null(&err), "%s%s", where, err.message);
}

/* What was wrong was told; the rest of the pair is kept for the rules to judge, under a name that
 * nobody gives where its own was wrong. */
static void name_seed(struct model *m, struct seed_key *seed, size_t call, size_t number)
{
    if (!seed->key.data)
        seed->key = bytes_of(arena_printf(&m->arena, "(unnamed %zu.%zu)", call, number));
}

/* The rest of the options once their types are right. */
static void finish_options(lua_State *L, int table, const struct schema_result *r,
                           struct seed_key *seed, struct srcpos pos, const char *where)
{
    uint32_t good = r->given & ~r->bad;
    seed->no_ttl = (good & (1u << I_TTL)) && seed->expiration_ttl == 0;
    seed->zero_expiration = (good & (1u << I_EXPIRATION)) && seed->expiration == 0;
    if (r->given & (1u << I_METADATA))
        read_metadata(L, table, seed, pos, where);
}

static void read_seed_value(lua_State *L, int idx, struct seed_key *seed, struct srcpos pos,
                            const char *where)
{
    struct error err = {0};
    if (value_read(L, idx, &seed->value, &err))
        return;
    seed->value = (struct deferred){0};
    vm_problem(L, "value.type", pos, error_hint_or_null(&err), "%s%s", where, err.message);
}

/* ---- put ------------------------------------------------------------------------------------- */

static void read_put(lua_State *L, struct seed_fields *in, struct srcpos pos)
{
    char got[160];
    if (lua_type(L, 2) == LUA_TSTRING)
        in->seed.key = value_keep_bytes(L, value_bytes(L, 2));
    else
        vm_problem(L, "key.type", pos, lua_isnumber(L, 2) ? "write tostring(key)" : NULL,
                   "the key must be a string, got %s", value_describe(L, 2, got, sizeof got));
    read_seed_value(L, 3, &in->seed, pos, "");
    if (lua_isnoneornil(L, 4))
        return;
    struct schema_result r = schema_read(L, 4, &seed_put_fields, in, pos, "");
    if (lua_istable(L, 4))
        finish_options(L, 4, &r, &in->seed, pos, "");
}

int bind_put(lua_State *L)
{
    size_t ns = bind_to_namespace(L, "put");
    struct srcpos pos = vm_where(L);
    struct seed_fields in = {.seed.pos = pos};
    lua_settop(L, 4);
    read_put(L, &in, pos);
    if (ns == NAMESPACE_DETACHED)
        return 0;
    struct model *m = vm_of(L)->model;
    name_seed(m, &in.seed, 0, m->namespaces[ns].n_puts + 1);
    struct put_decl *put = model_add_put(m, ns);
    vm_need(L, 1);
    put->seed = in.seed;
    put->policy = in.policy;
    return 0;
}

/* ---- bulk ------------------------------------------------------------------------------------ */

static void read_base64(lua_State *L, int idx, struct seed_key *seed, struct srcpos pos,
                        const char *where)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    pieces_clear(p);
    if (lua_type(L, idx) != LUA_TSTRING) {
        error_set(&err, ERR_INVALID, "the value must be a string of base64");
        error_hint(&err, "leave base64 out for plain text");
    } else if (seed_value_decode(seed->key, value_bytes(L, idx), &p->text, &err)) {
        seed->value = value_keep(L, p);
        return;
    }
    vm_problem(L, "value.base64", pos, error_hint_or_null(&err), "%s%s", where, err.message);
}

/* [ …, item ] */
static void read_item(lua_State *L, struct seed_key *seed, struct srcpos pos, const char *where)
{
    struct seed_fields in = {.seed.pos = pos};
    int item = lua_gettop(L);
    struct schema_result r = schema_read(L, item, &seed_item_fields, &in, pos, where);
    if (lua_istable(L, item)) {
        finish_options(L, item, &r, &in.seed, pos, where);
        if (lua_getfield(L, item, "value") == LUA_TNIL)
            ; /* it is required, and told */
        else if (in.base64)
            read_base64(L, item + 1, &in.seed, pos, where);
        else
            read_seed_value(L, item + 1, &in.seed, pos, where);
        lua_pop(L, 1);
    }
    *seed = in.seed;
}

static struct bulk_decl *add_bulk(lua_State *L, size_t ns, enum source_format format,
                                  const struct seed_fields *in, struct srcpos pos)
{
    struct bulk_decl *bulk = model_add_bulk(vm_of(L)->model, ns);
    vm_need(L, 1);
    bulk->format = format;
    bulk->policy = in->policy;
    bulk->pos = pos;
    return bulk;
}

static void add_inline(lua_State *L, size_t ns, const struct seed_fields *in, struct srcpos pos)
{
    struct error err = {0};
    lua_Integer n;
    size_t bulk = 0;
    if (!value_list_length(L, 2, "ns:bulk", &value_items, &n, &err)) {
        vm_problem(L, "bulk.list", pos, error_hint_or_null(&err), "%s", err.message);
        return;
    }
    if (ns != NAMESPACE_DETACHED) {
        add_bulk(L, ns, SOURCE_INLINE, in, pos);
        bulk = vm_of(L)->model->namespaces[ns].n_bulks - 1;
    }
    for (lua_Integer i = 1; i <= n; i++) {
        char where[40];
        struct seed_key seed;
        snprintf(where, sizeof where, "item %lld: ", (long long)i);
        lua_geti(L, 2, i);
        read_item(L, &seed, pos, where);
        lua_settop(L, 3);
        if (ns == NAMESPACE_DETACHED)
            continue;
        struct model *m = vm_of(L)->model;
        name_seed(m, &seed, bulk + 1, (size_t)i);
        struct seed_key *kept = model_add_bulk_item(m, ns, bulk);
        vm_need(L, 1);
        *kept = seed;
    }
}

int bind_bulk(lua_State *L)
{
    size_t ns = bind_to_namespace(L, "bulk");
    struct srcpos pos = vm_where(L);
    struct seed_fields in = {0};
    char got[160];
    lua_settop(L, 3);
    if (!lua_isnil(L, 3))
        schema_read(L, 3, &seed_bulk_fields, &in, pos, "");
    const struct source_handle *source = bind_to_source(L, 2);
    if (source && !source->bad && ns != NAMESPACE_DETACHED) {
        struct bytes path = value_keep_bytes(L, bytes_make(source->path, source->len));
        add_bulk(L, ns, source->format, &in, pos)->path = path;
    } else if (!source && lua_istable(L, 2)) {
        add_inline(L, ns, &in, pos);
    } else if (!source) {
        vm_problem(L, "bulk.source", pos,
                   lua_type(L, 2) == LUA_TSTRING ? "a file is read by cfkv.source.json(path)"
                                                 : NULL,
                   "ns:bulk takes a list of items or a cfkv.source, got %s",
                   value_describe(L, 2, got, sizeof got));
    }
    return 0;
}

/* ---- prune ----------------------------------------------------------------------------------- */

int bind_prune(lua_State *L)
{
    size_t ns = bind_to_namespace(L, "prune");
    struct srcpos pos = vm_where(L);
    char got[160];
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING) {
        vm_problem(L, "prune.prefix", pos, "ns:prune \"\" deletes every key that is not declared",
                   "ns:prune takes a prefix as a string, got %s",
                   value_describe(L, 2, got, sizeof got));
        return 0;
    }
    struct bytes prefix = value_keep_bytes(L, value_bytes(L, 2));
    if (ns == NAMESPACE_DETACHED)
        return 0;
    struct prune_decl *prune = model_add_prune(vm_of(L)->model, ns);
    vm_need(L, 1);
    *prune = (struct prune_decl){prefix, pos};
    return 0;
}
