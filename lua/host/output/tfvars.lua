-- name = EXPRESSION, for terraform -var-file. Terraform normalises strings to NFC.

local outputs = require "outputs"
local view = require "view"

local tfvars = { about = "HCL for terraform -var-file" }

local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }


-- `${` and `%{` begin templates in HCL, unless their first character is there twice.
local function quoted(s)
  s = s:gsub('[%c"\\]', function(c)
    return ESCAPES[c] or ("\\u%04x"):format(c:byte())
  end)
  return '"' .. s:gsub("([$%%]){", "%1%1{") .. '"'
end


local function expression(value)
  local parts = {}
  if type(value) == "string" then
    return quoted(value)
  elseif type(value) ~= "table" then
    return view.json(value)
  elseif view.is_array(value) then
    for i, item in ipairs(value) do
      parts[i] = expression(item)
    end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  for name, member in view.sorted(value) do
    parts[#parts + 1] = quoted(name) .. " = " .. expression(member)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end


function tfvars.entries(all)
  local problems = {}
  outputs.check_identifiers(all, problems)
  return outputs.entries(all, problems, function(name, value)
    return name .. " = " .. expression(value) .. "\n"
  end)
end


return tfvars
