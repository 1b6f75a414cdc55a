local project = require "support.project"
local cjson = require "cjson"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  local ns = cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG",
    ttl_seconds = 600 }
  ns:put("flags", { limit = 17 })
  cfkv.output("id_" .. env, ns.id)
end
]]

describe("plan", function()
  local p

  before_each(function() p = project.new { ["kv.lua"] = CONFIG } end)
  after_each(project.cleanup)

  local function plan(...)
    return p:run("plan", "--local", ...)
  end

  local function apply(...)
    local r = p:run("apply", "--local", "--yes", ...)
    assert.equal(0, r.code, r.err)
    return r
  end

  it("says what apply would do, and touches nothing", function()
    local r = plan()
    assert.equal(0, r.code, r.err)
    assert.truthy(r.out:find("shop-config-dev", 1, true))
    assert.truthy(r.out:find("flags", 1, true))
    assert.same({ "kv.lua" }, p:files())
  end)

  -- A database that is opened with locks gets files beside it, which the times of its folder show.
  it("opens no database for writing when there is nothing to do", function()
    p:write("wrangler.toml", 'name = "shop"\n\n[env.prod]\n')
    p:write("kv.lua", CONFIG .. "cfkv.wrangler { path = 'wrangler.toml', top_level = 'dev' }")
    apply()
    local r = p:sh [[
      cd .wrangler/state/v3/kv
      touch -d @1000000000 miniflare-KVNamespaceObject/* miniflare-KVNamespaceObject
      cfkv plan --local --detailed-exitcode -f ../../../../kv.lua || exit
      stat -c %Y miniflare-KVNamespaceObject]]
    assert.equal(0, r.code, r.err)
    assert.matches("\n1000000000\n$", r.out)
  end)

  it("is one JSON document with everything the design promises", function()
    local document = plan("--json").json()
    assert.equal(1, document.format_version)
    assert.equal("local", document.target)
    assert.equal(2, document.summary.create)
    assert.equal(2, document.summary.put)
    assert.equal(0, document.summary.delete)
    assert.same({}, document.diagnostics)
    for _, member in ipairs { "requests", "writes", "reads", "lists", "deletes" } do
      assert.equal("number", type(document.cost[member]), member)
    end
    assert.equal(4, #document.actions)
    local first = document.actions[1]
    assert.equal("create", first.action)
    assert.equal("namespace", first.kind)
    assert.equal("shop/config/dev", first.address)
    assert.equal("shop-config-dev", first.title)
    assert.equal("string", type(first.reason))
  end)

  it("makes no preview namespace in the local store, where one is enough", function()
    p:write("kv.lua", CONFIG .. "cfkv.namespace { title = 'mine', binding = 'MINE', preview = true }")
    local document = plan("--json").json()
    assert.equal(3, document.summary.create)
    for _, action in ipairs(document.actions) do
      assert.is_nil(action.title:find("_preview", 1, true), action.title)
    end
  end)

  it("is byte-identical six times in a row", function()
    local first = plan("--json").out
    for _ = 1, 5 do
      assert.equal(first, plan("--json").out)
    end
  end)

  it("exits 2 under --detailed-exitcode while there is something to do", function()
    assert.equal(2, plan("--detailed-exitcode").code)
    apply()
    local r = plan("--detailed-exitcode")
    assert.equal(0, r.code, r.out)
    assert.truthy(r.out:find("no changes", 1, true))
  end)

  it("has the outputs in it: to rename or to drop one is a difference", function()
    apply()
    p:write("kv.lua", (CONFIG:gsub('"id_" %.%.', '"ns_" ..')))
    local r = plan("--detailed-exitcode", "--json")
    assert.equal(2, r.code, r.err)
    local document, seen = r.json(), {}
    for _, o in ipairs(document.outputs) do
      seen[o.name] = { o.before ~= cjson.null, o.after ~= cjson.null }
    end
    assert.same({ id_dev = { true, false }, id_prod = { true, false }, ns_dev = { false, true },
      ns_prod = { false, true } }, seen)
    assert.equal(4, document.summary.outputs)
    assert.same({}, document.actions)
    local applied = apply("--json").json()
    assert.equal(4, applied.applied.outputs)
    assert.is_nil(applied.outputs.id_dev)
    assert.equal(0, plan("--detailed-exitcode").code)
  end)

  it("stops at an invalid configuration, exit 3, with all of its problems as JSON", function()
    p:write("kv.lua", CONFIG .. "cfkv.namespace { titel = 'x' }")
    local r = plan("--json")
    assert.equal(3, r.code)
    assert.equal(1, r.json().format_version)
    assert.is_true(#r.json().diagnostics >= 1)
    assert.is_nil(r.json().actions)
  end)

  it("passes the configuration's warnings on in its document", function()
    p:write("kv.lua", CONFIG .. "cfkv.wrangler { path = 'wrangler.toml' }\ncfkv.namespace { title = 'x' }")
    local r = plan("--json")
    assert.equal(0, r.code, r.err)
    assert.equal("warning", r.json().diagnostics[1].severity)
  end)

  it("never shows a secret", function()
    p:write("kv.lua", CONFIG .. [[
      cfkv.namespace { title = "s", binding = "S" }:put("k", cfkv.secret "hunter2")
    ]])
    for _, args in ipairs { {}, { "--json" }, { "--verbose" } } do
      local r = plan(table.unpack(args))
      assert.equal(0, r.code, r.err)
      assert.falsy((r.out .. r.err):find("hunter2", 1, true))
    end
  end)

  it("tells all that only the target shows, as text and as JSON", function()
    p:write("kv.lua", CONFIG .. [[
      cfkv.namespace { title = "one", create = false }
      cfkv.namespace { title = "two", create = false }
    ]])
    local r = plan()
    assert.equal(1, r.code)
    assert.truthy(r.err:find("kv.lua:9: error: ", 1, true), r.err)
    assert.truthy(r.err:find("kv.lua:10: error: ", 1, true), r.err)
    assert.equal("", r.out)
    r = plan "--json"
    assert.equal(1, r.code)
    assert.equal(2, #r.json().diagnostics)
  end)

  describe("narrowed", function()
    it("by --env and --only says how much is left out", function()
      local document = plan("--env", "dev", "--json").json()
      assert.equal(1, document.summary.create)
      assert.equal("shop/config/dev", document.actions[1].address)
      document = plan("--only", "*/prod", "--json").json()
      assert.equal("shop/config/prod", document.actions[1].address)
      assert.truthy(plan("--env", "dev").out:find("1 namespace left out", 1, true))
    end)

    it("to nothing at all is refused as a slip", function()
      local r = plan("--env", "dve")
      assert.equal(64, r.code)
      assert.truthy(r.err:find("--env 'dve' matches no namespace", 1, true))
      assert.truthy(r.err:find("did you mean 'dev'?", 1, true))
      r = plan("--only", "shop-confg-dev")
      assert.equal(64, r.code)
      assert.truthy(r.err:find("did you mean 'shop-config-dev'?", 1, true))
      r = plan("--only", "nope*")
      assert.equal(64, r.code)
      assert.truthy(r.err:find("'cfkv state list --local'", 1, true))
    end)

    it("still finds what only the state knows", function()
      apply()
      p:write("kv.lua", 'require "cfkv".project { name = "shop" }')
      local r = plan("--env", "dev", "--json")
      assert.equal(0, r.code, r.err)
      assert.equal(1, r.json().summary.delete)
    end)
  end)

  it("tells what a guard will refuse, and still exits 0", function()
    apply()
    p:write("kv.lua", 'require "cfkv".project { name = "shop" }')
    local r = plan()
    assert.equal(0, r.code)
    assert.truthy(r.err:find("cfkv: apply will refuse: ", 1, true), r.err)
    assert.truthy(r.err:find("--allow-data-loss", 1, true))
    local codes = {}
    for _, d in ipairs(plan("--json").json().diagnostics) do
      codes[d.code] = d.severity
    end
    assert.equal("error", codes["guard.data_loss"])
    assert.equal("", plan("--allow-data-loss=*", "--allow-mass-delete=*").err)
  end)

  it("warns that a namespace may be a colleague's where environments are named after who runs it", function()
    p:write("kv.lua", [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop" }
      cfkv.namespace { app = "shop", purpose = "cache", env = "dev-" .. cfkv.getenv "WHO" }
    ]])
    assert.equal(0, p:run("apply", "--local", "--yes", { env = { WHO = "bob" } }).code)
    local r = p:run("plan", "--local", { env = { WHO = "alice" } })
    assert.equal(0, r.code, r.err)
    assert.matches("'shop-cache-dev-bob' of environment 'dev-bob' would be deleted", r.err, 1, true)
    assert.matches("named after variable 'WHO'", r.err, 1, true)
    assert.matches("--env 'dev-alice' leaves others alone", r.err, 1, true)
    assert.equal("", p:run("plan", "--local", "--env", "dev-alice", { env = { WHO = "alice" } }).err)
    local asked = p:run("apply", "--local", { env = { WHO = "alice" } })
    assert.equal(r.err, asked.err:match "^(.*)cfkv: there is no terminal")
  end)

  it("warns of namespaces that are called after who runs it, before anything is deleted", function()
    local function told(config, ...)
      p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n' .. config)
      local r = p:run(...)
      assert.equal(0, r.code, r.err)
      return r.err
    end
    local function validate(config, person)
      return told(config, "validate", { env = person })
    end
    local WARNING = "kv.lua:3: warning: variable '%s' makes '%s' another namespace for everybody"
    local BY_ENV = 'cfkv.namespace { app = "shop", purpose = "cache", env = "dev-" .. cfkv.getenv "USER" }'
    local err = validate(BY_ENV, { USER = "alice" })
    assert.matches(WARNING:format("USER", "shop-cache-dev-alice"), err, 1, true)
    assert.matches("hint: --env 'dev-alice' leaves others alone", err, 1, true)
    assert.matches(WARNING:format("LOGNAME", "dev-al-ice"), validate(
      'cfkv.namespace { title = (("dev-" .. cfkv.getenv "LOGNAME"):lower():gsub("%W", "-")) }',
      { LOGNAME = "Al Ice" }), 1, true)
    for _, config in ipairs {
      'cfkv.namespace { title = "dev", owner = cfkv.getenv "USER" }',
      'cfkv.namespace { title = "devalice", owner = cfkv.getenv "USER" }',
      'cfkv.namespace { title = "dev-" .. cfkv.getenv "USER", on_remove = "keep" }',
      'cfkv.namespace { title = "dev-" .. cfkv.getenv("NOBODY", { default = "alice" }) }',
    } do
      assert.equal("", validate(config, { USER = "alice" }), config)
    end
    assert.equal("", validate('cfkv.namespace { title = "dev-" .. cfkv.getenv("USER", { default = "all" }) }', {}))
    local alice = { env = { USER = "alice" } }
    assert.equal("", told(BY_ENV, "plan", "--local", alice)) -- that store is everybody's own
    alice.env.CLOUDFLARE_API_TOKEN = "x"
    alice.env.CLOUDFLARE_API_BASE_URL = "http://127.0.0.1:9" -- refused at once
    for _, way in ipairs { { "--env", "dev-alice" }, { "--state", "alice.state.json" } } do
      assert.is_nil(p:run("plan", way[1], way[2], alice).err:find("everybody", 1, true), way[1])
    end
    assert.matches("everybody", p:run("plan", alice).err)
  end)

  describe("saved with --out", function()
    it("is applied by apply --plan", function()
      assert.equal(0, plan("--out", "p.json").code)
      apply("--plan", "p.json")
      assert.equal(0, plan("--detailed-exitcode").code)
    end)

    it("holds no value and is readable by its owner only", function()
      p:write("kv.lua", (CONFIG:gsub("17", "7171717")))
      assert.equal(0, plan("--out", "p.json").code)
      assert.falsy(p:read("p.json"):find("7171717", 1, true))
      assert.equal("600\n", p:sh("stat -c %a p.json").out)
    end)

    it("is stale, exit 5, once the configuration, an input or the target moved", function()
      p:write("kv.lua", CONFIG .. 'cfkv.var("x", { default = "1" })')
      local function stale(...)
        local r = p:run("apply", "--local", "--yes", "--plan", "p.json", ...)
        assert.equal(5, r.code, r.err)
        assert.truthy(r.err:find("p.json", 1, true) or r.err:find("plan", 1, true))
      end
      plan("--out", "p.json")
      apply()
      stale()
      plan("--out", "p.json")
      stale("--var", "x=2")
      p:write("kv.lua", CONFIG .. 'cfkv.var("x", { default = "3" })')
      stale()
    end)

    local INPUTS = CONFIG .. [[
      local ns = cfkv.namespace { title = "inputs", binding = "I" }
      ns:put("v", cfkv.var("V", { default = "1" }))
      ns:put("w", cfkv.var("W", { default = "1" }))
      ns:put("host", cfkv.getenv("REGION", { default = "eu" }))
      ns:put("zone", cfkv.getenv("ZONE", { default = "a" }))
    ]]

    local function refused(message, ...)
      local r = p:run("apply", "--local", "--yes", "--plan", "p.json", ...)
      assert.equal(5, r.code, r.err)
      assert.matches(message, r.err, 1, true)
    end

    it("brings its vars along", function()
      p:write("kv.lua", INPUTS)
      local r = plan("--var", "V=9", "--out", "p.json")
      assert.matches("cfkv apply --plan p.json --local\n", r.err, 1, true)
      refused("the saved plan was made with --var V=9, not with 8", "--var", "V=8")
      refused("the input W changed", "--var", "W=8")
      apply("--plan", "p.json", "--var", "V=9")
      assert.equal("9", p:run("kv", "key", "get", "v", "--namespace", "inputs", "--local").out)
    end)

    it("is applied with its vars when none is typed", function()
      p:write("kv.lua", INPUTS)
      plan("--var", "V=9", "--var", "W=x=y", "--out", "p.json")
      apply("--plan", "p.json")
      assert.equal("x=y", p:run("kv", "key", "get", "w", "--namespace", "inputs", "--local").out)
    end)

    it("names the inputs that moved", function()
      p:write("kv.lua", INPUTS)
      plan("--out", "p.json")
      refused("the saved plan does not fit any more: the input REGION changed since it was made",
        { env = { REGION = "us" } })
      refused("the inputs REGION, ZONE changed", { env = { REGION = "us", ZONE = "b" } })
    end)

    it("names the files that moved", function()
      p:write("kv.lua", CONFIG .. 'require "lib.more"')
      p:write("lib/more.lua", "return {}")
      plan("--out", "p.json")
      p:write("lib/more.lua", "return { 1 }")
      refused "the configuration changed since it was made: lib/more.lua"
      p:write("kv.lua", CONFIG .. 'cfkv.namespace { title = "x" }:bulk(cfkv.source.json "seed/x.json")')
      p:write("seed/x.json", "[]")
      refused "the configuration changed since it was made: kv.lua, lib/more.lua"
      plan("--out", "p.json")
      p:write("seed/x.json", '[{"key":"a","value":"b"}]')
      refused "a seed file or a wrangler config changed since it was made: seed/x.json"
    end)

    it("holds no var that is a secret, which then is to be given again", function()
      p:write("kv.lua", CONFIG .. [[
        local ns = cfkv.namespace { title = "s", binding = "S" }
        ns:put("a", cfkv.secret(cfkv.var "PASS"))
        ns:put("b", cfkv.secret("Bearer " .. cfkv.var "BEARER"))
        cfkv.var "API_TOKEN"
      ]])
      local vars = { "--var", "PASS=pw9", "--var", "BEARER=hunter22", "--var", "API_TOKEN=abcdef" }
      assert.equal(0, plan("--out", "p.json", table.unpack(vars)).code)
      for _, value in ipairs { "pw9", "hunter22", "abcdef" } do
        assert.falsy(p:read("p.json"):find(value, 1, true), value)
      end
      apply("--plan", "p.json", table.unpack(vars))
    end)

    it("of an older version is refused as such", function()
      plan("--out", "p.json")
      p:write("p.json", (p:read("p.json"):gsub('"format_version": 2', '"format_version": 1')))
      local r = p:run("apply", "--local", "--yes", "--plan", "p.json")
      assert.equal(3, r.code)
      assert.matches("'p.json' was saved by an older version of cfkv", r.err, 1, true)
      assert.matches("hint: make it anew with cfkv plan --out p.json", r.err, 1, true)
    end)

    it("brings its own filters", function()
      plan("--env", "dev", "--out", "p.json")
      local r = p:run("apply", "--local", "--yes", "--plan", "p.json", "--env", "prod")
      assert.equal(64, r.code)
      apply("--plan", "p.json")
      assert.equal(1, plan("--json").json().summary.create)
    end)

    it("is refused when it is something else, exit 3, and nothing is applied", function()
      p:write("p.json", "{}")
      local r = p:run("apply", "--local", "--yes", "--plan", "p.json")
      assert.equal(3, r.code, r.err)
      assert.truthy(r.err:find("p.json", 1, true))
      assert.equal(2, plan("--detailed-exitcode").code)
    end)

    it("fails where it cannot be written", function()
      assert.equal(1, plan("--out", "no/such/folder/p.json").code)
    end)
  end)
end)

