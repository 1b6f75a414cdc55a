-- The kv.lua that a project begins with: from the bindings of its wrangler configs, else with one
-- namespace to try.

local bindings = require "init.bindings"
local declarations = require "declarations"
local layout = require "layout"
local source = require "lua_source"
local text = require "text"

local configuration = {}

local HEAD = "The KV namespaces of %s, and the keys they start with. `cfkv plan --local` shows what would change where "
  .. "`wrangler dev` looks; without --local the target is your account (CLOUDFLARE_API_TOKEN)."

local COLUMNS = { "id", "title", "account_id", "env", "binding", "preview" }


-- ---- The project ---------------------------------------------------------------------------------

-- What names the project: its first Worker, else its folder.
local function project_name(view)
  local first = view.configs[1]
  local name = first and #view.configs == 1 and first.name ~= text.null and first.name or view.folder
  return text.is_plain(name) and name ~= "" and name or "worker"
end


local function beginning_of(view, read, account)
  local fields = { { "name", project_name(view) }, { "account_id", account } }
  return declarations.beginning(HEAD:format(project_name(view)), fields, read.namespaces)
end


-- ---- Namespaces ----------------------------------------------------------------------------------

local function row_of(ns, account)
  local row = {}
  local function add(name, value)
    if value then
      row[#row + 1] = { name, value }
    end
  end
  add("id", ns.id)
  add("title", ns.title)
  add("account_id", ns.account ~= account and ns.account or nil)
  add("env", ns.env)
  add("binding", ns.binding)
  add("preview", ns.preview)
  return row
end


local function rows_of(namespaces, account, with_id)
  local rows = {}
  for _, ns in ipairs(namespaces) do
    if (ns.id ~= nil) == with_id then
      rows[#rows + 1] = row_of(ns, account)
    end
  end
  return rows
end


local function block(comment, rows)
  if #rows == 0 then
    return ""
  end
  return source.comment(comment) .. source.calls("cfkv.namespace", rows, COLUMNS) .. "\n"
end


local function section_words(section)
  if section == text.null then
    return "the top level"
  end
  return section == bindings.PREVIEWS and section or "environment " .. text.quoted(section)
end


-- What stays its owner's, each with where it stands.
local function left_words(left)
  local lines = {}
  for _, l in ipairs(left) do
    lines[#lines + 1] = source.comment(("Left as it is: binding %s in %s of %s (line %d): %s."):format(
      text.quoted(l.entry.binding), section_words(l.entry.env), text.quoted(l.config.path), l.entry.line, l.why))
  end
  return #lines > 0 and table.concat(lines) .. "\n" or ""
end


local function preview_words(namespaces)
  local names = {}
  for _, ns in ipairs(namespaces) do
    for _, place in ipairs(ns.places) do
      if place.entry.preview_id ~= text.null and not ns.preview then
        names[#names + 1] = place.binding
      end
    end
  end
  if #names == 0 then
    return ""
  end
  return source.comment(("The preview_id of %s stays as it is. preview = true makes a namespace TITLE_preview, "
    .. "whose id goes there."):format(table.concat(names, ", "))) .. "\n"
end


-- ---- Configs -------------------------------------------------------------------------------------

-- The addresses of what a config binds: it selects them where there are several configs.
local function selection(config, namespaces)
  local list = {}
  for _, ns in ipairs(namespaces) do
    for _, place in ipairs(ns.places) do
      if place.config == config then
        list[#list + 1] = ns.address
        break
      end
    end
  end
  return source.list(list)
end


local function config_call(view, config, read)
  local select = #view.configs > 1 and selection(config, read.namespaces) or nil
  return declarations.wrangler(config.path, read.mappings[config.number], select)
end


-- ---- From configs --------------------------------------------------------------------------------

local function from_configs(view, read)
  local account = bindings.account_in(view.configs[1], text.null)
  local parts = { beginning_of(view, read, account) }
  local function add(part)
    parts[#parts + 1] = part
  end
  add(block("Each of these has an id already: it keeps its title and its keys, and the config stays as it is.",
    rows_of(read.namespaces, account, true)))
  add(block("No id yet: `cfkv apply` makes these, and writes their ids into the config.",
    rows_of(read.namespaces, account, false)))
  add(preview_words(read.namespaces))
  add(left_words(read.left))
  add(read.unread)
  for _, config in ipairs(view.configs) do
    if #view.configs == 1 or #selection(config, read.namespaces).items > 0 then
      add(config_call(view, config, read))
    end
  end
  return table.concat(parts)
end


-- ---- A first namespace ---------------------------------------------------------------------------

local FIRST = '-- Bound as env.%s. ttl_seconds (0: none; or "1h", "7d") is the default expiry of its keys.\n'

local function title_for(view)
  local config = view.configs[1]
  local worker = config and config.name ~= text.null and config.name ~= "" and config.name or view.folder
  local title = worker:lower():gsub("[^%w_-]", "-") .. "-kv"
  local max = declarations.TITLE_MAX
  return #title <= max and title or title:sub(-max)
end


local function beginning(view)
  local account = view.configs[1] and bindings.account_in(view.configs[1], text.null)
  local binding = view.configs[1] and view.configs[1].free_binding or "KV"
  local read = { namespaces = {} }
  local parts = {
    beginning_of(view, read, account), FIRST:format(binding),
    source.call("local kv = cfkv.namespace", {
      { "title", title_for(view) }, { "binding", binding }, { "ttl_seconds", 0 },
    }),
    'kv:put("greeting", "hello from " .. kv.title)\n\n',
  }
  if view.configs[1] then
    parts[#parts + 1] = source.call("cfkv.wrangler", { { "path", view.configs[1].path } })
  elseif view.program ~= text.null then
    parts[#parts + 1] = source.comment(("%s is a program, which cfkv does not edit: `cfkv wrangler` prints the "
      .. "lines that go into it."):format(text.quoted(view.program)))
  else
    parts[#parts + 1] = "-- Gets the binding, with its id.\n"
      .. source.call("cfkv.wrangler", { { "path", view.starter.config } })
  end
  return table.concat(parts)
end


-- Lists that somebody took for bindings, and wrangler does not read.
local function unread_words(view)
  local lines = {}
  for _, config in ipairs(view.configs) do
    for _, list in ipairs(config.unread) do
      lines[#lines + 1] = source.comment(("Not read by wrangler, and not declared here: %s of %s (line %d). %s"):format(
        text.quoted(list.path), text.quoted(config.path), list.line,
        list.legacy and "Write kv_namespaces, with an underscore." or "It belongs to another table."))
    end
  end
  for _, skipped in ipairs(view.skipped) do
    lines[#lines + 1] = source.comment(("Not declared: %s. %s."):format(text.quoted(skipped.path), skipped.why))
  end
  return #lines > 0 and table.concat(lines) .. "\n" or ""
end


-- What is said of it: what was found, and what it leaves out.
local function note_of(view, read)
  local from = #view.configs == 1 and view.configs[1].path or layout.count(#view.configs, "wrangler config")
  local note = layout.count(#read.namespaces, "namespace") .. " of " .. layout.shown(from)
  local left = #read.left + #view.skipped
  for _, config in ipairs(view.configs) do
    left = left + #config.unread
  end
  return left == 0 and note or ("%s; %s, as a comment in it says"):format(note,
    left == 1 and "one thing is left out" or left .. " things are left out")
end


-- The whole file, and what is said of it (nil: nothing).
function configuration.text(view)
  local read = bindings.read(view.configs, view.folder)
  read.unread = unread_words(view)
  if #read.namespaces + #read.left == 0 and read.unread == "" then
    return beginning(view)
  end
  return from_configs(view, read), note_of(view, read)
end


return configuration
