-- An audit as a table in GitHub's Markdown: a namespace a row. Nothing from outside is more than text in it
-- (gfm.lua).

local gfm = require "gfm"
local layout = require "layout"
local text = require "text"
local words = require "audit.words"

local markdown = {}

local escaped, known = gfm.escaped, words.known


local function status(ns)
  local parts = { ns.status }
  for _, mark in ipairs(ns.marks) do
    parts[#parts + 1] = mark
  end
  return table.concat(parts, ", ")
end


-- What else there is to say, a line of the cell each.
local function details(ns)
  local lines = {}
  local function add(line)
    lines[#lines + 1] = escaped(line)
  end
  if known(ns.description) then
    add(ns.description)
  end
  if words.has_mark(ns, "no-expiry") then
    add(("%s; its default is %s"):format(words.lasting(ns.keys), words.duration(ns.ttl_seconds)))
  end
  for _, project in ipairs(ns.projects) do
    add(words.project(project))
  end
  for _, b in ipairs(ns.bindings) do
    local name, behind = words.binding(b)
    add(name .. behind)
  end
  return table.concat(lines, "<br>")
end


-- The further facts: "jurisdiction eu, mode instant".
local function kind(ns)
  local parts = {}
  for _, fact in ipairs(words.facts(ns)) do
    if fact[1] ~= "owner" then
      parts[#parts + 1] = fact[1] .. " " .. fact[2]
    end
  end
  return escaped(table.concat(parts, ", "))
end


-- Name, what it makes of a namespace, whether its column is of numbers.
local COLUMNS = {
  { "Status", status },
  { "Namespace", function(ns) return escaped(known(ns.title) or "") end },
  { "Id", function(ns) return known(ns.id) and "`" .. ns.id .. "`" or "" end },
  { "Account", function(ns) return escaped(words.account(ns) or "") end },
  { "Keys", function(ns) return known(ns.keys) and tostring(ns.keys.count) or "" end, true },
  { "Next expiry", function(ns)
    local at = known(ns.keys) and known(ns.keys.nearest_expiration)
    return at and words.date(at) or ""
  end },
  { "Owner", function(ns) return escaped(known(ns.owner) or "") end },
  { "Kind", kind },
  { "Details", details },
}


local function line(cells)
  return "| " .. table.concat(cells, " | ") .. " |\n"
end


-- Columns in which there is nothing are left out, and so is the only account.
local function make_table(all)
  local names, rules, rows = {}, {}, {}
  local with_account = words.span_accounts(all.namespaces)
  for i in ipairs(all.namespaces) do
    rows[i] = {}
  end
  for _, column in ipairs(COLUMNS) do
    local cells, empty = {}, true
    for i, ns in ipairs(all.namespaces) do
      cells[i] = column[2](ns)
      empty = empty and cells[i] == ""
    end
    if not empty and (column[1] ~= "Account" or with_account) then
      names[#names + 1], rules[#rules + 1] = column[1], column[3] and "--:" or "---"
      for i, cell in ipairs(cells) do
        table.insert(rows[i], cell)
      end
    end
  end
  local parts = { line(names), line(rules) }
  for i, row in ipairs(rows) do
    parts[i + 2] = line(row)
  end
  return #rows > 0 and table.concat(parts) .. "\n" or ""
end


-- What the run warned of, an item each.
local function warnings(diagnostics)
  local items = {}
  for i, d in ipairs(diagnostics) do
    items[i] = ("- %s%s\n"):format(known(d.file) and "`" .. layout.shown(d.file):gsub("`", "'") .. "`: " or "",
      escaped(d.message))
  end
  return #items > 0 and "**Warnings**\n\n" .. table.concat(items) .. "\n" or ""
end


function markdown.text(all)
  local naming = words.naming(all.naming)
  return text.defuse(("### Namespaces of %s\n\n%s%s%s%s\n"):format(escaped(all.where), make_table(all),
    warnings(all.diagnostics), naming and escaped(naming) .. "\n\n" or "", words.summary(all.summary)))
end


return markdown
