-- Manifests of Planton, which was OpenMCF, which was Project Planton: YAML documents, one a resource, of
-- which Planton itself reads the first of a file.
--
-- Three kinds are of concern: a namespace, a key, and a Worker for what it binds. The manifests say less
-- than there is (what their validation refuses, Cloudflare often takes), so that what is judged here is
-- the shape of a manifest; a title or a key is judged where those of all tools are.

local attributes = require "attributes"
local beside = require "import.beside"
local bindings = require "init.bindings"
local ids = require "import.inventory"
local layout = require "layout"
local proto = require "import.planton.proto"
local provisioner = require "import.planton.provisioner"
local text = require "text"
local titles = require "import.titles"
local views = require "view"

local planton = { tool = "Planton" }

local DOMAINS = { "planton.dev", "openmcf.org", "project-planton.org", "planton.cloud" }
local VERSIONS = { v1 = true, v1alpha1 = true }
local TTL_MIN = 60
local DESCRIPTION_MAX, OWNER_MAX = 256, 64
local FIELD = "import.field"


-- ---- What is said once a file --------------------------------------------------------------------

local said_of = setmetatable({}, { __mode = "k" }) -- by the view of the file

local function once(doc, what)
  local said = said_of[doc.view] or {}
  said_of[doc.view] = said
  local first = not said[what]
  said[what] = true
  return first
end


-- ---- Documents -----------------------------------------------------------------------------------

local function text_of(value)
  return type(value) == "string" and value or nil
end


