-- What `cfkv import` says: tests/cli/messages_spec.lua.
local GONE = ("a"):rep(32)
local CREATE = { { "kv", "namespace", "create", "shop" } }
local NS = 'cfkv.namespace { title = "shop" }\n'


local function config(id)
  return ('printf \'name = "w"\\n\\n[[kv_namespaces]]\\nbinding = "KV"\\nid = "%s"\\n\' >wrangler.toml'):format(id)
end


local function case(code, fields)
  fields[1], fields.run = code, fields.run or { "import", "--all" }
  return fields
end


return {
  case("failure.usage", { name = "an import of nothing", run = { "import" } }),
  case("failure.usage", { name = "an import of an account without credentials" }),
  case("failure.usage", { name = "keys without credentials", sh = config(GONE),
    run = { "import", "wrangler.toml", "--keys" } }),
  case("failure.usage", { name = "an import to standard output", run = { "import", "--all", "-o", "-" } }),
  case("failure.refused", { name = "an import over a configuration that lacks something", account = true,
    before = CREATE, sh = "echo >kv.lua" }),
  case("import.nothing", { account = true }),
  case("import.format", { name = "a file of no tool", files = { ["x.json"] = '{ "hello": "world" }' },
    run = { "import", "x.json" } }),
  case("import.format", { name = "a file that is broken", files = { ["x.json"] = '{ "hello": }' },
    run = { "import", "x.json" } }),
  case("import.format", { name = "a file that goes too deep",
    files = { ["x.json"] = ("["):rep(100) .. ("]"):rep(100) }, run = { "import", "x.json" } }),
  case("import.limit", { run = { "import", "x.json" },
    sh = [[(printf '{"resources":[{"type":"cloudflare","x":"'; head -c 34000000 /dev/zero | tr '\0' a
      printf '"}]}') >x.json]] }),
  case("import.foreign", { files = { ["x.yaml"] = "kind: Deployment\n---\nkind: Service\n" },
    run = { "import", "x.yaml" } }),
  case("import.gone", { account = true, before = CREATE, sh_later = config(GONE), later = NS,
    run = { "import", "wrangler.toml", "--all" } }),
}
