-- What there is of KV in a list of resources, however the list was come by, told to an inventory.
--
-- A resource is { mode, type, name, module?, index?, resource, address, line, values }, and
--
--   secret    the names of members that are marked sensitive
--   refs      by the name of a member: the address of the namespace whose id it will be
--   id        of a namespace, where it is known otherwise (an import block)
--   more      fields for the inventory that its members do not have
--   planned   it is in no state yet
--   of        what its instances share: { is_partial = true }: some of them are not in the list
--   goes      (set here) it is cfkv's from now on
--
-- A member of `values` may also be { ref = ADDRESS } where others have an id.

local address = require "import.terraform.address"
local inventory = require "import.inventory"
local member = require "import.terraform.member"
local text = require "text"

local resources = {}

local NAMESPACE, KEY, MISNAMED = "cloudflare_workers_kv_namespace", "cloudflare_workers_kv", "cloudflare_kv_namespace"

resources.NAMESPACE, resources.KEY = NAMESPACE, KEY


-- ---- Namespaces ----------------------------------------------------------------------------------

-- "ACCOUNT/ID", as `terraform import` takes it, or an id.
local function split_id(id)
  if type(id) == "string" and #id == 65 and id:sub(33, 33) == "/" then
    return id:sub(34), id:sub(1, 32)
  end
  return id
end


local function with(fields, more)
  for name, value in pairs(more or {}) do
    if fields[name] == nil then
      fields[name] = value
    end
  end
  return fields
end


local function tell_no_account(context, resource)
  if not context.quiet_accounts and member.once(context, "account") then
    context.into.warn(resource.line, "import.account", resource.address .. " does not say its account, which "
      .. "stands on the provider up to its version 3",
      "the account that is asked for is taken: set CLOUDFLARE_ACCOUNT_ID, or account_id in cfkv.project")
  end
end


-- A member that is a text, where it is there.
local function text_of(context, resource, name)
  return member.take(context, resource.values, name, "string", resource.line, resource.address)
end


local function tell_namespace(context, resource)
  local values = resource.values
  local id, account = split_id(text_of(context, resource, "id"))
  if resource.mode == "data" then
    id = split_id(text_of(context, resource, "namespace_id") or id)
  end
  local given = member.get(values, "account_id")
  account = text_of(context, resource, "account_id") or resource.account or account
  if account == nil and given == nil then
    tell_no_account(context, resource)
  end
  context.into.namespace(with({
    ref = resource.address, name = address.name(resource, context.taken), id = id or resource.id,
    title = text_of(context, resource, "title"), account = account,
    jurisdiction = text_of(context, resource, "jurisdiction"), mode = text_of(context, resource, "mode"),
    line = resource.line,
  }, resource.more))
  resource.goes = true
end


-- ---- Keys ----------------------------------------------------------------------------------------

-- What names the namespace, as the inventory has it.
local function namespace_of(resource, name, value)
  if type(value) == "table" and value.ref then
    return { ref = value.ref }
  elseif value == nil and resource.refs and resource.refs[name] then
    return { ref = resource.refs[name] }
  end
  return { id = split_id(value) }
end


-- The provider's versions before 5 make an id of a namespace and a key: ID/KEY, and a key may have slashes.
local function split_both(id)
  if type(id) == "string" and inventory.hex(id:sub(1, 32)) and id:sub(33, 33) == "/" and #id > 33 then
    return id:sub(1, 32), id:sub(34)
  end
end


-- The id of its namespace, or what stands in its place.
local function namespace_id_of(resource)
  local given = member.get(resource.values, "namespace_id")
  if given == nil then
    given = split_both(member.get(resource.values, "id"))
  end
  return given
end


local function key_of(context, resource)
  for _, name in ipairs { "key_name", "key" } do
    if member.get(resource.values, name) ~= nil then
      return text_of(context, resource, name)
    end
  end
  local id = text_of(context, resource, "id")
  local _, key = split_both(id)
  return key or id
end


local function tell_key(context, resource)
  local values = resource.values
  local metadata = member.get(values, "metadata")
  local fields = namespace_of(resource, "namespace_id", namespace_id_of(resource))
  fields.key, fields.value = key_of(context, resource), text_of(context, resource, "value")
  fields.metadata = metadata ~= "" and metadata or nil
  fields.account = text_of(context, resource, "account_id") or resource.account
  fields.secret = (resource.secret.value or resource.secret.metadata) and true or nil
  fields.line, fields.of = resource.line, resource.address
  context.into.key(with(fields, resource.more))
  resource.goes = true
end


-- ---- Where namespaces are bound ------------------------------------------------------------------

local function tell_binding(context, resource, worker, env, name, value)
  local fields = namespace_of(resource, name, value)
  fields.name, fields.worker, fields.env, fields.line = name, worker, env, resource.line
  context.into.binding(fields)
end


-- [{ name, namespace_id }], those of type kv_namespace only where they have types.
local function tell_list(context, resource, worker, name)
  local list = member.take(context, resource.values, name, "array", resource.line, resource.address)
  for binding in member.objects(context, list, resource.line, resource.address .. "." .. name) do
    local kind = member.get(binding, "type")
    if kind == nil or kind == "kv_namespace" then
      tell_binding(context, resource, worker, nil, member.get(binding, "name"), member.get(binding, "namespace_id"))
    end
  end
