/* cfkv.namespace and the handle it returns. */
#include <lauxlib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "bind.h"
#include "bind_fields.h"
#include "call.h"
#include "value.h"

#define HANDLE    "cfkv.namespace"
#define CHAIN_MAX 16

struct handle {
    size_t index; /* into model.namespaces, or NAMESPACE_DETACHED */
};

/* ---- The declaration ------------------------------------------------------------------------- */

struct namespace_fields {
    struct namespace_decl decl;
    struct bytes namespace_name; /* wrangler's and the API's word for title */
};

static const char *const on_remove_choices[] = {"delete", "keep", NULL};

#define AT(field) offsetof(struct namespace_fields, decl.field)

/* The second half is what cfkv.project may give defaults for. */
static const struct field namespace_fields[] = {
    {"title", FIELD_STRING, false, AT(title), NULL, 0},
    {"namespace_name", FIELD_STRING, false, offsetof(struct namespace_fields, namespace_name), NULL,
     0},
    {"app", FIELD_STRING, false, AT(app), NULL, 0},
    {"purpose", FIELD_STRING, false, AT(purpose), NULL, 0},
    {"env", FIELD_STRING, false, AT(env), NULL, 0},
    {"binding", FIELD_STRING, false, AT(binding), NULL, 0},
    {"renamed_from", FIELD_STRING, false, AT(renamed_from), NULL, 0},
    {"id", FIELD_STRING, false, AT(id), NULL, 0},
#define N_NAMING 5 /* the first five give title and address */
#define N_OWN    8
    {"ttl_seconds", FIELD_INTEGER, false, AT(ttl_seconds), NULL, 0},
    {"description", FIELD_STRING, false, AT(description), NULL, 0},
    {"protect", FIELD_TRISTATE, false, AT(protect), NULL, 0},
    {"on_remove", FIELD_CHOICE, false, AT(on_remove), on_remove_choices, ON_REMOVE_DELETE},
    {"create", FIELD_BOOLEAN, false, AT(create), NULL, 0},
    {"preview", FIELD_BOOLEAN, false, AT(preview), NULL, 0},
    {"fingerprint", FIELD_BOOLEAN, false, AT(fingerprint), NULL, 0},
    {"jurisdiction", FIELD_STRING, false, AT(jurisdiction), NULL, 0},
    {"account_id", FIELD_STRING, false, AT(account_id), NULL, 0},
};

#define N_FIELDS (sizeof namespace_fields / sizeof *namespace_fields)

static const struct schema namespace_schema = {"cfkv.namespace", namespace_fields, N_FIELDS};

const struct schema namespace_defaults_schema = {"the defaults of cfkv.project",
                                                 namespace_fields + N_OWN, N_FIELDS - N_OWN};

static void choose_title(lua_State *L, struct namespace_fields *in, struct srcpos pos)
{
    if (in->namespace_name.data && in->decl.title.data)
        vm_problem(L, "namespace.title", pos, "they mean the same; keep title",
                   "both title and namespace_name are given");
    if (!in->decl.title.data)
        in->decl.title = in->namespace_name;
    in->decl.title_explicit = in->decl.title.data != NULL;
}

/* Under a name that nobody gives, so that all the rest of it can be judged. */
static void name_anyway(lua_State *L, struct namespace_decl *decl)
{
    struct model *m = vm_of(L)->model;
    const char *title = arena_printf(&m->arena, "(unnamed %zu)", m->n_namespaces + 1);
    vm_need(L, 1);
    decl->title = bytes_of(title);
    decl->title_explicit = true;
}

static void keep_chain(lua_State *L, struct namespace_decl *decl)
{
    struct srcpos chain[CHAIN_MAX];
    size_t n = vm_chain(L, chain, CHAIN_MAX);
    decl->chain = vm_alloc(L, n, sizeof *chain);
    for (size_t i = 0; i < n; i++)
        decl->chain[i] = chain[i];
    decl->n_chain = n;
}

static size_t keep_namespace(lua_State *L, struct namespace_fields *in, struct srcpos pos)
{
    struct model *m = vm_of(L)->model;
    choose_title(L, in, pos);
    if (in->decl.unnamed)
        name_anyway(L, &in->decl);
    in->decl.pos = pos;
    keep_chain(L, &in->decl);
    struct namespace_decl *decl = model_add_namespace(m);
    vm_need(L, 1);
    *decl = in->decl;
    model_name_namespace(m, decl);
    return m->n_namespaces - 1;
}

int bind_namespace(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct srcpos pos = vm_where(L);
    struct namespace_fields in = {.decl = vm->defaults};
    lua_settop(L, 1);
    if (!vm->first_namespace.file)
        vm->first_namespace = pos;
    struct schema_result r = schema_read(L, 1, &namespace_schema, &in, pos, "");
    in.decl.unnamed = r.bad & ((UINT32_C(1) << N_NAMING) - 1);
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
        const char *near = text_nearest(bytes_of(lua_tostring(L, 2)), handle_fields);
        if (near)
            snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    }
    return vm_raise(L, hint, "a namespace has no field %s",
                    value_describe(L, 2, quoted, sizeof quoted));
}

static void push_bytes(lua_State *L, struct bytes b)
{
    lua_pushlstring(L, b.data ? b.data : "", b.len);
}

static void push_attribute(lua_State *L, size_t index, char which)
{
    const struct model *m = vm_of(L)->model;
    if (index == NAMESPACE_DETACHED)
        lua_pushliteral(L, "");
    else if (which == 'i')
        value_push_id(L, index);
    else
        push_bytes(L, which == 't' ? m->namespaces[index].title : m->namespaces[index].address);
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

void bind_open_namespace(lua_State *L)
{
    static const struct call methods[] = {
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
