/* cfkv.policy: the user's own rules, run when the file has ended. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "chunk.h"
#include "model/fields.h"
#include "value.h"

#define POLICIES "cfkv.policies" /* in the registry: a list of { name, check } */

int bind_policy(lua_State *L)
{
    char got[160];
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING || !lua_isfunction(L, 2)) {
        int bad = lua_type(L, 1) == LUA_TSTRING ? 2 : 1;
        vm_problem(L, "policy.type", vm_where(L), "cfkv.policy(\"name\", function(ns) … end)",
                   "cfkv.policy takes a name and a function, got %s as argument %d",
                   value_describe(L, bad, got, sizeof got), bad);
        return 0;
    }
    luaL_getsubtable(L, LUA_REGISTRYINDEX, POLICIES);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "name");
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "check");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    return 0;
}

/* ---- What a policy sees --------------------------------------------------------------------- */

static void set_bytes(lua_State *L, const char *name, struct bytes b)
{
    if (!b.data)
        return;
    lua_pushlstring(L, b.data, b.len);
    lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, int64_t n)
{
    lua_pushinteger(L, n);
    lua_setfield(L, -2, name);
}

static void set_boolean(lua_State *L, const char *name, bool b)
{
    lua_pushboolean(L, b);
    lua_setfield(L, -2, name);
}

/* What was encoded here, so that it can be decoded. */
static void set_json(lua_State *L, const char *name, struct bytes json)
{
    struct error err;
    if (json.data && value_push_json(L, json, &err))
        lua_setfield(L, -2, name);
}

/* The value of a field; nothing for what is not given. */
static void set_field(lua_State *L, const struct field *f, const struct namespace_decl *ns)
{
    const void *at = field_at(f, ns);
    switch (f->kind) {
    case FIELD_STRING:
        set_bytes(L, f->name, *(const struct bytes *)at);
        break;
    case FIELD_INTEGER:
    case FIELD_DURATION:
    case FIELD_MOMENT:
        set_integer(L, f->name, *(const int64_t *)at);
        break;
    case FIELD_BOOLEAN:
        set_boolean(L, f->name, *(const bool *)at);
        break;
    case FIELD_CHOICE:
        if (*(const int *)at >= f->first_choice)
            set_bytes(L, f->name, bytes_of(f->choices[*(const int *)at - f->first_choice]));
        break;
    case FIELD_OBJECT:
        set_json(L, f->name, *(const struct bytes *)at);
        break;
    default: /* a namespace has none */
        break;
    }
}

/* fields(): the set of all names that a view may have. */
static int native_fields(lua_State *L)
{
    lua_createtable(L, 0, (int)namespace_fields.n);
    for (size_t i = 0; i < namespace_fields.n; i++)
        if (!(namespace_fields.rows[i].use & FIELD_ALIAS))
            set_boolean(L, namespace_fields.rows[i].name, true);
    return 1;
}

struct namespace_place {
    struct bytes account, address;
    size_t index;
};

static int by_address(const void *left, const void *right)
{
    const struct namespace_place *a = left;
    const struct namespace_place *b = right;
    int c = bytes_compare(a->account, b->account);
    c = c ? c : bytes_compare(a->address, b->address);
    return c ? c : (a->index > b->index) - (a->index < b->index);
}

/* order(): the indexes of all namespaces, by account and address. */
static int native_order(lua_State *L)
{
    const struct model *m = vm_of(L)->model;
    struct namespace_place *places =
        lua_newuserdatauv(L, (m->n_namespaces + 1) * sizeof *places, 0);
    size_t n = 0;
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        if (!ns->unnamed)
            places[n++] = (struct namespace_place){namespace_account(m, ns), ns->address, i};
    }
    qsort(places, n, sizeof *places, by_address);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushinteger(L, (lua_Integer)places[i].index);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* view(index): the plain table of one namespace; `puts` is their number. */
