-- `cfkv help`: the overview, a command, a family of commands ("state", "kv key"), a topic. All of it is
-- laid out from the tables of commands and options (src/cli/help.h); `asked` is what it is about.

local layout = require "layout"
local text = require "text"
local topics = require "topics"

local help = {}

local COLUMN = 28 -- where the right half of a row begins
local CONTENTS = [[
usage: cfkv COMMAND [options]

Declares, plans and applies Cloudflare Workers KV namespaces.

commands:
%s
'cfkv help COMMAND' explains one of them and lists its options.

exit codes:
%s]]


-- "  LEFT   RIGHT", RIGHT below LEFT where that is too wide.
local function row(left, right)
  left = "  " .. left
  if text.columns(left) + 2 > COLUMN then
    left = left .. "\n" .. (" "):rep(COLUMN)
  else
    left = layout.pad(left, COLUMN)
  end
  return left .. layout.wrap(right, COLUMN)
end


local function in_family(command, family)
  return command.name:sub(1, #family + 1) == family .. " "
end


-- "plan [FILE]"
local function call(command)
  return command.args == "" and command.name or command.name .. " " .. command.args
end


-- Rows of all commands, or of those of a family.
local function commands(all, family)
  local rows = {}
  for _, command in ipairs(all.commands) do
    if not family or in_family(command, family) then
      rows[#rows + 1] = row(call(command), command.summary)
    end
  end
  return table.concat(rows)
end


-- What it takes in words of the modules that do it; JSON is the writer's of documents.
local function choices(option)
  local parts = {}
  for i, choice in ipairs(option.choices) do
    parts[i] = choice == "json" and "JSON" or require(option.modules .. "." .. choice).about
  end
  local last = table.remove(parts)
  return ": " .. table.concat(parts, ", ") .. ", or " .. last
end


local function option_row(option)
  local left = option.letter ~= text.null and ("-%s, "):format(option.letter) or ""
  left = left .. "--" .. option.name
  if option.arg ~= text.null then
    left = left .. (option.arg_optional and "[=%s]" or " %s"):format(option.arg)
  end
  return row(left, option.help .. (option.modules ~= text.null and choices(option) or ""))
end


local function overview(all)
  local codes = {}
  for i, exit in ipairs(all.exit_codes) do
    codes[i] = row(tostring(exit.code), exit.meaning)
  end
  return CONTENTS:format(commands(all), table.concat(codes)) .. topics.list(all.topics)
end


local function command_help(all, command)
  local options = {}
  for i, index in ipairs(command.options) do
    options[i] = option_row(all.options[index + 1])
  end
  local others = commands(all, command.name)
  return ("usage: cfkv %s [options]\n\n%s\noptions:\n%s"):format(call(command), layout.wrap(command.about, 0),
    table.concat(options)) .. (others ~= "" and "\nother commands:\n" .. others or "")
end


-- Of the command or the family of that name; "" when there is none.
local function commands_help(all, name)
  for _, command in ipairs(all.commands) do
    if command.name == name then
      return command_help(all, command)
    end
  end
  local family = commands(all, name)
  return family ~= "" and ("usage: cfkv %s COMMAND [options]\n\ncommands:\n%s"):format(name, family) or ""
end


function help.text(all)
  if all.asked == text.null then
    return overview(all)
  end
  local parts = { commands_help(all, all.asked) }
  for _, topic in ipairs(all.topics) do
    if topic == all.asked then
      parts[2] = topics.page(topic, all.fields)
    end
  end
  return table.concat(parts, parts[1] ~= "" and "\n" or "")
end


return help
