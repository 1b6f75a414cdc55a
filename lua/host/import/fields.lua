-- The fields that a declaration gets, of a namespace as it was imported.

local attributes = require "attributes"
local source = require "lua_source"
local text = require "text"
local values = require "import.values"

local fields = {}

-- Those that say what a namespace is, not which one it is.
fields.ATTRIBUTES = {}

-- All, in the order in which they stand.
fields.COLUMNS = { "id", "title", "app", "purpose", "env", "account", "account_id" }

local PARTS = { app = true, purpose = true, env = true }

for _, row in ipairs(attributes.NAMESPACE) do
  if not PARTS[row[1]] and row[1] ~= "preview_of" then
    table.insert(fields.ATTRIBUTES, row[1])
    table.insert(fields.COLUMNS, row[1])
  end
end


-- nil for null, for "" and for a type that the field has not.
function fields.given(value, kind)
  if value == nil or value == text.null or value == "" or (kind and type(value) ~= kind) then
    return nil
  end
  return value
end

local given = fields.given


-- What is declared for a value, by the kinds of `attributes`; nil: nothing, or what goes without saying.
local DECLARED = {}


function DECLARED.integer(value, usual)
  return math.type(value) == "integer" and value ~= usual and value or nil
end


function DECLARED.boolean(value, usual)
  if type(value) == "boolean" and value ~= usual then
    return value
  end
end


function DECLARED.table(value)
  return given(value, "table") and next(value) ~= nil and values.lua(value) or nil
end


-- ---- What cfkv takes -----------------------------------------------------------------------------

-- Why a text cannot be declared as it is; nil: it can.
function fields.fault(name, s)
  local n, longest = utf8.len(s), text.longest(name)
  if not n then
    return "is not valid UTF-8"
  elseif name ~= "description" and s:find "[%z\1-\31\127]" then
    return "has a control character"
  elseif longest and n > longest then
    return ("has %d characters, more than %d"):format(n, longest)
  elseif name == "binding" and not s:find "^[%a_$][%w_$]*$" then
    return "is no name of a binding"
  end
end


-- Takes out what would be refused, and says so.
local function take_out(of)
  local left = {}
  for _, name in ipairs(fields.COLUMNS) do
    local fault = type(of[name]) == "string" and fields.fault(name, of[name])
    if fault then
      left[#left + 1] = ("its %s %s"):format(name, fault)
      of[name] = nil
    end
  end
  local ttl = of.ttl_seconds
  if math.type(ttl) == "integer" and ttl < 60 then
    left[#left + 1] = ("its ttl_seconds is %d, less than 60"):format(ttl)
    of.ttl_seconds = nil
  end
  return left
end


-- What a namespace of the inventory declares: a table of values as lua_source writes them. Absent is what
-- goes without saying. Returns also what was left out, a list of words.
function fields.of(raw)
  local of = {}
  for _, row in ipairs(attributes.NAMESPACE) do
    local name, kind, usual = row[1], row[2], row[3]
    if DECLARED[kind] then
      of[name] = DECLARED[kind](raw[name], usual)
    elseif name ~= "preview_of" then
      of[name] = given(raw[name], "string")
    end
  end
  of.ttl_seconds = of.ttl_seconds and values.duration(of.ttl_seconds)
  of.protect = given(raw.protect, "boolean") -- false says something where an environment is protected
  return of, take_out(of)
end


-- The fields as lua_source has them, in their order.
function fields.row(of)
  local row = {}
  for _, name in ipairs(fields.COLUMNS) do
    if of[name] ~= nil then
      row[#row + 1] = { name, of[name] }
    end
  end
  return row
end


-- A text that is the same where two values are.
function fields.token(value)
  return value == nil and "" or source.inline(value)
end


return fields
