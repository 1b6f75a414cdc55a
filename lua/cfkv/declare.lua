-- The `cfkv` module of evaluated files, put together from the natives of src/script/bind.h.
--
-- Arguments: the tools of sandbox.lua and the natives. The live calls are there only to say where
-- they belong: a configuration is evaluated without touching any account.

local tools, bind = ...
local lock, raise = tools.lock, tools.raise

local function live(name, instead)
  return function()
    raise("cfkv." .. name .. " is a live call: it works in scripts (cfkv run), not in a configuration",
      instead)
  end
end

local function group(what, names, instead, call)
  local fields = {}
  for name, hint in tools.pairs(names) do
    fields[name] = live(what .. "." .. name, hint == true and instead or hint)
  end
  return lock("cfkv." .. what, fields, { call = call })
end

local namespace = bind.namespace

return lock("cfkv", {
  project = bind.project,
  namespace = group("namespace", {
    create = true,
    get = "cfkv.namespace { title = …, create = false } refers to one that must exist",
    rename = "cfkv.namespace { title = …, renamed_from = … } renames",
    delete = "take the declaration out, and the next apply deletes it",
    list = "cfkv kv namespace list shows them",
  }, "cfkv.namespace { title = … } declares one", function(_, ...) return namespace(...) end),
  key = group("key", { put = true, get = "declare what a key shall hold: ns:put(key, value)",
    metadata = "declare it: ns:put(key, value, { metadata = … })",
    list = "cfkv kv key list shows them", delete = "use ns:prune(prefix)" },
    "use ns:put(key, value)"),
  rows = group("rows", { csv = true, jsonl = true, dir = true },
    "use ns:bulk(cfkv.source.csv(path)): it streams key-value pairs"),
  migrate = live "migrate",
  strict = live "strict",
  bulk = group("bulk", { put = true, get = true, delete = "use ns:prune(prefix)" },
    "use ns:bulk(source)"),
  output = bind.output,
  removed = bind.removed,
  wrangler = bind.wrangler,
  var = bind.var,
  getenv = bind.getenv,
  secret = bind.secret,
  policy = bind.policy,
  null = bind.null,
  array = bind.array,
  file = lock("cfkv.file", { text = bind.file_text, bytes = bind.file_bytes, json = bind.file_json }),
  source = lock("cfkv.source", {
    json = bind.source_json,
    jsonl = bind.source_jsonl,
    csv = bind.source_csv,
    dir = bind.source_dir,
  }),
  json = lock("cfkv.json", { encode = bind.json_encode, decode = bind.json_decode }),
  naming = tools.naming(bind.naming_slug),
})
