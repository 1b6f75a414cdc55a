-- The tables of fields that `cfkv help --json` prints: what they say is so, and the file for editors
-- says the same.
local cjson = require "cjson"
local project = require "support.project"

local help = project.new():run("help", "--json").json()

-- What LuaLS calls what the tables call so.
local TYPES = {
  any = { "any", "string|number|boolean", "string", "cfkv.value", "string|table", "cfkv.migration_run",
    "cfkv.migration_rewrite" },
  boolean = { "boolean" },
  duration = { "cfkv.duration", "integer|string" },
  integer = { "integer" },
  list = { "string[]", "string|string[]" },
  string = { "string" },
  time = { "cfkv.moment" },
  table = { "table<string, string>", "table<string, string|string[]>", "table<string, cfkv.binding_name>",
    "table<string, cfkv.row_type>", "(string|number|boolean)[]", "table<string, any>" },
}


-- The fields of a type and of those that it is based on, by name.
local function fields_of(name)
  local by_name, count = {}, 0
  while name do
    local kind = assert(help.types[name], name)
    for _, field in ipairs(kind.fields) do
      by_name[field.name] = by_name[field.name] or field
    end
    name = kind.base ~= cjson.null and kind.base or nil
  end
  for _ in pairs(by_name) do
    count = count + 1
  end
  return by_name, count
end


local function is_one_of(list, word)
  for _, other in ipairs(list) do
    if other == word then
      return true
    end
  end
  return false
end


-- '"managed"|"once"'
local function words(choices)
  return choices and '"' .. table.concat(choices, '"|"') .. '"'
end


