-- Expiry over time, on a clock that the test sets.
local cjson = require "cjson"
local project = require "support.project"
local world = require "fault.world"

local NOW = 1800000000

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local ns = cfkv.namespace {
  title = "cache",
  ttl_seconds = tonumber(cfkv.var("ttl", { default = "3600" })),
}
ns:put("default", "1")
ns:put("own", "2", { expiration_ttl = 120 })
ns:put("fixed", "3", { expiration = 1800090000 })
ns:bulk { { key = "bulk", value = "4" }, { key = "bulk/own", value = "5", expiration_ttl = 600 } }
]]

describe("the ttl_seconds of a namespace", function()
  local p

  before_each(function()
    p = project.new { ["kv.lua"] = CONFIG }
  end)

  after_each(project.cleanup)


  local function at(seconds, ...)
    local words = { ... }
    words[#words + 1] = { env = { CFKV_NOW = tostring(NOW + seconds) } }
    return p:run(table.unpack(words))
  end


  local function apply(seconds, ...)
    local r = at(seconds, "apply", "--local", "--yes", ...)
    assert.equal(0, r.code, r.err)
  end


  -- The seconds from `seconds` on that each key lives.
  local function lives(seconds)
    local list = {}
    for name, text in pairs(world.look(p).keys) do
      local expires = text:match "%[expires (%d+)%]"
      list[name:match "^cache: (.*)$"] = expires and math.tointeger(tonumber(expires)) - NOW - seconds or "for ever"
    end
    return list
  end


  -- What a plan at that time would do: { key = reason }.
  local function planned(seconds, ...)
    local puts = {}
    for _, a in ipairs(at(seconds, "plan", "--local", "--json", ...).json().actions) do
      puts[a.key] = a.action
    end
    return puts
  end


  it("becomes the expiration of each key that has none of its own", function()
    apply(0)
    assert.same({ default = 3600, own = 120, fixed = 90000, bulk = 3600, ["bulk/own"] = 600 }, lives(0))
    assert.equal(0, at(0, "plan", "--local", "--detailed-exitcode").code)
  end)

  it("is refused below 60, with the line", function()
    for ttl, code in pairs { ["30"] = 3, ["59"] = 3, ["60"] = 0, ["0"] = 0 } do
      local r = at(0, "validate", "--var", "ttl=" .. ttl)
      assert.equal(code, r.code, ttl)
      if code == 3 then
        assert.matches("kv.lua:%d+: .*" .. ttl, r.err)
      end
    end
  end)

  it("does not make a key live longer while it lives", function()
    apply(0)
    for _, seconds in ipairs { 1, 59, 119 } do
      assert.equal(0, at(seconds, "plan", "--local", "--detailed-exitcode").code, seconds .. " s later")
    end
    apply(119)
    assert.equal(3600 - 119, lives(119).default)
  end)

  it("puts a key again that has expired, and only that", function()
    apply(0)
    assert.same({ own = "put" }, planned(121))
    apply(121)
    assert.same({ default = 3600 - 121, own = 120, fixed = 90000 - 121, bulk = 3600 - 121, ["bulk/own"] = 600 - 121 },
      lives(121))
    assert.equal(0, at(121, "plan", "--local", "--detailed-exitcode").code)
  end)

  it("puts all again when all have expired", function()
    apply(0)
    apply(3700)
    local now = lives(3700)
    assert.equal(3600, now.default)
    assert.equal(120, now.own)
    assert.equal(3600, now.bulk)
    assert.equal(600, now["bulk/own"])
    assert.equal(0, at(3700, "plan", "--local", "--detailed-exitcode").code)
  end)

  it("is applied to keys that live when it changes", function()
    apply(0)
    apply(10, "--var", "ttl=7200")
    local now = lives(10)
    assert.equal(7200, now.default)
    assert.equal(110, now.own)
    apply(20, "--var", "ttl=600")
    assert.equal(600, lives(20).default)
    assert.equal(0, at(20, "plan", "--local", "--detailed-exitcode", "--var", "ttl=600").code)
  end)

  it("is taken off when it becomes 0", function()
    apply(0)
    apply(10, "--var", "ttl=0")
    assert.equal("for ever", lives(10).default)
    assert.equal(110, lives(10).own)
    assert.equal(0, at(10, "plan", "--local", "--detailed-exitcode", "--var", "ttl=0").code)
  end)

  it("is put on keys that somebody made live for ever", function()
    apply(0)
    world.write(p, world.look(p).titles.cache, { default = "1" })
    assert.same({ default = "put" }, planned(1))
    apply(1)
    assert.equal(3600, lives(1).default)
  end)

  it("leaves a fixed expiration that is past out, with a warning", function()
    local r = at(90001, "apply", "--local", "--yes")
    assert.equal(0, r.code, r.err)
    assert.is_nil(lives(90001).fixed)
    assert.matches("past", r.err)
    assert.equal(0, at(90001, "plan", "--local", "--detailed-exitcode").code)
  end)

  it("shows expired keys as drift", function()
    apply(0)
    assert.equal(0, at(119, "drift", "--local").code)
    local r = at(121, "drift", "--local", "--json")
    assert.equal(2, r.code)
    assert.matches('"own"', cjson.encode(r.json()), 1, true)
  end)
end)
