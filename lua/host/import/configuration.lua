-- The configuration that `cfkv import` writes: what a person would have written who declares just these
-- namespaces and keys.
--
--     configuration.text(inventory, view) -> the text, further files
--
-- The inventory: `namespaces` ({ id?, title?, account?, and what fields.lua reads, bindings = { { name,
-- worker?, env?, file? } }, keys = { … }, seeds?, gone?, from? }, by account and title), `project` ({ name,
-- account_id? }), `accounts` ({ { id, name } }), `default` (the account of those that name none), `notes`
-- (texts for comments).
-- The view: `file` (where the text goes) and `standalone`: false for a file that kv.lua requires, which has
-- the project. A further file has `path`, relative to kv.lua's folder, `text`, and `mode` when it holds secrets.

local accounts = require "import.accounts"
local configs = require "import.configs"
local declarations = require "declarations"
local fields = require "import.fields"
local keys = require "import.keys"
local layout = require "layout"
local names = require "import.names"
local source = require "lua_source"
local text = require "text"

local configuration = {}

local WIDTH = 100
local LOCALS_MAX = 60 -- handles of namespaces; Lua allows 200 locals

local HEAD = "The KV namespaces of %s, as `cfkv import` found them: a first `cfkv plan` has nothing to do. Their ids "
  .. "are in the state, where `cfkv state list` shows them."
local MORE = "More KV namespaces, as `cfkv import` found them. The configuration reads this file by `require %s`."


-- ---- What is declared ----------------------------------------------------------------------------

local function namespace_of(raw)
  local ns = {
    id = fields.given(raw.id, "string"), title = fields.given(raw.title, "string"),
    account = fields.given(raw.account, "string"), fields = fields.of(raw), raw = raw, exact = raw.exact,
    ttl_seconds = math.type(raw.ttl_seconds) == "integer" and raw.ttl_seconds ~= 0 and raw.ttl_seconds or nil,
    keys = fields.given(raw.keys, "table"), seeds = fields.given(raw.seeds, "string"),
  }
  ns.fields.title, ns.fields.id = ns.title, not ns.title and ns.id or nil
  return ns
end


local function read(inventory)
  local here, gone = {}, {}
  for _, raw in ipairs(inventory.namespaces) do
    table.insert(fields.given(raw.gone) and gone or here, namespace_of(raw))
  end
  return here, gone
end


-- ---- Plain declarations --------------------------------------------------------------------------

local function with_keys(writer, ns)
  local declared = source.call("cfkv.namespace", fields.row(ns.fields)):sub(1, -2)
  writer.handles = writer.handles + 1
  if writer.handles > LOCALS_MAX then
    declared = source.call("local ns = cfkv.namespace", fields.row(ns.fields), "  ")
    return "do\n" .. declared .. keys.lines(ns.plan, ns, "ns", nil, "  ") .. "end\n"
  end
  local handle = writer.names.handle(ns.title or "namespace")
  return ("local %s = %s\n"):format(handle, declared) .. keys.lines(ns.plan, ns, handle, nil, "")
end


-- One after the other: those that only are there, below each other, then those that hold keys.
local function plain(writer, namespaces)
  local rows, paragraphs = {}, {}
  for _, ns in ipairs(namespaces) do
    if ns.plan then
      paragraphs[#paragraphs + 1] = with_keys(writer, ns)
    else
      rows[#rows + 1] = fields.row(ns.fields)
    end
  end
  if #rows > 0 then
    table.insert(paragraphs, 1, source.calls("cfkv.namespace", rows, fields.COLUMNS, WIDTH))
  end
  return table.concat(paragraphs, "\n")
end


-- ---- What cannot be said -------------------------------------------------------------------------

local function place_of(raw)
  local from = fields.given(raw.from, "table") and raw.from[1]
  if not from or not from.file then
    return ""
  end
  return (" (%s%s)"):format(layout.shown(from.file), from.line and (" line %d"):format(from.line) or "")
end


local function gone_words(gone)
  local lines = {}
  for _, ns in ipairs(gone) do
    lines[#lines + 1] = source.comment(("Not declared: namespace %s is gone from the account%s."):format(
      text.quoted(ns.title or ns.id or "?"), place_of(ns.raw)))
  end
  return table.concat(lines)
end


local function note_words(notes)
  local lines = {}
  for i, note in ipairs(notes or {}) do
    lines[i] = source.comment(note)
  end
  return table.concat(lines)
end


-- ---- The whole file ------------------------------------------------------------------------------

local function module_of(file)
  return (file:gsub("%.lua$", ""):gsub("^%./", ""):gsub("/", "."))
end


local function secrets_path(view)
  local stem = view.standalone == false and (view.file or "more.lua"):gsub("%.lua$", ""):gsub("^.*/", "") or "kv"
  return stem .. ".secrets.json"
end


-- The beginning, the local tables behind it included.
local function beginning(inventory, view, writer, namespaces)
  local locals = writer.secrets and ("local secrets = cfkv.file.json %s\n\n"):format(source.string(writer.secrets.path))
    or ""
  if view.standalone == false then
    local head = MORE:format(text.quote(module_of(view.file or "more.lua")))
    return source.comment(head) .. "\nlocal cfkv = require \"cfkv\"\n\n"
      .. locals
  end
  local project = inventory.project
  local name = text.is_plain(project.name or "") and project.name ~= "" and project.name or "kv"
  local list = {
    { "name", name }, { "account_id", writer.accounts.default }, { "accounts", writer.accounts.named },
  }
  return declarations.beginning(HEAD:format(name), list, namespaces) .. locals
end


local function plan_keys(writer, view, namespaces)
  local secret = {}
  for _, ns in ipairs(namespaces) do
    ns.plan = keys.of(ns, writer.names)
    if ns.plan then
      secret[#secret + 1] = { title = ns.title or ns.id, plan = ns.plan }
      writer.files[#writer.files + 1] = ns.plan.file
    end
  end
  writer.secrets = keys.secrets(secrets_path(view), secret)
  writer.files[#writer.files + 1] = writer.secrets
end


function configuration.text(inventory, view)
  view = view or {}
  local here, gone = read(inventory)
  local writer = { names = names.new(), files = {}, handles = 0, accounts = accounts.of(inventory, view, here) }
  configs.name(here)
  plan_keys(writer, view, here)
  local parts, kept_in_step = {}, configs.text(here, view)
  for _, part in ipairs { plain(writer, here), kept_in_step, gone_words(gone), note_words(inventory.notes) } do
    parts[#parts + 1] = part ~= "" and part or nil
  end
  return beginning(inventory, view, writer, here) .. table.concat(parts, "\n"), writer.files
end


return configuration
