-- The `cfkv` module of scripts, put together from the natives of src/script/live.h and bind.h.
--
-- Arguments: what lock.lua returned and the natives. It returns the module and the global `package`.
-- What declares is there only to say where it belongs: a script acts, and keeps no plan and no state.

local tools, bind = ...
local lock, raise = tools.lock, tools.raise

local function declaring(name, instead)
  return function()
    raise("cfkv." .. name .. " declares: it belongs into a file that is planned and applied, not into a script",
      instead)
  end
end

local ARGUMENTS = "a script gets its arguments in `arg` and the environment by os.getenv"

-- Of `package` there is what require has loaded; what searches elsewhere is not.
local SEARCH = "require finds modules below the project root (--root) and cfkv's own; there is no search path"
local hints = {}
for name in ("path cpath config preload searchers searchpath loadlib"):gmatch("%S+") do
  hints["package." .. name] = SEARCH
end
local package = lock("package", { loaded = bind.loaded }, {
  hints = hints,
  assign = function(_, name) raise("package cannot be changed (field " .. tools.quote(name) .. ")", SEARCH) end,
})

local module = lock("cfkv", {
  namespace = lock("cfkv.namespace", {
    create = bind.namespace_create, list = bind.namespace_list, get = bind.namespace_get,
    rename = bind.namespace_rename, delete = bind.namespace_delete,
  }, { call = declaring("namespace", "cfkv.namespace.create(title) makes one now") }),
  key = lock("cfkv.key", {
    put = bind.key_put, get = bind.key_get, metadata = bind.key_metadata, list = bind.key_list,
    delete = bind.key_delete,
  }),
  bulk = lock("cfkv.bulk", { put = bind.bulk_put, get = bind.bulk_get, delete = bind.bulk_delete }),
  rows = lock("cfkv.rows", { csv = bind.rows_csv, jsonl = bind.rows_jsonl, dir = bind.rows_dir }),
  migrate = bind.migrate,
  strict = bind.strict,
  project = declaring("project"),
  removed = declaring("removed"),
  output = declaring("output", "print the value"),
  wrangler = declaring("wrangler"),
  var = declaring("var", ARGUMENTS),
  getenv = declaring("getenv", ARGUMENTS),
  secret = declaring("secret", "a script prints nothing by itself"),
  policy = declaring("policy"),
  null = bind.null,
  array = bind.array,
  file = lock("cfkv.file", { text = bind.file_text, bytes = bind.file_bytes, json = bind.file_json }),
  source = lock("cfkv.source", {
    json = bind.source_json, jsonl = bind.source_jsonl, csv = bind.source_csv, dir = bind.source_dir,
  }),
  json = lock("cfkv.json", { encode = bind.json_encode, decode = bind.json_decode }),
  naming = tools.naming(bind.naming_slug),
})

return module, package
