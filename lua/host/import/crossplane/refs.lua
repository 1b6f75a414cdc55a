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
  return { names = {}, namespaces = { labels = {} }, accounts = { labels = {}, by_name = {} }, found = {} }
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


-- Under each of its labels, so that a selector looks at few.
local function add_labelled(list, thing)
  list[#list + 1] = thing
  for name, value in pairs(thing.labels) do
    local label = ("%s=%s"):format(name, tostring(value))
    local those = list.labels[label] or {}
    list.labels[label] = those
    those[#those + 1] = thing
  end
end


-- A resource that others may refer to. `what`: "namespace" or "key" of ours, nil for others.
function refs.add(index, value, what)
  local name = type(value) == "table" and text_in(value, "metadata", "name")
  if not name then
    return
  elseif what == "namespace" then
    local namespace = text_in(value, "metadata", "namespace")
    index.names[name] = (index.names[name] or 0) + 1
    add_labelled(index.namespaces, { name = name, namespace = namespace, labels = labels_of(value) })
  elseif type(value.kind) == "string" and value.kind:lower() == "account" then
    local id = ids.hex(text_in(value, "status", "atProvider", "id"))
      or ids.hex(text_in(value, "metadata", "annotations", "crossplane.io/external-name"))
      or ids.hex(text_in(value, "spec", "accountId"))
    if id then
      index.accounts.by_name[name] = index.accounts.by_name[name] or id
      add_labelled(index.accounts, { id = id, labels = labels_of(value) })
    end
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


-- Those that have all of the labels, in their order.
local function selected(list, wanted)
  local fewest
  for name, value in pairs(wanted) do
    if name:sub(1, 1) ~= "@" then
      local those = list.labels[("%s=%s"):format(name, tostring(value))] or {}
      fewest = fewest and #fewest <= #those and fewest or those
    end
  end
  local found = {}
  for _, thing in ipairs(fewest or list) do
    if has_labels(thing, wanted) then
      found[#found + 1] = thing
    end
  end
  return found
end


-- What `fn` gives, made once for the same words.
local function once(index, key, fn)
  if not index.found[key] then
    index.found[key] = table.pack(fn())
  end
  return table.unpack(index.found[key], 1, 2)
end


-- The id of the account, and what it is called there: a name or labels. Nothing where nothing is said.
function refs.account(index, ref, selector)
  local name, wanted = ref and object.string(ref, "name"), labels_wanted(selector)
  if name then
    return index.accounts.by_name[name], name
  elseif not wanted then
    return nil
  end
  local words = shown(wanted)
  return once(index, "account\0" .. words, function()
    local first = selected(index.accounts, wanted)[1]
    return first and first.id, words
  end)
end


-- The only namespace with the labels that a manifest of `from` may mean; nil and why there is none.
local function select_namespace(index, from, wanted, words)
  local found
  for _, ns in ipairs(selected(index.namespaces, wanted)) do
    if not from or not ns.namespace or from == ns.namespace then
      if found then
        return nil, ("several namespaces have the labels %s"):format(text.quoted(words))
      end
      found = ns
    end
  end
  if not found then
    return nil, ("no namespace of this file has the labels %s"):format(text.quoted(words))
  end
  return refs.name(found.namespace, found.name)
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
  local words = shown(wanted)
  local found, why = once(index, ("namespace\0%s\0%s"):format(from or "", words), function()
    return select_namespace(index, from, wanted, words)
  end)
  return found and { ref = found }, why
end


return refs