-- "cloudflare.planton.dev", "v1"; nothing when it is not of Planton's.
local function group_of(value)
  local version = text_of(value.apiVersion)
  local slash = version and version:find("/", 1, true)
  local group = slash and version:sub(1, slash - 1)
  for _, domain in ipairs(group and DOMAINS or {}) do
    if group == domain or group:sub(-#domain - 1) == "." .. domain then
      return group, version:sub(slash + 1)
    end
  end
end


local KINDS -- by the kind in lower case: { name, read }

local function kind_of(value)
  local kind = text_of(value.kind)
  return kind and KINDS[kind:lower()]
end


function planton.recognises(document)
  local value = document.value
  if not views.is_object(value) then
    return false
  end
  return group_of(value) ~= nil or kind_of(value) ~= nil
end


-- Planton takes the first document of a file for all of it.
local function tell_ignored(doc)
  if not once(doc, "documents") then
    return
  end
  local all, ignored = 0, 0
  for _, document in ipairs(doc.view.documents) do
    if planton.recognises(document) and kind_of(document.value) then
      all = all + 1
      ignored = ignored + (document.number ~= 1 and 1 or 0)
    end
  end
  if ignored > 0 then
    doc.into.warn(doc.line, "import.documents", ("Planton has never seen %d of the %s here: it reads the first "
      .. "document of a file only"):format(ignored, layout.count(all, "manifest")),
      "all of them are imported; take out of kv.lua what is not to be there")
  end
end


-- ---- Metadata ------------------------------------------------------------------------------------

local LABELS_OF_PROGRAMS = { "/provisioner", "/stack.fqdn", "/organization", "/project", "/stack.name",
  "/backend.type", "/backend.object", "/backend.bucket", "/backend.key", "/backend.region", "/backend.endpoint" }

local function is_of_program(name)
  for _, tail in ipairs(LABELS_OF_PROGRAMS) do
    if name:sub(-#tail) == tail then
      return true
    end
  end
  return false
end


-- Who answers for it, if a label says so; and whether other labels are there.
local function owner_of(labels)
  local owner, others = nil, false
  for name, value in pairs(labels) do
    local last = name:match "([^/]*)$"
    if (last == "owner" or last == "team") and type(value) == "string" and value ~= "" then
      if not owner or last == "owner" then
        owner = value
      end
    elseif name:sub(1, 1) ~= "@" and not is_of_program(name) then
      others = true
    end
  end
  return owner, others
end


local function tell_left_out(doc, names)
  if #names > 0 and once(doc, "metadata") then
    doc.into.warn(doc.line, "import.metadata", ("what manifests have below metadata.%s has no counterpart here, and is "
      .. "left out"):format(table.concat(names, ", metadata.")),
      "what people need of it can go into `description` or `owner`")
  end
end


local function read_metadata(doc)
  local metadata = proto.object(doc, "metadata")
  if not metadata then
    return { labels = {}, annotations = {} }
  end
  local labels, annotations = proto.map(metadata, "labels"), proto.map(metadata, "annotations")
  local read = { name = proto.string(metadata, "name"), env = proto.string(metadata, "env"),
    labels = labels and labels.value or {}, annotations = annotations and annotations.value or {} }
  local left = {}
  local owner, others = owner_of(read.labels)
  read.owner = owner
  for _, name in ipairs { "org", "group", "tags", "relationships" } do
    if proto.take(metadata, name) ~= nil then
      left[#left + 1] = name
    end
  end
  if others then
    table.insert(left, "labels")
  end
  for _, name in ipairs { "slug", "id", "version" } do
    proto.take(metadata, name)
  end
  proto.close(metadata)
  if read.env == "" then
    read.env = nil
  end
  tell_left_out(doc, left)
  return read
end


-- ---- Fields --------------------------------------------------------------------------------------

local function account_of(doc, spec)
  local given = proto.value_or_reference(spec, "account_id")
  if not given then
    if given == nil and once(doc, "account") then
      doc.into.warn(doc.line, "import.account", "the manifests name no account (spec.accountId)",
        "they are taken to be of the account that the credentials, or `account_id` of cfkv.project, name")
    end
    return nil
  end
  local account = ids.hex(given.value)
  if not account then
    doc.into.warn(doc.line, "import.account", given.value
        and ("spec.accountId is %s, and 32 hexadecimal digits are expected"):format(text.quoted(given.value))
        or ("spec.accountId refers to %s, which is no manifest of an account"):format(text.quoted(given.name)),
      "write the account's id there; without, the account that the credentials name is meant")
  end
  return account
end


local function id_of(doc)
  local status = proto.object(doc, "status")
  local outputs = status and proto.object(status, "outputs")
  local given = outputs and proto.string(outputs, "namespace_id")
  if not given or given == "" then
    return nil
  end
  local id = ids.hex(given)
  if not id then
    doc.into.warn(doc.line, "import.id", ("status.outputs.namespace_id is %s, and 32 hexadecimal digits are expected")
      :format(text.quoted(given)), "the namespace is found by its title")
  end
  return id
end


-- ENV/NAME where the manifest has an environment: names are unique in one.
local function reference_of(env, name)
  return name and (env and env .. "/" .. name or name)
end


-- What a StringValueOrRef says of a namespace: id, or ref and the name by itself; nothing, when it was told.
local function namespace_of(doc, given, path)
  if given == false then
    return nil
  elseif not given then
    doc.into.warn(doc.line, "import.reference", path .. " names no namespace", "write its id, or a reference: "
      .. "{ valueFrom: { kind: CloudflareKvNamespace, name: NAME } }")
    return nil
  elseif given.value then
    local id = ids.hex(given.value)
    if not id then
      doc.into.warn(doc.line, "import.reference", ("%s is %s, and 32 hexadecimal digits are expected"):format(path,
        text.quoted(given.value)), "write the id of the namespace, or a reference to its manifest")
    end
    return id and { id = id }
  elseif given.kind and given.kind ~= "" and given.kind:lower() ~= "cloudflarekvnamespace" then
    doc.into.warn(doc.line, "import.reference", ("%s refers to a %s, and a CloudflareKvNamespace is expected"):format(
      path, text.name(given.kind)), "write a reference to the manifest of a namespace")
    return nil
  end
  local env = given.env ~= "" and given.env or nil
  return { ref = reference_of(env or doc.metadata.env, given.name), ref_else = not env and given.name or nil }
end


-- `told`: what an annotation says.
local function ttl_of(doc, spec, told)
  local ttl = proto.integer(spec, "ttl_seconds") or 0
  if ttl == 0 then
    return told
  elseif ttl < TTL_MIN then
    doc.into.warn(doc.line, "import.ttl", ("spec.ttlSeconds is %d, and is left out: an expiry of less than %d seconds "
      .. "is no expiry of Workers KV"):format(ttl, TTL_MIN), "give the namespace a ttl_seconds of 60 or more")
    return nil
  end
  if once(doc, "ttl") then
    doc.into.warn(doc.line, "import.ttl", ("spec.ttlSeconds (%d here) did nothing so far: from now on the keys that "
      .. "cfkv puts there get it where they have no expiry of their own"):format(ttl),
      "take ttl_seconds out of kv.lua where keys are to stay")
  end
  return ttl
end


-- A text of at most so many characters; what is longer is told and left out.
local function short(doc, value, max, path)
  if value == nil or value == "" then
    return nil
  elseif (utf8.len(value) or #value) > max then
    doc.into.warn(doc.line, FIELD, ("%s has %d characters, and is left out: at most %d are kept"):format(path,
      utf8.len(value) or #value, max), "write a shorter one")
    return nil
  end
  return value
end


local function env_of(doc, title)
  if doc.metadata.env then
    return doc.metadata.env
  end
  local last = title:match "%-([^-]*)$"
  return last and titles.is_env(last) and last or nil
end


-- ---- Kinds ---------------------------------------------------------------------------------------

local function read_namespace(doc)
  local spec = doc.spec
  local title = proto.string(spec, "namespace_name")
  local fields = beside.fields(doc, attributes.NAMESPACE)
  fields.account, fields.ttl_seconds = account_of(doc, spec), ttl_of(doc, spec, fields.ttl_seconds)
  local description = proto.string(spec, "description")
  proto.close(spec)
  if beside.text(doc, "preview-of") then
    return -- what `preview = true` of the other one declares
  elseif not title or title == "" then
    return proto.has(spec, "namespace_name") or doc.into.refuse(doc.line, FIELD,
      "spec.namespaceName is missing: the namespace has no title", "write the title that it has in the account")
  end
  local ref = reference_of(doc.metadata.env, doc.metadata.name) or title
  fields.ref, fields.name, fields.line = ref, doc.metadata.name, doc.line
  fields.id, fields.title, fields.env = id_of(doc), title, env_of(doc, title)
  fields.description = short(doc, description or fields.description, DESCRIPTION_MAX, "spec.description")
  fields.owner = short(doc, fields.owner or doc.metadata.owner, OWNER_MAX, "the owner in metadata.labels")
  fields.exact = beside.flag(doc, "exported")
  doc.into.namespace(fields)
  beside.noted_keys(doc, ref)
  local binding = beside.text(doc, "binding")
  if binding then
    doc.into.binding { ref = ref, name = binding, line = doc.line }
  end
end


local function read_pair(doc)
  local spec = doc.spec
  local account = account_of(doc, spec)
  local namespace = namespace_of(doc, proto.value_or_reference(spec, "namespace_id"), "spec.namespaceId")
  local key, value = proto.string(spec, "key_name"), proto.value_or_reference(spec, "value")
  local metadata = proto.string(spec, "metadata")
  proto.close(spec)
  if not key or key == "" then
    return proto.has(spec, "key_name") or doc.into.refuse(doc.line, FIELD, "spec.keyName is missing",
      "write the name of the key")
  elseif namespace then
    local fields = beside.fields(doc, attributes.KEY)
    fields.id, fields.ref, fields.ref_else = namespace.id, namespace.ref, namespace.ref_else
    fields.account, fields.line, fields.of, fields.key = account, doc.line, doc.metadata.name, key
    fields.value, fields.metadata = value and value.value, metadata ~= "" and metadata or nil
    fields.why = value and value.name and "its value comes from " .. text.name(value.name) or nil
    doc.into.key(fields)
  end
end


local function add_binding(doc, worker, place, name, namespace)
  if not namespace then
    return
  elseif not name or not bindings.is_binding(name) then
    doc.into.warn(doc.line, "import.binding", ("%s: %s is no name that a Worker could have in env"):format(place,
      text.quoted(name or "")), "give the namespace a `binding` in kv.lua")
    return
  end
  doc.into.binding { id = namespace.id, ref = namespace.ref, ref_else = namespace.ref_else, name = name,
    worker = worker, line = doc.line }
end


-- The first generations bind what a reference names, under the name of the reference; where its path is
-- an id, that is the namespace.
local function read_old_binding(doc, worker, item)
  local from = proto.object(item, "value_from")
  local given = proto.reference(from or item)
  proto.close(item)
  local id = given and ids.hex(given.path)
  add_binding(doc, worker, item.path, given and given.name,
    id and { id = id } or namespace_of(doc, given, item.path))
end


local function read_worker(doc)
  local spec = doc.spec
  local script = proto.take(spec, "script")
  local worker = proto.string(spec, "worker_name")
    or views.is_object(script) and text_of(script.name) or doc.metadata.name
  for _, item in ipairs(proto.list(spec, "kv_bindings")) do
    read_old_binding(doc, worker, item)
  end
  for _, item in ipairs(proto.list(spec, "kv_namespaces")) do
    local name, given = proto.string(item, "name"), proto.value_or_reference(item, "namespace_id")
    proto.close(item)
    add_binding(doc, worker, item.path, name, namespace_of(doc, given, item.path .. ".namespaceId"))
  end
end


KINDS = {
  cloudflarekvnamespace = { name = "CloudflareKvNamespace", read = read_namespace },
  cloudflareworkerskvpair = { name = "CloudflareWorkersKvPair", read = read_pair },
  cloudflareworker = { name = "CloudflareWorker", read = read_worker },
}


-- ---- Letting go ----------------------------------------------------------------------------------

local LET_GO = { "# delete the manifests, or these documents of them, and do not run destroy:",
  "# that deletes the namespaces with all keys" }

local function let_go(doc, kind)
  local line = provisioner.line(kind.name, doc.metadata.labels)
  local lines = { line }
  if kind.read ~= read_worker and once(doc, "let go") then
    table.move(LET_GO, 1, #LET_GO, #lines + 1, lines)
  end
  if #lines > 0 and kind.read ~= read_worker then
    doc.into.let_go { lines = lines }
  end
end


local function tell_version(doc)
  local group, version = group_of(doc.value)
  if not group or not VERSIONS[version] then
    local given = text_of(doc.value.apiVersion)
    doc.into.warn(doc.line, "import.version", ("apiVersion %s is none that is known of Planton"):format(
      given and text.quoted(given) or "is missing: it"), "it is read as cloudflare.planton.dev/v1 is")
  end
end


function planton.read(document, view, into)
  local kind = kind_of(document.value)
  if not kind then
    return into.foreign(1)
  end
  local doc = proto.open(into, { path = "", line = document.line }, document.value)
  doc.view = view
  tell_ignored(doc)
  tell_version(doc)
  doc.metadata = read_metadata(doc)
  doc.annotations = doc.metadata.annotations
  doc.spec = proto.object(doc, "spec")
  if not doc.spec then
    if doc.value.spec == nil or doc.value.spec == text.null then
      into.refuse(document.line, FIELD, ("a %s without a spec"):format(kind.name), "write what it is to be below spec")
    end
    return
  end
  kind.read(doc)
  let_go(doc, kind)
end


return planton
