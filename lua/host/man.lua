-- `cfkv help --man`: the manual page, in the man macros, of the same tables as help.

local examples = require "examples"
local help = require "help"
local topics = require "topics"

local man = {}

local DAY = 86400
local MARKS = { ["\\"] = "\\e", ["-"] = "\\-", ["`"] = "\\`", ["'"] = "\\(aq", ["^"] = "\\(ha", ["~"] = "\\(ti" }
local DESCRIPTION = {
  "cfkv declares Cloudflare Workers KV namespaces, and the keys they start with, in Lua. It evaluates a "
    .. "configuration, kv.lua, in a sandbox, checks all of it, shows what would change, and makes the target match: "
    .. "a second run does nothing, a run that was killed is finished by the next one, and nothing is lost that the "
    .. "plan did not name and a backup does not hold.",
  "The target is the account that the credentials in the environment are for, or with --local the store that "
    .. "wrangler dev reads, which needs no account.",
}


-- The civil date of a moment, "2026-11-30" (Howard Hinnant's algorithm).
local function date_of(seconds)
  local days = seconds // DAY + 719468
  local era = days // 146097
  local day_of_era = days % 146097
  local year = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
  local day = day_of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * day + 2) // 153
  day = day - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  return ("%04d-%02d-%02d"):format(year + era * 400 + (month <= 2 and 1 or 0), month, day)
end


-- A line that no macro and no escape is in: what is typed is typed as it is shown.
local function escape(line)
  line = line:gsub("[\\%-`'%^~]", MARKS)
  line = line:gsub("[\194-\244][\128-\191]+", function(c) return ("\\[u%04X]"):format(utf8.codepoint(c)) end)
  return (line:gsub("^%.", "\\&."))
end


local function bold(words)
  return "\\fB" .. escape(words) .. "\\fR"
end


-- "[FILE]" and the like, in which what stands for something is underlined.
local function call(command)
  local args = escape(command.args):gsub("%f[%w]%u%u+", function(word) return "\\fI" .. word .. "\\fR" end)
  return bold("cfkv " .. command.name) .. (args ~= "" and " " .. args or "")
end


