-- `cfkv audit`, for people: a namespace a line and its bindings below it, then the counts. Titles come
-- last, since they may be of any width.

local layout = require "layout"
local words = require "audit.words"

local audit = {}

local known = words.known

local BELOW = (" "):rep(12)


-- What a namespace has in each column, raw but plain.
local function cells(ns)
  local keys, row = known(ns.keys), { ns.status, known(ns.id) or "-" }
  if keys then
    row[3] = layout.count(keys.count, "key")
    row[4] = known(keys.nearest_expiration) and "expires " .. words.date(keys.nearest_expiration) or ""
  end
  return row
end


local function tail(ns, with_account)
  local parts = { layout.shown(known(ns.title) or "") }
  local function add(name, value)
    parts[#parts + 1] = ("(%s%s)"):format(name, value and " " .. layout.shown(value) or "")
  end
  if with_account and words.account(ns) then
    add("account", words.account(ns))
  end
  for _, mark in ipairs(ns.marks) do
    add(mark)
  end
  for _, fact in ipairs(words.facts(ns)) do
    add(fact[1], fact[2])
  end
  return table.concat(parts, "  ")
end


local function below(ns)
  local lines = {}
  local function add(line)
    lines[#lines + 1] = BELOW .. line .. "\n"
  end
  if known(ns.description) then
    add(layout.shown(ns.description))
  end
  if words.has_mark(ns, "no-expiry") then
    add(("%s; its default is %s"):format(words.lasting(ns.keys), words.duration(ns.ttl_seconds)))
  end
  for _, project in ipairs(ns.projects) do
    add(layout.shown(words.project(project)))
  end
  for _, b in ipairs(ns.bindings) do
    local name, behind = words.binding(b)
    add(layout.shown(name) .. behind)
  end
  return table.concat(lines)
end


-- The widest cell of each column.
local function widths(rows)
  local list = {}
  for _, row in ipairs(rows) do
    for i = 1, 4 do
      list[i] = math.max(list[i] or 0, #(row[i] or ""))
    end
  end
  return list
end


function audit.text(all)
  local rows, parts = {}, {}
  for i, ns in ipairs(all.namespaces) do
    rows[i] = cells(ns)
  end
  local columns = widths(rows)
  local with_account = words.span_accounts(all.namespaces)
  for i, ns in ipairs(all.namespaces) do
    local line = {}
    for k = 1, 4 do
      if columns[k] > 0 then
        line[#line + 1] = layout.pad(rows[i][k] or "", columns[k])
      end
    end
    line[#line + 1] = tail(ns, with_account)
    parts[i] = table.concat(line, "  "):gsub(" +$", "") .. "\n" .. below(ns)
  end
  local naming = words.naming(all.naming)
  return table.concat(parts) .. words.summary(all.summary) .. "\n"
    .. (naming and layout.shown(naming) .. "\n" or "")
end


return audit
