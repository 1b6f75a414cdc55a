-- How manifests refer to each other: by name (…Ref), or by labels (…Selector). What is in a file is
-- indexed first, since a reference may stand before what it names.

local ids = require "import.inventory"
local object = require "import.planton.proto"
local text = require "text"

local refs = {}


-- NAMESPACE/NAME of a manifest that lies in a namespace of the cluster, else its name; nil: it has none.
function refs.name(namespace, name)
  return name and (namespace and namespace .. "/" .. name or name)
end


function refs.new()
  return { namespaces = {}, names = {}, accounts = {} }
end


local function text_in(value, ...)
  for i = 1, select("#", ...) do
    if type(value) ~= "table" then
      return nil
    end
    value = value[select(i, ...)]
  end
  return type(value) == "string" and value or nil
end


local function labels_of(value)
  local metadata = type(value.metadata) == "table" and value.metadata
  return metadata and type(metadata.labels) == "table" and metadata.labels or {}
end


-- A resource that others may refer to. `what`: "namespace" or "key" of ours, nil for others.
function refs.add(index, value, what)
  local name = type(value) == "table" and text_in(value, "metadata", "name")
  if not name then
    return
  elseif what == "namespace" then
    local namespace = text_in(value, "metadata", "namespace")
    index.names[name] = (index.names[name] or 0) + 1
    index.namespaces[#index.namespaces + 1] = { name = name, namespace = namespace, labels = labels_of(value) }
  elseif type(value.kind) == "string" and value.kind:lower() == "account" then
    local id = ids.hex(text_in(value, "status", "atProvider", "id"))
      or ids.hex(text_in(value, "metadata", "annotations", "crossplane.io/external-name"))
      or ids.hex(text_in(value, "spec", "accountId"))
    index.accounts[#index.accounts + 1] = { name = name, id = id, labels = labels_of(value) }
  end
end


-- Several manifests of namespaces have that name.
function refs.is_twin(index, name)
  return (index.names[name] or 0) > 1
end


-- The labels of a selector; nil: there are none to go by.
local function labels_wanted(selector)
  local map = selector and object.object(selector, "match_labels")
  return map and next(map.value) ~= nil and map.value or nil
end


local function has_labels(thing, wanted)
  for name, value in pairs(wanted) do
    if name:sub(1, 1) ~= "@" and thing.labels[name] ~= value then
      return false
    end
  end
  return true
end


local function shown(wanted)
  local names = {}
  for name, value in pairs(wanted) do
    names[#names + 1] = ("%s=%s"):format(name, tostring(value))
  end
  table.sort(names)
  return table.concat(names, ",")
end


-- The id of the account, and what it is called there: a name or labels. Nothing where nothing is said.
function refs.account(index, ref, selector)
  local name, wanted = ref and object.string(ref, "name"), labels_wanted(selector)
  for _, account in ipairs(index.accounts) do
    if account.id and ((name and account.name == name) or (not name and wanted and has_labels(account, wanted))) then
      return account.id
    end
  end
  return nil, name or wanted and shown(wanted)
end


-- What into.key names its namespace by: { ref, ref_else }; nil and why there is none.
function refs.namespace(index, from, ref, selector)
  local name = ref and object.string(ref, "name")
  if name then
    return { ref = refs.name(object.string(ref, "namespace") or from, name), ref_else = name }
  end
  local wanted = labels_wanted(selector)
  if not wanted then
    return nil, "it names no namespace"
  end
  local found
  for _, ns in ipairs(index.namespaces) do
    if has_labels(ns, wanted) and (not from or not ns.namespace or from == ns.namespace) then
      if found then
        return nil, ("several namespaces have the labels %s"):format(text.quoted(shown(wanted)))
      end
      found = ns
    end
  end
  if not found then
    return nil, ("no namespace of this file has the labels %s"):format(text.quoted(shown(wanted)))
  end
  return { ref = refs.name(found.namespace, found.name) }
end


return refs
