-- Manifests of Crossplane's Cloudflare providers and of operators like them: YAML documents, or what
-- `kubectl get -o json` prints of them.
--
-- There are many providers, and a kind is called the same in most: what is read goes by the kind, whatever
-- group of Cloudflare's it is in, and GROUPS only says what is special about one. `initProvider` is what a
-- provider sets once; `forProvider`, what it keeps.

local attributes = require "attributes"
local beside = require "import.beside"
local ids = require "import.inventory"
local let_go = require "import.crossplane.let_go"
local object = require "import.planton.proto"
local refs = require "import.crossplane.refs"
local text = require "text"
local views = require "view"

local crossplane = { tool = "crossplane" }

local FIELD = "import.field"

-- What is known of a group; all others are read alike, and told.
local GROUPS = {
  ["workers.upjet-cloudflare.upbound.io"] = {},
  ["workers.upjet-cloudflare.m.upbound.io"] = {},
  ["workers.cloudflare.upbound.io"] = {},
  ["workers.cloudflare.m.upbound.io"] = {},
  ["worker.cloudflare.upbound.io"] = {},
  ["workers.cloudflare.crossplane.io"] = {},
  ["workers.cloudflare.m.crossplane.io"] = {},
  ["kv.cloudflare.crossplane.io"] = { namespace_kind = "namespace" }, -- an article's, that people copy
  ["flare.dev"] = { keeps = true }, -- its deletionPolicy is Orphan where nothing is said
  ["kv.cloudflare.flare.dev"] = { keeps = true },
  ["cloudflare.k1c.io"] = { titles = true }, -- the title is made of the names
}

local KINDS = { kvnamespace = "namespace", workerskvnamespace = "namespace", kv = "key", workerskv = "key" }


-- ---- Documents -----------------------------------------------------------------------------------

local function is_ours(group)
  return group:find("cloudflare", 1, true) or group == "flare.dev" or group:sub(-7) == ".k1c.io"
end


-- "namespace" or "key", and the group, of a resource; nothing when it is none of ours.
local function what_is(value)
  if not views.is_object(value) or type(value.kind) ~= "string" or type(value.apiVersion) ~= "string" then
    return nil
  end
  local slash = value.apiVersion:find("/", 1, true)
  local group = slash and value.apiVersion:sub(1, slash - 1):lower()
  if not group or not is_ours(group) then
    return nil
  end
  local kind, known = value.kind:lower(), GROUPS[group]
  return known and known.namespace_kind == kind and "namespace" or KINDS[kind], group
end


local function is_list(value)
  return views.is_object(value) and type(value.kind) == "string" and value.kind:sub(-4) == "List"
    and views.is_array(value.items)
end


-- Calls `fn(value, line)` for each resource of a document, those of lists one by one; lists may lie in lists.
local function each(value, line, fn)
  if not is_list(value) then
    return fn(value, line)
  end
  for _, item in ipairs(value.items) do
    each(item, views.is_object(item) and math.type(item["@line"]) == "integer" and item["@line"] or line, fn)
  end
end


function crossplane.recognises(document)
  local known = false
  each(document.value, 1, function(value)
    known = known or what_is(value) ~= nil
  end)
  return known
end


-- ---- A file --------------------------------------------------------------------------------------

local files = setmetatable({}, { __mode = "k" }) -- by the view

-- What its documents refer to each other by, and what was said of it.
local function file_of(view)
  local file = files[view]
  if not file then
    file = { said = {}, index = refs.new() }
    files[view] = file
    for _, document in ipairs(view.documents) do
      each(document.value, document.line, function(value)
        refs.add(file.index, value, what_is(value))
      end)
    end
  end
  return file
end


local function once(doc, what)
  local first = not doc.file.said[what]
  doc.file.said[what] = true
  return first
end


-- ---- Fields --------------------------------------------------------------------------------------

-- A text below forProvider, else below initProvider, and whether it was the latter; by whichever of its names.
local function provided(doc, ...)
  for i = 1, select("#", ...) do
    local name = select(i, ...)
    local kept = doc.keeps and object.string(doc.keeps, name)
    if kept then
      return kept, false
    end
    local once_set = doc.init and object.string(doc.init, name)
    if once_set then
      return once_set, true
    end
  end
end


-- The same of a field of any type.
local function provided_any(doc, name)
  local kept = doc.keeps and object.take(doc.keeps, name)
  if kept == nil then
    kept = doc.init and object.take(doc.init, name)
  end
  return kept
