-- What expressions of a configuration in JSON may name: variables with defaults, locals, members of the KV
-- resources beside them, and the key of a loop.

local address = require "import.terraform.address"
local member = require "import.terraform.member"
local template = require "import.terraform.template"

local scope = {}

local DEPTH_MAX = 16 -- of locals that name locals
local SPENT_MAX = 64 * 1024 * 1024 -- bytes that all expressions of a file come to, a look-up counting as
local LOOK_UP = 512

local IDS = { id = true, namespace_id = true }


-- All blocks of one kind merged: an object, or a list of objects.
function scope.blocks(context, root, name)
  local value = member.get(root, name)
  local merged = {}
  local list = member.is_array(value) and value or { value }
  for _, object in ipairs(list) do
    if member.is_object(object) then
      for label, body in pairs(object) do
        if label ~= "//" and label ~= "@line" then
          merged[label] = body
        end
      end
    else
      member.tell(context, context.line, name, "object", object)
    end
  end
  return merged
end


-- The body of a block, which may stand in a list of its own.
function scope.body(value)
  if member.is_array(value) then
    value = value[1]
  end
  return member.is_object(value) and value or nil
end


local function plain(value)
  if type(value) == "string" or type(value) == "number" or type(value) == "boolean" then
    return value
  end
end


-- A value within a value: { "each", "value", "title" }.
local function within(value, words, from)
  for i = from, #words do
    if not member.is_object(value) then
      return nil
    end
    value = member.get(value, words[i])
  end
  return plain(value)
end


function scope.variable(known, name)
  return type(name) == "string" and scope.body(known.variables[name]) or nil
end


-- A member of a resource, or a reference to it where that is its id.
local function of_resource(known, words, depth, is_data)
  local at = is_data and 2 or 1
  local kind, name, index = words[at], words[at + 1], nil
  local last = words[#words]
  if #words == at + 3 and (type(words[at + 2]) == "number" or type(words[at + 2]) == "string") then
    index = words[at + 2]
  elseif #words ~= at + 2 then
    return nil
  end
  local bodies = known.bodies[(is_data and "data." or "") .. kind]
  local body = bodies and type(name) == "string" and scope.body(bodies[name])
  if not body then
    return nil
  elseif IDS[last] and kind == "cloudflare_workers_kv_namespace" then
    return { ref = address.resource(nil, is_data and "data" or nil, kind, name) .. address.index(index) }
  end
  local value = member.get(body, last)
  if type(value) == "string" and index == nil then
    local said = template.value(value, scope.of(known, nil, depth + 1))
    return said ~= template.UNKNOWN and said or nil
  end
  return index == nil and plain(value) or nil
end


local function of_local(known, words, depth)
  local value = known.locals[words[2]]
  if type(value) == "string" and #words == 2 then
    local said = template.value(value, scope.of(known, nil, depth + 1))
    return said ~= template.UNKNOWN and said or nil
  end
  return within(value, words, 3)
end


-- Words whose indices are values; nil: one of them is not known.
local function indexed(words, look)
  local plain_words = {}
  for i, word in ipairs(words) do
    local value = word
    if type(word) == "table" then
      value = look(word)
    end
    if type(value) ~= "string" and type(value) ~= "number" then
      return nil
    end
    plain_words[i] = value
  end
  return plain_words
end


-- The value, unless all that was looked up so far is too much: what names each other grows without bounds.
local function spend(known, value)
  known.spent = (known.spent or 0) + LOOK_UP + (type(value) == "string" and #value or 0)
  if known.spent > SPENT_MAX then
    return nil
  end
  return value
end


-- A scope for template.value. `known`: { variables, locals, bodies }; `loop`: { each = { key, value } } or
-- { count = { index } }.
function scope.of(known, loop, depth)
  depth = depth or 0
  local function look(given)
    local words = indexed(given, look)
    local first = words and words[1]
    if not words or depth > DEPTH_MAX or (known.spent or 0) > SPENT_MAX then
      return nil
    elseif first == "var" and #words >= 2 then
      local variable = scope.variable(known, words[2])
      return variable and within(member.get(variable, "default"), words, 3)
    elseif first == "local" and #words >= 2 then
      return of_local(known, words, depth)
    elseif first == "each" or first == "count" then
      local of = loop and loop[first]
      return of and #words >= 2 and within(of[words[2]], words, 3) or nil
    elseif first == "data" and #words >= 4 then
      return of_resource(known, words, depth, true)
    end
    return of_resource(known, words, depth, false)
  end
  return function(words)
    return spend(known, look(words))
  end
end


return scope
