/* cfkv.output and cfkv.secret. */
#include <lauxlib.h>
#include <string.h>

#include "bind.h"
#include "value.h"

static bool read_name(lua_State *L, const char **name, struct srcpos pos)
{
    char got[160];
    size_t len = 0;
    const char *s = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &len) : NULL;
    if (!s || strlen(s) != len) {
        vm_problem(L, "output.name", pos, "cfkv.output(\"name\", value)",
                   "the name of an output must be a string, got %s",
                   value_describe(L, 1, got, sizeof got));
        return false;
    }
    *name = arena_str(&vm_of(L)->model->arena, s);
    vm_need(L, 1);
    return true;
}

/* The value at 2 as JSON: number, boolean, table. */
static bool read_json(lua_State *L, struct output_decl *out, struct error *err)
{
    struct pieces *p = &vm_of(L)->pieces;
    pieces_clear(p);
    if (!value_add_json(L, 2, "value", p, err))
        return false;
    if (p->secret) {
        error_set(err, ERR_INVALID, "a secret cannot be an output");
        return error_hint(err, "outputs are printed and kept in the state file");
    }
    if (p->n_marks) {
        error_set(err, ERR_INVALID, "a table with an id inside cannot be an output");
        return error_hint(err, "make the id an output of its own");
    }
    out->json = value_keep_bytes(L, buf_bytes(&p->text));
    return true;
}

static bool read_output(lua_State *L, struct output_decl *out, struct error *err)
{
    if (lua_isnil(L, 2)) {
        error_set(err, ERR_INVALID, "it has no value (nil)");
        return error_hint(err, "is there a slip in a name?");
    }
    if (lua_type(L, 2) != LUA_TSTRING && !value_is_deferred(L, 2))
        return read_json(L, out, err);
    if (!value_read(L, 2, &out->value, err))
        return false;
    if (!out->value.secret)
        return true;
    error_set(err, ERR_INVALID, "a secret cannot be an output");
    return error_hint(err, "outputs are printed and kept in the state file");
}

int bind_output(lua_State *L)
{
    struct srcpos pos = vm_where(L);
    struct output_decl out = {.pos = pos};
    struct error err = {0};
    lua_settop(L, 2);
    if (!read_name(L, &out.name, pos))
        return 0;
    if (!read_output(L, &out, &err)) {
        vm_problem(L, "output.value", pos, error_hint_or_null(&err), "output '%s': %s", out.name,
                   err.message);
        return 0;
    }
    struct output_decl *kept = model_add_output(vm_of(L)->model);
    vm_need(L, 1);
    *kept = out;
    return 0;
}

int bind_secret(lua_State *L)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    size_t len;
    lua_settop(L, 1);
    pieces_clear(p);
    if (value_is_deferred(L, 1)) {
        value_add_deferred(L, 1, p, false);
    } else if (lua_type(L, 1) == LUA_TSTRING) {
        const char *s = lua_tolstring(L, 1, &len);
        buf_add(&p->text, s, len);
    } else if (!lua_istable(L, 1)) {
        char got[160];
        vm_problem(L, "secret.type", vm_where(L), NULL,
                   "cfkv.secret takes a string or a table, got %s",
                   value_describe(L, 1, got, sizeof got));
    } else if (!value_add_json(L, 1, "value", p, &err)) {
        vm_problem(L, "secret.type", vm_where(L), error_hint_or_null(&err), "%s", err.message);
        pieces_clear(p);
    }
    p->secret = true;
    value_push_pieces(L, p);
    return 1;
}
