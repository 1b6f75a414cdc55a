-- Resources of Pulumi as the inventory takes them, whether they come from a stack or from a program. A
-- resource is { kind, resource, ref, line }, `ref` being what others refer to it by.

local ids = require "import.inventory"
local member = require "import.pulumi.member"
local text = require "text"
local view = require "view"

local resources = {}


-- ACCOUNT/NAMESPACE, as an import leaves it.
local function split_id(id)
  if type(id) ~= "string" then
    return nil, id
  end
  local account, namespace = id:match "^([^/]*)/([^/]*)$"
  return account, namespace or id
end


-- What is no text is told by the inventory; an empty one is none.
local function some(value)
  return value ~= "" and value or nil
end


function resources.namespace(one)
  local resource = one.resource
  local id_account, id = split_id(member.property(resource, "id") or some((member.unwrap(resource.id))))
  local title = member.property(resource, "title")
  return {
    ref = one.ref, line = one.line, name = one.name,
    id = some(id), account = some(member.property(resource, "accountId")) or some(id_account), title = some(title),
    protect = member.flag(one.options, "protect") or nil,
    on_remove = member.flag(one.options, "retainOnDelete") and "keep" or nil,
  }
end


-- Where a key or a binding finds its namespace: by id, else by what the property was made of.
function resources.place(one, value, property)
  if type(value) == "string" and ids.hex(value) then
    return { id = value }
  end
  local _, id = split_id(value)
  if ids.hex(id) then
    return { id = id }
  end
  local from = member.list(member.object(one.resource, "propertyDependencies"), property)[1]
  return type(from) == "string" and { ref = from } or { id = value }
end


-- Metadata is a JSON text, or an object where people took the documentation at its word.
local function metadata_of(resource)
  local metadata = member.property(resource, "metadata")
  return some(metadata)
end


function resources.key(one)
  local resource = one.resource
  local value, secret, why = member.property(resource, "value")
  local place = one.place or resources.place(one, member.property(resource, "namespaceId"), "namespaceId")
  return {
    id = place.id, ref = place.ref, line = one.line, of = one.name,
    account = some(member.property(resource, "accountId")), key = member.property(resource, "keyName", "key"),
    value = value, why = value == nil and why or nil, secret = secret or nil, metadata = metadata_of(resource),
  }
end


-- ---- Workers -------------------------------------------------------------------------------------

local function add_binding(list, one, worker, env, name, id)
  local place = resources.place(one, id, "bindings")
  list[#list + 1] = { id = place.id, ref = place.ref, name = name, worker = worker, env = env, line = one.line }
end


-- v6: bindings of all kinds; v5 and before: those of KV alone.
function resources.worker(one)
  local resource, list = one.resource, {}
  local worker = member.property(resource, "scriptName", "name", "workerId")
  worker = type(worker) == "string" and worker or nil
  for _, property in ipairs { "bindings", "kvNamespaceBindings" } do
    local bindings = member.property(resource, property)
    for _, item in ipairs(view.is_array(bindings) and bindings or {}) do
      item = member.unwrap(item)
      local kind = member.is_object(item) and member.unwrap(item.type)
      if member.is_object(item) and (property == "kvNamespaceBindings" or kind == "kv_namespace") then
        add_binding(list, one, worker, nil, member.unwrap(item.name), member.unwrap(item.namespaceId))
      end
    end
  end
  return list
end


-- deploymentConfigs.{preview,production}.kvNamespaces: from name to id, or to { namespaceId }.
function resources.pages(one)
  local list = {}
  local worker = member.property(one.resource, "name")
  local configs = member.property(one.resource, "deploymentConfigs")
  for _, env in ipairs { "preview", "production" } do
    local config = member.unwrap(member.is_object(configs) and configs[env] or nil)
    local names = member.unwrap(member.is_object(config) and config.kvNamespaces or nil)
    local sorted = {}
    for name in pairs(member.is_object(names) and names or {}) do
      sorted[#sorted + 1] = name
    end
    table.sort(sorted)
    for _, name in ipairs(sorted) do
      local id = member.unwrap(names[name])
      id = member.is_object(id) and member.unwrap(id.namespaceId) or id
      add_binding(list, one, type(worker) == "string" and worker or nil, env == "preview" and env or nil, name, id)
    end
  end
  return list
end


-- ---- What is told --------------------------------------------------------------------------------

local function tell_namespace(into, one)
  local ns = resources.namespace(one)
  local _, _, why = member.property(one.resource, "title")
  if not ns.title and why then
    into.warn(one.line, "import.unknown", ("the title of namespace %s is not known: %s"):format(text.quoted(one.name
      or one.ref or ""), why), "with credentials it is looked up by the id; else write it into kv.lua")
  end
  into.namespace(ns)
end


local function tell_bindings(into, bindings)
  for _, binding in ipairs(bindings) do
    if binding.id ~= nil or binding.ref ~= nil then
      into.binding(binding)
    end
  end
end


function resources.tell(into, one)
  if one.kind == "namespace" then
    tell_namespace(into, one)
  elseif one.kind == "key" then
    into.key(resources.key(one))
  else
    tell_bindings(into, resources[one.kind](one))
  end
end


return resources
