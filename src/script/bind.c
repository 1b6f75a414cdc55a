/* The table of natives, and those that are about values: cfkv.json.*, cfkv.array, cfkv.secret,
 * cfkv.naming.slug. */
#include "bind.h"

#include <lauxlib.h>

#include "call.h"
#include "model/slug.h"
#include "value.h"

static int bind_json_encode(lua_State *L)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    vm_where(L); /* the wall clock may end here */
    pieces_clear(p);
    if (lua_isnoneornil(L, 1))
        return vm_raise(L, "JSON's null is cfkv.null", "cfkv.json.encode: the value is nil");
    if (!value_add_json(L, 1, "value", p, &err))
        return vm_raise_error(L, &err);
    value_push_pieces(L, p);
    return 1;
}

static int bind_json_decode(lua_State *L)
{
    struct error err = {0};
    struct bytes text = call_text(L, 1, "a text");
    vm_where(L); /* the wall clock may end here */
    if (!value_push_json(L, text, &err)) {
        error_wrap(&err, "cannot decode JSON");
        return vm_raise_error(L, &err);
    }
    return 1;
}

static int bind_array(lua_State *L)
{
    char got[160];
    if (!lua_isnoneornil(L, 1) && !lua_istable(L, 1))
        vm_problem(L, "array.type", vm_where(L), "write cfkv.array { … }",
                   "cfkv.array takes a table, got %s", value_describe(L, 1, got, sizeof got));
    if (!lua_istable(L, 1)) {
        lua_newtable(L);
    } else {
        lua_settop(L, 1);
        if (value_is_array(L, 1))
            return 1;
        if (lua_getmetatable(L, 1))
            return vm_raise(L, NULL, "cfkv.array cannot mark a table that has a metatable");
    }
    value_mark_array(L);
    return 1;
}

static int bind_secret(lua_State *L)
{
    struct pieces *p = &vm_of(L)->pieces;
    struct error err = {0};
    lua_settop(L, 1);
    pieces_clear(p);
    if (value_is_deferred(L, 1)) {
        value_add_deferred(L, 1, p, false);
    } else if (lua_type(L, 1) == LUA_TSTRING) {
        buf_add_bytes(&p->text, value_bytes(L, 1));
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

/* cfkv.naming.slug(text, max?). Nothing to go by is no name: a pipeline's variable that is not set
 * would make an environment that everybody shares. */
static int bind_slug(lua_State *L)
{
    struct bytes text = call_text(L, 1, "a text");
    struct buf *out = &vm_of(L)->pieces.text;
    lua_Integer max = SLUG_DEFAULT;
    char got[160];
    int whole = lua_isnoneornil(L, 2);
    if (!whole)
        max = lua_tointegerx(L, 2, &whole);
    if (!whole || lua_type(L, 2) == LUA_TSTRING || max < SLUG_MAX_LEAST || max > SLUG_MAX_MOST)
        return vm_raise(L, NULL, "cfkv.naming.slug takes a length of %d to %d characters, got %s",
                        SLUG_MAX_LEAST, SLUG_MAX_MOST, value_describe(L, 2, got, sizeof got));
    if (text.len == 0)
        return vm_raise(L, "is the variable set that the name of the branch is in?",
                        "cfkv.naming.slug: the text is empty");
    vm_where(L); /* the wall clock may end here */
    pieces_clear(&vm_of(L)->pieces);
    slug_add(out, text, (size_t)max);
    value_push_bytes(L, buf_bytes(out));
    return 1;
}

/* ---- The table ------------------------------------------------------------------------------- */

static const struct script_call calls[] = {
    {"project", "cfkv.project", "fields", bind_project, true},
    {"removed", "cfkv.removed", "fields", bind_removed, true},
    {"wrangler", "cfkv.wrangler", "fields", bind_wrangler, true},
    {"namespace", "cfkv.namespace", "fields", bind_namespace, true},
    {"output", "cfkv.output", "name, value", bind_output, true},
    {"secret", "cfkv.secret", "value", bind_secret, false},
    {"var", "cfkv.var", "name, options", bind_var, false},
    {"getenv", "cfkv.getenv", "name, options", bind_getenv, false},
    {"file_text", "cfkv.file.text", "path", bind_file_text, false},
    {"file_bytes", "cfkv.file.bytes", "path", bind_file_bytes, false},
    {"file_json", "cfkv.file.json", "path", bind_file_json, false},
    {"source_json", "cfkv.source.json", "path", bind_source_json, false},
    {"source_jsonl", "cfkv.source.jsonl", "path", bind_source_jsonl, false},
    {"source_csv", "cfkv.source.csv", "path", bind_source_csv, false},
    {"source_dir", "cfkv.source.dir", "path", bind_source_dir, false},
    {"json_encode", "cfkv.json.encode", "value", bind_json_encode, false},
    {"json_decode", "cfkv.json.decode", "text", bind_json_decode, false},
    {"naming_slug", "cfkv.naming.slug", "text, max", bind_slug, false},
    {"array", "cfkv.array", "table", bind_array, false},
    {"policy", "cfkv.policy", "name, check", bind_policy, true},
    {NULL, NULL, NULL, NULL, false},
};

void bind_push(lua_State *L)
{
    lua_newtable(L);
    call_set(L, calls);
    value_push_null(L);
    lua_setfield(L, -2, "null");
}
