-- What a plan, an apply or a comparison finds in the target: tests/cli/messages_spec.lua.
local NS = 'local ns = cfkv.namespace { title = "shop", binding = "SHOP" }\n'
local TOML = 'name = "w"\nmain = "index.js"\ncompatibility_date = "2025-01-01"\n'
local APPLY = { "apply", "--local", "--yes" }
local ONLINE = { "apply", "--yes" }
local PLAN = { "plan", "--local" }
local ID = ("0123456789abcdef"):rep(2)

local BIND = 'printf \'[[kv_namespaces]]\\nbinding = "SHOP"\\nid = "{ID}"\\n\' >>wrangler.toml'

local function wrangler(fields)
  return NS .. "cfkv.wrangler { path = \"wrangler.toml\"" .. (fields and ", " .. fields or "") .. " }"
end


local function bound(id, more)
  local text = '[[kv_namespaces]]\nbinding = "SHOP"\n%s\n%s'
  return TOML .. text:format(id and ('id = "%s"'):format(id) or "", more or "")
end


local function keys(n)
  return NS .. ('for i = 1, %d do ns:put("k" .. i, "v") end'):format(n)
end


return {
  -- ---- Guards
  { "guard.data_loss", lua = keys(2), before = { APPLY }, later = "", run = APPLY },
  { "guard.protect", lua = 'cfkv.namespace { title = "a", binding = "A", protect = true }:put("k", "v")',
    before = { ONLINE },
    account = true, run = { "destroy", "--yes" } },
  { "guard.mass_delete", lua = NS .. 'for i = 1, 200 do ns:put("k" .. i, "v") end\nns:prune ""', before = { APPLY },
    later = NS .. 'ns:put("k1", "v")\nns:prune ""', run = APPLY },
  { "guard.title", lua = NS, before = { ONLINE, { "kv", "namespace", "rename", "shop", "other" } }, later = "",
    account = true, run = ONLINE },
  { "guard.take_over", lua = wrangler(), files = { ["wrangler.toml"] = TOML }, account = true,
    before = { { "kv", "namespace", "create", "other" } }, id_of = "other", sh_later = BIND, run = ONLINE },
  { "guard.account", lua = 'cfkv.project { name = "p", accounts = { one = ("1"):rep(32), two = ("2"):rep(32) } }\n'
      .. 'cfkv.namespace { title = "a", binding = "A", account = "two" }\ncfkv.wrangler { path = "wrangler.toml" }',
    files = { ["wrangler.toml"] = TOML .. 'account_id = "' .. ("1"):rep(32) .. '"\n' }, account = true,
    run = ONLINE },

  -- ---- Matching with what is there
  { "namespace.missing", lua = 'cfkv.namespace { id = "' .. ID .. '", binding = "A" }', run = PLAN },
  { "namespace.missing", name = "create = false",
    lua = 'cfkv.namespace { title = "a", create = false, binding = "A" }', run = PLAN },
  { "namespace.jurisdiction.moved", lua = NS, before = { ONLINE }, account = true,
    later = 'cfkv.namespace { title = "shop", binding = "SHOP", jurisdiction = "eu" }', run = { "plan" } },
  { "namespace.jurisdiction.moved", name = "to another one", account = true,
    before = { { "kv", "namespace", "create", "shop", "--jurisdiction", "us" } },
    lua = 'cfkv.namespace { title = "shop", binding = "SHOP", jurisdiction = "eu" }', run = { "plan" } },
  { "namespace.jurisdiction.untold", account = true, before = { { "kv", "namespace", "create", "shop" } },
    lua = 'cfkv.namespace { title = "shop", binding = "SHOP", jurisdiction = "eu" }', run = { "plan" } },
  { "namespace.mode.moved", lua = NS, before = { ONLINE }, account = true,
    later = 'cfkv.namespace { title = "shop", binding = "SHOP", mode = "instant" }', run = { "plan" } },
  { "namespace.mode.untold", account = true, before = { { "kv", "namespace", "create", "shop" } },
    lua = 'cfkv.namespace { title = "shop", binding = "SHOP", mode = "instant" }', run = { "plan" } },
  { "namespace.create_options.late", lua = NS, before = { ONLINE }, account = true,
    later = 'cfkv.namespace { title = "shop", binding = "SHOP", create_options = { tier = 1 } }', run = { "plan" } },
  { "namespace.mode.undeclared", account = true,
    before = { { "kv", "namespace", "create", "shop", "--mode", "instant" } },
    lua = 'cfkv.namespace { title = "shop", binding = "SHOP" }:put("k", "v")', run = { "plan" } },
  { "namespace.exists", lua = NS, before = { { "kv", "namespace", "create", "shop", "--local" } },
    run = { "plan", "--local", "--no-adopt" } },
  { "namespace.taken", lua = NS, before = { APPLY, { "kv", "namespace", "create", "other", "--local" } },
    later = 'cfkv.namespace { title = "other", renamed_from = "shop", binding = "A" }', run = PLAN },
  { "namespace.shared", before = { { "kv", "namespace", "create", "b", "--local" } }, id_of = "b",
    later = 'cfkv.namespace { title = "x", id = "{ID}", binding = "A" }\n'
      .. 'cfkv.namespace {\n  title = "b",\n  binding = "B" }', run = PLAN },
  { "namespace.repinned", lua = NS, before = { { "kv", "namespace", "create", "b" }, ONLINE }, id_of = "b",
    account = true, later = 'cfkv.namespace { title = "shop", id = "{ID}", binding = "SHOP" }', run = { "plan" } },
  { "namespace.alike", name = "beside one that nobody declared", lua = NS,
    before = { { "kv", "namespace", "create", "Shop", "--local" } }, run = PLAN },
  { "namespace.likely_rename", lua = keys(2), before = { APPLY },
    later = 'local ns = cfkv.namespace { title = "store", binding = "SHOP" }\n'
      .. 'for i = 1, 2 do ns:put("k" .. i, "v") end', run = PLAN },
  { "namespace.other_env",
    lua = 'local user = cfkv.getenv "DEV"\ncfkv.namespace { app = "a", purpose = "p", env = user, binding = "A" }',
    env = { DEV = "alice" }, before = { APPLY }, env_later = { DEV = "bob" }, run = PLAN },
  { "id.left_out", lua = 'local a = cfkv.namespace { title = "a", env = "x", binding = "A" }\n'
      .. 'local b = cfkv.namespace { title = "b", env = "y", binding = "B" }\nb:put("id", a.id)',
      run = { "plan", "--local", "--env", "y" } },
  { "account.full", lua = 'cfkv.project { name = "p", limits = { namespaces = 1 } }\n' .. NS, account = true,
    before = { { "kv", "namespace", "create", "x" } }, run = { "plan" } },
  { "account.aside", lua = NS, before = { ONLINE }, account = true,
    env_later = { CLOUDFLARE_ACCOUNT_ID = ("3"):rep(32) },
    run = { "plan" } },
  { "bulk.removed", lua = NS .. 'ns:bulk(cfkv.source.jsonl "s.jsonl")',
    files = { ["s.jsonl"] = '{"key":"a","value":"b"}\n' },
    before = { APPLY }, later = NS, run = PLAN },
  { "key.foreign", lua = keys(1),
    before = { APPLY, { "kv", "key", "put", "k1", "other", "--namespace", "shop", "--local" } },
    later = NS, run = PLAN },
  { "drift.source", lua = NS .. 'ns:bulk(cfkv.source.jsonl "s.jsonl")',
    files = { ["s.jsonl"] = '{"key":"a","value":"b"}\n' },
    before = { APPLY }, sh_later = 'echo \'{"key":"c","value":"d"}\' >>s.jsonl', run = { "drift", "--local" } },
  { "clock.apart", lua = NS, account = true, ahead = 3600, run = { "plan" } },
  { "listing.short", lua = NS .. 'cfkv.namespace { title = "b", binding = "B" }', before = { ONLINE }, account = {
      rules = { { match = { endpoint = "namespace_list" }, fault = "short", keys = { "b" } } } }, run = { "plan" } },

  -- ---- Wrangler configs
  { "wrangler.path", lua = 'cfkv.wrangler { path = "wrangler.yaml" }' },
  { "wrangler.path", name = "a program", lua = 'cfkv.wrangler { path = "cloudflare.config.ts" }' },
  { "wrangler.path", name = "the configuration itself", lua = 'cfkv.wrangler { path = "../wrangler.toml" }' },
  { "wrangler.duplicate",
    lua = 'cfkv.wrangler { path = "wrangler.toml" }\ncfkv.wrangler { path = "wrangler.toml" }' },
  { "wrangler.environment", lua = 'cfkv.namespace { title = "a", env = "prod", binding = "A" }\n'
      .. 'cfkv.wrangler { path = "wrangler.toml", top_level = "production" }' },
  { "wrangler.section", lua = 'cfkv.namespace { title = "a", env = "dev", binding = "A" }\n'
      .. 'cfkv.wrangler { path = "wrangler.toml", bindings = { a = { prod = "B" } } }' },
  { "wrangler.persist_to", lua = wrangler 'persist_to = "a\\nb"' },
  { "wrangler.select", lua = wrangler 'select = { "none-*" }' },
  { "wrangler.app", lua = wrangler 'app = "none"' },
  { "namespace.binding", name = "two of one name", lua = NS .. 'cfkv.namespace { title = "b", binding = "SHOP" }\n'
      .. 'cfkv.wrangler { path = "wrangler.toml" }' },
  { "wrangler.config", lua = wrangler(), files = { ["wrangler.toml"] = "name = \n" }, run = PLAN },
  { "wrangler.config", name = "no JSON", lua = NS .. 'cfkv.wrangler { path = "wrangler.jsonc" }',
    files = { ["wrangler.jsonc"] = "{ name: 1 }" }, run = PLAN },
  { "wrangler.legacy", lua = wrangler(), files = { ["wrangler.toml"] = TOML
    .. '[[kv-namespaces]]\nbinding = "A"\n' }, run = PLAN },
  { "wrangler.misplaced", lua = wrangler(), files = { ["wrangler.toml"] = TOML
    .. '[vars]\nkv_namespaces = [{ binding = "X" }]\n' }, run = PLAN },
  { "wrangler.pages", lua = wrangler(),
    files = { ["wrangler.toml"] = 'name = "p"\npages_build_output_dir = "d"\n[env.staging]\n' }, run = PLAN },
  { "wrangler.toml_1_1", lua = wrangler(), files = { ["wrangler.toml"] = TOML .. "x = {\n  a = 1,\n}\n" },
    run = PLAN },
  { "wrangler.unread", lua = wrangler(), files = { ["wrangler.toml"] = TOML, ["wrangler.json"] = "{}" }, run = PLAN },
  { "wrangler.redirect", lua = wrangler(), files = { ["wrangler.toml"] = TOML,
      [".wrangler/deploy/config.json"] = '{"configPath":"../../dist/wrangler.json"}',
      ["dist/wrangler.json"] = "{}" }, run = PLAN },
  { "wrangler.program", lua = NS .. 'cfkv.wrangler { path = "wrangler.jsonc" }',
    files = { ["wrangler.jsonc"] = '{"name":"w"}', ["cloudflare.config.ts"] = "export default {}\n" }, run = PLAN },
  { "wrangler.placeholder", lua = wrangler(),
    files = { ["wrangler.toml"] = bound(ID, 'preview_id = "<PREVIEW>"\n') }, account = true,
    run = { "plan" } },
  { "wrangler.other_id", lua = wrangler() .. 'cfkv.namespace { title = "b", binding = "B" }',
    files = { ["wrangler.toml"] = bound(ID, ('[[kv_namespaces]]\nbinding = "B"\nid = "%s"\n'):format(ID)) },
    run = PLAN },
  { "wrangler.other_environment", lua = 'for _, env in ipairs { "dev", "prod" } do\n'
      .. '  cfkv.namespace { app = "a", purpose = "p", env = env, binding = "A" }\nend\n'
      .. 'cfkv.wrangler { path = "wrangler.toml", top_level = "prod" }', before = { ONLINE }, account = true,
      id_of = "a-p-dev",
    files = { ["wrangler.toml"] = TOML }, sh_later = "printf '\\n' >>wrangler.toml; " .. BIND, run = { "plan" } },
  { "wrangler.stale", lua = wrangler(), before = { ONLINE }, account = true, files = { ["wrangler.toml"] = TOML },
    sh_later = 'printf \'[[kv_namespaces]]\\nbinding = "OLD"\\nid = "' .. ID .. '"\\n\' >>wrangler.toml',
    run = { "plan" } },
  { "wrangler.changed", lua = wrangler(), before = { APPLY }, files = { ["wrangler.toml"] = TOML },
    sh_later = "sed -i 's/^id = .*/id = \"" .. ID .. "\"/' wrangler.toml",
    later = 'cfkv.wrangler { path = "wrangler.toml" }\ncfkv.removed { title = "shop", allow_data_loss = true }',
    run = PLAN },
  { "wrangler.not_inherited", lua = 'cfkv.namespace { title = "a", env = "dev", binding = "A" }\n'
      .. 'cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }', files = { ["wrangler.toml"] = TOML
      .. "[env.prod]\n" }, run = PLAN },
  { "wrangler.dev_data", lua = wrangler(), files = { ["wrangler.toml"] = bound("<ID>") },
    before = { { "kv", "key", "put", "k", "v", "--binding", "SHOP", "--local" } }, account = true, run = { "plan" } },
  { "wrangler.unapplied", lua = wrangler(), files = { ["wrangler.toml"] = TOML }, before = { APPLY },
    later = wrangler() .. '\ncfkv.namespace { title = "b", binding = "B" }',
    run = { "wrangler", "--local", "--check" } },
  { "wrangler.local_id", lua = wrangler(), files = { ["wrangler.toml"] = TOML }, before = { APPLY }, account = true,
    run = { "wrangler", "--check" } },
  { "wrangler.left_over", lua = wrangler(), files = { ["wrangler.toml"] = TOML }, before = { APPLY },
    later = 'cfkv.removed { title = "shop", allow_data_loss = true }', run = PLAN },
  { "wrangler.undeclared", lua = wrangler(), files = { ["wrangler.toml"] = TOML }, before = { APPLY },
    later = NS, run = PLAN },

  -- ---- Audit
  { "audit.config", run = { "audit", "--local" }, files = { ["apps/api/wrangler.toml"] = "name = [\n" } },
  { "audit.state", run = { "audit", "--local" },
    files = { ["apps/shop/kv.lua"] = "", ["apps/shop/kv.state.json"] = '{ "version": 2,' } },
  { "audit.keys", lua = NS, before = { ONLINE }, run = { "audit", "--keys" },
    account = { rules = { { match = { endpoint = "key_list" }, fault = "status", status = 404, code = 10013,
      message = "namespace not found" } } } },
  { "audit.unread", account = true, run = { "audit" },
    sh = "for i in $(seq 10 31); do printf '[[kv_namespaces]]\nbinding = \"B%s\"\nid = \"%030d%s\"\n' $i 0 $i; done "
      .. ">wrangler.toml" },
  { "failure.usage", name = "a word that audit has not", run = { "audit", "--local", "--fail-on", "orphan,stael" } },
  { "failure.usage", name = "what audit did not look at", run = { "audit", "--local", "--fail-on", "no-expiry" } },
}
