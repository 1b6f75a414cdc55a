-- stdlib/meta/cfkv.lua, which editors read: it describes all that there is, and nothing else.
local project = require "support.project"

local META = "stdlib/meta/cfkv.lua"

local function read_meta()
  local f = assert(io.open(META))
  local text = f:read "a"
  f:close()
  return text
end

-- The names below a table, as "key.put", sorted.
local WALK = [[
  local function walk(list, prefix, value)
    for name, member in pairs(value) do
      list[#list + 1] = prefix .. name
      if type(member) == "table" then walk(list, prefix .. name .. ".", member) end
    end
    return list
  end
  local function names(value)
    local list = walk({}, "", value)
    table.sort(list)
    return table.concat(list, "\n")
  end
]]

-- The same of what the file describes: it is run without the line that refuses to. Its `null` is nil.
local function described()
  local text = read_meta():gsub("\nerror%b()", "\n", 1)
  local run = assert(load(WALK .. "local value = (function() " .. text .. "\nend)() return names(value)"))
  return run()
end

-- The fields of an annotated class, as "a = false, b = false".
local function fields_of(class)
  local block = assert(read_meta():match("%-%-%-@class cfkv%." .. class .. "%f[^%w_][^\n]*\n(.-)\n[^%-]"), class)
  local list = {}
  for name in block:gmatch "%-%-%-@field ([%w_]+)" do
    list[#list + 1] = name .. " = print"
  end
  assert(#list > 0, class)
  return table.concat(list, ", ")
end

describe("the file for editors", function()
  local p

  before_each(function() p = project.new() end)
  after_each(project.cleanup)

  it("describes every function of the module that a configuration gets, and of that of scripts", function()
    local want = described()
    local code = WALK .. "print(names(require 'cfkv'))"
    p:write("kv.lua", code)
    p:write("seed.lua", code)
    local r = p:run("run", "--local", "seed.lua")
    assert.equal(want .. "\n", (r.out:gsub("null\n", "")), r.err)
    r = p:run("validate")
    assert.equal(0, r.code, r.err)
    assert.equal(want .. "\n", (r.err:gsub("null\n", "")))
  end)

  it("describes no field that a declaration does not take", function()
    p:write("kv.lua", ([[
      local cfkv = require "cfkv"
      cfkv.project { %s }
      cfkv.project { name = "p", defaults = { %s } }
      local ns = cfkv.namespace { title = "n" }
      cfkv.namespace { %s }
      ns:put("k", "v", { %s })
      ns:bulk { { %s } }
      ns:bulk({}, { %s })
      cfkv.wrangler { %s }
      cfkv.var("v", { %s })
      cfkv.getenv("E", { %s })
    ]]):format(fields_of "project_fields", fields_of "defaults", fields_of "namespace_fields",
      fields_of "put_options", fields_of "bulk_item", fields_of "bulk_options", fields_of "wrangler_fields",
      fields_of "var_options", fields_of "getenv_options"))
    local r = p:run("validate")
    assert.equal(3, r.code)
    assert.matches("kv.lua:11: error: ", r.err, 1, true)
    assert.is_nil(r.err:find("unknown field", 1, true), r.err)
  end)

  it("describes the members of a handle", function()
    p:write("kv.lua", [[
      local ns = require("cfkv").namespace { title = "n" }
      for _, name in ipairs { "id", "title", "address", "put", "bulk", "prune" } do assert(ns[name]) end
    ]])
    assert.equal(0, p:run("validate").code)
    local list = { fields_of "handle" }
    for name in read_meta():gmatch "\nfunction handle:(%w+)" do
      list[#list + 1] = name
    end
    assert.same({ "id = print, title = print, address = print", "put", "bulk", "prune" }, list)
  end)

  it("describes no option that a live call does not take", function()
    p:write("seed.lua", ([[
      local cfkv = require "cfkv"
      local ns = assert(cfkv.namespace.create "n")
      local function try(call, ...) print(select(2, pcall(call, ns, ...))) end
      try(cfkv.namespace.delete, { %s })
      try(cfkv.key.delete, "k", { %s })
      try(cfkv.bulk.delete, {}, { %s })
      try(cfkv.key.put, "k", "v", { %s })
      try(cfkv.key.list, { %s })
      try(cfkv.bulk.put, {}, { %s })
      try(cfkv.bulk.put, { { %s } })
      print(select(2, pcall(cfkv.rows.csv, "f.csv", { %s })))
    ]]):format(fields_of "delete_options", fields_of "delete_options", fields_of "delete_options",
      fields_of "key_put_options", fields_of "key_list_options",
      fields_of "bulk_put_options", fields_of "live_item", fields_of "csv_options"))
    local r = p:run("run", "--local", "seed.lua")
    assert.equal(0, r.code, r.err)
    assert.equal(8, select(2, r.out:gsub("seed.lua:%d+: [^\n]+must be", "")), r.out)
    assert.is_nil(r.out:find("unknown field", 1, true), r.out)
  end)
end)
