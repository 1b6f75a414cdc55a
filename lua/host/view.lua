-- What modules do with the tables of a view (src/host/host.h).

local text = require "text"

local view = {}


-- Values of a view, of any type. A table of a module's own is an object, unless it was made by view.array.
function view.is_array(value)
  return type(value) == "table" and getmetatable(value) == "array"
end


function view.is_object(value)
  return type(value) == "table" and getmetatable(value) ~= "array"
end


-- What a value is, in words.
function view.kind(value)
  if type(value) == "table" then
    return view.is_array(value) and "a list" or "an object"
  elseif type(value) == "string" then
    return "a text"
  end
  return type(value) == "number" and "a number" or type(value) == "boolean" and "true or false" or "null"
end


-- The value as a message has it: what it holds is not told of a list or an object.
function view.shown(value)
  if type(value) == "string" then
    return text.quoted(value)
  elseif type(value) == "table" or value == text.null then
    return view.kind(value)
  end
  return tostring(value)
end


-- As pairs, with the members of an object in the byte order of their names.
function view.sorted(object)
  local names = {}
  for name in pairs(object) do
    names[#names + 1] = name
  end
  table.sort(names)
  local i = 0
  return function()
    i = i + 1
    return names[i], object[names[i]]
  end
end


local function join(open, parts, close)
  return open .. table.concat(parts, ",") .. close
end


-- The canonical JSON of a value: what the state records of an output.
function view.json(value)
  local kind, parts = type(value), {}
  if value == text.null then
    return "null"
  elseif kind == "string" then
    return text.string(value)
  elseif kind == "number" then
    return text.number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif view.is_array(value) then
    for i, item in ipairs(value) do
      parts[i] = view.json(item)
    end
    return join("[", parts, "]")
  end
  for name, member in view.sorted(value) do
    parts[#parts + 1] = text.string(name) .. ":" .. view.json(member)
  end
  return join("{", parts, "}")
end


-- A list that is written as an array, be it empty.
function view.array(list)
  return setmetatable(list, { __metatable = "array" })
end


local function write(value, indent, out)
  if type(value) ~= "table" then
    out[#out + 1] = view.json(value)
    return
  end
  local is_array = view.is_array(value)
  local below, first = indent .. "  ", true
  out[#out + 1] = is_array and "[" or "{"
  for name, member in (is_array and ipairs or view.sorted)(value) do
    out[#out + 1] = (first and "\n" or ",\n") .. below .. (is_array and "" or text.string(name) .. ": ")
    write(member, below, out)
    first = false
  end
  out[#out + 1] = (first and "" or "\n" .. indent) .. (is_array and "]" or "}")
end


-- A document as `--json` prints it: members sorted, a line each.
function view.document(value)
  local out = {}
  write(value, "", out)
  return table.concat(out) .. "\n"
end


return view