end


local function provided_object(doc, name)
  local kept = doc.keeps and object.object(doc.keeps, name)
  return kept or doc.init and object.object(doc.init, name)
end


-- ID, or ACCOUNT/ID as some import by.
local function parts_of(given)
  local account, id = given:match "^(%x+)/(%x+)$"
  return ids.hex(id or given), ids.hex(account)
end


-- The id that the provider wrote down, and the account of it, if that says so.
local function id_of(doc)
  local given = doc.annotations["crossplane.io/external-name"] or doc.annotations["flare.dev/external-id"]
  local status = object.object(doc.scope, "status")
  local at = status and object.object(status, "atProvider")
  local seen = at and (object.string(at, "id") or object.string(at, "namespace_id"))
  doc.observed_title = at and object.string(at, "title")
  for _, word in ipairs { given or false, seen or false } do
    local id, account = parts_of(word or "")
    if id then
      return id, account
    end
  end
  -- Before it is created the name of the manifest stands there.
  local wrong = given and given ~= "" and given ~= doc.name and given or seen and seen ~= "" and seen
  if wrong then
    doc.into.warn(doc.line, "import.id", ("the id of %s is %s, and 32 hexadecimal digits are expected"):format(doc.told,
      text.quoted(wrong)), "the namespace is found by its title")
  end
end


local function account_of(doc)
  local given = provided(doc, "account_id")
  if given then
    local account = ids.hex(given)
    if not account then
      doc.into.warn(doc.line, "import.account", ("accountId is %s, and 32 hexadecimal digits are expected"):format(
        text.quoted(given)), "write the account's id there; without, the account that the credentials name is meant")
    end
    return account
  end
  local account, name = refs.account(doc.file.index, provided_object(doc, "account_id_ref")
    or object.object(doc.spec, "account_ref"), provided_object(doc, "account_id_selector"))
  if not account and once(doc, "account") then
    doc.into.warn(doc.line, "import.account", name
        and ("the account is what %s is in the cluster, and that is not in this file"):format(text.quoted(name))
        or "the manifests name no account: their provider's configuration does",
      "they are taken to be of the account that the credentials, or `account_id` of cfkv.project, name")
  end
  return account
end


