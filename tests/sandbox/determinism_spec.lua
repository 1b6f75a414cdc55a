-- The same input gives the same result, byte for byte, whatever the process was dealt: addresses,
-- the seed of Lua's string hash, the time.

local project = require "support.project"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local purposes = {}
for i = 1, 40 do
  purposes["purpose-" .. i * 7919 % 101] = { ttl_seconds = 60 + i, extra = { n = i, x = tostring({}) } }
end
for purpose, fields in pairs(purposes) do
  local ns = cfkv.namespace { app = "a", purpose = purpose, env = "dev", ttl_seconds = fields.ttl_seconds }
  ns:put("fields", { y = fields.extra.x, z = tostring(print), list = { next(purposes) } })
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  cfkv.output(purpose:gsub("%-", "_"), table.concat(names, ","))
end
local rows = {}
for i = 1, 300 do rows[i] = { key = i * 31 % 7, at = i } end
table.sort(rows, function(a, b) return a.key < b.key end)
local order = {}
for i, row in ipairs(rows) do order[i] = row.at end
cfkv.output("order", table.concat(order, " "))
]]


describe("six evaluations of a file", function()
  after_each(project.cleanup)

  it("are equal byte for byte", function()
    local p = project.new { ["kv.lua"] = CONFIG }
    local first = p:run("eval")
    assert.equal(0, first.code, first.err)
    assert.is_true(#first.out > 1000)
    for _ = 2, 6 do
      assert.equal(first.out, p:run("eval").out)
    end
  end)

  it("tell the same problems in the same order", function()
    local p = project.new {
      ["kv.lua"] = "local cfkv = require 'cfkv'\n"
        .. "cfkv.namespace { title = 'a', zz = 1, yy = 2, xx = 3, ww = 4, [1] = 5, [true] = 6 }\n",
    }
    local first = p:run("validate")
    assert.equal(3, first.code)
    for _ = 2, 6 do
      assert.equal(first.err, p:run("validate").err)
    end
  end)
end)
