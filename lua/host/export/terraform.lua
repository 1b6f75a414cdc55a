-- A configuration in Terraform's JSON syntax: resources, and an `import` block for each that has an id, so
-- that Terraform takes over what is there. What it has no word for stands in "//", which is a comment for
-- Terraform and which `cfkv import` reads back.

local extras = require "export_extras"
local ids = require "export_ids"
local names = require "export_names"
local text = require "text"
local view = require "view"
local warnings = require "export_warnings"

local terraform = { about = "a Terraform configuration in JSON" }

local NAMESPACE, KEY = "cloudflare_workers_kv_namespace", "cloudflare_workers_kv"

-- What a resource has no word for.
local of_namespace = extras.new(extras.NAMESPACE, { says = { "protect", "preview_of" } })
local of_key = extras.new(extras.KEY, { says = { "secret" } })

local ACCOUNT = "account_id" -- the variable of those that nothing names


-- A string of this syntax is a template.
local function literal(s)
  return (s:gsub("([$%%])%{", "%1%1{"))
end


-- The provider splits an id at its slashes, and decodes each part.
local function id_part(s)
  return (s:gsub("[^%w%-_.~]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end


-- What "//" says; nil: all goes without saying.
local function told(fields)
  return #fields > 0 and extras.object(fields) or nil
end


local function collector(model)
  return { model = model, names = names.new { ACCOUNT }, namespaces = {}, keys = {}, data = {}, variables = {},
    imports = view.array {}, warnings = {} }
end


local function add_import(all, kind, label, parts)
  local id = ids.join(parts)
  if id then
    all.imports[#all.imports + 1] = { to = kind .. "." .. label, id = id }
  end
end


local function account_of(all, ns)
  if ns.account_id ~= text.null then
    return ns.account_id
  end
  all.variables[ACCOUNT] = { type = "string", description = "the account of what names none" }
  return "${var." .. ACCOUNT .. "}"
end


-- ---- Keys ----------------------------------------------------------------------------------------

-- Without dashes, so that TF_VAR_… is a name for shells.
local function variable_name(all, label)
  local name = (label .. "_value"):gsub("-", "_")
  return all.names:take(name)
end


-- What is not known here is for who runs Terraform to say.
local function value_of(all, label, key)
  if key.value ~= text.null then
    return literal(key.value)
  end
  local variable = variable_name(all, label)
  all.variables[variable] = { type = "string", sensitive = key.secret or nil, description = literal(
    "the value of key " .. text.quoted(key.key)) }
  return "${var." .. variable .. "}"
end


local function add_key(all, ns, of, key)
  local label = all.names:take(of.label .. "-" .. key.key)
  local said = told(of_key(key))
  all.keys[label] = {
    ["//"] = said and { cfkv = said }, account_id = account_of(all, ns), namespace_id = of.reference,
    key_name = literal(key.key), value = value_of(all, label, key),
    metadata = key.metadata ~= text.null and literal(key.metadata) or nil,
    lifecycle = key.policy == "once" and { ignore_changes = view.array { "value", "metadata" } } or nil,
  }
  add_import(all, KEY, label, { ns.account_id, ns.id, id_part(key.key) })
end


-- Why Terraform would not write a key as it is; nil: it would. It keeps texts in NFC, and nothing but texts.
local function unsayable(key)
  if key.base64 then
    return "its value is no text"
  end
  for _, s in ipairs { key.key, key.value, key.metadata } do
    if s ~= text.null and not text.is_composed(s) then
      return "it is not in Unicode's NFC"
    end
  end
end


-- Adds the keys; `said`, which may be nil, is what the namespace's comment has, and what it is then.
local function add_keys(all, ns, of, said)
  local noted = view.array {}
  for _, key in ipairs(ns.keys) do
    local why = unsayable(key)
    if why then
      warnings.tell_noted(all.warnings, key, "stands in a comment only",
        why .. ", and Terraform would write another one")
      noted[#noted + 1] = extras.noted_key(key)
    else
      add_key(all, ns, of, key)
    end
  end
  if #noted > 0 or ns.n_bulks > 0 or ns.preview_of ~= text.null then
    said = said or {}
    said.keys = #noted > 0 and noted or nil
    said.bulks = ns.n_bulks > 0 and ns.n_bulks or nil
    said.preview_of = ns.preview_of ~= text.null and ns.preview_of or nil
  end
  return said
end


-- ---- Namespaces ----------------------------------------------------------------------------------

-- What must exist already is looked up, not managed.
local function add_lookup(all, ns)
  local label = all.names:take(ns.title)
  local said = extras.object(of_namespace(ns))
  said.title, said.protect = ns.title, ns.protect or nil
  said = add_keys(all, ns, { label = label, reference = ("${data.%s.%s.namespace_id}"):format(NAMESPACE, label) }, said)
  all.data[label] = { ["//"] = { cfkv = said }, account_id = account_of(all, ns), namespace_id = ns.id }
end


local function add_namespace(all, ns)
  if not warnings.has_title(all.warnings, ns) then
    return
  elseif ns.create == false and ns.id ~= text.null then
    add_lookup(all, ns)
    return
  end
  if not text.is_composed(ns.title) then
    warnings.add(all.warnings, ns, ("title %s is not in Unicode's NFC: Terraform would rename the namespace"):format(
      text.quoted(ns.title)), "rename it before: a title in NFC looks the same")
  end
  local label = all.names:take(ns.title)
  add_import(all, NAMESPACE, label, { ns.account_id, ns.id })
  local said = add_keys(all, ns, { label = label, reference = ("${%s.%s.id}"):format(NAMESPACE, label) },
    told(of_namespace(ns)))
  all.namespaces[label] = { ["//"] = said and { cfkv = said }, account_id = account_of(all, ns),
    title = literal(ns.title), lifecycle = ns.protect and { prevent_destroy = true } or nil }
end


-- ---- The file ------------------------------------------------------------------------------------

local function filled(object)
  return next(object) and object or nil
end


local function project_of(model)
  local accounts = {}
  for name, id in pairs(model.accounts) do
    accounts[name] = id
  end
  return {
    format = 1,
    project = model.project ~= text.null and model.project or nil,
    account_id = model.account_id ~= text.null and model.account_id or nil,
    accounts = filled(accounts),
  }
end


local function configuration(all)
  return view.document {
    ["//"] = { about = "Workers KV namespaces, exported by cfkv; \"cfkv\" in comments is what 'cfkv import' reads back",
      cfkv = project_of(all.model) },
    terraform = { required_version = ">= 1.5",
      required_providers = { cloudflare = { source = "cloudflare/cloudflare", version = "~> 5.0" } } },
    variable = filled(all.variables),
    data = next(all.data) and { [NAMESPACE] = all.data } or nil,
    resource = filled { [NAMESPACE] = filled(all.namespaces), [KEY] = filled(all.keys) },
    import = #all.imports > 0 and all.imports or nil,
  }
end


function terraform.files(model)
  local all = collector(model)
  for _, ns in ipairs(model.namespaces) do
    add_namespace(all, ns)
  end
  local files = { { path = "main.tf.json", text = configuration(all) } }
  table.move(all.warnings, 1, #all.warnings, #files + 1, files)
  return files
end


return terraform
