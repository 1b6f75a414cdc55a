-- terraform.tfstate: what `terraform state pull` prints, format version 4 (Terraform 0.12 and OpenTofu).

local address = require "import.terraform.address"
local member = require "import.terraform.member"

local state = {}

local VERSION = 4


function state.recognises(value)
  local get = member.get
  return get(value, "encrypted_data") ~= nil or get(value, "lineage") ~= nil and get(value, "serial") ~= nil
    or get(value, "version") ~= nil and (member.is_array(get(value, "modules"))
      or member.is_array(get(value, "resources")) and get(value, "deployment") == nil)
end


local function refuse_version(context, version)
  local refuse = context.into.refuse
  if math.type(version) ~= "integer" then
    refuse(context.line, "import.version", "the state has no format version that is a number",
      "a state is what 'terraform state pull' prints")
  elseif version > VERSION then
    refuse(context.line, "import.version", ("the state has format version %d, which is newer than %d"):format(version,
      VERSION), "'terraform show -json >state.json' writes it in a form that stays; import that")
  else
    refuse(context.line, "import.version", ("the state has format version %d, of Terraform before 0.12"):format(
      version), "'terraform state pull >upgraded.tfstate' of a Terraform from 0.12 on writes it in version 4; import "
      .. "that")
  end
end


-- false: it is refused.
local function is_readable(context, value)
  if member.get(value, "encrypted_data") ~= nil then
    context.into.refuse(context.line, "import.encrypted", "the state is encrypted",
      "'tofu state pull >state.json', where the key is configured, prints it in the clear; import that, and delete it "
      .. "afterwards")
    return false
  end
  local version = member.get(value, "version")
  if member.is_object(member.get(value, "backend")) then
    context.into.refuse(context.line, "import.format", "this file of Terraform's own says where the state is kept, and "
      .. "is not the state", "'terraform state pull >state.json' prints the state; import that")
    return false
  elseif version ~= VERSION then
    refuse_version(context, version)
    return false
  elseif member.get(value, "resources") ~= nil and not member.is_array(value.resources) then
    context.into.refuse(context.line, "import.format", "resources is no list, as a state of format version 4 has it",
      "'terraform state pull' prints the state anew")
    return false
  end
  return true
end


-- Which members are sensitive: a path is [{ type = "get_attr", value = NAME }, …]; an empty one is all of it.
local function secrets_of(context, instance, line, of)
  local names = {}
  local paths = member.take(context, instance, "sensitive_attributes", "array", line, of)
  for _, path in ipairs(paths or {}) do
    local first = member.is_array(path) and path[1] or path
    if member.is_array(path) and #path == 0 then
      names.value = true
    elseif member.is_object(first) and type(first.value) == "string" then
      names[first.value] = true
    end
  end
  return names
end


local function tell_deposed(context, line, of)
  if member.once(context, "deposed") then
    context.into.warn(line, "import.deposed", of .. " has an instance that was replaced and is still to be deleted "
      .. "(deposed); it is left out",
      "'terraform apply' would delete it; 'cfkv import --all' finds it, if it is to be kept")
  end
end


-- One instance as import/terraform/resources.lua has it; nil: it has nothing to tell.
local function instance_of(context, resource, instance)
  local of = resource.resource
  if member.get(instance, "deposed") ~= nil then
    tell_deposed(context, resource.line, of)
    return nil
  end
  local index = member.index(context, instance, "index_key", resource.line, of)
  local name = of .. address.index(index)
  local values = member.take(context, instance, "attributes", "object", resource.line, name)
    or member.take(context, instance, "attributes_flat", "object", resource.line, name)
  if not values then
    resource.is_partial = true
    context.into.warn(resource.line, "import.field", name .. " has no attributes, and is left out",
      "'terraform refresh' reads them anew")
  end
  return values and {
    mode = resource.mode, type = resource.type, name = resource.name, module = resource.module, index = index,
    resource = of, of = resource, address = name, line = resource.line, values = values,
    secret = secrets_of(context, instance, resource.line, name),
    tainted = member.get(instance, "status") == "tainted",
  }
end


local function add_instances(context, list, resource, record)
  local instances = member.take(context, record, "instances", "array", resource.line, resource.resource)
  for instance in member.objects(context, instances, resource.line, resource.resource .. ".instances") do
    list[#list + 1] = instance_of(context, resource, instance)
  end
end


-- The resources of a state; nil and nothing: it is refused.
function state.resources(context, value)
  if not is_readable(context, value) then
    return nil
  end
  local list, program = {}, "terraform"
  for record in member.objects(context, member.get(value, "resources"), context.line, "resources") do
    local line = member.line(record, context)
    local kind = member.take(context, record, "type", "string", line, "resource")
    local name = member.take(context, record, "name", "string", line, "resource")
    if kind and name then
      local module = member.take(context, record, "module", "string", line, name)
      local mode = member.get(record, "mode") == "data" and "data" or "managed"
      program = address.program(member.get(record, "provider"), program)
      add_instances(context, list, { mode = mode, type = kind, name = name, module = module, line = line,
        resource = address.resource(module, mode, kind, name) }, record)
    elseif kind then
      context.into.warn(line, "import.field", ("a resource of type %s has no name, and is left out"):format(kind),
        "'terraform state pull' prints the state anew")
    end
  end
  return list, program
end


return state
