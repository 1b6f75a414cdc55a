-- What JSON Schemas are built of. A shape is a schema (2020-12) as a Lua table; `doc` says what it is
-- for. Objects are closed, and have all of their members but those that are optional.

local text = require "text"
local view = require "view"

local shape = {}

local DIALECT = "https://json-schema.org/draft/2020-12/schema"
local NAME = {} -- the member of a shape that is written once, under this name in $defs


local function with(schema, members)
  local copy = {}
  for _, from in ipairs { schema, members } do
    for name, value in pairs(from) do
      copy[name] = value
    end
  end
  return copy
end


function shape.any(doc)
  return { description = doc }
end


function shape.text(doc, pattern)
  return { type = "string", description = doc, pattern = pattern }
end


function shape.flag(doc)
  return { type = "boolean", description = doc }
end


function shape.integer(doc)
  return { type = "integer", description = doc }
end


-- 0 or more.
function shape.count(doc)
  return { type = "integer", minimum = 0, description = doc }
end


function shape.number(doc)
  return { type = "number", minimum = 0, description = doc }
end


function shape.constant(value, doc)
  return { const = value, description = doc }
end


function shape.word(doc, words)
  return { enum = words, description = doc }
end


function shape.list(doc, item)
  return { type = "array", items = item, description = doc }
end


-- An object whose members people name.
function shape.map(doc, member)
  return { type = "object", additionalProperties = member, description = doc }
end


function shape.object(doc, members)
  local properties, required = {}, {}
  for name, member in view.sorted(members) do
    properties[name] = member.optional or member
    required[#required + 1] = not member.optional and name or nil
  end
  return {
    type = "object", properties = properties, required = required[1] and required,
    additionalProperties = false, description = doc,
  }
end


-- A member of an object that need not be there.
function shape.optional(schema)
  return { optional = schema }
end


function shape.either(doc, schemas)
  return { anyOf = schemas, description = doc }
end


-- It, or null.
function shape.maybe(schema)
  if type(schema.type) == "string" then
    return with(schema, { type = { schema.type, "null" } })
  elseif schema.enum then
    local words = table.move(schema.enum, 1, #schema.enum, 1, {})
    words[#words + 1] = text.null
    return with(schema, { enum = words })
  end
  return shape.either(schema.description, { schema, { type = "null" } })
end


-- With further members of a schema.
function shape.both(schema, more)
  return with(schema, more)
end


-- The same for another purpose.
function shape.as(doc, schema)
  return with(schema, { description = doc })
end


-- What many places have is written once.
function shape.named(name, schema)
  return { [NAME] = name, shape = schema, description = schema.description }
end


-- ---- As JSON --------------------------------------------------------------------------------------

-- The schema with references in the place of what is named, which `defs` gets.
local function resolved(node, defs)
  if type(node) ~= "table" then
    return node
  end
  local name = node[NAME]
  if name then
    if not defs[name] then
      defs[name] = true -- it may hold itself
      defs[name] = resolved(node.shape, defs)
    end
    return { ["$ref"] = "#/$defs/" .. name, description = node.description }
  end
  local copy = {}
  for key, value in pairs(node) do
    if not view.is_array(value) or #value > 0 then -- what requires nothing says nothing
      copy[key] = resolved(value, defs)
    end
  end
  return copy
end


local function is_leaf(node)
  return type(node) ~= "table" or next(node) == nil
end


-- Lists are tables that have a first element: none of a schema is empty. A list of words is one line.
local function print(node, indent)
  if type(node) ~= "table" then
    return view.json(node)
  elseif next(node) == nil then
    return "{}"
  end
  local parts, inner = {}, indent .. "  "
  local one_line = node[1] ~= nil
  for i, item in ipairs(node) do
    one_line = one_line and is_leaf(item)
    parts[i] = print(item, inner)
  end
  if one_line then
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  local open, close = node[1] ~= nil and "[" or "{", node[1] ~= nil and "]" or "}"
  for name, member in view.sorted(node[1] == nil and node or {}) do
    parts[#parts + 1] = text.string(name) .. ": " .. print(member, inner)
  end
  return ("%s\n%s%s\n%s%s"):format(open, inner, table.concat(parts, ",\n" .. inner), indent, close)
end


-- The text of a whole schema; name and version are those of the document.
function shape.print(name, version, about, schema)
  local defs = {}
  local root = resolved(schema.shape or schema, defs)
  root["$defs"] = next(defs) and defs or nil
  root["$id"] = ("urn:cfkv:schema:%s:%d"):format((name:gsub(" ", "-")), version)
  root["$schema"] = DIALECT
  root.title = about
  return print(root, "") .. "\n"
end


return shape
