-- `owner`, from its row in src/model/namespace_fields.h to all that tells it.
local emulator = require "support.emulator"
local project = require "support.project"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", defaults = { owner = "platform" } }
cfkv.policy("payments own what is theirs", function(ns)
  if ns.title:find "^pay" and ns.owner ~= "payments" then
    return ns.title .. " is owned by " .. ns.owner
  end
end)
cfkv.namespace { title = "cache" }
cfkv.namespace { title = "pay", owner = "%s" }
]]

describe("the owner of a namespace", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG:format "payments" }
    e = emulator.start(p, "--memory")
  end)

  after_each(emulator.cleanup_all)

  local function run(...)
    return e:run(p, ...)
  end

  it("is seen by policies, and comes from the project's defaults", function()
    assert.equal(0, p:run("validate").code)
    p:write("kv.lua", CONFIG:format "others")
    local r = p:run "validate"
    assert.equal(3, r.code)
    assert.matches("pay is owned by others", r.err, 1, true)
  end)

  it("is printed by eval", function()
    local namespaces = p:run("eval").json().namespaces
    assert.same({ "platform", "payments" }, { namespaces[1].owner, namespaces[2].owner })
  end)

  it("is at most 64 characters, in one line", function()
    p:write("kv.lua", CONFIG:format(("x"):rep(65)))
    local r = p:run "validate"
    assert.equal(3, r.code)
    assert.matches("has 65 characters, more than 64", r.err, 1, true)
    p:write("kv.lua", CONFIG:format "two\\nlines")
    assert.matches("owner 'two\\x0Alines' contains a control character", p:run("validate").err, 1, true)
    p:write("kv.lua", CONFIG:format "")
    assert.matches("owner is empty", p:run("validate").err, 1, true)
  end)

  it("is recorded, and shown by state show and audit", function()
    assert.equal(0, run("apply", "--yes").code)
    assert.equal("payments", run("state", "show", "pay", "--json").json().owner)
    assert.matches("\nowner +payments\n", run("state", "show", "pay").out)
    assert.matches("cache  (owner platform)\n", run("audit").out, 1, true)
    local rows = run("audit", "--json").json().namespaces
    assert.same({ "platform", "payments" }, { rows[1].owner, rows[2].owner })
  end)

  it("is updated without a request when it changes", function()
    assert.equal(0, run("apply", "--yes").code)
    p:write("kv.lua", (CONFIG:format("payments"):gsub('"platform"', '"core"')))
    local plan = run("plan", "--json").json()
    assert.equal("owner changes", plan.actions[1].reason)
    assert.equal(0, plan.cost.writes)
    assert.equal(0, run("apply", "--yes").code)
    assert.matches("cache  (owner core)\n", run("audit").out, 1, true)
  end)

  it("is told of what is declared and not recorded yet", function()
    assert.equal(0, run("kv", "namespace", "create", "pay").code)
    assert.matches("pay  (owner payments)\n", run("audit").out, 1, true)
  end)
end)
