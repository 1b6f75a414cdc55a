-- A program in Pulumi YAML, and the file by which Pulumi takes over what is there:
-- `pulumi import --file import.json --generate-code=false`. What Pulumi has no word for stands in the
-- variable `cfkv`, which nothing there uses and `cfkv import` reads back.

local extras = require "export_extras"
local ids = require "export_ids"
local names = require "export_names"
local text = require "text"
local view = require "view"
local warnings = require "export_warnings"
local yaml = require "yaml_source"

local pulumi = { about = "a Pulumi program in YAML" }

local NAMESPACE = "cloudflare:index/workersKvNamespace:WorkersKvNamespace"
local KEY = "cloudflare:index/workersKv:WorkersKv"

-- What a resource has no word for: an option says that a namespace is kept.
local of_namespace = extras.new(extras.NAMESPACE, { says = { "protect", "preview_of" },
  usual = { on_remove = "keep" }, behind = { { "on_remove", "binding" }, { "create_options", "fingerprint" } } })
local of_key = extras.new(extras.KEY, { says = { "secret" } })


-- A dollar sign would begin a reference.
local function literal(s)
  return (s:gsub("%$", "$$"))
end


-- A value of the view as YAML takes it.
local function source(value)
  if type(value) == "string" then
    return literal(value)
  elseif type(value) ~= "table" then
    return value
  end
  local items, is_list = {}, view.is_array(value)
  for name, member in (is_list and ipairs or view.sorted)(value) do
    items[#items + 1] = is_list and source(member) or { name, source(member) }
  end
  return is_list and yaml.list(items) or items
end


-- What stands in the variable of a resource: `first`, then what is left of it. nil: nothing.
local function beside(resource, first, left)
  local fields = { { "resource", resource } }
  for _, list in ipairs { first, left } do
    for _, field in ipairs(list) do
      fields[#fields + 1] = { field[1], source(field[2]) }
    end
  end
  return #fields > 1 and fields or nil
end


local function options_of(ns)
  local fields = {}
  if ns.protect then
    fields[#fields + 1] = { "protect", true }
  end
  if ns.on_remove == "keep" then
    fields[#fields + 1] = { "retainOnDelete", true }
  end
  return fields
end


-- What is collected on the way.
local function collector(model)
  return { model = model, names = names.new { "cfkv", "pulumi" }, resources = {}, config = {}, beside = {}, keys = {},
    imports = {}, warnings = {} }
end


local function add_import(all, kind, name, parts)
  local id = ids.join(parts)
  if id then
    all.imports[#all.imports + 1] = { type = kind, name = name, id = id }
  end
end


local function properties(ns, more)
  local fields = {}
  if ns.account_id ~= text.null then
    fields[1] = { "accountId", ns.account_id }
  end
  table.move(more, 1, #more, #fields + 1, fields)
  return fields
end


-- What is not known here, a secret, is a setting of the stack.
local function value_of(all, name, key)
  if key.value ~= text.null then
    return literal(key.value)
  end
  local setting = all.names:take(name .. "-value")
  local fields = { { "type", "string" } }
  if key.secret then
    fields[2] = { "secret", true }
  end
  all.config[#all.config + 1] = { setting, fields }
  return "${" .. setting .. "}"
end


-- Pulumi writes text: bytes stand in the variable.
local function note_key(all, ns_name, key)
  warnings.tell_noted(all.warnings, key, "stands in the variable `cfkv` only",
    "its value is no text, and Pulumi writes text")
  local fields = beside(ns_name, {}, of_key(key)) or { { "resource", ns_name } }
  table.move({ { "key", literal(key.key) }, { "base64", key.value } }, 1, 2, #fields + 1, fields)
  if key.metadata ~= text.null then
    fields[#fields + 1] = { "metadata", literal(key.metadata) }
  end
  all.keys[#all.keys + 1] = fields
end


local function add_key(all, ns, ns_name, key)
  if key.base64 then
    note_key(all, ns_name, key)
    return
  end
  local name = all.names:take(ns_name .. "-" .. key.key)
  local more = { { "namespaceId", "${" .. ns_name .. ".id}" }, { "keyName", literal(key.key) },
    { "value", value_of(all, name, key) } }
  if key.metadata ~= text.null then
    more[#more + 1] = { "metadata", literal(key.metadata) }
  end
  all.resources[#all.resources + 1] = { name, { { "type", KEY }, { "properties", properties(ns, more) } } }
  all.beside[#all.beside + 1] = beside(name, {}, of_key(key))
  add_import(all, KEY, name, { ns.account_id, ns.id, ids.part(key.key) })
end


-- Which namespace it is, as far as its resource does not say that.
local function which(ns)
  local fields = {}
  for _, name in ipairs { "preview_of", "id" } do
    if ns[name] ~= text.null then
      fields[#fields + 1] = { name, ns[name] }
    end
  end
  return fields
end


local function add_namespace(all, ns)
  if not warnings.has_title(all.warnings, ns) then
    return
  end
  local name = all.names:take(ns.title)
  local fields = { { "type", NAMESPACE }, { "properties", properties(ns, { { "title", literal(ns.title) } }) } }
  local options = options_of(ns)
  if #options > 0 then
    fields[#fields + 1] = { "options", options }
  end
  all.resources[#all.resources + 1] = { name, fields }
  all.beside[#all.beside + 1] = beside(name, which(ns), of_namespace(ns))
  warnings.tell_account(all.warnings, ns, "Pulumi")
  add_import(all, NAMESPACE, name, { ns.account_id, ns.id })
  for _, key in ipairs(ns.keys) do
    add_key(all, ns, name, key)
  end
end


-- What is beside all of it.
local function project_of(model)
  local fields, accounts = {}, {}
  if model.account_id ~= text.null then
    fields[#fields + 1] = { "account_id", model.account_id }
  end
  for name, id in view.sorted(model.accounts) do
    accounts[#accounts + 1] = { name, id }
  end
  if #accounts > 0 then
    fields[#fields + 1] = { "accounts", accounts }
  end
  return fields
end


local function program(all)
  local model = all.model
  local fields = {
    { "name", names.plain(model.project ~= text.null and model.project or "cfkv") },
    { "runtime", "yaml" },
    { "description", "Workers KV namespaces, exported by cfkv" },
  }
  if #all.config > 0 then
    fields[#fields + 1] = { "config", all.config }
  end
  local told = project_of(model)
  if model.project ~= text.null then
    table.insert(told, 1, { "project", literal(model.project) })
  end
  if #all.beside > 0 then
    told[#told + 1] = { "attributes", yaml.list(all.beside) }
  end
  if #all.keys > 0 then
    told[#told + 1] = { "keys", yaml.list(all.keys) }
  end
  if #told > 0 then
    fields[#fields + 1] = { "variables", { { "cfkv", told } } }
  end
  fields[#fields + 1] = { "resources", all.resources }
  return yaml.document(fields)
end


local function import_file(imports)
  local lines = {}
  for i, item in ipairs(imports) do
    lines[i] = ('    { "type": %s, "name": %s, "id": %s }'):format(text.string(item.type), text.string(item.name),
      text.string(item.id))
  end
  return '{\n  "resources": [' .. (#lines > 0 and "\n" .. table.concat(lines, ",\n") .. "\n  " or "") .. "]\n}\n"
end


function pulumi.files(model)
  local all = collector(model)
  for _, ns in ipairs(model.namespaces) do
    add_namespace(all, ns)
  end
  local files = { { path = "Pulumi.yaml", text = program(all) },
    { path = "import.json", text = import_file(all.imports) } }
  table.move(all.warnings, 1, #all.warnings, #files + 1, files)
  return files
end


return pulumi