-- What becomes of the namespace when the manifest goes; and false where the provider only looks.
local function policies_of(doc)
  local policy, old = object.string(doc.spec, "deletion_policy"), object.string(doc.spec, "management_policy")
  local may = object.take(doc.spec, "management_policies")
  local deletes, only_looks = true, old == "ObserveOnly"
  if may ~= nil and not views.is_array(may) then
    doc.into.refuse(doc.line, FIELD, "spec.managementPolicies is no list", "write [\"*\"], or a list of words")
  elseif may and #may > 0 then
    local has = {}
    for _, word in ipairs(may) do
      has[word] = true
    end
    deletes = has["*"] or has.Delete
    only_looks = only_looks or (#may == 1 and has.Observe)
  end
  local orphans = policy == "Orphan" or (not policy and doc.group.keeps)
  local keeps = orphans or old == "OrphanOnDelete" or (not deletes and not only_looks)
  local create
  if only_looks then
    create = false
  end
  if not keeps and policy == "Delete" and beside.text(doc, "exported") then
    return "delete", create -- somebody declared it; elsewhere it is what goes without saying
  end
  return keeps and "keep" or nil, create
end


-- ---- Resources -----------------------------------------------------------------------------------

local function title_of(doc)
  local title = provided(doc, "title")
  if not title and doc.group.titles and doc.name then
    return ("k1c/%s/%s"):format(doc.namespace or "default", doc.name)
  end
  return title or doc.observed_title
end


local function read_namespace(doc)
  if beside.text(doc, "preview-of") then
    return -- `preview` of the other one declares it
  end
  local id, account = id_of(doc)
  local title = title_of(doc)
  local fields = beside.fields(doc, attributes.NAMESPACE)
  if not title and not id then
    return (doc.keeps and object.has(doc.keeps, "title"))
      or doc.into.refuse(doc.line, FIELD, ("%s has neither a title nor an id"):format(doc.told),
      "write spec.forProvider.title, or export it from the cluster: kubectl get -o yaml")
  end
  fields.ref = refs.name(doc.namespace, doc.name) or title or id
  fields.name = doc.name and refs.is_twin(doc.file.index, doc.name) and doc.namespace
    and doc.namespace .. "-" .. doc.name or doc.name
  fields.id, fields.title, fields.line = id, title, doc.line
  fields.account = account_of(doc) or account
  fields.on_remove, fields.create = policies_of(doc)
  fields.exact = beside.text(doc, "exported") and true or nil
  doc.into.namespace(fields)
  local binding = beside.text(doc, "binding")
  if binding then
    doc.into.binding { ref = fields.ref, name = binding, line = doc.line }
  end
  beside.noted_keys(doc, fields.ref)
end


-- The fields by which a key says what its namespace is; nil: it does not.
local function namespace_of(doc)
  local id = provided(doc, "namespace_id")
  local found, why = refs.namespace(doc.file.index, doc.namespace, provided_object(doc, "namespace_id_ref")
    or provided_object(doc, "namespace_ref"), provided_object(doc, "namespace_id_selector"))
  if id and id ~= "" then
    found = found or {}
    found.id = parts_of(id) or id
  elseif not found then
    doc.into.warn(doc.line, "import.reference", ("%s is left out: %s"):format(doc.told, why),
      "import it together with the manifest of its namespace, or write namespaceId")
  end
  return found
end


-- JSON as a text, or as YAML writes it; an empty one says nothing.
local function metadata_of(doc)
  local given = provided_any(doc, "metadata")
  if given == "" or (type(given) == "table" and next(given) == nil) then
    return nil
  end
  return given
end


local function read_key(doc)
  local key = provided(doc, "key_name", "key")
  local namespace = namespace_of(doc)
  if not key or key == "" then
    doc.into.refuse(doc.line, FIELD, ("%s names no key"):format(doc.told), "write spec.forProvider.keyName")
    return
  elseif not namespace then
    return
  end
  local value, is_once = provided(doc, "value")
  local is_secret = provided_any(doc, "value_secret_ref") ~= nil
  namespace.account, namespace.line, namespace.key, namespace.of = account_of(doc), doc.line, key, doc.name
  namespace.value, namespace.metadata = value, metadata_of(doc)
  for name, told in pairs(beside.fields(doc, attributes.KEY)) do
    namespace[name] = told
  end
  namespace.policy = namespace.policy or (is_once and "once" or nil)
  namespace.secret = is_secret or namespace.secret or nil
  doc.into.key(namespace)
end


-- ---- Reading -------------------------------------------------------------------------------------

-- The texts of a map; what is none is told.
local function texts_of(metadata, name)
  local scope = metadata and object.object(metadata, name)
  local texts = {}
  for key in pairs(scope and scope.value or {}) do
    if key:sub(1, 1) ~= "@" then
      texts[key] = type(scope.value[key]) == "string" and scope.value[key] or object.string(scope, key)
    end
  end
  return texts
end


local function read_resource(value, line, view, into)
  local what, group = what_is(value)
  if not what then
    into.foreign(1)
    return
  end
  local doc = { file = file_of(view), into = into, line = line, group = GROUPS[group] or {},
    hint = "annotations are texts: write it in quotes" }
  doc.scope = object.open(into, { path = "", line = line }, value)
  local metadata = object.object(doc.scope, "metadata")
  doc.spec = object.object(doc.scope, "spec") or object.open(into, { path = "spec", line = line }, {})
  doc.name, doc.namespace = metadata and object.string(metadata, "name"), metadata
    and object.string(metadata, "namespace")
  doc.annotations = texts_of(metadata, "annotations")
  doc.keeps, doc.init = object.object(doc.spec, "for_provider"), object.object(doc.spec, "init_provider")
  doc.told = value.kind .. (doc.name and " " .. text.quoted(doc.name) or "")
  if not GROUPS[group] and once(doc, group) then
    into.warn(line, "import.group", ("nothing is known of the group %s"):format(text.name(group)),
      "its resources are read as those of other providers are: look at what comes of them")
  end
  if what == "namespace" then
    read_namespace(doc)
  else
    read_key(doc)
  end
  local lines = let_go.lines(value, group, doc.name, doc.namespace, once(doc, "let go"))
  if lines then
    into.let_go { lines = lines }
  end
end


function crossplane.read(document, view, into)
  each(document.value, document.line, function(value, line)
    read_resource(value, line, view, into)
  end)
end


return crossplane