describe("the file for editors", function()
  local function agrees(rows, type_name)
    local types, count = fields_of(type_name)
    assert.equal(#rows, count, type_name)
    for _, row in ipairs(rows) do
      local name, other = type_name .. "." .. row.name, types[row.name]
      assert.is_table(other, name)
      assert.equal(row.doc, other.doc, name)
      assert.equal(row.required, not other.optional, name)
      if row.fields then
        agrees(row.fields, row.or_text and other.type:match "^string|(.*)$" or other.type)
      elseif row.choices then
        local sorted = { table.unpack(row.choices) }
        table.sort(sorted)
        assert.is_true(other.type == words(row.choices) or other.type == words(sorted), name .. ": " .. other.type)
      else
        assert.is_true(is_one_of(TYPES[row.type], other.type), ("%s: %s, %s"):format(name, row.type, other.type))
      end
    end
  end

  for type_name, rows in pairs(help.fields) do
    it("says of " .. type_name .. " what its table says", function() agrees(rows, type_name) end)
  end


  it("describes no table of fields that is not there", function()
    local given = { ["cfkv.live_namespace"] = true, ["cfkv.policy_view"] = true, ["cfkv.policy_put"] = true }
    local members = {}
    for _, row in ipairs(help.fields["cfkv.project_fields"]) do
      members["cfkv." .. row.name] = true
    end
    for _, name in ipairs(help.lua) do
      for _, param in ipairs(name.module == "cfkv" and name.params or {}) do
        for type_name in param.type:gmatch "cfkv[%w_%.]+" do
          local kind = help.types[type_name]
          if kind.fields ~= cjson.null and #kind.fields > 0 and not given[type_name] then
            assert.is_truthy(help.fields[type_name] or members[type_name], type_name)
          end
        end
      end
    end
  end)
end)


describe("the limits of", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  -- How a value of a field is declared, by its table; %s is "name = value".
  local DECLARED = {
    ["cfkv.namespace_fields"] = 'cfkv.namespace { title = "n", %s }',
    ["cfkv.defaults"] = 'cfkv.project { name = "p", defaults = { %s } } cfkv.namespace { title = "n" }',
    ["cfkv.put_options"] = 'cfkv.namespace { title = "n" }:put("k", "v", { %s })',
    ["cfkv.bulk_item"] = 'cfkv.namespace { title = "n" }:bulk { { key = "k", value = "v", %s } }',
    ["cfkv.project_fields"] = 'cfkv.project { name = "p", %s } cfkv.namespace { title = "n" }',
  }
  local LIVE = {
    ["cfkv.key_put_options"] = 'cfkv.key.put(ns, "k", "v", { %s })',
    ["cfkv.live_item"] = 'cfkv.bulk.put(ns, { { key = "k", value = "v", %s } })',
    ["cfkv.bulk_put_options"] = 'cfkv.bulk.put(ns, { { key = "k", value = "v" } }, { %s })',
  }

  local function accepts(type_name, assignment)
    if DECLARED[type_name] then
      p:write("kv.lua", 'local cfkv = require "cfkv"\n' .. DECLARED[type_name]:format(assignment))
      return p:run("validate").code == 0
    end
    p:run("kv", "namespace", "create", "n", "--local")
    p:write("s.lua", 'local cfkv = require "cfkv"\nlocal ns = cfkv.namespace.get "n"\n'
      .. LIVE[type_name]:format(assignment))
    return p:run("run", "--local", "--strict", "s.lua").code == 0
  end

  local function try(type_name, inside, row)
    local function is(right, value)
      local assignment = inside:format(row.name .. " = " .. value)
      assert.equal(right, accepts(type_name, assignment), type_name .. " " .. assignment:sub(1, 80))
    end
    local moment = row.type == "time"
    if row.max then
      is(true, ("%d"):format(row.max))
      is(false, ("%d"):format(row.max + 1))
    end
    if row.min then
      is(true, ("%d"):format(moment and os.time() + 3600 or row.min))
      is(row.or_zero and row.min == 1 or false, ("%d"):format(row.min - 1))
      is(row.or_zero or false, "0")
      is(false, "-1")
    end
    if row.max_characters then
      is(true, ("('é'):rep(%d)"):format(row.max_characters))
      is(false, ("('é'):rep(%d)"):format(row.max_characters + 1))
    end
    if row.max_bytes and row.max_bytes < 4096 then
      local quotes = row.name == "metadata" and 2 or 0
      is(true, ("('x'):rep(%d)"):format(row.max_bytes - quotes))
      is(false, ("('x'):rep(%d)"):format(row.max_bytes - quotes + 1))
    end
    for _, choice in ipairs(row.choices or {}) do
      is(true, '"' .. choice .. '"')
    end
    if row.choices then
      is(false, '"other"')
    end
    local needed = "" -- what the others of its table cannot be without
    for _, member in ipairs(row.fields or {}) do
      needed = member.required and ("%s = 'x', "):format(member.name) or needed
    end
    for _, member in ipairs(row.fields or {}) do
      local beside = member.required and "" or needed
      try(type_name, inside:format(row.name .. " = { " .. beside .. "%s }"), member)
    end
  end

  for type_name in pairs(DECLARED) do
    it(type_name .. " are as it says", function()
      for _, row in ipairs(help.fields[type_name]) do
        try(type_name, "%s", row)
      end
    end)
  end

  for type_name in pairs(LIVE) do
    it(type_name .. " are as it says", function()
      for _, row in ipairs(help.fields[type_name]) do
        try(type_name, "%s", row)
      end
    end)
  end


  it("a value are as its row says", function()
    for _, row in ipairs(help.fields["cfkv.bulk_item"]) do
      if row.name == "value" then
        for more = 0, 1 do
          local value = ("value = ('x'):rep(%d)"):format(row.max_bytes + more)
          assert.equal(more == 0, accepts("cfkv.bulk_item", value))
        end
      end
    end
  end)
end)


describe("defaults", function()
  after_each(project.cleanup)

  it("are what an evaluated declaration of nothing has", function()
    local p = project.new { ["kv.lua"] = [[
      local cfkv = require "cfkv"
      cfkv.project { name = "p" }
      cfkv.namespace { title = "n" }
      cfkv.removed { title = "gone" }
      cfkv.wrangler { path = "wrangler.toml" }
    ]] }
    local model = project.ok(p:run "eval").json()
    local function same(rows, found)
      for _, row in ipairs(rows) do
        if row.fields and found[row.name] ~= cjson.null then
          same(row.fields, found[row.name])
        elseif row.default ~= nil and found[row.name] ~= nil then
          assert.equal(row.default, found[row.name], row.name)
        end
      end
    end
    same(help.fields["cfkv.project_fields"], model.project)
    same(help.fields["cfkv.namespace_fields"], model.namespaces[1])
    same(help.fields["cfkv.removed_fields"], model.removed[1])
    same(help.fields["cfkv.wrangler_fields"], model.wrangler[1])
  end)
end)


-- Names of fields that tables of calls write: { ["cfkv.namespace_fields"] = { title = "namespace { title …" } }
local function written(source)
  local found = {}
  source = source:gsub("%-%-[^\n]*", ""):gsub('"[^"\n]*"', '""')
  for call, fields in source:gmatch "cfkv%.(%l+)%s*%(?(%b{})" do
    local own = fields:sub(2, -2):gsub("%b{}", "{}"):gsub("%b()", "()")
    for name in own:gmatch "([%a_][%w_]*)%s*=%f[^=]" do
      local type_name = ("cfkv.%s_fields"):format(call)
      found[type_name] = found[type_name] or {}
      found[type_name][name] = call .. fields
    end
  end
  return found
end


describe("what examples write", function()
  local function check(source, where)
    local count = 0
    for type_name, names in pairs(written(source)) do
      local known = {}
      for _, row in ipairs(help.fields[type_name] or {}) do
        known[row.name] = true
      end
      for name, call in pairs(names) do
        assert.is_true(known[name], ("%s: %s in %s"):format(where, name, call))
        count = count + 1
      end
    end
    return count
  end

  it("are fields that there are, also where no run comes by", function()
    local count = 0
    for path in io.popen "find examples README.md lua/host/topic stdlib -name '*.lua' -o -name README.md":lines() do
      count = count + check(assert(io.open(path)):read "a", path)
    end
    assert.is_true(count > 50, tostring(count))
  end)


  it("is seen when it is wrong", function()
    assert.has_error(function() check('cfkv.namespace { title = "{", ttl = 3, f { a = 1 } } -- { x = 1 }', "here") end)
    assert.equal(1, check('cfkv.namespace { title = "a" .. b { ttl = 1 } } -- cfkv.project { x = 1 }', "here"))
  end)
end)
