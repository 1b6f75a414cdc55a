-- cfkv sweep, and destroy of an environment that nothing declares: which environments go, which stay, what
-- goes with them, and what is refused.

local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local KV = [[
  local cfkv = require "cfkv"
  cfkv.project { name = "shop", protected_envs = { "main" }, ephemeral = { match = "pr-*", days = 7 } }
  local envs = { "main" }
  for env in cfkv.var("envs", { default = "" }):gmatch "%S+" do envs[#envs + 1] = env end
  for _, env in ipairs(envs) do
    for _, purpose in ipairs { "cache", "config" } do
      local ns = cfkv.namespace { app = "shop", purpose = purpose, env = env, binding = purpose:upper() }
      if purpose == "config" then ns:put("env", env) end
      cfkv.output(purpose .. "_" .. env:gsub("-", "_"), ns.id)
    end
  end
]]

local LOSS = "--allow-data-loss=*/pr-*"

-- A project whose state records main and these environments, on a target.
local function with(envs, files, ...)
  local p, e = emulator.quick()
  p:write("kv.lua", KV)
  for path, text in pairs(files or {}) do
    p:write(path, text)
  end
  project.ok(e:run(p, "apply", "--yes", "--var", "envs=" .. envs, ...))
  return p, e
end

local function addresses(p)
  local list = {}
  for _, ns in ipairs(project.ok(p:run("state", "list", "--json")).json().namespaces) do
    list[#list + 1] = ns.address:match "^shop/config/(.*)$"
  end
  return table.concat(list, " ")
end

-- The titles of the account that end so.
local function live(e)
  local _, answer = e:ask("GET", "/accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces?per_page=100")
  local list = {}
  for _, ns in ipairs(answer.result) do
    list[#list + 1] = ns.title:match "^shop%-config%-(.*)$"
  end
  table.sort(list)
  return table.concat(list, " ")
end

-- As if its namespaces had been made on another day.
local function dated(p, env, day)
  local record = '("shop/%l+/' .. env:gsub("%-", "%%-") .. '": {.-"created": )"[^"]*"'
  local text, n = p:read "kv.state.json":gsub(record, '%1"' .. day .. '"')
  assert.equal(2, n)
  p:write("kv.state.json", text)
end

local function days_ago(n)
  return os.date("!%Y-%m-%d", os.time() - n * 86400)
end

local function verdicts(r)
  local list = {}
  for _, e in ipairs(project.ok(r).json().environments) do
    list[e.env] = e.verdict .. (type(e.kept_by) == "string" and " " .. e.kept_by or "")
  end
  return list
end

describe("cfkv sweep", function()
  after_each(emulator.cleanup_all)

  it("without a list removes what is past its days, and leaves what is of unknown age", function()
    local p, e = with "pr-1 pr-2 pr-3"
    dated(p, "pr-1", days_ago(8))
    dated(p, "pr-2", days_ago(7))
    dated(p, "pr-3", "soon")
    local r = project.ok(e:run(p, "sweep", LOSS, "--yes"))
    assert.matches("  - pr-1  goes: 2 namespaces, 8 days old\n", r.out, 1, true)
    assert.matches("    pr-2  stays: 7 days old, and goes after 7 days\n", r.out, 1, true)
    assert.matches("    pr-3  stays: nobody recorded how old it is", r.out, 1, true)
    assert.equal("main pr-2 pr-3", addresses(p))
    assert.equal("main pr-2 pr-3", live(e))
    assert.matches("Plan: no changes", project.ok(e:run(p, "sweep", "--yes")).out, 1, true)
  end)

  it("counts an environment by its youngest namespace", function()
    local p, e = with "pr-1"
    dated(p, "pr-1", days_ago(30))
    local text = p:read "kv.state.json":gsub('"created": "[^"]*"', '"created": "' .. days_ago(1) .. '"', 1)
    p:write("kv.state.json", text)
    assert.same({ ["pr-1"] = "young" }, verdicts(e:run(p, "sweep", "--yes", "--json")))
  end)

  it("with a list removes all that is neither kept nor declared, whatever its age", function()
    local p, e = with "pr-1 pr-2 pr-3 pr-4"
    dated(p, "pr-1", days_ago(400))
    local r = e:run(p, "sweep", "--var", "envs=pr-3", "--keep-env", "pr-1", "--keep-env", "pr-9", LOSS, "--yes",
      "--json")
    assert.same({ ["pr-1"] = "named --keep-env", ["pr-2"] = "goes", ["pr-3"] = "declared", ["pr-4"] = "goes" },
      verdicts(r))
    assert.equal(4, r.json().applied.delete)
    assert.equal("main pr-1 pr-3", addresses(p))
    assert.equal("main pr-1 pr-3", live(e))
  end)

  it("reads a file of environments, numbers or branches, with comments, CRLF and a byte order mark", function()
    local slug = "pr-feature-cart-c39f4df"
    local p, e = with("pr-1 pr-2 pr-3 pr-4 pr-5 " .. slug, {
      ["open.txt"] = "\xef\xbb\xbf# open\r\npr-1\r\n\r\n  2 \r\nfeature/cart\r\n# pr-5\r\n",
      ["more.txt"] = "pr-3",
    })
    local r = e:run(p, "sweep", "--keep-file", "open.txt", "--keep-file", "more.txt", LOSS, "--yes", "--json")
    assert.same({
      ["pr-1"] = "named open.txt:2", ["pr-2"] = "named open.txt:4", [slug] = "named open.txt:5",
      ["pr-3"] = "named more.txt:1", ["pr-4"] = "goes", ["pr-5"] = "goes",
    }, verdicts(r))
    assert.equal("main pr-1 pr-2 pr-3 " .. slug, addresses(p))
  end)

  it("removes them all only when it is told so on purpose", function()
    local p, e = with "pr-1 pr-2"
    project.ok(e:run(p, "sweep", "--keep-none", LOSS, "--yes"))
    assert.equal("main", addresses(p))
    assert.equal("main", live(e))
  end)

  it("refuses a list that is none, and changes nothing", function()
    local p, e = with("pr-1", {
      ["empty.txt"] = "", ["comments.txt"] = "# none\n\n \n", ["numbers.json"] = '[{"number":1}]\n',
      ["table.txt"] = "12\tFix cart\tfix/cart\n", ["page.html"] = "<!DOCTYPE html>\n",
      ["utf16.txt"] = "\xff\xfep\0r\0-\0001\0\n\0",
    })
    for words, message in pairs {
      ["--keep-file missing.txt"] = "cannot tell which environments stay: cannot open 'missing.txt'",
      ["--keep-file empty.txt"] = "empty.txt names no environment that stays",
      ["--keep-file comments.txt"] = "comments.txt names no environment that stays",
      ["--keep-file numbers.json"] = "numbers.json:1: '[{\"number\":1}]' is no name",
      ["--keep-file table.txt"] = "table.txt:1: '12\\x09Fix cart\\x09fix/cart' is no name",
      ["--keep-file page.html"] = "page.html:1: '<!DOCTYPE html>' is no name",
      ["--keep-file utf16.txt"] = "cannot tell which environments stay: this is UTF-16",
      ["--keep-env pr-1 --keep-file empty.txt"] = "empty.txt names no environment that stays",
      ["--keep-env="] = "--keep-env names nothing: is the variable set?",
    } do
      local list = {}
      for word in words:gmatch "%S+" do
        list[#list + 1] = word
      end
      list[#list + 1] = "--yes"
      local r = e:run(p, "sweep", table.unpack(list))
      assert.equal(5, r.code, words .. r.err)
      assert.matches(message, r.err, 1, true)
      assert.matches("hint: ", r.err, 1, true)
    end
    assert.equal(64, e:run(p, "sweep", "--keep-none", "--keep-env", "x").code)
    assert.equal("main pr-1", live(e))
  end)

  it("tells when none of the names matches anything that is recorded", function()
    local p, e = with "pr-1 pr-2"
    local r = e:run(p, "sweep", "--keep-env", "PR#1")
    assert.equal(5, r.code)
    assert.matches("nothing recorded is kept by the name that was given", r.err, 1, true)
    r = e:run(p, "sweep", "--keep-env", "1")
    assert.is_nil(r.err:find("nothing recorded", 1, true))
  end)

  it("meets the guards: keys need a word, and are saved; many at once do not", function()
    local p, e = with "pr-1 pr-2 pr-3 pr-4 pr-5 pr-6"
    local r = e:run(p, "sweep", "--keep-env", "pr-1", "--yes")
    assert.equal(5, r.code)
    assert.matches("namespace 'shop-config-pr-2' would be deleted with the 1 key it holds", r.err, 1, true)
    assert.equal("main pr-1 pr-2 pr-3 pr-4 pr-5 pr-6", live(e))
    r = e:run(p, "sweep", "--keep-env", "pr-1", LOSS)
    assert.equal(5, r.code)
    assert.matches("add --yes", r.err, 1, true)
    project.ok(e:run(p, "sweep", "--keep-env", "pr-1", LOSS, "--yes"))
    assert.equal("main pr-1", live(e))
    local saved = p:sh "cat .cfkv/backups/*.jsonl".out
    for i = 2, 6 do
      assert.matches('"value":"pr-' .. i .. '"', saved, 1, true)
    end
  end)

  it("does not remove what is protected", function()
    local p, e = with "pr-1"
    p:write("kv.lua", (KV:gsub('binding = purpose:upper%(%)', 'protect = true, binding = purpose:upper()')))
    project.ok(e:run(p, "apply", "--yes", "--var", "envs=pr-1"))
    local r = e:run(p, "sweep", "--keep-none", LOSS, "--yes")
    assert.equal(5, r.code)
    assert.matches("is protected", r.err, 1, true)
    assert.equal("main pr-1", live(e))
  end)

  it("leaves what was adopted, and says so", function()
    local p, e = emulator.quick()
    p:write("kv.lua", KV)
    project.ok(e:run(p, "kv", "namespace", "create", "shop-config-pr-1"))
    project.ok(e:run(p, "apply", "--yes", "--var", "envs=pr-1"))
    local r = project.ok(e:run(p, "sweep", "--yes"))
    assert.matches("pr-1  stays: nobody recorded how old it is", r.out, 1, true)
    r = project.ok(e:run(p, "sweep", "--keep-none", "--yes"))
    assert.matches("forget  (it was adopted, so it stays)", r.out, 1, true)
    assert.equal("main pr-1", live(e))
    assert.equal("main", addresses(p))
  end)

  it("leaves what a declaration takes over", function()
    local p, e = with "pr-1 pr-2"
    p:write("kv.lua", KV .. [[
      cfkv.namespace { app = "shop", purpose = "kept", env = "main", renamed_from = "shop/config/pr-1" }
    ]])
    assert.same({ ["pr-1"] = "declared", ["pr-2"] = "goes" },
      verdicts(e:run(p, "sweep", "--keep-none", LOSS, "--yes", "--json")))
  end)

  it("takes outputs and bindings along, and no others", function()
    local config = 'name = "w"\n\n[env.pr-1]\nworkers_dev = true\n\n[env.pr-2]\nworkers_dev = true\n'
    local p, e = emulator.quick()
    p:write("wrangler.toml", config)
    p:write("kv.lua", KV .. '\n cfkv.wrangler { path = "wrangler.toml", top_level = "main" }\n')
    project.ok(e:run(p, "apply", "--yes", "--var", "envs=pr-1 pr-2"))
    local _, ids = p:read "wrangler.toml":gsub('id = "%x+"', "")
    assert.equal(6, ids)
    local r = project.ok(e:run(p, "sweep", "--keep-env", "pr-2", LOSS, "--yes", "--json"))
    local outputs = {}
    for name in pairs(r.json().outputs) do
      outputs[#outputs + 1] = name
    end
    table.sort(outputs)
    assert.same({ "cache_main", "cache_pr_2", "config_main", "config_pr_2" }, outputs)
    local text = p:read "wrangler.toml"
    _, ids = text:gsub('id = "%x+"', "")
    assert.equal(4, ids)
    assert.matches("%[env%.pr%-1%]\nworkers_dev = true\n", text)
    assert.is_nil(text:find("[[env.pr-1.kv_namespaces]]", 1, true))
  end)

  it("asks the service for nothing where there is nothing to do", function()
    local p, e = with "pr-1"
    local before = e:logged()
    local r = project.ok(e:run_in_account(p, "sweep", "--keep-env", "pr-1", "--yes"))
    assert.equal(before, e:logged(), r.out)
  end)

  it("works where the project is another's checkout, by the state alone, and on the local store", function()
    local p, e = with "pr-1 pr-2"
    local q = project.quick { ["kv.lua"] = KV, ["kv.state.json"] = p:read "kv.state.json" }
    project.ok(e:run(q, "sweep", "--keep-env", "pr-1", LOSS, "--yes"))
    assert.equal("main pr-1", live(e))
    project.ok(q:run("apply", "--local", "--yes", "--var", "envs=pr-7"))
    project.ok(q:run("sweep", "--local", "--keep-none", LOSS, "--yes"))
    assert.equal("shop/cache/main\nshop/config/main\n", q:sh [[
      cfkv state list --local --json | jq -r '.namespaces[].address']].out)
    assert.equal("main pr-1", live(e))
  end)

  it("needs to be told which environments come and go, and a state", function()
    local p, e = emulator.quick()
    p:write("kv.lua", KV)
    local r = e:run(p, "sweep", "--yes")
    assert.equal(5, r.code)
    assert.matches("there is no state kv.state.json", r.err, 1, true)
    assert.matches("cfkv import --match", r.err, 1, true)
    p:write("kv.lua", (KV:gsub(', ephemeral = %b{}', "")))
    project.ok(e:run(p, "apply", "--yes"))
    r = e:run(p, "sweep", "--yes")
    assert.equal(3, r.code)
    assert.matches('hint: cfkv.project { ephemeral = { match = "pr-*" } } does', r.err, 1, true)
  end)

  it("records the day once, of what was made in an ephemeral environment, in the service's time", function()
    local p, e = with "pr-1"
    local before = p:read "kv.state.json"
    local _, n = before:gsub('"created": "' .. os.date("!%Y-%m-%d"):gsub("%-", "%%-") .. '"', "")
    assert.equal(2, n)
    dated(p, "pr-1", "2026-01-02")
    before = p:read "kv.state.json"
    project.ok(e:run(p, "apply", "--yes", "--var", "envs=pr-1"))
    assert.equal(before, p:read "kv.state.json")
    local r = project.ok(p:run("state", "show", "shop/config/pr-1"))
    assert.matches("created%s+2026%-01%-02", r.out)
  end)
end)

describe("a state on a service", function()
  after_each(state_server.cleanup_all)

  -- Each command in a folder that was empty before.
  it("says on any machine which environments there are, when they were made, and what goes with them", function()
    local p, e = emulator.quick()
    local s = state_server.start(p, "s3")
    local n = 0
    local function anywhere(...)
      n = n + 1
      p:write(("machine%d/kv.lua"):format(n), KV)
      local words = { "-C", "machine" .. n, ... }
      words[#words + 1] = { env = e:env(s:env()) }
      return project.ok(p:run(table.unpack(words)))
    end
    anywhere("apply", "--state", s.url, "--yes", "--var", "envs=pr-1 pr-2 pr-3")
    anywhere("destroy", "--state", s.url, "--env", "pr-1", "--allow-data-loss", "--yes")
    assert.equal("main pr-2 pr-3", live(e))
    local r = anywhere("sweep", "--state", s.url, "--keep-env", "pr-3", LOSS, "--yes", "--json")
    assert.same({ ["pr-2"] = "goes", ["pr-3"] = "named --keep-env" }, verdicts(r))
    assert.equal("main pr-3", live(e))
    local reads = #s:requests "GET"
    local serial = s:document().serial
    r = anywhere("sweep", "--state", s.url, "--yes")
    assert.matches("pr-3  stays: of today, and goes after 7 days", r.out, 1, true)
    assert.equal(serial, s:document().serial)
    assert.equal(reads + 1, #s:requests "GET")
    anywhere("destroy", "--state", s.url, "--env", "pr-1", "--yes")
    local state = s:document().state
    assert.is_nil(state.outputs["config_pr_2"])
    assert.is_table(state.outputs["config_pr_3"])
    assert.equal(cjson.null, s:document().lease)
  end)
end)

describe("a list that is older than the state", function()
  after_each(state_server.cleanup_all)

  it("takes nothing away that may have been made since: the next sweep does", function()
    local p, e = emulator.quick()
    local s = state_server.start(p, "s3")
    p:write("kv.lua", KV)
    local env = e:env(s:env())
    project.ok(p:run("apply", "--state", s.url, "--yes", "--var", "envs=pr-1 pr-2", { env = env }))
    s:faults { { match = { method = "PUT", path = "/bucket/kv.json" }, times = 1, fault = "other" } }
    local r = project.ok(p:run("sweep", "--state", s.url, "--keep-env", "pr-1", LOSS, "--yes", { env = env }))
    assert.matches("it is planned again", r.err, 1, true)
    assert.matches("pr-2  goes: 2 namespaces, of today, not kept", r.out, 1, true)
    assert.matches("pr-2  stays: of today, and may have been made after the list", r.out, 1, true)
    assert.equal("main pr-1 pr-2", live(e))
    project.ok(p:run("sweep", "--state", s.url, "--keep-env", "pr-1", LOSS, "--yes", { env = env }))
    assert.equal("main pr-1", live(e))
  end)
end)

describe("cfkv destroy --env", function()
  after_each(emulator.cleanup_all)

  it("removes an environment that nothing declares, and is done when it is gone already", function()
    local p, e = with "pr-12 pr-13"
    local r = project.ok(e:run(p, "destroy", "--env", "pr-12", "--allow-data-loss", "--yes"))
    assert.matches("applied: 2 namespaces deleted, 2 outputs changed", r.out, 1, true)
    assert.equal("main pr-13", live(e))
    assert.matches("Plan: no changes", project.ok(e:run(p, "destroy", "--env", "pr-12", "--yes")).out, 1, true)
    assert.equal(64, e:run(p, "destroy", "--env", "prd", "--yes").code)
  end)

  it("exits 5 without a state, and says how to get one", function()
    local p, e = with "pr-12"
    p:sh "rm kv.state.json"
    local r = e:run(p, "destroy", "--env", "pr-12", "--yes")
    assert.equal(5, r.code)
    assert.matches("there is no state kv.state.json, which alone says what may be destroyed of environment 'pr-12'",
      r.err, 1, true)
    assert.matches("'cfkv import --match '*pr-12*''", r.err, 1, true)
    assert.equal("main pr-12", live(e))
    p:write("kv.lua", (KV:gsub('binding = purpose:upper%(%)', 'on_remove = "delete", %0')))
    project.ok(e:run(p, "import", "--match", "*pr-12*", "--var", "envs=pr-12", "--yes"))
    project.ok(e:run(p, "destroy", "--env", "pr-12", "--allow-data-loss", "--yes"))
    assert.equal("main", live(e))
  end)
end)
