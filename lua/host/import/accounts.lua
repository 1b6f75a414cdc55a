-- In which account each namespace is declared: the project's own goes without saying, others have a name.

local fields = require "import.fields"
local names = require "import.names"

local accounts = {}


-- How many namespaces an account has, and the accounts in the order in which they come.
local function count(namespaces)
  local list, counts = {}, {}
  for _, ns in ipairs(namespaces) do
    if ns.account and not counts[ns.account] then
      list[#list + 1] = ns.account
    end
    if ns.account then
      counts[ns.account] = (counts[ns.account] or 0) + 1
    end
  end
  return list, counts
end


local function largest(list, counts)
  local best = list[1]
  for _, id in ipairs(list) do
    best = counts[id] > counts[best] and id or best
  end
  return best
end


-- Names for those whose name is known. "file" and "local" are words of the command line's.
local function name_all(list, known)
  local once, by_id = names.once({ file = true, ["local"] = true }, "_"), {}
  for _, id in ipairs(list) do
    local slug = names.slug(fields.given(known[id], "string") or "", "_")
    by_id[id] = slug ~= "" and once(slug) or nil
  end
  return by_id
end


-- The names of accounts by id, of a list of { id, name }.
local function known_names(list)
  local by_id = {}
  for _, account in ipairs(fields.given(list, "table") or {}) do
    by_id[account.id or ""] = fields.given(account.name, "string")
  end
  return by_id
end


-- { default = an id, named = the `accounts` of the project }, both nil where there is none, and `most`, how
-- many namespaces an account has; each namespace gets its `account` or `account_id`. `view.project` has those
-- of a project that is there.
function accounts.of(inventory, view, namespaces)
  local list, counts = count(namespaces)
  local there = fields.given(view.project, "table") or {}
  local default = fields.given(there.account_id, "string") or fields.given(inventory.project.account_id, "string")
    or fields.given(inventory.default, "string") or largest(list, counts)
  local by_id, named = {}, nil
  if view.standalone == false then
    for name, id in pairs(fields.given(there.accounts, "table") or {}) do
      by_id[id] = name
    end
  elseif #list > 1 then
    by_id, named = name_all(list, known_names(inventory.accounts)), {}
    for _, id in ipairs(list) do
      named[#named + 1] = by_id[id] and { by_id[id], id } or nil
    end
    named = #named > 0 and named or nil
  end
  for _, ns in ipairs(namespaces) do
    local other = ns.account and ns.account ~= default
    ns.fields.account = other and by_id[ns.account] or nil
    ns.fields.account_id = other and not by_id[ns.account] and ns.account or nil
  end
  local most, others = 0, #namespaces -- of no account that is known: perhaps the same one
  for _, id in ipairs(list) do
    most, others = math.max(most, counts[id]), others - counts[id]
  end
  return { default = default, named = named, most = most + others }
end


return accounts
