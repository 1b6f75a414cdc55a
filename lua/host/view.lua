-- What modules do with the tables of a view (src/host/host.h).

local text = require "text"

local view = {}


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
  elseif getmetatable(value) == "array" then
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


return view
