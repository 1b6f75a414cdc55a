-- A plan (drift, validate) as the comment of a pull request: a summary, a table of the environments,
-- and for each of them a folded diff. Cut to what a comment may hold, at the border of an entry.
--
-- Nothing from outside may be more than text here: gfm.lua outside of fences; a fence is longer than any
-- run of backticks in it. Whoever prints this into a log of
-- GitHub Actions runs no command by it: text.defuse.

local gfm = require "gfm"
local layout = require "layout"
local text = require "text"
local words = require "plan.words"

local markdown = {}

local escaped, html, known = gfm.escaped, gfm.html, words.known

local COMMENT_MAX = 65000 -- characters; GitHub takes 65,536
local DIFF_SIGNS = { ["~"] = "!", ["="] = " " } -- those that the highlighting of diffs does not know

local head, groups, room
local counted -- entries of all sections
local made    -- characters of the blocks that were made


-- ---- Room --------------------------------------------------------------------------------------

-- As GitHub counts: in units of UTF-16.
local function units(s)
  local _, beyond = s:gsub("[\xF0-\xF4]", "")
  return (utf8.len(s) or #s) + beyond
end


-- Takes the room for a piece; false when there is not enough.
local function take(piece)
  local n = units(piece)
  if n > room then
    return false
  end
  room = room - n
  return true
end


-- The pieces that fit, one behind the other, and how many do not. `max`: of the room, for them.
local function fitting(pieces, max)
  local kept, left, before = {}, 0, room
  for _, piece in ipairs(pieces) do
    if before - room + units(piece) <= (max or before) and take(piece) then
      kept[#kept + 1] = piece
    else
      left = left + 1
    end
  end
  return table.concat(kept), left
end


local function left_out(n, what, many)
  return n > 0 and ("\n*%s left out: a comment holds no more.*\n"):format(layout.count(n, what .. " is",
    (many or what .. "s") .. " are")) or ""
end


-- ---- Entries -----------------------------------------------------------------------------------

local function diff_lines(lines)
  local parts = {}
  for i, line in ipairs(lines) do
    local sign = DIFF_SIGNS[line.sign] or line.sign or " "
    if sign == "@" then -- known only at the beginning of a line
      parts[i] = line.text .. "\n"
    else
      parts[i] = (sign .. " " .. ("    "):rep(line.depth) .. line.text):gsub("%s+$", "") .. "\n"
    end
  end
  return table.concat(parts)
end


local function group_of(section)
  local env, account = known(section.env), known(section.account)
  local name = section.shared and env == nil and "Several environments"
    or known(section.file) and "Files" or words.environment(env or text.null, account or text.null)
  local group = groups[name]
  if not group then
    group = { name = name, blocks = {}, left = 0 }
    groups[name] = group
    groups[#groups + 1] = group
  end
  return group
end


function markdown.open(view)
  head, groups, counted, made = view, {}, 0, 0
  room = known(head.limit) or COMMENT_MAX
  return ""
end


-- Keeps a block of so many changes. What does not fit in any case is only counted: a plan of any size
-- takes little memory.
local function keep(group, changes, make)
  if head.brief or made > room then
    group.left = group.left + changes
    return
  end
  local block = make()
  made = made + units(block)
  group.blocks[#group.blocks + 1] = block
end


-- A block is an entry; the first one of a section has its heading.
function markdown.section(section)
  local group = group_of(section)
  local heading = (section.shared or section.continued) and "" or "@@ " .. words.heading(section) .. " @@\n"
  for i, entry in ipairs(section.entries) do
    counted = counted + (known(entry.namespaces) and entry.namespaces.count or 1)
    keep(group, 1, function()
      return (i == 1 and heading or "") .. diff_lines(words.entry(entry, head))
    end)
  end
  if (section.more or 0) > 0 then
    counted = counted + section.more
    keep(group, section.more, function()
      return "  " .. words.more(section) .. "\n"
    end)
  end
  return ""
end


-- ---- The document ------------------------------------------------------------------------------

local function fence_for(content)
  local longest = 2
  for run in content:gmatch "`+" do
    longest = math.max(longest, #run)
  end
  return ("`"):rep(longest + 1)
end


local function folded(name, content)
  local fence = fence_for(content)
  return ("\n<details>\n<summary>%s</summary>\n\n%sdiff\n%s%s\n\n</details>\n"):format(html(name), fence, content,
    fence)
end


-- What a folded block takes besides its content, the longest fences that 100 backticks ask for
-- included: who writes more of them gets less shown.
local function frame(name)
  return units(folded(name, "")) + 200
end


local function details(name, blocks)
  local around = frame(name)
  if #blocks == 0 or around > room then
    return "", #blocks
  end
  room = room - around
  local content, left = fitting(blocks)
  if content == "" then
    room = room + around
    return "", left
  end
  local whole = folded(name, content)
  if units(whole) > units(content) + around then -- fences beyond what was reckoned with
    return "", #blocks
  end
  return whole, left
end


local function verdict(tail)
  if known(head.verdict) then
    return head.verdict
  elseif head.command == "drift" then
    return layout.count(counted, "difference") .. " in " .. layout.count(tail.checked, "namespace")
  end
  return words.summary(tail.summary, tail.left_out)
end


local function title(tail)
  local where = known(head.target) or known(head.by)
  return ("### cfkv %s%s\n\n**%s**\n"):format(head.command, where and ": " .. escaped(where) or "",
    escaped(verdict(tail)))
end


-- The columns of the table of environments, and what an environment has in them.
local function columns_of(environments)
  if head.command == "drift" then
    return #environments > 0 and { "differences" } or {}, function(env) return env.items end
  end
  local summaries = {}
  for i, env in ipairs(environments) do
    summaries[i] = env.summary
  end
  local names = words.counted(summaries)
  names[#names + 1] = #names > 0 and "unchanged" or nil
  return names, function(env, name) return env.summary[name] end
end


local function environment_table()
  local environments = known(head.environments) or {}
  local names, count = columns_of(environments)
  if #names == 0 then
    return ""
  end
  local columns = "\n| environment |"
  for _, name in ipairs(names) do
    columns = columns .. " " .. name:gsub("_", " ") .. " |"
  end
  columns = ("%s\n|---|%s\n"):format(columns, ("---:|"):rep(#names))
  local rows = {}
  for i, env in ipairs(environments) do
    local cells = { escaped(words.environment(env.name, env.account)) }
    for _, name in ipairs(names) do
      local n = count(env, name)
      cells[#cells + 1] = (n > 0 or name == "unchanged") and tostring(n) or ""
    end
    rows[i] = "| " .. table.concat(cells, " | ") .. " |\n"
  end
  take(columns)
  local body, left = fitting(rows, room // 3)
  return columns .. body .. left_out(left, "environment")
end


local function diagnostic(diag)
  local d, place = words.diagnostic(diag), words.place(diag)
  local lines = { ("- **%s**%s: %s\n"):format(d.severity, place and " " .. escaped(place) or "", escaped(d.message)) }
  if d.also then
    lines[#lines + 1] = "  - " .. escaped(d.also) .. "\n"
  end
  if d.hint then
    lines[#lines + 1] = "  - hint: " .. escaped(d.hint) .. "\n"
  end
  return table.concat(lines)
end


local function diagnostics()
  local items = {}
  for i, diag in ipairs(known(head.diagnostics) or {}) do
    items[i] = diagnostic(diag)
  end
  if #items == 0 then
    return ""
  end
  local body, left = fitting(items, room // 3)
  return "\n" .. body .. left_out(left, "diagnostic")
end


local function notes(tail)
  local cost, fresh = words.cost(tail.cost), words.fresh(head)
  return (fresh and "\n" .. escaped(fresh) .. "\n" or "") .. (cost and "\nCost: " .. escaped(cost) .. ".\n" or "")
end


function markdown.close(tail)
  room = room - 1000 -- for the words about what is left out, and what breaks commands
  local first, last = title(tail), notes(tail)
  room = room - units(first) - units(last)
  local parts = { first, environment_table(), diagnostics() }
  local left = 0
  local function add(name, blocks, before)
    local piece, cut = details(name, blocks)
    parts[#parts + 1] = piece
    left = left + cut + (before or 0)
  end
  local outputs = {}
  for i, line in ipairs(words.outputs(known(tail.outputs) or {})) do
    outputs[i] = diff_lines { line }
  end
  if not head.brief then
    add("Outputs", outputs)
    for _, group in ipairs(groups) do
      add(group.name, group.blocks, group.left)
    end
  end
  parts[#parts + 1] = left_out(left, "change")
  parts[#parts + 1] = last
  return text.defuse(table.concat(parts))
end


return markdown
