-- `cfkv help`: the overview, a command, a family of commands ("state", "kv key"), a topic. All of it is
-- laid out from the tables of commands and options (src/cli/help.h); `asked` is what it is about.

local examples = require "examples"
local layout = require "layout"
local lua_names = require "lua_names"
local text = require "text"
local topics = require "topics"
local view = require "view"

local help = {}

local NARROW = 60 -- columns; below, the right half of a row stands under the left one
local COLUMN = 28 -- where it begins elsewhere
local CONTENTS = [[
usage: cfkv COMMAND [options]

%s
commands:
%s
%s
exit codes:
%s]]
local DECLARES = "Declares, plans and applies Cloudflare Workers KV namespaces."
local EXPLAINS = "'cfkv help COMMAND' explains one of them and lists its options, 'cfkv help lua' what there is in Lua."


-- "  LEFT   RIGHT", RIGHT below LEFT where that is too wide.
local function row(all, left, right)
  local column = all.width < NARROW and 6 or COLUMN
  left = "  " .. left
  if text.columns(left) + 2 > column then
    left = left .. "\n" .. (" "):rep(column)
  else
    left = layout.pad(left, column)
  end
  return left .. layout.wrap(right, column, all.width)
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
      rows[#rows + 1] = row(all, call(command), command.summary)
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
  return ": " .. (#parts > 0 and table.concat(parts, ", ") .. ", or " or "") .. last
end


-- "-f, --file FILE".
function help.option(option)
  local left = option.letter ~= text.null and ("-%s, "):format(option.letter) or ""
  left = left .. "--" .. option.name
  if option.arg ~= text.null then
    left = left .. (option.arg_optional and "[=%s]" or " %s"):format(option.arg)
  end
  return left
end


function help.option_text(option)
  return option.help .. (option.modules ~= text.null and choices(option) or "")
end


local function overview(all)
  local codes = {}
  for i, exit in ipairs(all.exit_codes) do
    codes[i] = row(all, tostring(exit.code), exit.meaning)
  end
  local declares, explains = layout.wrap(DECLARES, 0, all.width), layout.wrap(EXPLAINS, 0, all.width)
  return CONTENTS:format(declares, commands(all), explains, table.concat(codes)) .. topics.list(all)
end


-- "" where a command has none.
local function example(command)
  local lines = examples[command.name]
  return lines and "\nexample:\n    " .. lines:gsub("\n", "\n    ") .. "\n" or ""
end


-- Places of a command's options, those first that few commands have.
local function by_rarity(all, command)
  local count, places = {}, table.move(command.options, 1, #command.options, 1, {})
  for _, other in ipairs(all.commands) do
    for _, place in ipairs(other.options) do
      count[place] = (count[place] or 0) + 1
    end
  end
  table.sort(places, function(a, b)
    if count[a] ~= count[b] then
      return count[a] < count[b]
    end
    return a < b
  end)
  return places
end


local function command_help(all, command)
  local options = {}
  for i, place in ipairs(by_rarity(all, command)) do
    local option = all.options[place + 1]
    options[i] = row(all, help.option(option), help.option_text(option))
  end
  local others = commands(all, command.name)
  local about = layout.wrap(command.about, 0, all.width)
  return ("usage: cfkv %s [options]\n\n%s\noptions:\n%s"):format(call(command), about, table.concat(options))
    .. example(command) .. (others ~= "" and "\nother commands:\n" .. others or "")
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
      parts[2] = topics.page(all, topic)
    end
  end
  return table.concat(parts, parts[1] ~= "" and "\n" or "")
end


-- What a number is taken for when it is not given: "10" of "… (default: 10)".
local function default_of(option)
  return option.help:match "%(default: ([^)]+)%)"
end


local function commands_of(all)
  local list = {}
  for i, command in ipairs(all.commands) do
    list[i] = {
      about = command.about, args = command.args, example = examples[command.name] or text.null, name = command.name,
      options = command.options, summary = command.summary,
    }
  end
  return view.array(list)
end


local function options_of(all)
  local list = {}
  for i, option in ipairs(all.options) do
    list[i] = {
      argument = option.arg, argument_optional = option.arg_optional, choices = option.choices,
      default = default_of(option) or text.null, help = help.option_text(option), letter = option.letter,
      max = option.max, min = option.min, name = option.name, repeatable = option.repeatable, type = option.type,
      unit = option.unit,
    }
  end
  return view.array(list)
end


local function topics_of(all)
  local list = {}
  for i, name in ipairs(all.topics) do
    local topic = require("topic." .. name)
    list[i] = { about = topic.about, name = name, text = topic.text }
  end
  return view.array(list)
end


-- All of it, for programs.
function help.document(all)
  local found = lua_names.read(all)
  return view.document {
    commands = commands_of(all), exit_codes = all.exit_codes, fields = all.fields, format_version = 1,
    lua = lua_names.document(found), options = options_of(all), topics = topics_of(all),
    types = lua_names.types(found), version = all.version,
  }
end


return help
