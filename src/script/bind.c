#include "bind.h"

#include <lauxlib.h>

#include "value.h"

static const luaL_Reg natives[] = {
    {"project", bind_project},
    {"removed", bind_removed},
    {"wrangler", bind_wrangler},
    {"namespace", bind_namespace},
    {"output", bind_output},
    {"secret", bind_secret},
    {"var", bind_var},
    {"getenv", bind_getenv},
    {"file_text", bind_file_text},
    {"file_bytes", bind_file_bytes},
    {"file_json", bind_file_json},
    {"source_json", bind_source_json},
    {"source_jsonl", bind_source_jsonl},
    {"source_csv", bind_source_csv},
    {"source_dir", bind_source_dir},
    {"json_encode", bind_json_encode},
    {"json_decode", bind_json_decode},
    {"array", bind_array},
    {"policy", bind_policy},
    {NULL, NULL},
};

void bind_open(lua_State *L)
{
    bind_open_namespace(L);
    bind_open_source(L);
}

void bind_push(lua_State *L)
{
    luaL_newlib(L, natives);
    value_push_null(L);
    lua_setfield(L, -2, "null");
}
