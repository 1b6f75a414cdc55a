-- `cfkv state list` and `state show`, for people.

local layout = require "layout"
local text = require "text"
local view = require "view"

local state = {}


-- The columns of the widest `member` of the namespaces.
local function width(namespaces, member)
  local widest = 0
  for _, ns in ipairs(namespaces) do
    widest = math.max(widest, text.columns(ns[member]))
  end
  return widest
end


-- An address is written behind its account where the state records several.
local function place(all)
  for _, ns in ipairs(#all.accounts > 1 and all.namespaces or {}) do
    ns.address = (ns.account == text.null and ns.account_id or ns.account) .. ":" .. ns.address
  end
end


function state.list(all)
  local lines = {}
  place(all)
  local addresses, ids = width(all.namespaces, "address"), width(all.namespaces, "id")
  for i, ns in ipairs(all.namespaces) do
    lines[i] = layout.pad(text.name(ns.address), addresses + 2, ns.address)
      .. layout.pad(text.name(ns.id), ids + 2, ns.id) .. text.name(ns.title) .. "\n"
  end
  return table.concat(lines)
end


-- In this order, and what else is recorded behind it.
local FIELDS = {
  "address", "account_id", "id", "title", "origin", "on_remove", "protect", "ttl_seconds", "description",
  "owner", "binding", "env", "jurisdiction", "mode", "create_options",
}
local LABELS = { account_id = "account" }
local NO_FIELDS = { account = true, format_version = true, keys = true, bulk = true }


local function field(name, value)
  if value == nil or value == text.null or value == 0 then
    return ""
  elseif type(value) == "boolean" then
    value = value and "yes" or "no"
  elseif type(value) == "table" then
    value = view.json(value)
  end
  return ("%-12s %s\n"):format(LABELS[name] or name, text.name(tostring(value)))
end


-- Most keys were written by cfkv: the others say what they are.
local function key(k)
  local facts = k.expiration_ttl > 0 and (" (expiration_ttl %d)"):format(k.expiration_ttl) or ""
  if k.origin ~= "wrote" then
    facts = facts .. " (" .. k.origin .. ")"
  end
  return ("%-12s %s%s\n"):format("key", text.quote(k.key), facts)
end


function state.show(ns)
  local lines, known = {}, {}
  if ns.account ~= text.null then
    ns.account_id = ("%s (%s)"):format(ns.account_id, ns.account)
  end
  for _, name in ipairs(FIELDS) do
    known[name] = true
    lines[#lines + 1] = field(name, ns[name])
  end
  for name, value in view.sorted(ns) do
    if not known[name] and not NO_FIELDS[name] then
      lines[#lines + 1] = field(name, value)
    end
  end
  for _, k in ipairs(ns.keys) do
    lines[#lines + 1] = key(k)
  end
  for _, bulk in ipairs(ns.bulk) do
    lines[#lines + 1] = ("%-12s %s (%s)\n"):format("bulk", text.quote(bulk.source, 4096),
      layout.count(bulk.count, "key"))
  end
  return table.concat(lines)
end


return state
