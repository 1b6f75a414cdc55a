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


-- When memory is collected depends on the length of paths; a weak table would show it.
local WEAK = [[
local cfkv = require "cfkv"
local m, Class = {}, {}
local t = setmetatable({}, m)
m.__mode = %q
Class.__index = Class
local object = setmetatable({}, Class)
function Class.name() return "kept" end
Class.__mode = "kv"
t[1], t[{}], object.field = {}, 1, {}
local count = 0
while t[1] and object.field and count < 300000 do
  local garbage = { count }
  count = count + #garbage
  if count == 1000 then coroutine.wrap(function() for i = 1, 1e5 do garbage = { i } end end)() end
end
assert(getmetatable(object) == Class and object.name() == "kept" and m.__mode == %q)
cfkv.output("count", count)
]]


describe("a metatable that becomes weak later", function()
  after_each(project.cleanup)

  for _, mode in ipairs { "v", "k", "kv" } do
    it("loses nothing: " .. mode, function()
      local p = project.new { ["kv.lua"] = WEAK:format(mode, mode) }
      local r = p:run("eval")
      assert.equal(0, r.code, r.err)
      assert.is_truthy(r.out:find("300000", 1, true), r.out)
      assert.equal(r.out:gsub('"file": "[^"]*"', ""), (p:run("eval", p:path "kv.lua").out:gsub('"file": "[^"]*"', "")))
    end)
  end

  -- One C call that leaves more garbage than the cap allows: Lua itself collects then.
  it("ends the run when memory had to be collected at once", function()
    local code = [[
local m, parts = {}, {}
local t = setmetatable({ {} }, m)
for i = 1, 45 do
  local part = {}
  for k = 1, 10000 do part[k] = 100000 + i * 10000 + k end
  parts[i] = table.concat(part, " ")
end
local text = table.concat(parts, " ")
m.__mode = %s
local count = #text:gsub("%%d+", string.len)
m.__mode = nil
assert(count > 0)
]]
    local p = project.new { ["kv.lua"] = code:format "'v'", ["strong.lua"] = code:format "nil" }
    local strong = p:run("validate", "-f", "strong.lua", "--eval-memory", 16)
    assert.equal(0, strong.code, strong.err)
    local weak = p:run("validate", "--eval-memory", 16)
    assert.equal(3, weak.code)
    assert.is_truthy(weak.err:find("kv.lua:10: error: evaluation needs more than 16 MiB", 1, true), weak.err)
  end)
end)
