-- The fields that a declaration gets, of a namespace as it was imported.

local source = require "lua_source"
local text = require "text"
local values = require "import.values"

local fields = {}

-- In the order in which they stand.
fields.COLUMNS = {
  "id", "title", "app", "purpose", "env", "account", "account_id", "ttl_seconds", "description", "owner", "binding",
  "jurisdiction", "mode", "create_options", "protect", "on_remove", "create", "preview",
  "fingerprint",
}

-- Those that say what a namespace is, not which one it is.
fields.ATTRIBUTES = table.move(fields.COLUMNS, 8, #fields.COLUMNS, 1, {})


-- nil for null, for "" and for a type that the field has not.
function fields.given(value, kind)
  if value == nil or value == text.null or value == "" or (kind and type(value) ~= kind) then
    return nil
  end
  return value
end

local given = fields.given


local function options_of(value)
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
  local ttl = math.type(given(raw.ttl_seconds)) == "integer" and raw.ttl_seconds ~= 0 and raw.ttl_seconds or nil
  local of = {
    app = given(raw.app, "string"), purpose = given(raw.purpose, "string"), env = given(raw.env, "string"),
    ttl_seconds = ttl and values.duration(ttl),
    description = given(raw.description, "string"), owner = given(raw.owner, "string"),
    binding = given(raw.binding, "string"), jurisdiction = given(raw.jurisdiction, "string"),
    mode = given(raw.mode, "string"), create_options = options_of(raw.create_options),
    protect = given(raw.protect, "boolean"), on_remove = given(raw.on_remove, "string"),
    preview = given(raw.preview) == true or nil, fingerprint = given(raw.fingerprint) == true or nil,
  }
  if raw.create == false then
    of.create = false
  end
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
