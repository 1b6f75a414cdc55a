-- Whether a loop declares what it stands for. However it was found, each turn of it is gone through once more:
-- the Lua of its fields is read as Lua reads it, and what comes of it is held against the namespace that has
-- the title. What differs in anything is no loop.

local fields = require "import.fields"
local source = require "lua_source"

local proof = {}


-- ---- The little Lua that loops are written in ----------------------------------------------------
--
--   name  name.field  "text"  5  true  nil  { … }  ( … )  a .. b  a == b  a and b  a or b
--   a:upper()  a:gsub("%W", "_")

local PLAIN_ESCAPES = { n = "\n", r = "\r", t = "\t" }


-- A string in quotes at `at`, and where it ends.
local function read_string(lua, at)
  local quote, parts = lua:sub(at, at), {}
  at = at + 1
  while lua:sub(at, at) ~= quote do
    local char = lua:match("^[^\\\"']+", at) or lua:sub(at, at)
    if char == "\\" and lua:sub(at + 1, at + 1) == "x" then
      char, at = string.char(tonumber(lua:sub(at + 2, at + 3), 16)), at + 3
    elseif char == "\\" then
      char, at = lua:sub(at + 1, at + 1), at + 1
      char = PLAIN_ESCAPES[char] or char
    end
    assert(char ~= "", "a string without its end")
    parts[#parts + 1], at = char, at + #char
  end
  return table.concat(parts), at + 1
end


-- The words of an expression: { kind, value }.
local function words_of(lua)
  local words, at = {}, 1
  local function add(kind, value, stop)
    words[#words + 1] = { kind, value }
    at = stop
  end
  while at <= #lua do
    local name, number = lua:match("^[%a_][%w_]*", at), lua:match("^%-?%d[%w.+-]*", at)
    local sign = lua:match("^%.%.", at) or lua:match("^==", at) or lua:match("^[().:,]", at)
    if lua:find("^ ", at) then
      at = at + 1
    elseif lua:find("^[\"']", at) then
      add("text", read_string(lua, at))
    elseif lua:find("^{", at) then -- nothing stands behind a table but " or nil"
      local stop = lua:sub(-7) == " or nil" and #lua - 7 or #lua
      add("table", lua:sub(at, stop), stop + 1)
    elseif name then
      add("name", name, at + #name)
    elseif number then
      add("number", number, at + #number)
    else
      add("sign", assert(sign, lua), at + #sign)
    end
  end
  return words
end


local CONSTANTS = { ["true"] = true, ["false"] = false }

local read_or


local function accept(reader, kind, value)
  local word = reader.words[reader.at]
  if word and word[1] == kind and (not value or word[2] == value) then
    reader.at = reader.at + 1
    return word[2]
  end
end


local function read_name(reader, name)
  if CONSTANTS[name] ~= nil then
    return CONSTANTS[name]
  elseif name == "nil" then
    return nil
  end
  local value = reader.scope[name]
  while accept(reader, "sign", ".") do
    value = value[accept(reader, "name")]
  end
  return value
end


local function read_primary(reader)
  if accept(reader, "sign", "(") then
    local value = read_or(reader)
    assert(accept(reader, "sign", ")"))
    return value
  end
  local text = accept(reader, "text")
  if text then
    return text
  end
  local name = accept(reader, "name")
  if name then
    return read_name(reader, name)
  end
  return source.raw(accept(reader, "table") or assert(accept(reader, "number")))
end


local function read_calls(reader)
  local value = read_primary(reader)
  while accept(reader, "sign", ":") do
    local method = accept(reader, "name")
    assert(accept(reader, "sign", "("))
    local from = accept(reader, "text")
    local to = from and accept(reader, "sign", ",") and accept(reader, "text")
    assert(accept(reader, "sign", ")"))
    value = method == "upper" and value:upper() or value:gsub(from, to)
  end
  return value
end


local function read_joined(reader)
  local value = read_calls(reader)
  while accept(reader, "sign", "..") do
    value = value .. read_calls(reader)
  end
  return value
end


local function read_equal(reader)
  local value = read_joined(reader)
  if accept(reader, "sign", "==") then
    return value == read_joined(reader)
  end
  return value
end


local function read_and(reader)
  local value = read_equal(reader)
  while accept(reader, "name", "and") do
    local other = read_equal(reader)
    value = value and other
  end
  return value
end


function read_or(reader)
  local value = read_and(reader)
  while accept(reader, "name", "or") do
    local other = read_and(reader)
    value = value or other
  end
  return value
end


-- What an expression is in a scope. `known`: the words of expressions that were read before.
function proof.value(lua, scope, known)
  known[lua] = known[lua] or words_of(lua)
  local reader = { words = known[lua], at = 1, scope = scope }
  local value = read_or(reader)
  assert(reader.at == #reader.words + 1, lua)
  return value
end


-- ---- The turns of a loop -------------------------------------------------------------------------

local function is_skipped(block, parts)
  for _, m in ipairs(block.skipped) do
    if (not m.app or m.app == parts.app) and (not m.purpose or m.purpose == parts.purpose)
      and (not m.env or m.env == parts.env) then
      return true
    end
  end
  return false
end


-- Calls visit(parts) for each turn that declares something.
local function each_turn(block, visit)
  for _, app in ipairs(block.dims.app) do
    for _, purpose in ipairs(block.lists and block.lists[app] or block.dims.purpose) do
      for _, env in ipairs(block.dims.env) do
        local parts = { app = app, purpose = purpose, env = env }
        if not is_skipped(block, parts) then
          visit(parts)
        end
      end
    end
  end
end


local function row_of_part(rows, value)
  local row = {}
  for _, of in ipairs(rows) do
    for _, field in ipairs(of[1] == value and of[2] or {}) do
      row[field[1]] = field[2]
    end
  end
  return row
end


-- What the variables of the loops are in a turn. `tables`: the rows of each part that has some.
local function scope_of(block, parts, tables, letters)
  local scope = { app = parts.app, purpose = parts.purpose, env = parts.env }
  if block.affix then
    scope[block.affix] = block.affixes[parts.env]
  end
  for part, rows in pairs(tables) do
    scope[letters[part]] = row_of_part(rows, parts[part])
  end
  return scope
end


-- The fields that a turn gives its namespace, as tokens by name.
local function declared_in(row, scope, known)
  local of = {}
  for _, field in ipairs(row) do
    local value = field[2]
    if type(value) == "table" and value.kind == "raw" then
      value = proof.value(value.lua, scope, known)
    end
    if value ~= nil and not (field[1] == "ttl_seconds" and value == 0) then
      of[field[1]] = fields.token(value)
    end
  end
  return of
end


local function same_fields(of, ns)
  for _, name in ipairs(fields.COLUMNS) do
    local wanted = ns.fields[name] ~= nil and fields.token(ns.fields[name]) or nil
    if of[name] ~= wanted then
      return false
    end
  end
  return true
end


-- true when the turns of a block declare its namespaces, each once, with their fields and keys. `loop`: its
-- `row` as it is written, the `tables` and `letters` of its parts, its `title`, and `keys(ns)`: whether what
-- it puts into a namespace is what belongs there.
function proof.holds(block, loop)
  local wanted, known, n, ok = {}, {}, 0, true
  for _, ns in ipairs(block.list) do
    ok = ok and not wanted[ns.title]
    wanted[ns.title] = ns
  end
  each_turn(block, function(parts)
    n = n + 1
    if not ok or n > #block.list then
      ok = false
      return
    end
    local scope = scope_of(block, parts, loop.tables, loop.letters)
    local ns = wanted[proof.value(loop.title, scope, known)]
    ok = ns ~= nil and same_fields(declared_in(loop.row, scope, known), ns) and loop.keys(ns, parts)
    wanted[ns and ns.title or ""] = nil
  end)
  return ok and n == #block.list
end


return proof
