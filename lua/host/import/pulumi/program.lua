-- A program in Pulumi YAML, `cfkv export --to pulumi` and those of others: what is written out there. What
-- needs Pulumi to be known (references, functions) is not known here.

local attributes = require "attributes"
local member = require "import.pulumi.member"
local resources = require "import.pulumi.resources"
local text = require "text"
local views = require "view"

local program = {}

local NO_VALUE = "the program makes it when it runs"
local SECRET = "it is a secret of the stack's configuration"


function program.recognises(value)
  for _, resource in pairs(member.object(value, "resources") or {}) do
    if member.kind(member.string(resource, "type")) then
      return true
    end
  end
  return false
end


-- A string without its references → the text; or nil and the one reference that it is, if it is one alone.
local function literal(s)
  local parts, at = {}, 1
  while at <= #s do
    local first = s:find("$", at, true)
    local next_char = first and s:sub(first + 1, first + 1)
    if not first then
      parts[#parts + 1], at = s:sub(at), #s + 1
    elseif next_char == "{" then
      return nil, first == 1 and s:match "^%${([^{}]*)}$" or nil
    else
      parts[#parts + 1] = s:sub(at, first)
      at = first + (next_char == "$" and 2 or 1)
    end
  end
  return table.concat(parts)
end


-- The properties as far as they are known: name → value; and name → why it is not, name → reference.
local function known_properties(resource)
  local known, why, from = setmetatable({}, { __metatable = "object" }), {}, {}
  for name, value in pairs(member.object(resource, "properties") or {}) do
    if type(value) == "string" then
      known[name], from[name] = literal(value)
      why[name] = known[name] == nil and NO_VALUE or nil
    elseif not member.is_object(value) then
      known[name] = value
    elseif member.string(value, "fn::secret") then
      known[name], from[name] = literal(value["fn::secret"])
      why[name] = SECRET
    elseif name == "metadata" then
      known[name] = value
    else
      why[name] = NO_VALUE
    end
  end
  return known, why, from
end


-- What the variable `cfkv` of our own export says: of each resource, by its name; nil: it is not one.
local function told(value)
  local ours = member.object(member.object(value, "variables"), "cfkv")
  if not ours then
    return nil
  end
  local of = {}
  for _, item in ipairs(member.list(ours, "attributes")) do
    local name = member.string(item, "resource")
    if name then
      of[name] = item
    end
  end
  return of
end


local function plain(value)
  if type(value) == "string" then
    return (literal(value))
  elseif type(value) ~= "table" or value == text.null then
    return value
  end
  local copy = setmetatable({}, { __metatable = getmetatable(value) })
  for name, item in pairs(value) do
    copy[name] = plain(item)
  end
  return copy
end


-- `rows` are those of `attributes`.
local function add_told(record, item, rows)
  for name, value in pairs(attributes.read(item and rows or {}, function(name)
    return plain(item[name])
  end)) do
    record[name] = value
  end
end


local function read_namespace(into, one, ours)
  local item = ours and ours[one.ref]
  if item and item.preview_of ~= nil then
    return -- it comes with the one that it is the preview of
  end
  local record = resources.namespace(one)
  add_told(record, item, attributes.NAMESPACE)
  if item and item.id ~= nil then
    record.id = plain(item.id)
  end
  record.exact = ours ~= nil or nil
  if not record.title and one.why.title then
    into.warn(one.line, "import.unknown", ("the title of namespace %s is not known: %s"):format(text.quoted(one.ref),
      one.why.title), "import the stack itself: pulumi stack export >stack.json")
    return
  end
  into.namespace(record)
  local binding = item and member.string(item, "binding")
  if binding then
    into.binding { ref = one.ref, name = plain(binding), line = one.line }
  end
end


local function read_key(into, one, ours, config)
  local of = one.from.namespaceId and one.from.namespaceId:match "^(.*)%.id$"
  one.place = of and { ref = of } or nil
  local record = resources.key(one)
  local setting = one.from.value and member.object(config, one.from.value)
  if record.value == nil then
    record.why = setting and member.flag(setting, "secret") and SECRET or one.why.value
  end
  record.secret = (setting and member.flag(setting, "secret") or one.why.value == SECRET) or nil
  add_told(record, ours and ours[one.ref], attributes.KEY)
  into.key(record)
end


-- A key whose value is no text; nil: the entry is none.
local function noted_key(item, line)
  local base64 = member.string(item, "base64")
  local record = { ref = member.string(item, "resource"), line = line, key = member.string(item, "key"),
    value = base64 and text.from_base64(base64) }
  if record.ref and record.key and record.value then
    record.key = literal(record.key)
    record.metadata = plain(item.metadata)
    add_told(record, item, attributes.KEY)
    return record
  end
end


-- Keys that stand in the variable alone.
local function read_noted(into, value, line)
  local ours = member.object(member.object(value, "variables"), "cfkv")
  for _, item in ipairs(member.list(ours, "keys")) do
    local record = noted_key(item, line)
    if record then
      into.key(record)
    else
      into.warn(line, "import.field", "variables.cfkv.keys: an entry without resource, key and base64 is left out",
        "export again, or take it out")
    end
  end
end


function program.read(document, _, into)
  local value, others = document.value, 0
  local ours, config = told(value), member.object(value, "config") or member.object(value, "configuration")
  for name, resource in views.sorted(value.resources) do
    local kind = member.kind(member.string(resource, "type"))
    if kind == "namespace" or kind == "key" then
      local known, why, from = known_properties(resource)
      local one = { resource = { properties = known }, ref = name, name = name, line = document.line,
        options = member.object(resource, "options"), why = why, from = from }
      if kind == "namespace" then
        read_namespace(into, one, ours)
      else
        read_key(into, one, ours, config)
      end
    else
      others = others + 1
    end
  end
  read_noted(into, value, document.line)
  into.foreign(others)
end


return program
