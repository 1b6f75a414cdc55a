-- Members of what Pulumi wrote, whatever is in their place: nil is what is not there, or of another type.

local text = require "text"
local view = require "view"

local member = {}

-- What marks an object that stands for something else.
local SIGNATURE = "4dabf18193072939515e22adb298388d"
local SECRET, OUTPUT = "1b47061264138c4ac30d75fd1eb44270", "d0e6a833031e9bbcd3f4e8bde6ca49a4"
local REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
local UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9" -- an output that is not known yet

local KINDS = {
  cloudflare = {
    workerskvnamespace = "namespace", workerskv = "key",
    workersscript = "worker", workerscript = "worker", worker = "worker", workerversion = "worker",
    pagesproject = "pages",
  },
}


member.is_object = view.is_object


function member.object(of, name)
  local value = member.is_object(of) and of[name]
  return member.is_object(value) and value or nil
end


-- The items of a list; {} where there is none.
function member.list(of, name)
  local value = member.is_object(of) and of[name]
  return view.is_array(value) and value or {}
end


function member.string(of, name)
  local value = member.is_object(of) and of[name]
  return type(value) == "string" and value or nil
end


-- A member that is true, and not merely there.
function member.flag(of, name)
  return member.is_object(of) and of[name] == true
end


-- A value of a property without what it is wrapped in → the value (nil: it is null, or not known), whether it
-- is a secret, and why it is not known.
local function unwrap(value, depth)
  if value == nil or value == text.null then
    return nil
  elseif value == UNKNOWN then
    return nil, false, "it was not known yet when the stack was written"
  elseif not member.is_object(value) or depth > 4 then
    return value
  end
  local signature = value[SIGNATURE]
  if signature == SECRET then
    local plain = member.string(value, "plaintext")
    local inner = plain and text.json(plain)
    if inner == nil then
      return nil, true, "it is a secret that the stack holds encrypted"
    end
    return (unwrap(inner, depth + 1)), true
  elseif signature == OUTPUT then
    local inner, secret, why = unwrap(value.value, depth + 1)
    return inner, secret or value.secret == true, why or inner == nil and "it was not known yet" or nil
  elseif signature == REFERENCE then
    return unwrap(value.id, depth + 1)
  end
  return value
end

function member.unwrap(value)
  return unwrap(value, 0)
end


-- A property of a resource, by any of its names: as it came out, else as it was put in.
function member.property(resource, ...)
  local secret, why
  for _, side in ipairs { "outputs", "inputs", "properties" } do
    local properties = member.unwrap(member.is_object(resource) and resource[side])
    for _, name in ipairs { ... } do
      local value, is_secret, because = member.unwrap(member.is_object(properties) and properties[name] or nil)
      secret, why = secret or is_secret, why or because
      if value ~= nil then
        return value, secret
      end
    end
  end
  return nil, secret, why
end


-- "namespace", "key", "worker", "pages" of "cloudflare:index/workersKv:WorkersKv" or "cloudflare:WorkersKv".
function member.kind(token)
  if type(token) ~= "string" or #token > 200 then
    return nil
  end
  local package, name = token:match "^(%a+):", token:match ":(%a+)$"
  return package and name and (KINDS[package:lower()] or {})[name:lower()]
end


-- "STACK", "PROJECT", "NAME" of a URN; nothing: it is none.
function member.urn(urn)
  if type(urn) ~= "string" or #urn > 4096 then
    return nil
  end
  local parts, at = {}, 1
  for _ = 1, 3 do
    local first, last = urn:find("::", at, true)
    if not first then
      return nil
    end
    parts[#parts + 1], at = urn:sub(at, first - 1), last + 1
  end
  local stack = parts[1]:match "^urn:pulumi:(.*)$"
  if stack then
    return stack, parts[2], urn:sub(at)
  end
end


return member