end


local function tell_script(context, resource)
  local worker = member.get(resource.values, "script_name") or member.get(resource.values, "name")
  tell_list(context, resource, worker, "kv_namespace_binding")
  tell_list(context, resource, worker, "bindings")
end


-- A version names its Worker by an id, which is another resource's.
local function tell_version(context, resource)
  local id = member.get(resource.values, "worker_id")
  tell_list(context, resource, type(id) == "string" and context.workers[id] or nil, "bindings")
end


-- A block, which version 4 of the provider has as a list of one.
local function block(context, object, name, resource, of)
  local value = member.get(object, name)
  if member.is_array(value) and #value <= 1 then
    value = value[1]
  end
  if value == nil or member.is_object(value) then
    return value
  end
  member.tell(context, resource.line, of .. "." .. name, "object", value)
  return nil
end


-- NAME = ID, or NAME = { namespace_id = ID }.
local function tell_pages_env(context, resource, env, config, of)
  local bound = block(context, config, "kv_namespaces", resource, of)
  local names = {}
  for name in pairs(bound or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = member.get(bound, name)
    if member.is_object(value) then
      value = member.get(value, "namespace_id")
    end
    if value ~= nil then
      tell_binding(context, resource, member.get(resource.values, "name"), env, name, value)
    end
  end
end


local function tell_pages(context, resource)
  local of = resource.address .. ".deployment_configs"
  local configs = block(context, resource.values, "deployment_configs", resource, resource.address)
  for _, env in ipairs { "preview", "production" } do
    local config = configs and block(context, configs, env, resource, of)
    if config then
      tell_pages_env(context, resource, env, config, of .. "." .. env)
    end
  end
end


-- ---- All of them ---------------------------------------------------------------------------------

local TELL = {
  [NAMESPACE] = tell_namespace,
  [KEY] = tell_key,
  cloudflare_worker_script = tell_script,
  cloudflare_workers_script = tell_script,
  cloudflare_worker_version = tell_version,
  cloudflare_pages_project = tell_pages,
}

resources.OF_CONCERN = TELL


local function tell_misnamed(context, resource)
  context.into.warn(resource.line, "import.type", ("%s: the provider has no type %s, so that nothing was ever made "
    .. "of it; it is left out"):format(resource.address, MISNAMED),
    ("the type is %s; declare it in kv.lua if it is to be there"):format(NAMESPACE))
end


-- The ids that keys and bindings name, and those of namespaces that are managed here.
local function ids_of(list)
  local named, managed = {}, {}
  local function note(value)
    local id = type(value) == "table" and value.ref or split_id(value)
    named[id or false] = true
  end
  for _, resource in ipairs(list) do
    local values = resource.values
    if resource.type == NAMESPACE and resource.mode ~= "data" then
      managed[split_id(member.get(values, "id")) or false] = true
    elseif resource.type == KEY and resource.mode ~= "data" then
      note(namespace_id_of(resource))
      note(resource.refs and resource.refs.namespace_id or nil)
    end
  end
  return named, managed
end


-- A namespace that is only looked up is somebody else's to make: told where a key is put into it.
local function tell_data(context, list)
  local named, managed = ids_of(list)
  for _, resource in ipairs(list) do
    if resource.mode == "data" and resource.type == NAMESPACE then
      local id = split_id(member.get(resource.values, "namespace_id") or member.get(resource.values, "id"))
      if resource.more or (named[id or false] or named[resource.address]) and not managed[id or false] then
        resource.more = with({ create = false }, resource.more)
        tell_namespace(context, resource)
        resource.goes = nil
      end
    end
  end
end


local function tell_tainted(context, resource)
  context.into.warn(resource.line, "import.tainted", ("%s is tainted: the next apply of Terraform replaces it, and "
    .. "what is in it is lost"):format(resource.address),
    ("let go of it before, or: terraform untaint %s"):format(text.shell(resource.address)))
end


local function index_workers(list)
  local workers = {}
  for _, resource in ipairs(list) do
    local id, name = member.get(resource.values, "id"), member.get(resource.values, "name")
    if resource.type == "cloudflare_worker" and type(id) == "string" and type(name) == "string" then
      workers[id] = name
    end
  end
  return workers
end


-- Tells all of it; what is of no concern is counted.
function resources.tell(context, list)
  local others = 0
  context.taken, context.workers = {}, index_workers(list)
  for _, resource in ipairs(list) do
    local tell = TELL[resource.type]
    if resource.type == MISNAMED then
      tell_misnamed(context, resource)
    elseif not tell or resource.mode == "data" then
      others = others + (tell and 0 or 1)
    else
      resource.is_key = resource.type == KEY
      tell(context, resource)
      if resource.tainted then
        tell_tainted(context, resource)
      end
    end
  end
  tell_data(context, list)
  context.into.foreign(others)
end


-- Those that a state is to forget.
function resources.in_state(list)
  local kept = {}
  for _, resource in ipairs(list) do
    local is_kv = resource.type == NAMESPACE or resource.type == KEY
    if is_kv and resource.mode ~= "data" and not resource.planned then
      kept[#kept + 1] = resource
    end
  end
  return kept
end


return resources
