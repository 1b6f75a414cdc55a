-- `cfkv audit`, for people: a namespace a line and its bindings below it, then the counts.

local layout = require "layout"
local text = require "text"
local view = require "view"

local audit = {}

local LIVE = { "managed", "declared", "orphan" }
local NOT_LIVE = { "gone", "missing" }

-- What else a namespace has is a fact that is told where there is one.
local NO_FACTS = {
  account = true, account_id = true, address = true, bindings = true, id = true, status = true, title = true,
}


local function known(value)
  return value ~= text.null and value or ""
end


local function binding(b)
  local env = b.env ~= text.null and layout.shown(b.env) .. " " or ""
  return ("            %s %s%s%s (line %d)\n"):format(layout.shown(b.file), env, layout.shown(known(b.binding)),
    b.member == "preview_id" and " preview_id" or "", b.line)
end


local function namespace(ns, with_account)
  local id = ns.id ~= text.null and ns.id or "-"
  local line = layout.pad(ns.status, 8) .. "  " .. layout.pad(id, 32) .. "  " .. layout.shown(known(ns.title))
  if with_account then
    local account = ns.account ~= text.null and ns.account or known(ns.account_id)
    line = ("%s  (account %s)"):format(line, layout.shown(account))
  end
  for name, value in view.sorted(ns) do
    if not NO_FACTS[name] and known(value) ~= "" then
      line = line .. ("  (%s %s)"):format(name, layout.shown(value))
    end
  end
  local lines = { line .. "\n" }
  for _, b in ipairs(ns.bindings) do
    lines[#lines + 1] = binding(b)
  end
  return table.concat(lines)
end


local function span_accounts(namespaces)
  for _, ns in ipairs(namespaces) do
    if ns.account_id ~= namespaces[1].account_id then
      return true
    end
  end
  return false
end


-- ", 9 managed, 2 orphans": `gap` and a count for each status that there is.
local function counts(summary, statuses, gap)
  local parts = {}
  for _, status in ipairs(statuses) do
    local n = summary[status]
    if n > 0 then
      parts[#parts + 1] = status == "orphan" and layout.count(n, status) or n .. " " .. status
    end
  end
  return #parts > 0 and gap .. table.concat(parts, ", ") or ""
end


-- "12 namespaces: 9 managed, 1 declared, 2 orphans; 1 gone"
local function last_line(summary)
  local live = 0
  for _, status in ipairs(LIVE) do
    live = live + summary[status]
  end
  return layout.count(live, "namespace") .. counts(summary, LIVE, ": ") .. counts(summary, NOT_LIVE, "; ") .. "\n"
end


function audit.text(all)
  local parts = {}
  local with_account = span_accounts(all.namespaces)
  for i, ns in ipairs(all.namespaces) do
    parts[i] = namespace(ns, with_account)
  end
  return table.concat(parts) .. last_line(all.summary)
end


return audit
