local text = require "text"

local yaml = {}

function yaml.list(items)
  return { kind = "list", items = items }
end

local function scalar(value)
  if type(value) ~= "string" then
    return tostring(value)
  end
  return (text.string(value):gsub("\x7F", "\\x7F"))
end

local function add(out, value, indent)
  if type(value) ~= "table" then
    out[#out + 1] = " " .. scalar(value) .. "\n"
    return
  end
  local list = value.kind == "list"
  local items = list and value.items or value
  out[#out + 1] = #items == 0 and (list and " []\n" or " {}\n") or "\n"
  for _, item in ipairs(items) do
    out[#out + 1] = indent .. (list and "-" or scalar(item[1]) .. ":")
    add(out, list and item or item[2], indent .. "  ")
  end
end

function yaml.document(fields)
  local out = {}
  add(out, fields, "")
  return table.concat(out):sub(2)
end

return yaml
