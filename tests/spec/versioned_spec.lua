-- cfkv.versioned: values with a version. Here over lua-cjson, which reads every number as a float;
-- tests/cli/examples_spec.lua has it in the program.
local assert_raises = require "support.raises"
local cjson = require "cjson"

local function whole(value)
  if type(value) == "table" then
    for name, member in pairs(value) do
      value[name] = whole(member)
    end
  end
  return math.type(value) == "float" and math.tointeger(value) or value
end

package.path = "stdlib/?.lua;" .. package.path
package.loaded.cfkv = { json = { decode = function(text) return whole(cjson.decode(text)) end } }
local versioned = require "cfkv.versioned"

describe("versioned.wrap", function()
  it("makes the envelope", function()
    assert.same({ v = 7, value = { dark = true } }, versioned.wrap({ dark = true }, 7))
    assert.same({ v = 0, t = 1700000000, value = "x" }, versioned.wrap("x", 0, 1700000000))
    assert.same({ v = 1, t = "2026-11-24", value = false }, versioned.wrap(false, 1, "2026-11-24"))
  end)

  it("raises about what is no value, version or time", function()
    assert_raises("there is no value to wrap; JSON's null is cfkv.null", versioned.wrap, nil, 1)
    for _, version in ipairs { -1, 1.5, "1", 1.0 } do
      assert_raises("the version must be a whole number from 0 on, got " .. version, versioned.wrap, "x", version)
    end
    assert_raises("the time must be seconds since 1970 or a string, got 1.5", versioned.wrap, "x", 1, 1.5)
  end)
end)

describe("versioned.unwrap", function()
  it("gives back value, version and time", function()
    assert.same({ { a = 1 }, 7, 1700000000 }, { versioned.unwrap '{"v":7,"t":1700000000,"value":{"a":1}}' })
    assert.same({ "x", 1 }, { versioned.unwrap '{"v":1,"value":"x"}' })
    local value, version = versioned.unwrap '{"v":1,"value":false}'
    assert.is_false(value)
    assert.equal(1, version)
    assert.equal(cjson.null, (versioned.unwrap '{"v":1,"value":null}'))
  end)

  it("passes on what key.get says of a key that is not there", function()
    local err = { code = "not_found" }
    assert.same({ n = 2, nil, err }, table.pack(versioned.unwrap(nil, err)))
  end)

  it("says nil and an error about a text that is no envelope", function()
    for text, why in pairs {
      ["plain text"] = "it is no JSON object", ["7"] = "it is no JSON object", ["{}"] = "it lacks v or value",
      ['{"v":"1","value":1}'] = "it lacks v or value", ['{"v":1}'] = "it lacks v or value",
      ["[1]"] = "it lacks v or value",
    } do
      local value, err = versioned.unwrap(text)
      assert.is_nil(value)
      assert.equal("format", err.code)
      assert.equal("the value is no versioned one: " .. why, tostring(err))
    end
  end)
end)

describe("versioned.is_stale", function()
  it("compares versions, envelopes and texts with the least that is expected", function()
    for _, make in ipairs {
      function(version) return version end,
      function(version) return versioned.wrap("x", version) end,
      function(version) return cjson.encode(versioned.wrap("x", version)) end,
    } do
      assert.is_true(versioned.is_stale(make(6), 7))
      assert.is_false(versioned.is_stale(make(7), 7))
      assert.is_false(versioned.is_stale(make(8), 7))
    end
  end)

  it("takes nothing, and what has no version, for stale", function()
    assert.is_true(versioned.is_stale(nil, 0))
    assert.is_true(versioned.is_stale("old text", 0))
    assert.is_true(versioned.is_stale({}, 0))
    assert.is_true(versioned.is_stale('{"v":null,"value":1}', 0))
  end)

  it("raises about a least version that is none", function()
    assert_raises("the least version must be a whole number from 0 on, got nil", versioned.is_stale, 1)
  end)
end)
