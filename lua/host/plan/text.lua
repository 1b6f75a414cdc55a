-- A plan (apply, destroy, drift) as text for people: the sections in plan order, then the summary.
--
-- A line of data is never wrapped, so that grep finds it whole; lists of names are.

local layout = require "layout"
local tools = require "text"
local words = require "plan.words"

local text = {}

local COLORS = { ["+"] = 32, ["~"] = 33, ["="] = 36, ["-"] = 31, ["!"] = 31, ["@"] = 36 } -- SGR

local head
local differences -- of a drift
local any         -- a block was written


local function colored(sgr, s)
  return head.color and ("\27[%dm%s\27[0m"):format(sgr, s) or s
end


-- What a line of an entry looks like whose own line begins behind column `indent`.
local function line_of(line, indent)
  local column = indent + 4 * line.depth
  local margin = (" "):rep(column)
  if line.names then
    return margin .. layout.wrap(line.text, column, head.width)
  elseif not line.sign or line.unsigned then
    return margin .. line.text .. "\n"
  elseif line.sign == "@" then
    return margin .. colored(COLORS["@"], line.text) .. "\n"
  elseif line.sign == " " then
    return (margin .. "  " .. line.text):gsub(" +$", "") .. "\n"
  end
  return margin .. colored(COLORS[line.sign], line.sign) .. " " .. line.text .. "\n"
end


local function lines_of(lines, indent)
  local parts = {}
  for i, line in ipairs(lines) do
    parts[i] = line_of(line, indent)
  end
  return table.concat(parts)
end


-- Blocks stand apart from what is above them.
local function block(parts, continued)
  any = true
  return (continued and "" or "\n") .. table.concat(parts)
end


function text.open(view)
  head, any, differences = view, false, 0
  if head.target == tools.null then
    return ""
  end
  local by = words.known(head.by)
  local lines = { "Target: " .. layout.shown(head.target) .. (by and ", by " .. layout.shown(by) or "") .. "\n" }
  if not head.adopts then -- else the summary says it, and what comes of it
    local fresh = words.fresh(head)
    lines[2] = fresh and fresh .. "\n"
  end
  return table.concat(lines)
end


function text.section(section)
  local parts = {}
  local indent = section.shared and 0 or 2
  if not section.shared and not section.continued then
    parts[1] = colored(1, words.heading(section)) .. "\n"
  end
  for _, entry in ipairs(section.entries) do
    parts[#parts + 1] = lines_of(words.entry(entry, head), indent)
    differences = differences + (words.known(entry.namespaces) and entry.namespaces.count or 1)
  end
  local more = section.more or 0
  if more > 0 then
    parts[#parts + 1] = (" "):rep(indent + 2) .. words.more(section) .. "\n"
    differences = differences + more
  end
  return block(parts, section.continued)
end


local function drift_end(tail)
  return ("Drift: %s in %s.\n"):format(layout.count(differences, "difference"),
    layout.count(tail.checked, "namespace"))
end


-- The last lines: what all of it comes to.
function text.verdict(tail)
  local parts = {}
  if head.command == "drift" then
    parts[1] = drift_end(tail)
  else
    parts[1] = head.adopts and words.fresh(head) and words.fresh(head) .. "\n" or ""
    parts[2] = "Plan: " .. words.summary(tail.summary, tail.left_out) .. ".\n"
  end
  local cost = words.cost(tail.cost)
  parts[#parts + 1] = cost and "Cost: " .. cost .. ".\n"
  return table.concat(parts)
end


function text.close(tail)
  local outputs = words.known(tail.outputs) or {}
  local block_of_outputs = #outputs > 0 and block { "Outputs:\n", lines_of(words.outputs(outputs), 2) } or ""
  return block_of_outputs .. (any and "\n" or "") .. text.verdict(tail)
end


return text
