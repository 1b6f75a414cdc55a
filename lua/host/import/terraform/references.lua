-- Which namespace a key is of where its id is not known yet: what a configuration refers to, and the ids of
-- `import` blocks.

local address = require "import.terraform.address"
local member = require "import.terraform.member"
local resources = require "import.terraform.resources"

local references = {}


-- ---- Ids of imports ------------------------------------------------------------------------------

-- The provider reads each part of such an id percent-decoded.
function references.decoded(s)
  return (s:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end


-- "ACCOUNT/NAMESPACE", "ACCOUNT/NAMESPACE/KEY" as parts; fewer are nil.
function references.split_import(id)
  local account, rest = id:match "^([^/]*)/(.*)$"
  if not account then
    return nil, id
  end
  local namespace, key = rest:match "^([^/]*)/(.*)$"
  return account, namespace or rest, key and references.decoded(key)
end


-- What the id of an import block says of a resource, where its members do not say it.
function references.set_import(context, resource, id)
  if type(id) ~= "string" then
    if id ~= nil then
      member.tell(context, resource.line, resource.address .. ": the id to import", "string", id)
    end
    return
  end
  local account, namespace, key = references.split_import(id)
  resource.account = account
  if resource.type == resources.NAMESPACE then
    resource.id = namespace
  elseif resource.type == resources.KEY then
    resource.more = resource.more or {}
    resource.more.key = key
    if not (resource.refs and resource.refs.namespace_id) then
      resource.more.id = namespace
    end
  end
end


-- ---- References of a plan's configuration --------------------------------------------------------

-- "a.b" of 'module.a[0].module.b["x"]'.
local function module_names(module)
  local names = address.configured(module):gsub("^module%.", ""):gsub("%.module%.", ".")
  return names
end


-- The expressions of each resource, by module names, type and name; modules within modules.
local function collect(module, path, found)
  for _, resource in ipairs(member.is_array(module.resources) and module.resources or {}) do
    if member.is_object(resource) and type(resource.type) == "string" and type(resource.name) == "string"
      and member.is_object(resource.expressions) then
      found[path .. "|" .. resource.type .. "." .. resource.name] = resource.expressions
    end
  end
  for name, call in pairs(member.is_object(module.module_calls) and module.module_calls or {}) do
    if member.is_object(call) and member.is_object(call.module) then
      collect(call.module, path == "" and name or path .. "." .. name, found)
    end
  end
  return found
end


local function starts_with(s, head)
  return s:sub(1, #head) == head
end


-- The address, within its module, of the namespace that an expression refers to, and whether it is the one of
-- the same each.key or count.index.
local function referred(expression)
  local list = member.is_object(expression) and member.is_array(expression.references) and expression.references or {}
  local found, same = nil, false
  for _, reference in ipairs(list) do
    if reference == "each.key" or reference == "each.value" or reference == "count.index" then
      same = true
    elseif type(reference) == "string" and not found then
      local bare = starts_with(reference, "data.") and reference:sub(6) or reference
      found = starts_with(bare, resources.NAMESPACE .. ".") and reference or nil
    end
  end
  return found and found:gsub("%.id$", ""):gsub("%.namespace_id$", ""), same
end


local function find(known, resource, expression)
  local found, same = referred(expression)
  if not found then
    return nil
  end
  local full = (resource.module and resource.module .. "." or "") .. found
  return known[full .. (same and address.index(resource.index) or "")] and full
    .. (same and address.index(resource.index) or "") or known[full] and full or nil
end


-- Sets `refs` of the keys in a list whose namespace has no id yet. `configuration`: that of the plan.
function references.resolve(list, configuration)
  local root = member.is_object(configuration) and configuration.root_module
  if not member.is_object(root) then
    return
  end
  local expressions, known = collect(root, "", {}), {}
  for _, resource in ipairs(list) do
    known[resource.address] = true
  end
  for _, resource in ipairs(list) do
    local of = expressions[(resource.module and module_names(resource.module) or "") .. "|" .. resource.type .. "."
      .. resource.name]
    if resource.type == resources.KEY and of and member.get(resource.values, "namespace_id") == nil then
      local ref = find(known, resource, of.namespace_id)
      resource.refs = ref and { namespace_id = ref }
    end
  end
end


return references
