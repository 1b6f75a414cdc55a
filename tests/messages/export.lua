-- What `cfkv export` says: tests/cli/messages_spec.lua.
local APPLIED = { { "apply", "--yes" } }
local EXPORT = { "export", "--to", "pulumi", "-o", "out" }
local NS = 'local ns = cfkv.namespace { title = "shop", binding = "SHOP" }\n'

local function case(code, fields)
  fields[1], fields.json, fields.run = code, false, fields.run or EXPORT
  return fields
end


return {
  case("failure.usage", { name = "an export for nobody", lua = NS, run = { "export" } }),
  case("failure.usage", { name = "an export for a tool that is not known", lua = NS,
    run = { "export", "--to", "pulumy" } }),
  case("failure.usage", { name = "several files on stdout", lua = NS, run = { "export", "--to", "pulumi" } }),
  case("failure.exists", { name = "a folder where a file is to be written", lua = NS,
    sh = "mkdir -p out/Pulumi.yaml" }),
  case("failure.refused", { name = "what is there already", lua = NS, sh = "mkdir out; echo mine >out/Pulumi.yaml" }),
  case("export.no_state", { lua = NS }),
  case("export.no_id", { account = true, before = APPLIED, lua = NS,
    later = NS .. 'cfkv.namespace { title = "cache", binding = "CACHE" }' }),
  case("export.secrets", { lua = NS .. 'ns:put("token", cfkv.secret "s3cret")' }),
  case("export.unknown", { lua = NS .. 'ns:put("self", "id " .. ns.id)' }),
  case("export.bulk", { lua = NS .. 'ns:bulk { { key = "a", value = "1" } }' }),
  case("export.prune", { lua = NS .. 'ns:prune "legacy/"' }),
  case("export.unsayable", { lua = NS .. 'ns:put("logo", "\\xFF")' }),
}
