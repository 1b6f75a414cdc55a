-- Addresses of resources as Terraform writes them, module.kv["eu"].cloudflare_workers_kv_namespace.this[0],
-- and names for people that are made of them.

local address = {}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }


-- `$${` and `%%{` are how a template says `${` and `%{`.
function address.literal(s)
  return (s:gsub("([$%%])%{", "%1%1{"))
end


-- "[0]", '["eu"]', "".
function address.index(key)
  if key == nil then
    return ""
  elseif type(key) == "number" then
    return ("[%d]"):format(key)
  end
  local quoted = key:gsub('[%c"\\]', function(char)
    return ESCAPES[char] or ("\\u%04x"):format(char:byte())
  end)
  return '["' .. address.literal(quoted) .. '"]'
end


local function join(module, rest)
  return module and module ~= "" and module .. "." .. rest or rest
end


-- Of all instances of a resource.
function address.resource(module, mode, type, name)
  return join(module, (mode == "data" and "data." or "") .. type .. "." .. name)
end


-- Where the brackets that open at `at` close.
local function end_of_index(s, at)
  local quoted = s:sub(at + 1, at + 1) == '"'
  local i = at + (quoted and 2 or 1)
  while i <= #s do
    local char = s:sub(i, i)
    if quoted and char == "\\" then
      i = i + 1
    elseif quoted and char == '"' then
      quoted = false
    elseif not quoted and char == "]" then
      return i
    end
    i = i + 1
  end
  return #s
end


-- Without indices, as a configuration knows it.
function address.configured(s)
  local parts, at = {}, 1
  while at <= #s do
    local open = s:find("[", at, true)
    parts[#parts + 1] = s:sub(at, (open or #s + 1) - 1)
    at = open and end_of_index(s, open) + 1 or #s + 1
  end
  return table.concat(parts)
end


-- What users call the program that made a state, by the address of a provider; `before`: what others said.
function address.program(provider, before)
  return type(provider) == "string" and provider:find("opentofu", 1, true) and "tofu" or before
end


-- The program of a CDKTF stack writes name_A1B2C3D4 for a construct's name.
local function without_hash(name)
  local head, hash = name:match "^(.+)_([0-9A-F]+)$"
  return head and #hash == 8 and hash:find "%u" and head or name
end


-- What people would call it: "kv_this_eu". `taken` has the names that are given away, one more after it.
function address.name(resource, taken)
  local module = (resource.module or ""):gsub("module%.", "")
  local words = join(module, without_hash(resource.name))
  if resource.index ~= nil then
    words = words .. "_" .. resource.index
  end
  local slug = words:gsub("[^%w]+", "_"):gsub("^_", ""):gsub("_$", "")
  slug = slug ~= "" and slug or "kv"
  local name, n = slug, 1
  while taken[name] do
    n = n + 1
    name = slug .. "_" .. n
  end
  taken[name] = true
  return name
end


return address
