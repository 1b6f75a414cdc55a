-- The words of plans, which all of their formats share. What they say of an entry are lines,
--
--   { sign = "+", text = "new_ui: true", depth = 1 }
--
-- of which a format makes its own: `depth` 0 is the entry itself, 1 what stands below it; a line
-- without a sign is a heading or context. Everything that came from outside is plain in them: a
-- line has no control characters but tabs, and steers no terminal.

local layout = require "layout"
local text = require "text"

local words = {}


-- A line of a value: as layout.shown, but tabs stay.
local function shown(s)
  return text.is_plain(s) and s or (s:gsub("[^\t]+", layout.shown))
end


local function quoted(name)
  return text.quote(name, 120)
end


-- A member of a view, or nil where it is null.
function words.known(value)
  return value ~= text.null and value or nil
end

local known = words.known


-- ---- Times -------------------------------------------------------------------------------------

local UNITS = { { 86400, "day", "days" }, { 3600, "h", "h" }, { 60, "min", "min" }, { 1, "s", "s" } }


-- A span, exactly: "1 h 30 min".
function words.duration(seconds)
  local parts = {}
  for _, unit in ipairs(UNITS) do
    local n = seconds // unit[1]
    if n > 0 then
      parts[#parts + 1] = layout.count(n, unit[2], unit[3])
      seconds = seconds - n * unit[1]
    end
  end
  return #parts > 0 and table.concat(parts, " ") or "0 s"
end


-- Roughly, in the largest unit of which there are two: "26 h", "3 days".
local function about(seconds)
  for _, unit in ipairs(UNITS) do
    if seconds >= 2 * unit[1] or unit[1] == 1 then
      return layout.count((seconds + unit[1] // 2) // unit[1], unit[2], unit[3])
    end
  end
end


-- The day of a count of days since 1970, by the calendar that begins in March.
local function civil(days)
  days = days + 719468
  local era = days // 146097
  local of_era = days - era * 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local day = of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end


-- "2026-11-30 15:50 UTC"; on a terminal in its own time, which needs no name.
function words.date(at, head, with_seconds)
  local there = at + (head.local_time and head.utc_offset or 0)
  local year, month, day = civil(there // 86400)
  local time = ("%04d-%02d-%02d %02d:%02d"):format(year, month, day, there // 3600 % 24, there // 60 % 60)
  return time .. (with_seconds and (":%02d"):format(there % 60) or "") .. (head.local_time and "" or " UTC")
end


local function expires(expiry, head, with_seconds)
  if not expiry or expiry.never then
    return "never"
  elseif expiry.ttl then
    return words.duration(expiry.ttl) .. " after it is written"
  end
  local left = expiry.at - head.now
  local when = left >= 0 and "in " .. about(left) or about(-left) .. " ago"
  return when .. " (" .. words.date(expiry.at, head, with_seconds) .. ")"
end


-- "in 5 h (2026-11-30 15:50 UTC) -> never"; seconds where nothing else tells the two apart.
local function expiry_change(expiry, head)
  local before, after = known(expiry.before), known(expiry.after)
  local was, is = expires(before, head), expires(after, head)
  if was == is then
    was, is = expires(before, head, true), expires(after, head, true)
  end
  return before and was .. " -> " .. is or is
end


-- ---- Values ------------------------------------------------------------------------------------

local function size(value)
  return ("%s, sha256 %s"):format(layout.count(value.bytes, "byte"), value.sha256)
end


-- JSON of which all is on one line.
local function leaf(json)
  return text.is_plain(json) and json or (text.show_json(json):gsub("\n", "\\n"))
end


local function path_of(path)
  return path == "" and "(value)" or leaf(path)
end


local CHANGES = {
  set = function(change)
    return "~", ("%s: %s -> %s"):format(path_of(change.path), leaf(change.before), leaf(change.after))
  end,
  add = function(change)
    return "+", path_of(change.path) .. ": " .. leaf(change.after)
  end,
  remove = function(change)
    return "-", path_of(change.path) .. ": " .. leaf(change.before)
  end,
  move = function(change)
    return "~", path_of(change.from) .. " -> " .. path_of(change.to) .. "  (moved)"
  end,
}


-- Appends the lines of a DIFF; `what` counts what limits left out.
local diffs = {}


local function add(lines, sign, line)
  lines[#lines + 1] = { sign = sign, text = line, depth = 1 }
end


local function add_more(lines, more, what)
  if (more or 0) > 0 then
    add(lines, nil, ("and %s more (--verbose shows all)"):format(layout.count(more, what)))
  end
end


local function add_same_json(lines, diff)
  if diff.same_json then
    add(lines, nil, "(the same JSON, written in another way)")
  end
end


function diffs.json(lines, diff)
  add_same_json(lines, diff)
  for _, change in ipairs(diff.changes) do
    add(lines, CHANGES[change.op](change))
  end
  add_more(lines, diff.more, "change")
end


function diffs.text(lines, diff)
  add_same_json(lines, diff)
  for _, hunk in ipairs(diff.hunks) do
    add(lines, "@", ("@@ -%d,%d +%d,%d @@"):format(hunk.before[1], hunk.before[2], hunk.after[1], hunk.after[2]))
    for _, line in ipairs(hunk.lines) do
      local sign = line:sub(1, 1)
      if sign == "\\" then -- "\ No newline at end of file": of the line above
        add(lines, nil, line)
      else
        add(lines, sign, shown(line:sub(2)))
      end
    end
  end
  add_more(lines, diff.more, "changed line")
end


function diffs.new(lines, diff)
  local whole = diff.shown:sub(-1) == "\n" and diff.shown or diff.shown .. "\n"
  for line in whole:gmatch "([^\n]*)\n" do
    add(lines, "+", diff.json and text.show_json(line) or shown(line))
  end
  if diff.cut then
    add(lines, nil, ("(%s in all)"):format(layout.count(diff.bytes, "byte")))
  end
end


function diffs.bytes(lines, diff)
  if known(diff.before) and known(diff.after) then
    add(lines, "~", ("(value): %s -> %s"):format(size(diff.before), size(diff.after)))
  elseif known(diff.after) then
    add(lines, "+", "(value): " .. size(diff.after))
  else
    add(lines, "-", "(value): " .. size(diff.before))
  end
end


function diffs.replaced(lines, diff)
  add(lines, "-", "(value): " .. (known(diff.before) and size(diff.before) or "not looked at"))
  diffs[diff.after.kind](lines, diff.after)
end


function diffs.secret(lines, diff)
  add(lines, diff.was and "~" or "+", diff.was and "(secret, changed)" or "(secret)")
end


function diffs.deferred(lines)
  add(lines, "+", "(known after apply)")
end


-- ---- Entries -----------------------------------------------------------------------------------

local ACTION_SIGNS = { create = "+", adopt = "=", forget = "=", delete = "-", -- plan
  changed = "~", renamed = "~", added = "+", deleted = "-", expired = "-" } -- drift


-- A put that finds nothing there.
local function is_new(entry)
  if entry.counts and entry.counts ~= text.null then
    return entry.counts.changed == 0
  end
  local value = known(entry.value)
  return value ~= nil and (value.kind == "new" or value.kind == "bytes" and not known(value.before)
    or value.kind == "secret" and not value.was or value.kind == "deferred" and entry.reason == "the key is absent")
end


function words.sign(entry)
  if entry.action == "put" then
    return entry.overwrite and "!" or is_new(entry) and "+" or "~"
  end
  return ACTION_SIGNS[entry.action] or "~"
end


local function bulk(entry)
  local counts = known(entry.counts)
  local name = "bulk " .. quoted(entry.key)
  if not counts or entry.action ~= "put" then
    return entry.action .. " " .. name
  end
  return ("%s: %d new, %d changed, %d overwritten, %d unchanged"):format(name, counts.new, counts.changed,
    counts.overwrite, counts.unchanged)
end


local DRIFT = { changed = true, deleted = true, renamed = true, expired = true, added = true }


-- "put 'flags'", "rename from 'old' to 'new'"; of drift "key 'flags' deleted".
local function subject(entry, drift)
  local old_title = known(entry.old_title)
  local key = known(entry.key)
  if entry.action == "renamed" and old_title then
    return ("renamed from %s to %s"):format(quoted(old_title), quoted(entry.title))
  elseif drift and DRIFT[entry.action] then
    return (key and (entry.kind == "bulk" and "bulk " or "key ") .. quoted(key) or "namespace") .. " " .. entry.action
  elseif entry.kind == "bulk" then
    return bulk(entry)
  elseif entry.kind == "key" then
    return (entry.overwrite and "overwrite" or entry.action) .. " " .. quoted(key)
  elseif entry.action == "rename" then
    return old_title and ("rename from %s to %s"):format(quoted(old_title), quoted(entry.title))
      or "rename to " .. quoted(entry.title)
  end
  return entry.action
end


-- "put 'flags' in 100 namespaces", "create 60 namespaces"; of drift "60 namespaces deleted".
local function shared_subject(entry, n, drift)
  local count = layout.count(n, "namespace")
  if entry.kind ~= "namespace" then
    return subject(entry, drift) .. " in " .. count
  end
  return drift and count .. " " .. entry.action or entry.action .. " " .. count
end


-- The one change of an entry, when it says all of it: " limits.per_minute 60 -> 90".
local function only_change(entry)
  local value = known(entry.value)
  if not value or value.kind ~= "json" or #value.changes ~= 1 or (value.more or 0) > 0
    or known(entry.metadata) or known(entry.expiry) then
    return nil
  end
  local change = value.changes[1]
  return change.op == "set" and ("%s %s -> %s"):format(path_of(change.path), leaf(change.before), leaf(change.after))
    or nil
end


-- "shop-a, shop-b, shop-c and 97 more": the names of a shared entry.
function words.names(namespaces)
  local names = {}
  for i, name in ipairs(namespaces.names) do
    names[i] = layout.shown(name)
  end
  local left = namespaces.count - #names
  return table.concat(names, ", ") .. (left > 0 and (" and %d more"):format(left) or "")
end


-- The lines below an entry that tell what becomes of its value, metadata and expiry.
local function details(entry, head)
  local lines = {}
  local value, metadata, expiry = known(entry.value), known(entry.metadata), known(entry.expiry)
  if value then
    diffs[value.kind](lines, value)
  end
  if metadata then
    add(lines, nil, "metadata:")
    diffs[metadata.kind](lines, metadata)
  end
  if expiry then
    lines[#lines + 1] = { sign = known(expiry.before) and "~" or "+", unsigned = true, depth = 1,
      text = "expires: " .. expiry_change(expiry, head) }
  end
  for _, line in ipairs(known(entry.lines) or {}) do
    local sign, rest = line:match "^%s*([-+~!=]) (.*)$"
    add(lines, sign, shown(rest or line))
  end
  return lines
end


-- The lines of an entry. A shared one names its namespaces: `in 100 namespaces`, then the names.
function words.entry(entry, head)
  local namespaces = known(entry.namespaces)
  local change = namespaces and only_change(entry)
  local what = namespaces and shared_subject(entry, namespaces.count, head.command == "drift")
    or subject(entry, head.command == "drift")
  what = what .. (change and ": " .. change or "")
  local reason = known(entry.reason)
  if reason and reason ~= "" then
    what = what .. "  (" .. layout.shown(reason) .. ")"
  end
  local lines = { { sign = words.sign(entry), text = what, depth = 0 } }
  if namespaces and #namespaces.names > 0 then
    lines[2] = { text = words.names(namespaces), depth = 1, names = true }
  end
  for _, line in ipairs(change and {} or details(entry, head)) do
    lines[#lines + 1] = line
  end
  return lines
end


-- "shop/config (shop-config)", behind the account's name where there are several.
function words.heading(section)
  local file, account = known(section.file), known(section.account)
  if file then
    return layout.shown(file)
  end
  local name = (account and layout.shown(account) .. ":" or "") .. layout.shown(section.address)
  local title = known(section.title)
  return title and title ~= section.address and name .. " (" .. layout.shown(title) .. ")" or name
end


-- What a section leaves out; what is lost among it is told.
function words.more(section)
  local lost = section.more_losses or 0
  local told = lost == section.more and ", deleted or overwritten" or lost > 0
    and (", %d of them deleted or overwritten"):format(lost) or ""
  return ("and %d more%s (--verbose shows all)"):format(section.more, told)
end


-- "prod", "prod (account main)", and of what is in no environment "(no environment)".
function words.environment(name, account)
  local shown_name = known(name) and layout.shown(name) or "(no environment)"
  return known(account) and ("%s (account %s)"):format(shown_name, layout.shown(account)) or shown_name
end


-- The lines of the outputs that change.
function words.outputs(outputs)
  local lines = {}
  for i, output in ipairs(outputs) do
    local name = (known(output.account) and layout.shown(output.account) .. ":" or "") .. layout.shown(output.name)
    local after = output.unknown and "(known after apply)" or output.after and leaf(output.after)
    if not output.before then
      lines[i] = { sign = "+", text = name .. ": " .. after, depth = 0 }
    elseif not after then
      lines[i] = { sign = "-", text = name .. ": " .. leaf(output.before), depth = 0 }
    else
      lines[i] = { sign = "~", text = name .. ": " .. leaf(output.before) .. " -> " .. after, depth = 0 }
    end
  end
  return lines
end


-- ---- Summary and cost --------------------------------------------------------------------------

-- In the order of telling; what the first ones are is said once.
local COUNTS = {
  { "create", "namespace to create", "namespaces to create" },
  { "adopt", "to adopt", "to adopt" },
  { "rename", "to rename", "to rename" },
  { "update", "to update", "to update" },
  { "delete", "namespace to delete", "namespaces to delete" },
  { "forget", "to forget", "to forget" },
  { "put", "key to put", "keys to put" },
  { "overwrite", "key to overwrite", "keys to overwrite" },
  { "delete_keys", "key to delete", "keys to delete" },
  { "write", "file to write", "files to write" },
  { "outputs", "output to change", "outputs to change" },
}


-- "2 namespaces to create, 3 keys to put; 10 keys are as declared".
function words.summary(summary, left_out)
  local parts = {}
  for _, count in ipairs(COUNTS) do
    local n = summary[count[1]] or 0
    if n > 0 then
      parts[#parts + 1] = layout.count(n, count[2], count[3])
    end
  end
  local line = #parts > 0 and table.concat(parts, ", ") or "no changes"
  if (summary.unchanged or 0) > 0 then
    line = line .. "; " .. layout.count(summary.unchanged, "key is", "keys are") .. " as declared"
  end
  if (left_out or 0) > 0 then
    line = line .. "; " .. layout.count(left_out, "namespace") .. " left out by the filters"
  end
  return line
end


-- The names of the counts that are not 0 in one of the summaries, in the order of telling.
function words.counted(summaries)
  local names = {}
  for _, count in ipairs(COUNTS) do
    for _, summary in ipairs(summaries) do
      if (summary[count[1]] or 0) > 0 then
        names[#names + 1] = count[1]
        break
      end
    end
  end
  return names
end


local function operations(cost)
  local parts = {}
  for _, noun in ipairs { "list", "read", "write", "delete" } do
    local n = cost[noun .. "s"]
    if n > 0 then
      parts[#parts + 1] = layout.count(n, noun)
    end
  end
  return #parts > 0 and ": " .. table.concat(parts, ", ") or ""
end


local function clock(seconds)
  seconds = math.ceil(seconds)
  local hours = seconds // 3600
  return (hours > 0 and ("%d:%02d:%02d"):format(hours, seconds // 60 % 60, seconds % 60))
    or ("%d:%02d"):format(seconds // 60, seconds % 60)
end


-- "12 requests, about 0:03 at this rate (5 to look: 1 list, 4 reads; 7 to do: 3 writes)"; nil when
-- nothing is sent.
function words.cost(cost)
  cost = known(cost)
  if not cost or cost.requests == 0 then
    return nil
  end
  local line = (cost.at_least and "at least " or "") .. layout.count(cost.requests, "request")
  if known(cost.seconds) then
    line = line .. ", about " .. clock(cost.seconds) .. " at this rate"
  end
  local observe, execute = known(cost.observe), known(cost.execute)
  if not observe then
    return line .. " (" .. operations(cost):sub(3) .. ")"
  end
  local parts = {}
  if observe.requests > 0 then
    parts[1] = observe.requests .. " to look" .. operations(observe)
  end
  if execute.requests > 0 then
    parts[#parts + 1] = execute.requests .. " to do" .. operations(execute)
  end
  return line .. " (" .. table.concat(parts, "; ") .. ")"
end


-- What is true of a plan without a state; nil with one.
function words.fresh(head)
  if not head.fresh or head.command == "drift" then
    return nil
  end
  return head.adopts and "There is no state: what exists is adopted, and nothing is deleted."
    or "There is no state yet, and nothing is deleted."
end


-- ---- Diagnostics -------------------------------------------------------------------------------

local function line_of(s)
  return layout.shown((s:gsub("%s*\n%s*", " ")))
end


-- What a guard refuses is no fault of the configuration.
function words.diagnostic(diag)
  local refused = diag.code:find("guard.", 1, true) == 1
  return { severity = diag.severity, message = (refused and "refused: " or "") .. line_of(diag.message),
    hint = known(diag.hint) and line_of(diag.hint), also = words.also(diag) }
end


-- "also a, b and 3 more": the subjects of further ones with the same cause; nil without.
function words.also(diag)
  local also = known(diag.also)
  if not also or #also == 0 then
    return nil
  end
  local count = diag.also_count or #also
  return "also " .. words.names { names = also, count = count }
end


-- "kv.lua:12", or nil.
function words.place(diag)
  local file, line = known(diag.file), known(diag.line)
  return file and layout.shown(file) .. (line and line > 0 and ":" .. line or "")
end


return words
