#include "bind.h"

#include "call.h"
#include "value.h"

static const struct call calls[] = {
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
