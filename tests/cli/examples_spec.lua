local emulator = require "support.emulator"
local project = require "support.project"
local cjson = require "cjson"


-- The examples of a folder, on the local target and on the emulator: `cfkv(words…)` runs the program
-- there, `current()` is the project that holds the folder's files.
local function on_both_targets(folder, examples)
  for _, target in ipairs { "the local target", "the emulator" } do
    describe("examples/" .. folder .. " on " .. target, function()
      local p, options

      before_each(function()
        p = project.quick()
        p:copy("examples/" .. folder)
        p:sh "rm -rf .wrangler wrangler.toml"
        options = {}
        if target == "the emulator" then
          options.env = emulator.start(p, "--memory"):env()
        end
      end)

      after_each(emulator.cleanup_all)

      examples(function(command, ...)
        local words = { command, ... }
        if not options.env then -- what stands behind a script's name is the script's
          table.insert(words, command == "run" and 2 or #words + 1, "--local")
        end
        words[#words + 1] = options
        return p:run(table.unpack(words))
      end, function() return p end)
    end)
  end
end


local function assert_prints(expected, r)
  assert.same({ 0, expected, "" }, { r.code, r.out, r.err })
end


-- It runs its steps in its own folder, again and again; `expected` are patterns of each time's output.
-- `untouched`: in a copy, so that nothing here changes.
local function assert_runs(folder, expected, untouched)
  local p = project.quick()
  p:copy("examples/" .. folder)
  if not untouched then
    p:sh "rm -rf .wrangler wrangler.toml"
  end
  for _, pattern in ipairs(expected) do
    local r = p:sh "./run cfkv"
    assert.equal(0, r.code, r.err)
    assert.matches(pattern, r.out)
  end
  if untouched then
    assert.equal("", p:sh("diff -r . " .. project.quote(os.getenv "PWD" .. "/examples/" .. folder)).out)
  end
  project.cleanup()
end

describe("examples/quickstart", function()
  local p, applied

  setup(function()
    p = project.new()
    p:copy "examples/quickstart"
    p:sh "rm -rf .wrangler wrangler.toml"
    applied = p:run("apply", "--local", "--yes", "--json")
  end)

  teardown(project.cleanup)

  it("applies nine namespaces with their seeds", function()
    assert.equal(0, applied.code, applied.err)
    assert.equal(9, applied.json().applied.create)
    assert.equal(12, applied.json().applied.put)
    local n = 0
    for _ in pairs(applied.json().outputs) do
      n = n + 1
    end
    assert.equal(9, n)
  end)

  it("has dev where a plain wrangler dev looks, and says that its ids are local", function()
    local r = p:run("kv", "key", "get", "feature_flags", "--local", "--binding", "CONFIG")
    assert.equal('{"dark_mode":true,"new_checkout":true}', r.out, r.err)
    assert.matches("9 ids in wrangler.toml are local; `cfkv apply` replaces them before a deploy\n$", applied.err)
  end)

  it("then plans nothing, with exit 0 under --detailed-exitcode", function()
    local r = p:run("plan", "--local", "--detailed-exitcode", "--json")
    assert.equal(0, r.code, r.err)
    assert.same({}, r.json().actions)
    assert.equal("", r.err)
  end)

  it("runs its steps again and again", function()
    for _ = 1, 2 do
      local r = p:sh "./run cfkv"
      assert.equal(0, r.code, r.err)
      assert.truthy(r.out:find("\ncache_dev = %x+\n"))
    end
  end)
end)

describe("examples/account", function()
  teardown(project.cleanup)

  it("plans, applies and finds nothing left to do, on the emulator", function()
    local p = project.new()
    p:copy "examples/account"
    local r = p:sh "./run cfkv"
    assert.equal(0, r.code, r.err)
    assert.truthy(r.out:find("applied: 8 namespaces created, 1 namespace adopted, 20 keys put", 1, true), r.out)
    assert.truthy(r.out:find("Plan: no changes; 20 keys are as declared.", 1, true), r.out)
    assert.truthy(r.out:find("Drift: 0 differences in 9 namespaces.", 1, true), r.out)
    assert.truthy(r.out:find("\nshop_config_prod = %x+\n"), r.out)
    assert.same({ "kv.lua", "run", "seed/redirects.jsonl" }, p:files(), "it leaves something behind")
  end)
end)

describe("examples/one-worker", function()
  it("runs its steps in a copy, and writes the bindings into the config that was there", function()
    assert_runs("one-worker",
      { "\n%+binding = \"GREETINGS\"\n.*\nBonjour\n.*Plan: no changes; 6 keys are as declared" }, true)
  end)
end)

describe("examples/from-terraform", function()
  it("imports a state, has nothing to do then, and is told how Terraform lets go", function()
    assert_runs("from-terraform", { "terraform state rm cloudflare_workers_kv.*for _, env in ipairs.*"
      .. "Plan: no changes; 3 keys are as declared%..*shop%-config%-prod\n.*Plan: 3 namespaces to create.*"
      .. "Plan: no changes" }, true)
  end)
end)

describe("examples/adopt-account", function()
  it("looks at an account, takes it over as it is, and changes it in one file", function()
    assert_runs("adopt-account", { "orphan .* Bob's test.*adoptable.*blog%-config%-prod.*source%.jsonl.*"
      .. "Plan: no changes; 2 keys.*create.*create.*Plan: no changes; 4 keys.*managed .*blog%-draft%-prod" }, true)
  end)
end)

describe("examples/monorepo", function()
  it("runs its steps in a copy: two configs of one plan, and one app's by itself", function()
    assert_runs("monorepo",
      { "2 files written.*// The KV bindings come from kv.lua.*\n50\n.*namespaces left out by the filters" }, true)
  end)
end)

describe("examples/per-developer", function()
  it("runs its steps: each one's own, and the trap", function()
    assert_runs("per-developer", { "myapp%-dev%-alice  .*myapp%-dev%-bob  .*no changes; 1 key is as declared.*"
      .. "%- delete  %(it is not declared any more%).*There is no state yet, and nothing is deleted" }, true)
  end)
end)

on_both_targets("seeding", function(cfkv, current)
  it("writes the rows of its file, and may be run again", function()
    for _ = 1, 2 do
      assert_prints("shop-products-dev: 3 written, 0 failed, 0 do not fit\n", cfkv("run", "seed.lua", "products.csv"))
    end
    assert_prints("product/anvil\nproduct/lamp\nproduct/rope\n",
      cfkv("kv", "key", "list", "--namespace", "shop-products-dev"))
    assert_prints('{"cents":2300,"name":"Desk lamp\\r\\n(two lines)","stock":0,"tags":["light"]}',
      cfkv("kv", "key", "get", "--namespace", "shop-products-dev", "product/lamp"))
  end)

  it("writes as many generated products as it is told", function()
    assert_prints("shop-products-dev: 5000 written, 0 failed, 0 do not fit\n", cfkv("run", "seed.lua", "5000"))
  end)

  it("raises at its line about a file with rows that are none, before anything is written", function()
    current():write("bad.csv",
      "Artikel;Bezeichnung;Preis;Lager;Schlagworte\nanvil;Anvil;49,99;1;\nrope;Rope;cheap;1;\nlamp;Lamp\n")
    local r = cfkv("run", "seed.lua", "bad.csv")
    assert.equal(1, r.code)
    assert.equal("", r.out)
    assert.matches("^cfkv: seed.lua:%d+: bad.csv:3: column 'price' must be a number, got 'cheap'\n.*" ..
      "\n  hint: 1 more problem, in line 4\n", r.err)
  end)
end)

describe("examples/seeding", function()
  it("runs its steps again and again", function()
    local all = '3 written.*5000 written.*"name":"Rope; \\"static\\", 10 m","stock":340}\n$'
    assert_runs("seeding", { all, all })
  end)
end)

on_both_targets("migrate", function(cfkv)
  it("gives keys and values another shape, once", function()
    project.ok(cfkv("run", "seed.lua"))
    assert.equal("3 of 3 steps were left to do\n", project.ok(cfkv("run", "migrate.lua")).out) -- it warns on an account
    assert_prints("0 of 3 steps were left to do\n", cfkv("run", "migrate.lua"))
    assert_prints('{"name":"Bob","seats":1}',
      cfkv("kv", "key", "get", "--namespace", "shop-users-dev", "users/42/profile"))
    assert_prints("stats/users\n", cfkv("kv", "key", "list", "--namespace", "shop-users-dev", "--prefix", "st"))
  end)
end)

describe("examples/migrate", function()
  it("runs its steps again and again", function()
    assert_runs("migrate", { "3 of 3 steps.*3 of 3 steps.*0 of 3 steps.*\"seats\":10}\n$",
      "0 of 3 steps.*0 of 3 steps.*0 of 3 steps.*\"seats\":10}\n$" })
  end)
end)

on_both_targets("versioned", function(cfkv)
  it("counts the version up with each publication, and keeps the flags", function()
    assert_prints("version 1 is written, and seen\n", cfkv("run", "publish.lua", "dark_mode=true", "beta=false"))
    assert_prints("version 2 is written, and seen\n", cfkv("run", "publish.lua", "beta=true"))
    local r = cfkv("kv", "key", "get", "--namespace", "shop-config-dev", "flags")
    assert.equal(0, r.code, r.err)
    assert.equal(2, r.json().v)
    assert.is_true(math.abs(os.time() - r.json().t) < 60)
    assert.same({ dark_mode = true, beta = true }, r.json().value)
  end)

  it("raises at its line about a value that another program wrote, and about a word that is no flag", function()
    assert.equal(0, cfkv("run", "publish.lua", "a=true").code)
    local r = cfkv("run", "publish.lua", "a=true", "b")
    assert.equal(1, r.code)
    assert.matches("^cfkv: publish.lua:%d+: write NAME=true or NAME=false, not b\n.*\n  at publish.lua:%d+\n", r.err)
    assert.equal(0, cfkv("kv", "key", "put", "--namespace", "shop-config-dev", "flags", "dark").code)
    r = cfkv("run", "publish.lua", "a=true")
    assert.equal(1, r.code)
    assert.matches("cfkv: publish.lua:%d+: the value is no versioned one: it is no JSON object\n", r.err)
  end)
end)

describe("examples/versioned", function()
  it("runs its steps again and again", function()
    assert_runs("versioned", { "version 1 is.*version 2 is.*\"v\":2", "version 3 is.*version 4 is.*\"v\":4" })
  end)
end)

on_both_targets("matrix", function(cfkv)
  it("declares ten namespaces, and finds nothing left to do", function()
    local r = cfkv("apply", "--yes", "--json")
    assert.equal(0, r.code, r.err)
    assert.equal(10, r.json().applied.create)
    local n = 0
    for name in pairs(r.json().outputs) do
      assert.is_nil(name:find "blog_session")
      n = n + 1
    end
    assert.equal(10, n)
    local plan = cfkv("plan", "--detailed-exitcode")
    assert.same({ 0, "" }, { plan.code, plan.err })
    assert.matches("^Target: [^\n]+\nPlan: no changes.\n$", (plan.out:gsub("Cost: 2 requests[^\n]+\n$", "")))
  end)
end)

describe("examples/matrix", function()
  it("runs its steps again and again", function()
    assert_runs("matrix", { "applied: 10 namespaces created.*Plan: no changes.*shop_session_prod = %x+\n",
      "Plan: no changes.*Plan: no changes.*shop_session_prod = %x+\n" })
  end)
end)

describe("examples/ci", function()
  local NO_WRANGLER = { WRANGLER = "/no/wrangler" }
  local p

  before_each(function()
    p = project.quick()
    p:copy "examples/ci"
    p:sh "rm -rf .wrangler .cfkv dist wrangler.toml outputs.json"
  end)

  after_each(emulator.cleanup_all)

  local function environment(name, ids, level)
    return ([=[

[[env.%s.kv_namespaces]]
binding = "CACHE"
id = "%s"

[[env.%s.kv_namespaces]]
binding = "CONFIG"
id = "%s"

[env.%s.vars]
LOG_LEVEL = "%s"
]=]):format(name, ids["cache_" .. name], name, ids["config_" .. name], name, level)
  end

  -- The config that it wrote has the ids of the namespaces that are there.
  local function assert_config(r)
    assert.equal(0, r.code, r.err)
    assert.equal("", r.err)
    local ids = cjson.decode(p:read "outputs.json")
    assert.equal('compatibility_date = "2026-04-01"\nmain = "src/index.js"\nname = "shop"\n'
      .. environment("production", ids, "error") .. environment("staging", ids, "debug"), p:read "wrangler.toml")
    return ids
  end

  it("applies and writes the same config each time, on the local store", function()
    local before
    for _, change in ipairs { "applied: 4 namespaces created, 2 keys put", "Plan: no changes" } do
      local r = p:sh("./run cfkv", { env = NO_WRANGLER })
      local ids = assert_config(r)
      assert.truthy(r.out:find(change, 1, true), r.out)
      assert.matches("\n/no/wrangler is not there: the Worker is not checked\n$", r.out)
      assert.same(before or ids, ids)
      before = ids
    end
  end)

  it("does so on the account when there are credentials, and needs no state to do it again", function()
    local e = emulator.start(p, "--memory")
    local env = e:env(NO_WRANGLER)
    local ids = assert_config(p:sh("./run cfkv", { env = env }))
    assert.is_nil(p:read(".wrangler/state/v3/cfkv.sqlite"))
    assert(os.remove(p:path "kv.state.json"))
    local r = p:sh("./run cfkv", { env = env })
    assert.same(ids, assert_config(r))
    assert.truthy(r.out:find("applied: 4 namespaces adopted", 1, true), r.out)
  end)

  it("has wrangler check the Worker of each environment", function()
    p:write("wrangler", "#!/bin/sh\ntest -s wrangler.toml && echo checked \"$*\"\n")
    local r = p:sh("chmod +x wrangler && WRANGLER=./wrangler ./run cfkv")
    assert_config(r)
    for _, env in ipairs { "staging", "production" } do
      local words = ("deploy --dry-run --outdir dist/%s --env %s"):format(env, env)
      assert.truthy(r.out:find("\nchecked " .. words .. "\n", 1, true), r.out)
    end
    p:write("wrangler", "#!/bin/sh\nexit 7\n")
    assert.equal(7, p:sh("WRANGLER=./wrangler ./run cfkv").code)
  end)

  it("keeps everything that has an id out of git", function()
    if not os.execute "command -v git >/dev/null" then
      return pending "there is no git"
    end
    p:sh("./run cfkv", { env = NO_WRANGLER })
    p:write("kv.state.json", "{}")
    local r = p:sh("git init -q && git add -A && git ls-files")
    assert.equal(0, r.code, r.err)
    assert.equal(".github/workflows/kv.yml\n.gitignore\n.gitlab-ci.yml\ndeploy\nkv.lua\nrun\nsrc/index.js\nworker.lua\n"
      .. "wrangler.lua\n", r.out)
  end)

  it("writes nothing when an id is missing", function()
    local id = ("0123456789abcdef"):rep(2)
    p:write("outputs.json", ('{"cache_staging":"%s","config_staging":"%s"}'):format(id, id))
    local r = p:run("run", "--local", "wrangler.lua", "outputs.json", "wrangler.toml")
    assert.equal(1, r.code)
    assert.matches("outputs.json has no id of CACHE for production", r.err)
    assert.falsy(p:exists "wrangler.toml")
  end)
end)


describe("cfkv.wrangler", function()
  after_each(project.cleanup)

  it("knows an empty array of cfkv's when it sees one, in scripts and in configurations", function()
    local code = [==[
      local cfkv = require "cfkv"
      local text = require("cfkv.wrangler").toml { kv = { CONFIG = "x" }, compatibility_flags = cfkv.array {},
        triggers = cfkv.json.decode '{"crons":[]}' }
      assert(text == 'compatibility_flags = []\n\n[[kv_namespaces]]\nbinding = "CONFIG"\nid = "x"\n\n'
        .. "[triggers]\ncrons = []\n", text)
    ]==]
    local p = project.quick { ["kv.lua"] = code, ["script.lua"] = code }
    assert_prints("", p:run("run", "--local", "script.lua"))
    local r = p:run "validate"
    assert.equal(0, r.code, r.err)
  end)

  it("refuses an id that is known only at apply", function()
    local p = project.quick { ["kv.lua"] = [[
      local cfkv = require "cfkv"
      local ns = cfkv.namespace { title = "n" }
      require("cfkv.wrangler").toml { kv = { CONFIG = ns.id } }
    ]] }
    local r = p:run "validate"
    assert.equal(3, r.code)
    assert.truthy(r.err:find("kv.CONFIG must be an id, or a table with one, got what is known only at apply", 1, true),
      r.err)
  end)
end)
