-- Values of others as Lua: what is read back as the same bytes, in the way a person would write it.

local source = require "lua_source"
local text = require "text"
local view = require "view"

local values = {}

local TABLE_MAX = 1000 -- bytes of a JSON text that becomes a table; longer ones are not for people


-- ---- Durations -----------------------------------------------------------------------------------

local UNITS = { { "d", 86400 }, { "h", 3600 }, { "m", 60 } }


-- "1h" for 3600; the number itself where no unit says it whole.
function values.duration(seconds)
  for _, unit in ipairs(UNITS) do
    if math.type(seconds) == "integer" and seconds >= unit[2] and seconds % unit[2] == 0 then
      return seconds // unit[2] .. unit[1]
    end
  end
  return seconds
end


-- "2033-05-18T03:33:20Z" for 2000000000; the number itself where that is no time that cfkv takes.
function values.moment(at)
  if math.type(at) ~= "integer" or at < 1 or at > 2147483647 then
    return at
  end
  -- Years begin with March here, so that a leap day is the last one.
  local days, second = at // 86400 + 719468, at % 86400
  local era, day = days // 146097, days % 146097
  local year = (day - day // 1460 + day // 36524 - day // 146096) // 365
  local of_year = day - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local date = of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return ("%04d-%02d-%02dT%02d:%02d:%02dZ"):format(year, month, date, second // 3600, second // 60 % 60, second % 60)
end


-- ---- JSON ----------------------------------------------------------------------------------------

local lua_of

local function object_of(value)
  local names, fields = {}, {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    fields[i] = { name, lua_of(value[name]) }
  end
  return fields
end


local function array_of(value)
  local items = {}
  for i, item in ipairs(value) do
    items[i] = lua_of(item)
  end
  return #items > 0 and source.list(items) or source.raw "cfkv.array {}"
end


-- What lua_source writes of a value of a view.
function lua_of(value)
  if value == text.null then
    return source.raw "cfkv.null"
  elseif type(value) == "table" then
    return view.is_array(value) and array_of(value) or object_of(value)
  elseif math.type(value) == "float" then
    return source.raw(text.number(value))
  end
  return value
end

values.lua = lua_of


-- A number that Lua does not read back as JSON writes it.
local function has_odd_number(value)
  if type(value) == "number" then
    return math.type(value) == "float" and (value == 0 or value ~= value or value - value ~= 0)
      or value == math.mininteger
  end
  for _, item in pairs(type(value) == "table" and value or {}) do
    if has_odd_number(item) then
      return true
    end
  end
  return false
end


-- The value of a key: a table where cfkv makes the very same bytes of it, else a string.
function values.of_key(bytes)
  if #bytes > TABLE_MAX or not bytes:find "^[{[]" then
    return bytes
  end
  local value, canonical = text.json(bytes)
  if canonical ~= bytes or bytes:find("-0", 1, true) or has_odd_number(value) then
    return bytes
  end
  return lua_of(value)
end


-- Metadata, a JSON text, as the option of a put.
function values.metadata(json)
  local value = text.json(json)
  if value == nil then
    return nil
  elseif has_odd_number(value) then
    return source.raw("cfkv.json.decode(" .. source.string(json) .. ")")
  end
  return lua_of(value)
end


return values
