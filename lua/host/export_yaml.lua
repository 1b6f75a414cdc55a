local text = require "text"

local yaml = {}

function yaml.list(items)
  return { kind = "list", items = items }
end

-- Characters that end a line in YAML 1.1, or that no version of it allows as they are.
local function escaped(char)
  local code = utf8.codepoint(char)
  if code >= 0x7F and code < 0xA0 then
    return ("\\x%02X"):format(code)
  elseif code == 0x2028 or code == 0x2029 or code == 0xFEFF or code == 0xFFFE or code == 0xFFFF then
    return ("\\u%04X"):format(code)
  end
end


local function scalar(value)
  if type(value) ~= "string" then
    return tostring(value)
  end
  return (text.string(value):gsub("[\x7F\xC2\xE2\xEF][\x80-\xBF]*", escaped))
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
