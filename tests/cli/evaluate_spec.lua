local project = require "support.project"

local GOOD = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  local ns = cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG",
    ttl_seconds = 60 }
  ns:put("flags", { b = 1, a = { true } })
  ns:bulk { { key = "x", value = "1" }, { key = "y", value = "2" } }
  cfkv.output("id_" .. env, ns.id)
end
]]

local BAD = [[
local cfkv = require "cfkv"
cfkv.namespace { title = "a", ttl_seconds = 30 }
cfkv.namespace { title = "a", bindng = "X" }
]]

describe("validate", function()
  after_each(project.cleanup)

  it("counts what is valid", function()
    local r = project.new({ ["kv.lua"] = GOOD }):run "validate"
    assert.equal(0, r.code, r.err)
    assert.equal("kv.lua: 2 namespaces, 6 keys: valid\n", r.out)
    assert.equal("", r.err)
  end)

  it("takes the file as an argument or with -f, and says nothing with --quiet", function()
    local p = project.new { ["conf/x.lua"] = GOOD }
    assert.equal("conf/x.lua: 2 namespaces, 6 keys: valid\n", p:run("validate", "conf/x.lua").out)
    local r = p:run("validate", "-f", "conf/x.lua", "--quiet")
    assert.equal("", r.out .. r.err)
    assert.equal(0, r.code)
  end)

  it("reports every problem at once with its line and a hint, exit 3", function()
    local r = project.new({ ["kv.lua"] = BAD }):run "validate"
    assert.equal(3, r.code)
    assert.equal("", r.out)
    assert.truthy(r.err:find("kv.lua:2: error: ttl_seconds '30 s'", 1, true))
    assert.truthy(r.err:find("kv.lua:3: error: unknown field 'bindng'", 1, true))
    assert.truthy(r.err:find("did you mean 'binding'?", 1, true))
    assert.truthy(r.err:find("cfkv: the configuration has 3 errors", 1, true))
  end)

  it("prints the same as one JSON document", function()
    local r = project.new({ ["kv.lua"] = BAD }):run("validate", "--json")
    assert.equal(3, r.code)
    local document = r.json()
    assert.equal(1, document.format_version)
    assert.is_false(document.valid)
    assert.equal(3, #document.diagnostics)
    local first = document.diagnostics[1]
    assert.equal("kv.lua", first.file)
    assert.equal(2, first.line)
    assert.equal("error", first.severity)
    assert.equal("namespace.ttl_seconds", first.code)
    assert.is_true(project.new({ ["kv.lua"] = GOOD }):run("validate", "--json").json().valid)
  end)

  it("takes 60 as a ttl", function()
    local source = BAD:gsub("30", "60"):gsub('"a", bindng', '"b", binding')
    assert.equal(0, project.new({ ["kv.lua"] = source }):run("validate").code)
  end)

  it("makes warnings errors with --strict", function()
    local p = project.new { ["kv.lua"] = [[
      local cfkv = require "cfkv"
      cfkv.namespace { title = "a" }
      cfkv.wrangler { path = "wrangler.toml" }
    ]] }
    local r = p:run "validate"
    assert.equal(0, r.code)
    assert.truthy(r.err:find("kv.lua:2: warning:", 1, true))
    r = p:run("validate", "--strict")
    assert.equal(3, r.code)
    assert.truthy(r.err:find("kv.lua:2: error:", 1, true))
  end)

  it("leaves warnings out with --quiet", function()
    local p = project.new { ["kv.lua"] = [[
      local cfkv = require "cfkv"
      cfkv.namespace { title = "a" }
      cfkv.wrangler { path = "wrangler.toml" }
    ]] }
    assert.equal("", p:run("validate", "--quiet").err)
  end)

  it("reads seed files and places their problems", function()
    local p = project.new {
      ["kv.lua"] = [[
        local cfkv = require "cfkv"
        local ns = cfkv.namespace { title = "a", binding = "A" }
        ns:bulk(cfkv.source.json "seed.json")
      ]],
      ["seed.json"] = '[{"key":"a","value":"1"},{"key":"b","value":"2","expiration_ttl":5}]',
    }
    local r = p:run "validate"
    assert.equal(3, r.code)
    assert.truthy(r.err:find("seed.json", 1, true), r.err)
    assert.truthy(r.err:find("expiration_ttl", 1, true), r.err)
  end)

  it("says which file is missing", function()
    local r = project.new():run "validate"
    assert.equal(1, r.code)
    assert.truthy(r.err:find("'kv.lua'", 1, true))
    assert.truthy(r.err:find("-f FILE", 1, true))
  end)

  it("tells of a file that cannot be read as JSON too", function()
    local r = project.new():run("validate", "nope.lua", "--json")
    assert.equal(1, r.code)
    local d = r.json().diagnostics[1]
    assert.equal("error", d.severity)
    assert.equal("failure.not_found", d.code)
  end)

  it("prints its document too when the wall clock ends it inside a library call", function()
    local p = project.new { ['a"b.lua'] = '\nlocal s = ("a"):rep(100); s:find((".-"):rep(30) .. "b")' }
    for command, valid in pairs { validate = false, eval = "none", plan = "none" } do
      local r = p:run(command, 'a"b.lua', "--json", "--eval-seconds", "1")
      assert.equal(3, r.code, r.err)
      local d = r.json().diagnostics[1]
      assert.same({ "budget.time", 'a"b.lua', 2, "error" }, { d.code, d.file, d.line, d.severity })
      assert.equal("evaluation took longer than 1 s inside a library call", d.message)
      assert.equal(1, r.json().format_version)
      assert.equal(valid, r.json().valid == nil and "none" or r.json().valid)
      assert.matches('a"b.lua:2: error: ' .. d.message, r.err, 1, true)
    end
  end)

  it("reports a syntax error at its line", function()
    local r = project.new({ ["kv.lua"] = "local x =\n= 1\n" }):run "validate"
    assert.equal(3, r.code)
    assert.truthy(r.err:find("kv.lua:2: error:", 1, true))
  end)

  it("obeys the budgets it is given", function()
    local p = project.new { ["kv.lua"] = "while true do end" }
    local r = p:run("validate", "--eval-instructions", "100000")
    assert.equal(3, r.code)
    assert.truthy(r.err:find("kv.lua:1: ", 1, true))
    p:write("kv.lua", "local t = {} for i = 1, 1e9 do t[i] = i end")
    r = p:run("validate", "--eval-memory", "8")
    assert.equal(3, r.code)
    assert.truthy(r.err:find("memory", 1, true))
    p:write("kv.lua", ("local s = (%s):find(%s)"):format('("a"):rep(200)', '(".-"):rep(30) .. "b"'))
    r = p:run("validate", "--eval-seconds", "1")
    assert.equal(3, r.code)
    assert.is_true(r.seconds < 3)
  end)
end)

describe("eval", function()
  after_each(project.cleanup)

  it("prints what the file declares, sorted, the same each time", function()
    local p = project.new { ["kv.lua"] = GOOD }
    local r = p:run "eval"
    assert.equal(0, r.code)
    local document = r.json()
    assert.equal("shop", document.project.name)
    assert.equal("shop/config/dev", document.namespaces[1].address)
    assert.equal("shop-config-prod", document.namespaces[2].title)
    assert.equal("${shop/config/dev.id}", document.outputs.id_dev)
    for _ = 1, 5 do
      assert.equal(r.out, p:run("eval").out)
    end
  end)

  it("prints diagnostics instead when the file is invalid", function()
    local r = project.new({ ["kv.lua"] = BAD }):run("eval", "--json")
    assert.equal(3, r.code)
    assert.equal(3, #r.json().diagnostics)
    assert.is_nil(r.json().namespaces)
  end)

  it("hides secrets", function()
    local r = project.new({ ["kv.lua"] = [[
      local cfkv = require "cfkv"
      local ns = cfkv.namespace { title = "a", binding = "A" }
      ns:put("token", cfkv.secret "hunter2")
    ]] }):run "eval"
    assert.equal(0, r.code, r.err)
    assert.falsy((r.out .. r.err):find("hunter2", 1, true))
  end)

  it("keeps what the file prints out of the result", function()
    local r = project.new({ ["kv.lua"] = "print 'hello'" }):run "eval"
    assert.equal(0, r.code)
    r.json()
    assert.truthy(r.err:find("hello", 1, true))
  end)
end)

describe("inputs", function()
  local ASKING = [[
    local cfkv = require "cfkv"
    local region = cfkv.var("region", { default = "eu", oneof = { "eu", "us" }, doc = "where" })
    cfkv.getenv("STAGE", { default = "dev" })
    cfkv.namespace { title = "x-" .. region, binding = "X" }
  ]]

  after_each(project.cleanup)

  it("lists them for people and as JSON", function()
    local p = project.new { ["kv.lua"] = ASKING }
    local r = p:run "inputs"
    assert.equal(0, r.code)
    assert.truthy(r.out:find("region", 1, true))
    assert.truthy(r.out:find("STAGE", 1, true))
    local document = p:run("inputs", "--json").json()
    assert.equal(1, document.format_version)
    assert.equal(2, #document.inputs)
  end)

  it("lists them when one is missing, and says so", function()
    local p = project.new { ["kv.lua"] = "require 'cfkv'.var('needed')" }
    local r = p:run("inputs", "--json")
    assert.equal(3, r.code)
    assert.equal("needed", r.json().inputs[1].name)
    assert.equal("input.missing", r.json().diagnostics[1].code)
  end)

  it("are given by --var and the environment", function()
    local p = project.new { ["kv.lua"] = ASKING }
    assert.equal("x-us", p:run("eval", "--var", "region=us").json().namespaces[1].title)
    assert.equal("x-us", p:run("eval", { env = { CFKV_VAR_region = "us" } }).json().namespaces[1].title)
  end)

  it("refuse a --var that nothing declares, with the nearest", function()
    local r = project.new({ ["kv.lua"] = ASKING }):run("validate", "--var", "regoin=us")
    assert.equal(3, r.code)
    assert.truthy(r.err:find("did you mean 'region'?", 1, true))
  end)
end)
