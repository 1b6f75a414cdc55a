-- Objects of a manifest as their tool reads them: through protojson, which takes each field by either of
-- its two spellings (namespace_name, namespaceName), an int32 as a number or in digits, null as absent, and
-- refuses fields that it does not know.
--
--   local spec = proto.open(into, { path = "spec", line = 3 }, value)
--   local title = proto.string(spec, "namespace_name")
--   proto.close(spec)   tells of fields that nobody asked for
--
-- What is of the wrong type is refused by its name and line: it is no manifest that the tool took, and a
-- guess might say something else than its author meant.

local text = require "text"
local view = require "view"

local proto = {}

local CODE = "import.field"
local QUOTES = "put it into quotes: %s is a text there"


-- "namespace_name" → "namespaceName"
local function camel(name)
  return (name:gsub("_(%l)", string.upper))
end


-- An object whose fields are to be asked for; nil: it is none (null and nothing are told by the caller).
function proto.open(into, place, value)
  if value == nil or value == text.null then
    return nil
  elseif not view.is_object(value) then
    into.refuse(place.line, CODE, ("%s is %s, and an object is expected"):format(place.path, view.kind(value)),
      "write its fields below it, indented")
    return nil
  end
  return { into = into, path = place.path, line = place.line, value = value, asked = {} }
end


local function path_of(scope, name)
  return scope.path == "" and name or scope.path .. "." .. name
end


local function refuse_type(scope, name, value, expected, hint)
  scope.into.refuse(scope.line, CODE,
    ("%s is %s, and %s is expected"):format(path_of(scope, name), view.kind(value), expected), hint)
end


-- What a field holds, in whichever spelling, and how it is spelled; nil: nothing.
local function take(scope, name)
  local other = camel(name)
  local first, second = scope.value[name], scope.value[other]
  scope.asked[name], scope.asked[other] = true, true
  if other ~= name and first ~= nil and second ~= nil then
    scope.into.refuse(scope.line, CODE, ("%s and %s are one field, given twice"):format(path_of(scope, name),
      path_of(scope, other)), "leave one of them out")
    return nil
  end
  local value = first
  if value == nil then
    value, name = second, other
  end
  if value == text.null then
    value = nil
  end
  return value, name
end

proto.take = take


-- Whether there is something, be it of the wrong type.
function proto.has(scope, name)
  for _, spelled in ipairs { name, camel(name) } do
    local value = scope.value[spelled]
    if value ~= nil and value ~= text.null and value ~= "" then
      return true
    end
  end
  return false
end


-- A text; nil: nothing, or what is none.
function proto.string(scope, name)
  local value, spelled = take(scope, name)
  if value == nil or type(value) == "string" then
    return value
  end
  local word = type(value) == "table" and "write a text" or QUOTES:format(path_of(scope, spelled))
  refuse_type(scope, spelled, value, "a text", word)
end


-- An integer, given as a number or in digits.
function proto.integer(scope, name)
  local value, spelled = take(scope, name)
  if value == nil then
    return nil
  end
  local number = value
  if type(value) == "string" then
    number = #value <= 20 and value:find "^%-?%d+$" and math.tointeger(tonumber(value))
      or #value <= 20 and value:find "^%-?[%d.]+[eE]?[%+%-]?%d*$" and tonumber(value)
  end
  number = type(number) == "number" and math.tointeger(number)
  if not number or number < -2147483648 or number > 2147483647 then
    scope.into.refuse(scope.line, CODE, ("%s is %s, and a whole number of 32 bits is expected"):format(
      path_of(scope, spelled), type(value) == "string" and text.quoted(value)
        or type(value) == "number" and text.number(value) or view.kind(value)), "write one, such as 3600")
    return nil
  end
  return number
end


-- true or false.
function proto.boolean(scope, name)
  local value, spelled = take(scope, name)
  if value == nil or type(value) == "boolean" then
    return value
  end
  refuse_type(scope, spelled, value, "true or false", "write one of them, without quotes")
end


-- An object as a scope of its own; nil: nothing.
function proto.object(scope, name)
  local value, spelled = take(scope, name)
  return proto.open(scope.into, { path = path_of(scope, spelled), line = scope.line }, value)
end


-- A map of texts, as a scope that knows every field; nil: nothing.
function proto.map(scope, name)
  local map = proto.object(scope, name)
  if map then
    map.any = true
  end
  return map
end


-- The objects of a list, each as a scope.
function proto.list(scope, name)
  local value, spelled = take(scope, name)
  local scopes = {}
  if value == nil then
    return scopes
  elseif not view.is_array(value) then
    refuse_type(scope, spelled, value, "a list", "begin each item with a dash")
    return scopes
  end
  for i, item in ipairs(value) do
    local line = view.is_object(item) and math.type(item["@line"]) == "integer" and item["@line"] or scope.line
    scopes[#scopes + 1] = proto.open(scope.into, { path = ("%s[%d]"):format(path_of(scope, spelled), i - 1),
      line = line }, item)
  end
  return scopes
end


-- ---- Texts or references -------------------------------------------------------------------------

-- The fields of a reference; nil: it names nothing.
function proto.reference(scope)
  local kind, env, name = proto.string(scope, "kind"), proto.string(scope, "env"), proto.string(scope, "name")
  local path = proto.string(scope, "field_path") or proto.string(scope, "field")
  proto.close(scope)
  if not name or name == "" then
    return nil
  end
  return { kind = kind, env = env, name = name, path = path }
end


-- A StringValueOrRef: { value = TEXT } or { reference }, in an object or as a text by itself; nil: nothing;
-- false: what is neither, and was told.
function proto.value_or_reference(scope, name)
  local value, spelled = take(scope, name)
  if value == nil then
    return nil
  elseif type(value) == "string" then
    return { value = value }
  elseif type(value) ~= "table" then
    refuse_type(scope, spelled, value, "a text or a reference", QUOTES:format(path_of(scope, spelled)))
    return false
  end
  local inner = proto.open(scope.into, { path = path_of(scope, spelled), line = scope.line }, value)
  if not inner then
    return false
  end
  local plain, from = proto.string(inner, "value"), proto.object(inner, "value_from")
  proto.close(inner)
  local reference = from and proto.reference(from)
  if plain and plain ~= "" then
    return { value = plain }
  end
  return reference
end


-- ---- The rest ------------------------------------------------------------------------------------

-- Tells of the fields that nobody asked for. `what` says more, where they are no mistake.
function proto.close(scope)
  if not scope or scope.any then
    return
  end
  local names = {}
  for name in pairs(scope.value) do
    if not scope.asked[name] and name:sub(1, 1) ~= "@" then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    scope.into.warn(scope.line, "import.unknown", ("nothing is known of %s"):format(
      path_of(scope, text.name(name))), "it is left out; Planton refuses a field that it does not know")
  end
end


return proto
