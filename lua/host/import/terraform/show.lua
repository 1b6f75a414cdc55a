-- What `terraform show -json` prints of a state, and of a plan: the values of resources in modules within
-- modules, and for a plan the changes to them.

local address = require "import.terraform.address"
local member = require "import.terraform.member"
local references = require "import.terraform.references"

local show = {}

local MAJOR = 1 -- of format_version; 0.1 and 0.2 differ in nothing that matters here


function show.recognises(value)
  local get = member.get
  return type(get(value, "format_version")) == "string"
    and (get(value, "terraform_version") ~= nil or get(value, "values") ~= nil or get(value, "prior_state") ~= nil
      or get(value, "planned_values") ~= nil or get(value, "provider_schemas") ~= nil)
    or member.is_array(get(value, "resource_changes"))
end


-- ---- Values --------------------------------------------------------------------------------------

-- Members that are sensitive: an object of the same shape, with true where they are; true is all of it.
local function secrets_of(marks)
  local names = {}
  if marks == true then
    names.value = true
  elseif member.is_object(marks) then
    for name, mark in pairs(marks) do
      names[name] = mark == true or nil
    end
  end
  return names
end


-- What a record says about itself, be it of values or of changes; nil: nothing to go on.
local function head_of(context, record, module)
  local line = member.line(record, context)
  local kind = member.take(context, record, "type", "string", line, "resource")
  if not kind then
    return nil
  end
  context.program = address.program(member.get(record, "provider_name"), context.program)
  module = member.take(context, record, "module_address", "string", line, "resource") or module
  local full = member.take(context, record, "address", "string", line, "resource")
  local mode = member.get(record, "mode") == "data" and "data" or "managed"
  local name = member.take(context, record, "name", "string", line, "resource") or full
  if not name then
    context.into.warn(line, "import.field", ("a resource of type %s has neither a name nor an address, and is left out")
      :format(kind), "'terraform show -json' prints it anew")
    return nil
  end
  local resource = address.resource(module, mode, kind, name)
  local index = member.index(context, record, "index", line, resource)
  return { mode = mode, type = kind, name = name, module = module, index = index, resource = resource,
    address = full or resource .. address.index(index), line = line, secret = {} }
end


local function add_value(context, list, record, module)
  local head = head_of(context, record, module)
  if not head or member.get(record, "deposed_key") ~= nil then
    return
  end
  head.values = member.take(context, record, "values", "object", head.line, head.address)
  head.secret = secrets_of(member.get(record, "sensitive_values"))
  head.tainted = member.get(record, "tainted") == true
  list[#list + 1] = head.values and head
end


local function add_module(context, list, module, of)
  local at = member.take(context, module, "address", "string", context.line, of)
  local records = member.take(context, module, "resources", "array", context.line, at or of)
  for record in member.objects(context, records, context.line, (at or of) .. ".resources") do
    add_value(context, list, record, at)
  end
  local below = member.take(context, module, "child_modules", "array", context.line, at or of)
  for child in member.objects(context, below, context.line, (at or of) .. ".child_modules") do
    add_module(context, list, child, (at or of) .. ".child_modules")
  end
end


local function values_of(context, holder, of)
  local list = {}
  local root = holder and member.take(context, holder, "root_module", "object", context.line, of)
  if root then
    add_module(context, list, root, "root_module")
  end
  return list
end


-- ---- Changes -------------------------------------------------------------------------------------

local function has_action(context, change, name, head)
  local actions = member.take(context, change, "actions", "array", head.line, head.address .. ".change")
  for _, action in ipairs(actions or {}) do
    if action == name then
      return true
    end
  end
  return false
end


local function tell_deletion(context, head, change)
  if head.mode == "managed" and has_action(context, change, "delete", head) and member.once(context, "deletes") then
    context.into.warn(head.line, "import.planned", ("the plan deletes %s; it is imported as it is now"):format(
      head.address), "do not apply that plan; what is to go can be taken out of kv.lua, and is kept until then")
  end
end


-- Fills in what the change says of a resource that the state does not have.
local function from_change(context, head, change)
  local before = member.take(context, change, "before", "object", head.line, head.address .. ".change")
  local importing = member.take(context, change, "importing", "object", head.line, head.address .. ".change")
  if before then
    head.values, head.secret = before, secrets_of(member.get(change, "before_sensitive"))
    return true
  end
  head.values = member.take(context, change, "after", "object", head.line, head.address .. ".change")
  head.secret = secrets_of(member.get(change, "after_sensitive"))
  head.planned = true
  if importing then
    references.set_import(context, head, member.get(importing, "id"))
    head.values = head.values or setmetatable({}, { __metatable = "object" })
  end
  return head.values ~= nil
end


-- Adds what only the changes know. `known`: by address, what the state has.
local function add_changes(context, list, known, changes)
  for record in member.objects(context, changes, context.line, "resource_changes") do
    local head = head_of(context, record)
    local change = head and member.take(context, record, "change", "object", head.line, head.address)
    if change and member.get(record, "deposed") == nil then
      tell_deletion(context, head, change)
      local before_move = member.get(record, "previous_address")
      if not known[head.address] and not known[before_move] and from_change(context, head, change) then
        known[head.address] = true
        list[#list + 1] = head
      end
    end
  end
end


local function index(list)
  local known = {}
  for _, resource in ipairs(list) do
    known[resource.address] = true
  end
  return known
end


local function plan_resources(context, value)
  local prior = member.take(context, value, "prior_state", "object", context.line)
  local values = prior and member.take(context, prior, "values", "object", context.line, "prior_state")
  local list = values_of(context, values, "prior_state.values")
  local known = index(list)
  local changes = member.take(context, value, "resource_changes", "array", context.line)
  add_changes(context, list, known, changes)
  local planned = values_of(context, member.take(context, value, "planned_values", "object", context.line),
    "planned_values")
  for _, resource in ipairs(changes and {} or planned) do
    if not known[resource.address] then
      resource.planned = true
      list[#list + 1] = resource
    end
  end
  references.resolve(list, member.get(value, "configuration"))
  return list
end


-- ---- Either --------------------------------------------------------------------------------------

local function is_readable(context, value)
  local version = member.get(value, "format_version")
  local major = type(version) == "string" and tonumber(version:match "^(%d+)%.?%d*$" or nil)
  if version ~= nil and (not major or major > MAJOR) then
    context.into.refuse(context.line, "import.version", ("the output of 'terraform show -json' has format version %s; "
      .. "cfkv knows %d"):format(type(version) == "string" and version or "that is no text", MAJOR),
      "'terraform state pull >state.json' writes the state in its own format; import that")
    return false
  elseif member.get(value, "provider_schemas") ~= nil then
    context.into.refuse(context.line, "import.format", "this is what providers can do, not what there is",
      "'terraform show -json >state.json' prints the state")
    return false
  end
  return true
end


-- The resources of a state or a plan; nil: it is refused.
function show.resources(context, value)
  if not is_readable(context, value) then
    return nil
  end
  local is_plan = member.get(value, "planned_values") ~= nil or member.get(value, "resource_changes") ~= nil
    or member.get(value, "prior_state") ~= nil
  local list = is_plan and plan_resources(context, value)
    or values_of(context, member.take(context, value, "values", "object", context.line), "values")
  return list, context.program or "terraform"
end


return show