static int native_view(lua_State *L)
{
    const struct model *m = vm_of(L)->model;
    const struct namespace_decl *ns = &m->namespaces[luaL_checkinteger(L, 1)];
    lua_createtable(L, 0, (int)namespace_fields.n + 2);
    for (size_t i = 0; i < namespace_fields.n; i++)
        if (!(namespace_fields.rows[i].use & (FIELD_ALIAS | FIELD_DERIVED)))
            set_field(L, &namespace_fields.rows[i], ns);
    set_bytes(L, "address", ns->address.data ? ns->address : bytes_of(""));
    set_boolean(L, "protect", namespace_is_protected(m, ns));
    set_bytes(L, "account", account_name_of(&m->project.accounts, namespace_account(m, ns)));
    set_bytes(L, "account_id", namespace_account(m, ns));
    set_integer(L, "puts", (int64_t)ns->n_puts);
    return 1;
}

/* put(index, i): the plain table of its i-th put, from 1: sizes, never values, as a policy's
 * message is printed. */
static int native_put(lua_State *L)
{
    const struct namespace_decl *ns = &vm_of(L)->model->namespaces[luaL_checkinteger(L, 1)];
    const struct put_decl *put = &ns->puts[luaL_checkinteger(L, 2) - 1];
    const struct seed_key *seed = &put->seed;
    struct error err;
    lua_createtable(L, 0, 6);
    set_bytes(L, "key", seed->key);
    set_bytes(L, "policy", bytes_of(put->policy == SEED_ONCE ? "once" : "managed"));
    if (seed->metadata.data && value_push_json(L, seed->metadata, &err))
        lua_setfield(L, -2, "metadata");
    if (seed->expiration_ttl || seed->no_ttl)
        set_integer(L, "expiration_ttl", seed->expiration_ttl);
    if (seed->expiration)
        set_integer(L, "expiration", seed->expiration);
    if (seed->value.n == 1 && seed->value.parts[0].kind == PART_TEXT)
        set_integer(L, "bytes", (int64_t)seed->value.parts[0].text.len);
    return 1;
}

/* attempt(name, check, view): true and the results, or false when it failed (and was reported). */
static int native_attempt(lua_State *L)
{
    struct vm *vm = vm_of(L);
    lua_settop(L, 3);
    vm->policy = lua_tostring(L, 1);
    lua_pushcfunction(L, vm_on_error);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    int status = lua_pcall(L, 1, 2, 4);
    vm->policy = NULL;
    if (status == LUA_ERRMEM)
        vm_stop_memory(L);
    vm_check(L);
    lua_pushboolean(L, status == LUA_OK);
    if (status != LUA_OK)
        return 1;
    lua_insert(L, -3);
    return 3;
}

/* report(name, index, is_warning, message): about the namespace's line. */
static int native_report(lua_State *L)
{
    struct vm *vm = vm_of(L);
    size_t index = (size_t)luaL_checkinteger(L, 2);
    struct srcpos pos = vm->model->namespaces[index].pos;
    const char *code = arena_printf(&vm->model->arena, "policy.%s", luaL_checkstring(L, 1));
    vm_need(L, 1);
    if (lua_toboolean(L, 3))
        diag_add(&vm->model->diags, DIAG_WARNING, code, pos, "policy '%s': %s", lua_tostring(L, 1),
                 luaL_checkstring(L, 4));
    else
        vm_problem(L, code, pos, NULL, "policy '%s': %s", lua_tostring(L, 1),
                   luaL_checkstring(L, 4));
    return 0;
}

void bind_run_policies(lua_State *L)
{
    static const luaL_Reg natives[] = {
        {"order", native_order},
        {"view", native_view},
        {"fields", native_fields},
        {"put", native_put},
        {"attempt", native_attempt},
        {"report", native_report},
        {NULL, NULL},
    };
    if (lua_getfield(L, LUA_REGISTRYINDEX, POLICIES) == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    luaL_newlib(L, natives);
    lua_insert(L, -2);
    chunk_push_tools(L);
    chunk_run_trusted(L, "cfkv/policy.lua", 3, 0); /* natives, policies, tools */
}