-- Running text: what stands in backquotes is bold.
local function words(s)
  local parts, at = {}, 1
  for before, code, next_at in s:gmatch "([^`]*)`([^`]+)`()" do
    parts[#parts + 1] = escape(before):gsub("^\\&%.", ".") .. bold(code)
    at = next_at
  end
  parts[#parts + 1] = escape(s:sub(at)):gsub("^\\&%.", #parts > 0 and "." or "\\&.")
  return (table.concat(parts):gsub("^\\%(aq", "\\&%0"))
end


local function item(tag, body)
  return ".TP\n" .. tag .. "\n" .. body .. "\n"
end


local function section(title, ...)
  return ".SH " .. title .. "\n" .. table.concat({ ... })
end


-- Lines as they are, in from the margin, or from the item above.
local function code(s)
  local out = {}
  for line in (s .. "\n"):gmatch "([^\n]*)\n" do
    out[#out + 1] = escape(line)
  end
  return ".IP\n.EX\n" .. table.concat(out, "\n") .. "\n.EE\n"
end


local function commands(all)
  local out = {}
  for i, command in ipairs(all.commands) do
    local example = examples[command.name]
    out[i] = item(call(command), words(command.about)) .. (example and code(example) or "")
  end
  return table.concat(out)
end


-- Names of commands, of which a family stands for all of its own: "kv …".
local function grouped(all, has)
  local missing, names, done = {}, {}, {}
  for _, command in ipairs(all.commands) do
    local family = command.name:match "^%S+"
    missing[family] = missing[family] or not has[command.name]
    done[family] = (done[family] or 0) + 1
  end
  for _, command in ipairs(all.commands) do
    local family = command.name:match "^%S+"
    if has[command.name] and (missing[family] or done[family] == 1) then
      names[#names + 1] = command.name
    elseif has[command.name] and done[family] > 1 then
      names[#names + 1], done[family] = family .. " …", 0
    end
  end
  return table.concat(names, ", ")
end


-- The commands that have an option, in words; nil: all of them.
local function takers(all, index)
  local yes, no, count = {}, {}, 0
  for _, command in ipairs(all.commands) do
    no[command.name] = true
    for _, place in ipairs(command.options) do
      if place == index then
        yes[command.name], no[command.name], count = true, nil, count + 1
      end
    end
  end
  local few, others = grouped(all, yes), grouped(all, no)
  if count == #all.commands then
    return nil
  end
  return #others < #few and "not " .. others or few
end


local function options(all)
  local out = {}
  for i, option in ipairs(all.options) do
    local dashes, value = help.option(option):match "^(%S+,? ?%-?%-?[%w%-]*)(.*)$"
    if value:sub(1, 1) ~= " " and value:sub(1, 1) ~= "[" then
      dashes, value = dashes .. value, ""
    end
    local by = takers(all, i - 1)
    local body = words(help.option_text(option))
    out[i] = item(bold(dashes) .. escape(value), body .. (by and "\n.br\n(" .. escape(by) .. ")" or ""))
  end
  return table.concat(out)
end


local function exit_codes(all)
  local out = {}
  for i, exit in ipairs(all.exit_codes) do
    out[i] = item(bold(tostring(exit.code)), words(exit.meaning))
  end
  return table.concat(out)
end


-- The halves of what stands as rows in a topic: the right one begins in column 28, and where the left one
-- is too long, a line below.
local function halves(piece)
  local list = {}
  for line in (piece.text .. "\n"):gmatch "  ([^\n]*)\n" do
    local row = list[#list]
    if line:sub(1, 1) == " " then
      row.right = row.right .. (row.right ~= "" and " " or "") .. line:match "^ +(.*)$"
    elseif line:sub(26):find "^ %S" then
      list[#list + 1] = { left = line:sub(1, 26):match "^(.-) +$", right = line:sub(27) }
    else
      list[#list + 1] = { left = line, right = "" }
    end
  end
  return list
end


local function first_rows(topic)
  for _, piece in ipairs(topics.pieces(topic.text)) do
    if piece.kind == "rows" then
      return halves(piece)
    end
  end
end


-- Those of the topics that are for a section.
local function rows(all, title)
  local out = {}
  for _, name in ipairs(all.topics) do
    local topic = require("topic." .. name)
    for _, row in ipairs(topic.rows == title and first_rows(topic) or {}) do
      out[#out + 1] = item(bold(row.left), words(row.right))
    end
  end
  return table.concat(out)
end


-- The commands that the topics show, which tests run.
local function topic_examples(all)
  local out = {}
  for _, name in ipairs(all.topics) do
    local topic, first = require("topic." .. name), true
    for block in topic.text:gmatch "\n```sh\n(.-)\n```" do
      out[#out + 1] = (first and ".SS " .. escape(topic.about) .. "\n" or "") .. code(block)
      first = false
    end
  end
  return table.concat(out)
end


local function see_also(all)
  local names = {}
  for i, name in ipairs(all.topics) do
    names[i] = "\n.br\n" .. bold("cfkv help " .. name) .. "  " .. escape(require("topic." .. name).about)
  end
  return words "`cfkv help COMMAND` lists the options of a command, `cfkv help lua NAME` explains what there is in Lua."
    .. "\n.PP\nTopics:" .. table.concat(names) .. "\n"
end


function man.page(all)
  local description = {}
  for i, paragraph in ipairs(DESCRIPTION) do
    description[i] = (i > 1 and ".PP\n" or "") .. words(paragraph) .. "\n"
  end
  return ('.TH CFKV 1 "%s" "cfkv %s" "User Commands"\n'):format(date_of(all.date), all.version)
    .. section("NAME", "cfkv \\- declare, plan and apply Cloudflare Workers KV namespaces\n")
    .. section("SYNOPSIS", bold "cfkv", " \\fICOMMAND\\fR [\\fIoptions\\fR]\n.br\n", bold "cfkv help",
      " [\\fICOMMAND\\fR | \\fITOPIC\\fR | ", bold "lua", " \\fINAME\\fR]\n")
    .. section("DESCRIPTION", table.unpack(description))
    .. section("COMMANDS", commands(all))
    .. section("OPTIONS", "Behind each one stand the commands that take it, unless all do.\n", options(all))
    .. section('"EXIT STATUS"', exit_codes(all))
    .. section("ENVIRONMENT", rows(all, "ENVIRONMENT"))
    .. section("FILES", rows(all, "FILES"))
    .. section("EXAMPLES", topic_examples(all))
    .. section('"SEE ALSO"', see_also(all))
end


return man