describe("drift", function()
  local p

  before_each(function()
    p = project.new { ["kv.lua"] = CONFIG:gsub("600", "0") }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
  end)
  after_each(project.cleanup)

  it("exits 0 while nothing was changed behind its back", function()
    local r = p:run("drift", "--local")
    assert.equal(0, r.code, r.err)
    assert.same({}, p:run("drift", "--local", "--json").json().drift)
  end)

  it("exits 2 and names each key that is gone", function()
    local r = p:sh [[
      for db in .wrangler/state/v3/kv/miniflare-KVNamespaceObject/*.sqlite; do
        sqlite3 "$db" 'DELETE FROM _mf_entries'
      done
      cfkv drift --local]]
    assert.equal(2, r.code, r.err)
    assert.truthy(r.out:find("flags", 1, true))
    local items = p:run("drift", "--local", "--json").json().drift
    assert.equal(2, #items)
    assert.equal("deleted", items[1].change)
    assert.equal("flags", items[1].key)
    assert.equal(1, #p:run("drift", "--local", "--env", "dev", "--json").json().drift)
  end)

  it("does not count what the configuration wants now", function()
    p:write("kv.lua", (p:read("kv.lua"):gsub("17", "18")))
    assert.equal(0, p:run("drift", "--local").code)
  end)
end)
