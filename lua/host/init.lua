-- `cfkv init`: which files a project begins with, and what is in them. Nothing is read or written here
-- (src/cli/cmd_init.c): a view in, a list of files out.
--
-- The view: `folder` (its name), `declared` (kv.lua is there), `configs` (the wrangler configs to declare,
-- as src/cli/init_view.c writes them), `starter` (what a config that is to be made is called, its text and
-- its Worker), `program` (a config that cfkv does not edit), `stdlib`, `ci`.
--
-- A file has a `path` and a `text`, and is made where it is not there; or it has `lines` and the
-- `comment` above them, and gets those that it lacks. `note`: what is said of one that is made.

local layout = require "layout"
local text = require "text"

local init = {}


-- ---- As JSON -------------------------------------------------------------------------------------

local function strings(list)
  local parts = {}
  for i, s in ipairs(list) do
    parts[i] = text.string(s)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end


local function file_json(file)
  if file.lines then
    return ('{"path":%s,"comment":%s,"lines":%s}'):format(text.string(file.path), strings(file.comment),
      strings(file.lines))
  end
  return ('{"path":%s,"note":%s,"text":%s}'):format(text.string(file.path), text.string(file.note or ""),
    text.string(file.text))
end


-- ---- The files -----------------------------------------------------------------------------------

-- kv.lua is the last one: whoever is killed before it is there begins anew.
function init.plan(view)
  local files = {}
  local function add(list)
    table.move(list, 1, #list, #files + 1, files)
  end
  if not view.declared and view.starter ~= text.null then
    add(require("init.starter").worker(view.starter))
  end
  add(require("init.editor").files(view.stdlib))
  if view.ci ~= text.null then
    add(require("init.ci_" .. view.ci).files(view))
  end
  local configuration = { path = "kv.lua", text = "" }
  if not view.declared then
    configuration.text, configuration.note = require("init.configuration").text(view)
  end
  add { configuration }
  add(require("init.git").files())
  local parts = {}
  for i, file in ipairs(files) do
    parts[i] = file_json(file)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end


-- ---- What is said of it --------------------------------------------------------------------------

local function done(file)
  local name = layout.shown(file.path)
  if file.done == "made" then
    return ("made  %s%s\n"):format(name, file.note ~= "" and ": " .. file.note or "")
  elseif file.done == "grown" then
    return ("added %s to %s\n"):format(layout.count(file.lines, "line"), name)
  end
  return ("left  %s, which %s\n"):format(name, file.done == "complete" and "has all lines" or "is there")
end


local function command(words, about)
  local left = "  " .. words
  return (text.columns(left) < 28 and layout.pad(left, 28) or left .. "  ") .. about .. "\n"
end


local function next_steps(view)
  local lines = { "\nnext:\n" }
  if view.cd ~= text.null then
    lines[#lines + 1] = command("cd " .. view.cd, "")
      :gsub(" +\n", "\n")
  end
  lines[#lines + 1] = command("cfkv plan --local", "what would change where `wrangler dev` looks")
  lines[#lines + 1] = command("cfkv apply --local --yes", "do it")
  if view.dev ~= text.null then
    lines[#lines + 1] = command(layout.shown(view.dev), "the Worker reads it")
  end
  lines[#lines + 1] = "\nStates of two people merge by a driver; once a clone:\n"
    .. "  git config merge.cfkv.driver 'cfkv state merge %O %A %B'\n"
  return table.concat(lines)
end


-- What became of each file, and how to go on.
function init.report(view)
  local lines, changed = {}, false
  for i, file in ipairs(view.files) do
    lines[i] = done(file)
    changed = changed or file.done == "made" or file.done == "grown"
  end
  return table.concat(lines) .. (changed and next_steps(view) or "\nnothing to do\n")
end


return init
