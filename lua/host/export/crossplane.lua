-- Manifests of Crossplane's Cloudflare provider, all in one file: namespaces, each with its keys behind it.
-- The provider takes over what has its id as external-name. What a manifest has no field for is an annotation
-- `cfkv/…`, which `cfkv import` reads back.

local extras = require "export_extras"
local names = require "export_names"
local text = require "text"
local view = require "view"
local warnings = require "export_warnings"
local yaml = require "yaml_source"

local crossplane = { about = "manifests of Crossplane" }

local VERSION = "workers.upjet-cloudflare.upbound.io/v1alpha1"
local ANNOTATIONS_MAX = 200 * 1024 -- of one object; Kubernetes takes 256 KiB of all

local HEAD = "Workers KV namespaces, exported by cfkv, for the provider upjet-cloudflare with the configuration "
  .. "`default`. What has an external-name is taken over as it is; all else is made."

-- What becomes annotations.
local of_namespace = extras.new(extras.NAMESPACE, { says = { "on_remove", "create" },
  behind = { { "protect", "owner" } } })
local of_key = extras.new(extras.KEY, {})


-- ---- Parts ---------------------------------------------------------------------------------------

local function metadata_of(name, annotations)
  local fields = { { "name", name } }
  if #annotations > 0 then
    fields[2] = { "annotations", annotations }
  end
  return { "metadata", fields }
end


local function with_account(ns, fields)
  if ns.account_id ~= text.null then
    table.insert(fields, 1, { "accountId", ns.account_id })
  end
  return fields
end


local function add_manifest(all, kind, metadata, spec, head)
  spec[#spec + 1] = { "providerConfigRef", { { "name", "default" } } }
  all.documents[#all.documents + 1] = { head = head,
    fields = { { "apiVersion", VERSION }, { "kind", kind }, metadata, { "spec", spec } } }
end


-- Names of objects: lower case, dashes.
local function take(all, words)
  return all.names:take((words:lower():gsub("_", "-")))
end


-- ---- Keys ----------------------------------------------------------------------------------------

local function head_of_key(key)
  if key.value == text.null then
    return yaml.comment(("spec.forProvider.value is to be written here: %s."):format(key.secret and "it is secret"
      or "it holds an id that is not known yet"))
  end
end


local function add_key(all, ns, ns_name, key)
  local kept = with_account(ns, { { "namespaceIdRef", { { "name", ns_name } } }, { "keyName", key.key } })
  local spec = { { "forProvider", kept } }
  if key.value ~= text.null and key.policy == "once" then
    spec[2] = { "initProvider", { { "value", key.value } } }
  elseif key.value ~= text.null then
    kept[#kept + 1] = { "value", key.value }
  end
  if key.metadata ~= text.null then
    kept[#kept + 1] = { "metadata", key.metadata }
  end
  add_manifest(all, "Kv", metadata_of(take(all, ns_name .. "-" .. key.key), extras.annotations(of_key(key))), spec,
    head_of_key(key))
end


-- Values that are no text stand in an annotation of the namespace, which only cfkv reads.
local function binary_keys(all, ns)
  local noted, size = view.array {}, 0
  for _, key in ipairs(ns.keys) do
    if key.base64 then
      local one = extras.noted_key(key)
      size = size + #view.json(one)
      if size <= ANNOTATIONS_MAX then
        noted[#noted + 1] = one
      end
      warnings.tell_noted(all.warnings, key,
        size <= ANNOTATIONS_MAX and "stands in an annotation only" or "is left out",
        "its value is no text, and Crossplane writes text only")
    end
  end
  return #noted > 0 and { "cfkv/keys", view.json(noted) } or nil
end


-- ---- Namespaces ----------------------------------------------------------------------------------

local function annotations_of_namespace(all, ns)
  local fields = extras.annotations(of_namespace(ns))
  table.insert(fields, 1, { "cfkv/exported", "true" })
  if ns.id ~= text.null then
    table.insert(fields, 1, { "crossplane.io/external-name", ns.id })
  end
  fields[#fields + 1] = binary_keys(all, ns)
  return fields
end


local function spec_of(ns)
  local spec = { { "forProvider", with_account(ns, { { "title", ns.title } }) } }
  if ns.create == false then
    table.insert(spec, 1, { "managementPolicies", yaml.list { "Observe" } })
  end
  if ns.on_remove ~= text.null then
    table.insert(spec, 1, { "deletionPolicy", ns.on_remove == "keep" and "Orphan" or "Delete" })
  end
  return spec
end


local function add_namespace(all, ns)
  if not warnings.has_title(all.warnings, ns) then
    return
  end
  warnings.tell_account(all.warnings, ns, "Crossplane")
  local name = take(all, ns.title)
  add_manifest(all, "KvNamespace", metadata_of(name, annotations_of_namespace(all, ns)), spec_of(ns))
  for _, key in ipairs(ns.keys) do
    if not key.base64 then
      add_key(all, ns, name, key)
    end
  end
end


function crossplane.files(model)
  local all = { names = names.new {}, documents = {}, warnings = {} }
  for _, ns in ipairs(model.namespaces) do
    add_namespace(all, ns)
  end
  local head = yaml.comment(HEAD)
  local body = #all.documents > 0 and "---\n" .. yaml.documents(all.documents) or ""
  local files = { { path = "crossplane.yaml", text = head .. body } }
  table.move(all.warnings, 1, #all.warnings, #files + 1, files)
  return files
end


return crossplane
