-- What the format of another tool has no word for, of a namespace or a key: whatever an exporter does not say
-- itself and does not go without saying.
--
--   local of_namespace = extras.new(extras.NAMESPACE, { says = { "protect" }, usual = { on_remove = "keep" } })
--   of_namespace(ns)   a list of { name, value }
--
-- says      what the format has words for
-- usual     what else goes without saying there
-- behind    pairs of fields: the first one stands behind the other one, and not in the order of `attributes`

local attributes = require "attributes"
local text = require "text"
local view = require "view"

local extras = {}

-- `others` say which one it is and was, what it holds and where it is declared: each exporter's own.
local function record(rows, others)
  local known = {}
  for _, row in ipairs(rows) do
    known[row[1]] = true
  end
  for _, name in ipairs(others) do
    known[name] = true
  end
  return { rows = rows, known = known }
end

extras.NAMESPACE = record(attributes.NAMESPACE, { "account", "account_id", "address", "file", "id", "keys", "line",
  "n_bulks", "n_prunes", "renamed_from", "title" })
extras.KEY = record(attributes.KEY, { "base64", "file", "key", "line", "metadata", "value" })


local function place_of(list, name)
  for i, row in ipairs(list) do
    if row[1] == name then
      return i
    end
  end
end


-- The rows that the format does not say, in its order.
local function left(rows, format)
  local said, list = {}, {}
  for _, name in ipairs(format.says or {}) do
    said[name] = true
  end
  for _, row in ipairs(rows) do
    if not said[row[1]] then
      list[#list + 1] = row
    end
  end
  for _, pair in ipairs(format.behind or {}) do
    local row = table.remove(list, place_of(list, pair[1]))
    table.insert(list, place_of(list, pair[2]) + 1, row)
  end
  return list
end


-- A function that gives what is left of extras.NAMESPACE or extras.KEY.
function extras.new(kind, format)
  local rows, usual = left(kind.rows, format), format.usual or {}
  return function(of)
    for name in pairs(of) do
      assert(kind.known[name], name) -- a new member wants a row of `attributes`
    end
    local told = {}
    for _, row in ipairs(rows) do
      local name, value = row[1], of[row[1]]
      if value ~= nil and value ~= text.null and value ~= row[3] and value ~= usual[name] then
        told[#told + 1] = { name, value }
      end
    end
    return told
  end
end


-- What is told as an object, with the members of `more`.
function extras.object(told, more)
  local object = more or {}
  for _, field in ipairs(told) do
    object[field[1]] = field[2]
  end
  return object
end


-- What is told as annotations: "ttl_seconds" is "cfkv/ttl-seconds".
function extras.annotations(told)
  local fields = {}
  for i, field in ipairs(told) do
    local name, value = field[1], field[2]
    fields[i] = { "cfkv/" .. name:gsub("_", "-"), type(value) == "string" and value or view.json(value) }
  end
  return fields
end


local all_of_key = extras.new(extras.KEY, {})

-- A key that the format cannot have, as the extras of its namespace hold it.
function extras.noted_key(key)
  local noted = { key = key.key, metadata = key.metadata ~= text.null and key.metadata or nil }
  if key.value ~= text.null then
    noted.base64 = key.base64 and key.value or text.base64(key.value)
  end
  return extras.object(all_of_key(key), noted)
end


return extras
