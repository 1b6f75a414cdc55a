-- What the command line, files, the target and the service can say no to: tests/cli/messages_spec.lua.
local NS = 'local ns = cfkv.namespace { title = "shop", binding = "SHOP" }\nns:put("k", "v")\n'
local APPLY = { "apply", "--local", "--yes" }
local ID = ("0123456789abcdef"):rep(2)
local PUT = { "kv", "bulk", "put", "keys.json", "--namespace", "shop" }

-- The service says no, whatever is asked.
local function refuses(status, code, message)
  return { rules = { { match = {}, fault = "status", status = status, code = code, message = message } } }
end


local function answers(fault)
  return { rules = { { match = {}, fault = fault } } }
end


local LIST = { "kv", "namespace", "list" }
local CREATE = { "kv", "namespace", "create", "shop" }

return {
  -- ---- The command line
  { "failure.usage", name = "a command that is not there", run = { "aply" } },
  { "failure.usage", name = "a command of another tool", run = { "deploy" } },
  { "failure.usage", name = "a family alone", run = { "kv", "key" } },
  { "failure.usage", name = "nothing", run = {} },
  { "failure.usage", name = "an option that is not there", run = { "plan", "--lokal" } },
  { "failure.usage", name = "an option of another command", run = { "plan", "--yes" } },
  { "failure.usage", name = "an option without its value", run = { "plan", "--env" } },
  { "failure.usage", name = "an option as a value", run = { "plan", "--env", "--local" } },
  { "failure.usage", name = "an option in front of a value", run = { "plan", "--jobs", "many" } },
  { "failure.usage", name = "an argument too few", run = { "run" } },
  { "failure.usage", name = "an argument too many", run = { "version", "x" } },
  { "failure.usage", name = "both targets", lua = NS, run = { "plan", "--local", "--remote" } },
  { "failure.usage", name = "no target", lua = NS, run = { "plan" } },
  { "failure.usage", name = "a choice that is none", run = { "plan", "--format", "xml", "--local" } },
  { "failure.usage", name = "a variable without a value", run = { "plan", "--var", "env", "--local" } },
  { "failure.usage", name = "no namespace", run = { "kv", "key", "list", "--local" } },
  { "failure.usage", name = "the file of a kv command", run = { "kv", "key", "list", "-f", "kv.lua", "--local" } },
  { "failure.usage", name = "a key without a value",
    run = { "kv", "key", "put", "k", "--namespace", "shop", "--local" } },
  { "failure.usage", name = "a topic that is not there", run = { "help", "guard" }, json = false },

  -- ---- Files
  { "failure.not_found", name = "no configuration", run = { "validate" } },
  { "failure.not_found", name = "a configuration that is named", run = { "validate", "-f", "kv2.lua" }, lua = NS },
  -- ---- The beginning of a project
  { "init", name = "a file in the place of the folder", run = { "init", "app" }, json = false, files = { app = "" } },
  { "init", name = "a folder of a project", run = { "-C", "apps/api", "init" }, json = false,
    files = { [".git/x"] = "", ["apps/api/x"] = "", ["kv.lua"] = "" } },
  { "init", name = "a folder below a config", run = { "-C", "src", "init" }, json = false,
    files = { ["src/x"] = "", ["wrangler.toml"] = 'name = "above"\n' } },
  { "init", name = "a config that cannot be read", run = { "init" }, json = false,
    files = { ["wrangler.json"] = "{" } },
  { "init", name = "a config that a build tool wrote", run = { "init" }, json = false,
    files = { ["wrangler.json"] = '{ "userConfigPath": "../wrangler.jsonc" }' } },
  { "init", name = "something in the way", run = { "init" }, json = false, files = { [".gitignore/x"] = "" } },
  { "failure.not_found", name = "a script", run = { "run", "sed.lua", "--local" }, json = false,
    files = { ["seed.lua"] = "" } },
  { "failure.not_found", name = "a file of keys",
    run = { "kv", "bulk", "put", "key.json", "--namespace", "shop", "--local" },
    files = { ["keys.json"] = "[]" }, lua = NS, before = { APPLY } },
  { "failure.not_found", name = "a namespace", run = { "kv", "key", "list", "--namespace", "shup", "--local" },
    lua = NS, before = { APPLY } },
  { "failure.not_found", name = "a namespace by id",
    run = { "kv", "key", "list", "--namespace-id", ID, "--local" }, lua = NS, before = { APPLY } },
  { "failure.not_found", name = "a binding", run = { "kv", "key", "list", "--binding", "SHUP", "--local" },
    lua = NS, before = { APPLY },
    files = { ["wrangler.toml"] = 'name = "w"\n[[kv_namespaces]]\nbinding = "SHOP"\n' } },
  { "failure.not_found", name = "a key", run = { "kv", "key", "get", "j", "--namespace", "shop", "--local" },
    lua = NS, before = { APPLY } },
  { "failure.not_found", name = "an output", run = { "output", "kay", "--local" }, lua = NS
    .. 'cfkv.output("key", "x")', before = { APPLY } },
  { "failure.not_found", name = "no state", run = { "output", "key", "--local" }, lua = NS
    .. 'cfkv.output("key", "x")' },
  { "failure.not_found", name = "an address", run = { "state", "show", "shup", "--local" }, lua = NS,
    before = { APPLY } },
  { "failure.not_found", name = "a backup", run = { "restore", "b.jsonl", "--namespace", "shop", "--local" },
    lua = NS, before = { APPLY } },
  { "failure.not_found", name = "a plan", run = { "apply", "--plan", "p.plan", "--local" }, lua = NS },
  { "failure.not_found", name = "a folder", run = { "-C", "nowhere", "plan", "--local" } },
  { "failure.format", name = "a state that is damaged", run = { "plan" }, lua = NS, account = true,
    before = { { "apply", "--yes" } },
    sh_later = "for f in $(find . -name '*.state.json'); do head -c 50 $f >x; mv x $f; done" },
  { "failure.format", name = "a plan that is none", run = { "apply", "--plan", "kv.lua", "--local" }, lua = NS },
  { "failure.failed", name = "a backup that is none",
    run = { "restore", "kv.lua", "--namespace", "shop", "--local" }, lua = NS, before = { APPLY } },
  { "failure.io", run = { "validate", "-f", "d" }, sh = "mkdir d" },
  { "failure.exists", run = { "kv", "namespace", "create", "shop", "--local" }, lua = NS, before = { APPLY } },
  { "failure.limit", run = { "kv", "namespace", "create", ("x"):rep(600), "--local" } },
  { "failure.locked", run = { "apply", "--local", "--yes", "--json", "--lock-timeout", "0" }, lua = NS, shell = [[
    mkfifo full; exec 3<>full; head -c 65536 /dev/zero >&3
    cfkv apply --local --yes >&3 2>&1 & holder=$!
    until grep -qsw $holder .wrangler/state/v3/cfkv.kv.state.json.lock; do :; done
    cfkv apply --local --yes --json --lock-timeout 0; code=$?; kill -9 $holder; exit $code]] },
  { "interrupted", run = { "apply", "--yes", "--json" }, lua = NS,
    shell = [[
    cfkv apply --yes --json 2>said & at_work=$!
    until grep -qs '"fault":"hang"' "$REQUESTS"; do :; done
    kill -TERM $at_work; wait $at_work; code=$?; cat said >&2; exit $code]],
    account = { rules = { { match = { endpoint = "namespace_create" }, fault = "hang" } } } },
  { "failure.stale", run = { "apply", "--plan", "p.plan", "--local" }, lua = NS,
    before = { { "plan", "--out", "p.plan", "--local" } },
    later = NS .. 'ns:put("l", "v")' },
  { "failure.refused", run = { "apply", "--local" }, lua = NS },
  { "failure.refused", name = "keys by a prefix",
    run = { "kv", "key", "delete", "--prefix", "k", "--namespace", "shop", "--local" },
    lua = NS, before = { APPLY } },
  { "failure.refused", name = "a namespace that is protected",
    run = { "kv", "namespace", "delete", "shop", "--local", "--yes" },
    lua = NS:gsub("binding", "protect = true, binding"), before = { APPLY } },
  { "keys.item", run = { "kv", "bulk", "delete", "keys.json", "--namespace", "shop", "--local", "--yes" },
    lua = NS, before = { APPLY },
    files = { ["keys.json"] = "[5]" } },
  { "keys.format", run = { "kv", "bulk", "delete", "keys.json", "--namespace", "shop", "--local", "--yes" },
    lua = NS, before = { APPLY },
    files = { ["keys.json"] = '["k1"' } },
  { "key.name", run = { "kv", "bulk", "delete", "keys.json", "--namespace", "shop", "--local", "--yes" },
    lua = NS, before = { APPLY },
    files = { ["keys.json"] = '[""]' } },
  { "source.member", name = "of a file of keys",
    run = { "kv", "bulk", "put", "keys.json", "--namespace", "shop", "--local" }, lua = NS,
    before = { APPLY }, files = { ["keys.json"] = '[{"key":"a","val":"b"}]' } },
  { "text.problem", json = false, run = { "output", "--format", "github", "--local" },
    lua = NS .. 'cfkv.output("a", "x")\ncfkv.output("A", "y")', before = { APPLY } },
  { "script.failed", run = { "run", "seed.lua", "--dry-run", "--local" }, files = { ["seed.lua"] = 'error "boom"' } },
  { "script", name = "an error", run = { "run", "seed.lua", "--local" }, json = false,
    files = { ["seed.lua"] = 'local cfkv = require "cfkv"\ncfkv.key.putt("a")' } },
  { "script", name = "a failure that it did not look at", run = { "run", "seed.lua", "--local" }, json = false,
    files = { ["seed.lua"] = 'local cfkv = require "cfkv"\ncfkv.key.put("none", "k", "v")' } },
  { "key.rewritten", run = { "run", "seed.lua" }, json = false, account = true, before = { CREATE },
    files = { ["seed.lua"] = 'local cfkv = require "cfkv"\n'
      .. 'for i = 1, 3 do cfkv.key.put("shop", "k", tostring(i)) end' } },

  -- ---- The service
  { "failure.failed", name = "nothing answers", run = LIST, env = { CLOUDFLARE_API_TOKEN = "x",
    CLOUDFLARE_API_BASE_URL = "http://127.0.0.1:1",
    CLOUDFLARE_ACCOUNT_ID = ID, CFKV_WAIT_UNIT_MS = "0" } },
  { "failure.usage", name = "a token in quotes", run = LIST, env = { CLOUDFLARE_API_TOKEN = '"x"' } },
  { "failure.usage", name = "a token with a blank behind it", run = LIST, env = { CLOUDFLARE_API_TOKEN = "x y" } },
  { "failure.usage", name = "a key without the email", run = LIST, env = { CLOUDFLARE_API_KEY = "x" } },
  { "failure.usage", name = "an account that is none", run = LIST, env = { CLOUDFLARE_API_TOKEN = "x",
    CLOUDFLARE_ACCOUNT_ID = "mine" } },
  { "failure.usage", name = "plain http", run = LIST, env = { CLOUDFLARE_API_TOKEN = "x",
    CLOUDFLARE_API_BASE_URL = "http://example.com" } },
  { "failure.failed", name = "a token that is wrong", run = LIST,
    account = refuses(401, 10000, "Authentication error") },
  { "failure.failed", name = "a foreign account", run = LIST, account = refuses(403, 10000, "Authentication error"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "headers", run = LIST, account = refuses(400, 6003, "Invalid request headers"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "no route", run = LIST, account = refuses(404, 7003, "Could not route"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "no credentials", run = LIST, account = refuses(400, 9106, "Missing"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "9109", run = LIST, account = refuses(403, 9109, "Invalid access token"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "an id that is none", run = { "kv", "key", "list", "--namespace-id", ID },
    account = refuses(400, 10011, "could not parse UUID"), env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.not_found", name = "an id that is not there", run = { "kv", "key", "list", "--namespace-id", ID },
    account = true,
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.exists", name = "a title that is taken", run = CREATE, before = { CREATE }, account = true },
  { "failure.limit", name = "an account that is full", run = CREATE, account = { max_namespaces = 0 } },
  { "failure.failed", name = "a permission", run = CREATE, account = refuses(403, 10037, "not allowed"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "the daily quota", run = CREATE, account = answers "quota",
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "too many requests", run = LIST, account = refuses(429, 971, "rate"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "trouble of the service", run = LIST, account = refuses(500, 10001, "internal"),
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "a firewall", run = LIST, account = answers "challenge",
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "a page", run = LIST, account = answers "html", env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.failed", name = "a redirect", run = LIST,
    account = { rules = { { match = {}, fault = "redirect", location = "http://127.0.0.1:1/x" } } },
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.format", name = "half an answer", run = LIST, account = answers "malformed",
    env = { CLOUDFLARE_ACCOUNT_ID = ID } },
  { "failure.usage", name = "several accounts", run = LIST,
    account = { accounts = { { id = ID, name = "One" }, { id = ("9"):rep(32), name = "Two" } } } },
  { "failure.usage", name = "no account", run = LIST,
    account = { rules = { { match = { endpoint = "account_list" }, fault = "body", status = 200,
    body = '{"success":true,"errors":[],"messages":[],"result":[]}' } } } },
  { "failure.failed", name = "keys that are not written", run = PUT,
    account = { rules = { { match = { endpoint = "bulk_put" }, fault = "partial",
    keys = { "a", "b" } } } }, before = { CREATE },
    files = { ["keys.json"] = '[{"key":"a","value":"1"},{"key":"b","value":"2"},{"key":"c","value":"3"}]' } },
  { "failure.failed", name = "an action that fails", run = { "apply", "--yes" }, lua = NS
    .. 'cfkv.namespace { title = "b", binding = "B" }',
    account = { rules = { { match = { endpoint = "namespace_create" }, fault = "status", status = 403, code = 10037,
      message = "not allowed" } } } },
}
