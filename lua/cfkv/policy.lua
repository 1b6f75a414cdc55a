-- Runs each policy on each namespace, in address order, and judges what it returned.
--
-- Arguments: natives of src/script/bind_policy.c, the list of policies, the tools of sandbox.lua.

local native, policies, tools = ...
local type = tools.type

local OPTIONAL = native.fields()
local PUT_NAMES = { "key", "policy", "metadata", "expiration_ttl", "expiration", "bytes" }
local PUT_OPTIONAL = { metadata = true, expiration_ttl = true, expiration = true, bytes = true }

-- Metadata may hold tables, and they are shared like the rest.
local function freeze(value)
  if type(value) ~= "table" then
    return value
  end
  for key, inner in tools.pairs(value) do
    value[key] = freeze(inner)
  end
  return tools.lock("metadata", value, { any = true, names = PUT_NAMES })
end

-- The puts of a namespace, each made when it is looked at: there may be a hundred thousand.
local function put_list(index, count)
  local made = {}
  local function get(_, i)
    i = type(i) == "number" and tools.integer(i) or 0
    if i < 1 or i > count then
      return nil
    end
    if not made[i] then
      local put = native.put(index, i)
      put.metadata = freeze(put.metadata)
      made[i] = tools.lock("put", put, { optional = PUT_OPTIONAL, names = PUT_NAMES })
    end
    return made[i]
  end
  local function each()
    local i = 0
    return function()
      i = i + 1
      if i <= count then
        return i, get(nil, i)
      end
    end
  end
  return tools.setmetatable({}, {
    __index = get,
    __newindex = function() tools.raise("a policy cannot change what was declared") end,
    __len = function() return count end,
    __pairs = each,
    __metatable = false,
  })
end

-- What a policy gets is shared by all of them, so none can change it.
local function view(index)
  local ns = native.view(index)
  ns.puts = put_list(index, ns.puts)
  return tools.lock("ns", ns, { optional = OPTIONAL })
end

local function judge(policy, index, first, second)
  if first == nil or first == false then
    return
  elseif first == "warn" and type(second) == "string" then
    native.report(policy.name, index, true, second)
  elseif type(first) == "string" and first ~= "warn" and second == nil then
    native.report(policy.name, index, false, first)
  else
    native.report(policy.name, index, false, "it must return nothing, a message, or \"warn\" and a message, got "
      .. tools.quote(first))
  end
end

local order = native.order()
for i = 1, #order do
  local index = order[i]
  local ns = view(index)
  for j = 1, #policies do
    local ok, first, second = native.attempt(policies[j].name, policies[j].check, ns)
    if ok then
      judge(policies[j], index, first, second)
    end
  end
end
