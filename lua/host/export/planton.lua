-- Manifests of Planton: a file each, since it reads the first document of a file only. What a manifest
-- has no field for is an annotation `cfkv/…`, which `cfkv import` reads back.

local extras = require "export_extras"
local ids = require "export_ids"
local layout = require "layout"
local names = require "export_names"
local text = require "text"
local view = require "view"
local warnings = require "export_warnings"
local yaml = require "yaml_source"

local planton = { about = "manifests of Planton" }

local VERSION = "cloudflare.planton.dev/v1"
local TITLE_MAX = 64 -- characters, there

-- What becomes annotations.
local of_namespace = extras.new(extras.NAMESPACE, { says = { "env" } })
local of_key = extras.new(extras.KEY, {})

local TAKE_OVER = "It is there already: its stack has to take it over before the first apply, which would make "
  .. "it anew. By Pulumi or by OpenTofu:"


-- How the programs below Planton take over what is there; "" when nothing says which one that is.
local function take_over(ns, key, of_pulumi, of_tofu)
  if ns.id == text.null or ns.account_id == text.null then
    return ""
  end
  local id = text.shell(layout.shown(ns.account_id .. "/" .. ns.id .. (key and "/" .. ids.part(key) or "")))
  local commands = ("#   pulumi import %s %s\n#   tofu import %s %s\n"):format(of_pulumi, id, of_tofu, id)
  return yaml.comment(TAKE_OVER) .. commands
end


local function metadata_of(name, ns, annotations)
  local fields = { { "name", name } }
  if ns.env ~= text.null and ns.env ~= nil then
    fields[#fields + 1] = { "env", ns.env }
  end
  if #annotations > 0 then
    fields[#fields + 1] = { "annotations", annotations }
  end
  return fields
end


local function add_manifest(all, name, kind, metadata, spec, more)
  local fields = { { "apiVersion", VERSION }, { "kind", kind }, { "metadata", metadata }, { "spec", spec } }
  fields[#fields + 1] = more.status
  all.files[#all.files + 1] = { path = name .. ".yaml", text = more.head .. yaml.document(fields) }
end


-- Dashes and lower case, as names are there.
local function take(all, words)
  return all.names:take((words:lower():gsub("_", "-")))
end


local function with_account(spec, ns)
  if ns.account_id ~= text.null then
    table.insert(spec, #spec > 0 and 2 or 1, { "accountId", ns.account_id })
  end
  return spec
end


-- ---- Keys ----------------------------------------------------------------------------------------

local function head_of_key(ns, key)
  local head = ""
  if key.value == text.null then
    head = yaml.comment(("spec.value is to be written here: %s."):format(key.secret and "it is secret"
      or "it holds an id that is not known yet"))
  end
  return head .. take_over(ns, key.key, "cloudflare:index/workersKv:WorkersKv kv-pair", "cloudflare_workers_kv.main")
end


local function add_key(all, ns, ns_name, key)
  if key.value == "" then
    warnings.add(all.files, key, ("key %s is empty, and Planton refuses an empty value"):format(text.quoted(key.key)),
      "write a value into its manifest, or leave the key to cfkv")
  end
  local name = take(all, ns_name .. "-" .. key.key)
  local spec = with_account({ { "namespaceId", { { "valueFrom", { { "kind", "CloudflareKvNamespace" },
    { "name", ns_name }, { "fieldPath", "status.outputs.namespace_id" } } } } }, { "keyName", key.key } }, ns)
  if key.value ~= text.null then
    spec[#spec + 1] = { "value", key.value }
  end
  if key.metadata ~= text.null then
    spec[#spec + 1] = { "metadata", key.metadata }
  end
  add_manifest(all, name, "CloudflareWorkersKvPair", metadata_of(name, ns, extras.annotations(of_key(key))), spec,
    { head = head_of_key(ns, key) })
end


-- ---- Namespaces ----------------------------------------------------------------------------------

local function tell_rules(all, ns)
  warnings.tell_account(all.files, ns, "Planton")
  if (utf8.len(ns.title) or #ns.title) > TITLE_MAX then
    warnings.add(all.files, ns, ("the title %s has %d characters, and Planton refuses more than %d"):format(
      text.quoted(ns.title), utf8.len(ns.title) or #ns.title, TITLE_MAX), "rename it, or leave it to cfkv")
  end
end


local function head_of(ns)
  return take_over(ns, nil, "cloudflare:index/workersKvNamespace:WorkersKvNamespace kv_namespace",
    "cloudflare_workers_kv_namespace.main")
end


local function add_namespace(all, ns)
  if not warnings.has_title(all.files, ns) then
    return
  end
  tell_rules(all, ns)
  local name = take(all, ns.title)
  local status = ns.id ~= text.null and { "status", { { "outputs", { { "namespaceId", ns.id } } } } } or nil
  local annotations, noted, keys = extras.annotations(of_namespace(ns)), view.array {}, {}
  annotations[#annotations + 1] = { "cfkv/exported", "true" } -- all that was declared is here
  for _, key in ipairs(ns.keys) do
    if key.base64 then
      warnings.tell_noted(all.files, key, "stands in an annotation only",
        "its value is no text, and Planton writes text")
      noted[#noted + 1] = extras.noted_key(key)
    else
      keys[#keys + 1] = key
    end
  end
  if #noted > 0 then
    annotations[#annotations + 1] = { "cfkv/keys", view.json(noted) }
  end
  add_manifest(all, name, "CloudflareKvNamespace", metadata_of(name, ns, annotations),
    with_account({ { "namespaceName", ns.title } }, ns), { head = head_of(ns), status = status })
  for _, key in ipairs(keys) do
    add_key(all, ns, name, key)
  end
end


function planton.files(model)
  local all = { names = names.new {}, files = {} }
  for _, ns in ipairs(model.namespaces) do
    add_namespace(all, ns)
  end
  return all.files
end


return planton
