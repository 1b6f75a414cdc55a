-- cfkv.matrix: every combination of app, purpose and env.
package.path = "stdlib/?.lua;" .. package.path
local matrix = require "cfkv.matrix"

-- "shop-cache-dev" of each combination, one after the other.
local function names(spec)
  local list = {}
  for fields in matrix(spec) do
    local parts = {}
    for _, axis in ipairs { "app", "purpose", "env" } do
      parts[#parts + 1] = fields[axis]
    end
    list[#list + 1] = table.concat(parts, "-")
  end
  return table.concat(list, " ")
end

local function all(spec)
  local list = {}
  for fields in matrix(spec) do
    list[#list + 1] = fields
  end
  return list
end

describe("a matrix", function()
  it("goes through apps slowest and environments fastest, in the order of its lists", function()
    assert.equal("b-x-2 b-x-1 b-y-2 b-y-1 a-x-2 a-x-1 a-y-2 a-y-1",
      names { app = { "b", "a" }, purpose = { "x", "y" }, env = { "2", "1" } })
  end)

  it("goes through names with fields by name", function()
    assert.equal("a b c", names { purpose = { c = {}, a = {}, b = {} } })
  end)

  it("needs no axis, and has nothing without one or with an empty one", function()
    assert.equal("dev prod", names { env = { "dev", "prod" } })
    assert.equal("", names {})
    assert.equal("", names { app = { "shop" }, env = {} })
  end)

  it("gives each combination its fields, in a table of its own", function()
    local cache = { ttl_seconds = 60 }
    local list = all { purpose = { cache = cache, config = {} }, env = { "dev", "prod" } }
    assert.same({ purpose = "cache", env = "dev", ttl_seconds = 60 }, list[1])
    assert.same({ purpose = "config", env = "prod" }, list[4])
    list[1].ttl_seconds = 7
    assert.equal(60, list[2].ttl_seconds)
    assert.same({ ttl_seconds = 60 }, cache)
  end)

  it("lets no field of a name take the place of another name", function()
    assert.same({ { app = "a", env = "dev" } }, all { app = { a = { env = "x", app = "y" } }, env = { "dev" } })
  end)

  it("leaves out what is excluded: all that a pattern names must fit", function()
    assert.equal("a-1 b-2", names { app = { "a", "b" }, env = { "1", "2" },
      exclude = { { app = "a", env = "2" }, { app = { "b" }, env = { "1" } } } })
    assert.equal("", names { env = { "1" }, exclude = { {} } })
  end)

  it("sets fields by overrides, of which later ones win", function()
    local list = all { purpose = { cache = { ttl_seconds = 1, description = "d" } }, env = { "dev", "prod" },
      override = { { set = { ttl_seconds = 2 } }, { env = "prod", set = { ttl_seconds = 3, protect = true } } } }
    assert.same({ purpose = "cache", env = "dev", ttl_seconds = 2, description = "d" }, list[1])
    assert.same({ purpose = "cache", env = "prod", ttl_seconds = 3, description = "d", protect = true }, list[2])
  end)

  it("judges overrides by names, also when another override set them", function()
    assert.same({ { env = "dev", app = "x" } },
      all { env = { "dev" }, override = { { env = "dev", set = { app = "x" } } } })
  end)
end)

describe("a matrix that is wrong raises where it is called:", function()
  for message, spec in pairs {
    ["it takes a table, got 7"] = 7,
    ["unknown field 'envs'"] = { envs = { "dev" } },
    ["env must be a list of names, or a table from names to fields"] = { env = "dev" },
    ["env holds 1, which is no name"] = { env = { 1 } },
    ["env holds 'dev' twice"] = { env = { "dev", "dev" } },
    ["env 'dev' must have a table of fields"] = { env = { dev = true } },
    ["env is a list, and has 'prod' beside"] = { env = { "dev", prod = {} } },
    ["exclude must be a list of tables"] = { exclude = "dev" },
    ["exclude 1 must be a table, got dev"] = { env = { "dev" }, exclude = { "dev" } },
    ["exclude 1: there is no env 'prd'"] = { env = { "dev", "prod" }, exclude = { { env = "prd" } } },
    ["exclude 1: there is no app 'shop'"] = { env = { "dev" }, exclude = { { app = "shop" } } },
    ["exclude 1 has an unknown field 'title'"] = { env = { "dev" }, exclude = { { title = "x" } } },
    ["exclude 1 has an unknown field 'set'"] = { env = { "dev" }, exclude = { { set = {} } } },
    ["override 2 needs `set`, a table of fields"] = { env = { "dev" }, override = { { set = {} }, { env = "dev" } } },
  } do
    it(message, function()
      local ok, err = pcall(function()
        matrix(spec)
      end)
      assert.is_false(ok)
      assert.matches("^tests/spec/matrix_spec.lua:%d+: ", err)
      assert.equal("cfkv.matrix: " .. message, (err:gsub("^.-:%d+: ", "")))
    end)
  end
end)
