/* cfkv.namespace and the handle it returns. */
#include <lauxlib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bind.h"
#include "call.h"
#include "model/vocabulary.h"
#include "schema.h"
#include "value.h"

#define HANDLE    "cfkv.namespace"
#define CHAIN_MAX 16

struct handle {
    size_t index; /* into model.namespaces, or NAMESPACE_DETACHED */
};

/* ---- The declaration ------------------------------------------------------------------------- */

/* Adds it; `unnamed`: under a name that nobody gives, so that all the rest of it can be judged. */
static size_t keep_namespace(lua_State *L, struct namespace_decl *in, struct srcpos pos)
{
    struct model *m = vm_of(L)->model;
    struct srcpos chain[CHAIN_MAX];
    if (in->namespace_name.data && in->title.data)
        vm_problem(L, "namespace.title", pos, "they mean the same; keep title",
                   "both title and namespace_name are given");
    if (!in->title.data)
        in->title = in->namespace_name;
    if (in->unnamed)
        in->title = bytes_of(arena_printf(&m->arena, "(unnamed %zu)", m->n_namespaces + 1));
    in->title_explicit = in->title.data != NULL;
    in->pos = pos;
    in->n_chain = vm_chain(L, chain, CHAIN_MAX);
    in->chain = vm_alloc(L, in->n_chain, sizeof *chain);
    memcpy(in->chain, chain, in->n_chain * sizeof *chain);
    struct namespace_decl *decl = model_add_namespace(m);
    vm_need(L, 1);
    *decl = *in;
    model_name_namespace(m, decl);
    return m->n_namespaces - 1;
}

int bind_namespace(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct srcpos pos = vm_where(L);
    struct namespace_decl in = vm->defaults;
    lua_settop(L, 1);
    if (!vm->first_namespace.file)
        vm->first_namespace = pos;
    in.account = in.account_id = bytes_make(NULL, 0);
    struct schema_result r = schema_read(L, 1, &namespace_fields, &in, pos, "");
    if (!in.account.data && !in.account_id.data) { /* either of its own stands for both defaults */
        in.account = vm->defaults.account;
        in.account_id = vm->defaults.account_id;
    }
    for (size_t i = 0; i < namespace_fields.n; i++)
        if ((namespace_fields.rows[i].use & FIELD_NAMES) && (r.bad >> i & 1))
            in.unnamed = true; /* what should name it is wrong */
    struct handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->index = NAMESPACE_DETACHED;
    luaL_setmetatable(L, HANDLE);
    if (lua_istable(L, 1))
        h->index = keep_namespace(L, &in, pos);
    return 1;
}

/* ---- The handle ------------------------------------------------------------------------------ */

size_t bind_to_namespace(lua_State *L, const char *method)
{
    const struct handle *h = luaL_testudata(L, 1, HANDLE);
    if (h)
        return h->index;
    char hint[80];
    snprintf(hint, sizeof hint, "write ns:%s(…), with a colon", method);
    vm_raise(L, hint, "%s was called without its namespace", method);
    return NAMESPACE_DETACHED; /* not reached */
}

static const char *const handle_fields[] = {"id", "title", "address", "put", "bulk", "prune", NULL};

static int unknown_handle_field(lua_State *L)
{
    char quoted[120], hint[160];
    snprintf(hint, sizeof hint, "a namespace has id, title, address, put, bulk, prune");
    if (lua_type(L, 2) == LUA_TSTRING) {
        const char *near = vocabulary_meant(value_bytes(L, 2), handle_fields);
        if (near)
            snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    }
    return vm_raise(L, hint, "a namespace has no field %s",
                    value_describe(L, 2, quoted, sizeof quoted));
}

static void push_attribute(lua_State *L, size_t index, char which)
{
    const struct model *m = vm_of(L)->model;
    if (index == NAMESPACE_DETACHED)
        lua_pushliteral(L, "");
    else if (which == 'i')
        value_push_id(L, index);
    else
        value_push_bytes(L,
                         which == 't' ? m->namespaces[index].title : m->namespaces[index].address);
}

/* Upvalue: methods by name; an attribute has its first letter there. */
static int handle_index(lua_State *L)
{
    const struct handle *h = luaL_checkudata(L, 1, HANDLE);
    lua_pushvalue(L, 2);
    switch (lua_rawget(L, lua_upvalueindex(1))) {
    case LUA_TFUNCTION:
        break;
    case LUA_TSTRING:
        push_attribute(L, h->index, lua_tostring(L, -1)[0]);
        break;
    default:
        return unknown_handle_field(L);
    }
    return 1;
}

static int handle_newindex(lua_State *L)
{
    char quoted[120];
    return vm_raise(L, "give attributes to cfkv.namespace { … } and keys to ns:put(key, value)",
                    "a namespace cannot be assigned to (field %s)",
                    value_describe(L, 2, quoted, sizeof quoted));
}

static int handle_tostring(lua_State *L)
{
    const struct handle *h = luaL_checkudata(L, 1, HANDLE);
    lua_pushliteral(L, "namespace ");
    push_attribute(L, h->index, 'a');
    lua_concat(L, 2);
    return 1;
}

static int handle_concat(lua_State *L)
{
    return vm_raise(L, "join ns.id, ns.title or ns.address",
                    "a namespace cannot be joined with ..");
}

void bind_open(lua_State *L)
{
    static const struct script_call methods[] = {
        {"put", "ns:put", "key, value, options", bind_put, true},
        {"bulk", "ns:bulk", "source, options", bind_bulk, true},
        {"prune", "ns:prune", "prefix", bind_prune, true},
        {NULL, NULL, NULL, NULL, false},
    };
    static const luaL_Reg metamethods[] = {{"__newindex", handle_newindex},
                                           {"__tostring", handle_tostring},
                                           {"__concat", handle_concat},
                                           {NULL, NULL}};
    luaL_newmetatable(L, HANDLE);
    luaL_setfuncs(L, metamethods, 0);
    lua_newtable(L);
    call_set(L, methods);
    for (const char *const *name = handle_fields; **name != 'p'; name++) {
        lua_pushlstring(L, *name, 1);
        lua_setfield(L, -2, *name); /* id, title, address */
    }
    lua_pushcclosure(L, handle_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
