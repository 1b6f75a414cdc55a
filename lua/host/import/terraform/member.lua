-- Members of what Terraform wrote, which may be anything: one of the wrong type is told with its name,
-- what it is and its line, and counts as not given.
--
-- A `context` is what one file is read with: { into, view, line }; `said` holds what is said once.

local text = require "text"
local view = require "view"

local member = {}

local KINDS = {
  string = "a text", integer = "an integer", boolean = "true or false", object = "an object", array = "a list",
}


-- Of the document: template.UNKNOWN is none.
function member.is_object(value)
  return type(value) == "table" and getmetatable(value) == "object"
end


member.is_array = view.is_array


local function kind_of(value)
  if member.is_array(value) then
    return "array"
  elseif type(value) == "table" then
    return "object"
  end
  return math.type(value) or type(value)
end


-- The value, nil for null and what is not there, whatever it is.
function member.get(object, name)
  local value = object[name]
  if value == text.null then
    return nil
  end
  return value
end


-- The line of a record that has one.
function member.line(record, context)
  local line = member.is_object(record) and record["@line"]
  return math.type(line) == "integer" and line or context.line
end


function member.tell(context, line, name, kind, value)
  context.into.warn(line, "import.field",
    ("%s: %s is expected, this is %s"):format(name, KINDS[kind], view.shown(value)), "it counts as not given")
end


-- The value of a member, if it is of that kind. `name`: of the member; `of`: what it is a member of.
function member.take(context, object, name, kind, line, of)
  local value = member.get(object, name)
  if value == nil or kind_of(value) == kind then
    return value
  end
  member.tell(context, line, of and of .. "." .. name or name, kind, value)
  return nil
end


-- The index of an instance, a text or an integer; nil: it has none.
function member.index(context, record, name, line, of)
  local index = member.get(record, name)
  if index == nil or type(index) == "string" or math.type(index) == "integer" then
    return index
  elseif math.type(index) == "float" and math.tointeger(index) then
    return math.tointeger(index)
  end
  member.tell(context, line, of .. "." .. name, "string", index)
end


-- The objects of a list, one after the other; what is none is told.
function member.objects(context, list, line, of)
  local i = 0
  return function()
    while list and i < #list do
      i = i + 1
      if member.is_object(list[i]) then
        return list[i]
      end
      member.tell(context, line, ("%s[%d]"):format(of, i - 1), "object", list[i])
    end
  end
end


-- true the first time.
function member.once(context, what)
  local first = not context.said[what]
  context.said[what] = true
  return first
end


return member
