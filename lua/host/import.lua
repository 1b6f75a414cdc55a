-- `cfkv import`: what files of other tools and live accounts hold, as a kv.lua and what the state is to
-- record. Nothing is read or written here (src/cli/cmd_import.c), and the calls come in this order:
--
--   input(view)        one for each file; a view is
--                        { file, syntax = "json"|"yaml", documents = { { line, number, skipped, value }, … } }
--                      or { file, syntax = "wrangler", config } (src/cli/init_view.c writes configs)
--   accounts({})       the accounts to look up: ids, "" is the one of the credentials
--   account(view)      one for each: { account, name, default, namespaces = { { id, title, jurisdiction?, mode?,
--                      wanted }, … }, unmatched = { { glob, near }, … } }; `default`: it was asked for by ""
--   wanted({})         what keys are to be read of: [{ account, id, title, path, keys = [puts] }], the
--                      puts as base64
--   seeds(view)        { files = { { account, id, path, count }, … } }: what was read
--   files(view)        the files to write, as JSON; the view is { file, folder, standalone, declared, project = { name,
--                      account_id, accounts = { NAME = ID, … }, configs = { PATH, … }, naming, title_max } };
--                      of a part that is written anew neither `declared` nor `configs` (those that are named) tells;
--                      `declared`, null where there is no configuration, is
--                      { { account, id, title, keys = [NAME…], bulks = [PATH…] }, … }
--   known({})          what the state may record: [{ account, id, title, jurisdiction, mode }]
--   diagnostics(view)  all problems so far; with an error among them nothing is written. `early`: the accounts are
--                      not there yet
--   report(view)       for people; document(view): the same with --json (import/report.lua)
--
-- A module in READERS is the reader of one tool:
--
--   reader.tool                            its name for people
--   reader.recognises(document, view)      by the shape of document.value; cheap, raises on no JSON
--   reader.read(document, view, into)      tells what it finds (import/inventory.lua), likewise
--
-- A wrangler config has no documents: import.wrangler gets nil instead, once a file, and looks at view.config.

local inventory = require "import.inventory"
local layout = require "layout"
local text = require "text"
local views = require "view"

local import = {}

-- In this order they are asked.
local READERS = { "terraform", "pulumi", "crossplane", "planton" }

local FORMATS = "cfkv reads Terraform and OpenTofu states (terraform state pull, terraform show -json), Pulumi exports "
  .. "(pulumi stack export), Crossplane and Planton manifests, and wrangler configs"

local inv = inventory.new()
local merged -- all of it, once something asks


-- ---- What comes in -------------------------------------------------------------------------------

local readers

-- Those that are there.
local function all_readers()
  if not readers then
    readers = {}
    for _, name in ipairs(READERS) do
      local ok, reader = pcall(require, "import." .. name)
      if ok then
        readers[#readers + 1] = reader
      elseif not reader:find("there is no module", 1, true) then
        error(reader, 0)
      end
    end
  end
  return readers
end


-- Of a wrangler config its own alone is asked.
local function reader_of(document, view)
  if view.syntax == "wrangler" then
    return require "import.wrangler"
  end
  for _, reader in ipairs(all_readers()) do
    if reader.recognises(document, view) then
      return reader
    end
  end
end


-- true when a reader knows it.
local function read_document(document, view)
  local reader = reader_of(document, view)
  if reader then
    reader.read(document, view, inventory.into(inv, view.file, reader.tool))
    inv.tools[reader.tool] = true
  end
  return reader ~= nil
end


-- What is left of a file where nothing is known.
local function refuse_file(view, foreign)
  local into = inventory.into(inv, view.file)
  if foreign > 0 then
    into.warn(nil, "import.foreign", ("%s has %s of other kinds, and nothing about Workers KV"):format(
      text.name(view.file), layout.count(foreign, "thing")), "leave it out")
  else
    into.refuse(nil, "import.format", ("%s is of no tool that cfkv knows"):format(text.name(view.file)), FORMATS)
  end
end


function import.input(view)
  local known, foreign = 0, view.skipped or 0
  inv.files[#inv.files + 1] = view.file
  if view.syntax == "wrangler" then
    known = read_document(nil, view) and 1 or 0
  end
  for _, document in ipairs(view.documents or {}) do
    local taken = read_document(document, view)
    known, foreign = known + (taken and 1 or 0), foreign + document.skipped
    if not taken and #view.documents > 1 then
      foreign = foreign + 1
    end
  end
  inv.foreign = inv.foreign + foreign
  if known == 0 then
    refuse_file(view, foreign)
  end
  return ""
end


function import.accounts()
  return views.json(views.array(inventory.accounts(inv)))
end


function import.account(view)
  inventory.add_account(inv, view)
  for _, missed in ipairs(view.unmatched or {}) do
    inventory.warn(inv, "import.match", ("--match %s takes no namespace of account %s"):format(text.quote(missed.glob),
      view.account), missed.near ~= text.null and ("did you mean %s?"):format(text.quoted(missed.near))
      or "'cfkv kv namespace list' prints the titles")
  end
  return ""
end


-- ---- What comes of it ----------------------------------------------------------------------------

local function is_there(ns)
  return not ns.gone
end


local function any(list, test)
  for _, item in ipairs(list) do
    if test(item) then
      return true
    end
  end
  return false
end


local function is_error(problem)
  return problem.severity == "error"
end


-- A --match that takes nothing is told by itself.
local function refuse_nothing()
  local told = false
  for _, problem in ipairs(inv.problems) do
    if problem.code == "import.match" then
      problem.severity, told = "error", true
    end
  end
  if told then
    return
  elseif #inv.files > 0 then
    inventory.refuse(inv, "import.nothing", "there is no KV namespace to import",
      "name files that have some, or give --all for those of the account")
  else
    inventory.refuse(inv, "import.nothing", ("account %s has no KV namespace"):format(inv.default or "?"),
      "CLOUDFLARE_ACCOUNT_ID says which account is meant; 'cfkv kv namespace create' makes a namespace")
  end
end


local function all()
  if not merged then
    merged = inventory.merge(inv)
    if not any(merged.namespaces, is_there) and not any(inv.problems, is_error) then
      refuse_nothing()
    end
  end
  return merged
end


-- A file name of a title that others chose: no folder, no hidden file, no two that differ in case alone.
local function slug(taken, ns)
  local name = ns.title:lower():gsub("[^%w._-]+", "-"):gsub("^[.-]+", ""):sub(1, 60)
  name = name == "" and "namespace" or name
  if taken[name] then
    name = name .. "-" .. ns.id:sub(1, 8)
  end
  while taken[name] do
    name = name .. "-2"
  end
  taken[name] = true
  return name
end


function import.wanted()
  local list, taken = views.array {}, {}
  for _, ns in ipairs(all().namespaces) do
    if ns.id and ns.exists and not ns.gone then
      local keys = views.array {}
      for _, key in ipairs(ns.keys) do
        if key.value then
          keys[#keys + 1] = text.base64(key.key)
        end
      end
      list[#list + 1] = { account = ns.account, id = ns.id, title = ns.title, keys = keys,
        path = "seed/" .. slug(taken, ns) .. ".jsonl" }
    end
  end
  return views.json(list)
end


function import.seeds(view)
  local by_id = {}
  for _, ns in ipairs(all().namespaces) do
    by_id[(ns.account or "") .. "/" .. (ns.id or "")] = ns
  end
  for _, seed in ipairs(view.files) do
    local ns = by_id[seed.account .. "/" .. seed.id]
    ns.seeds, ns.seed_count = seed.path, seed.count
  end
  return ""
end


local function add_key_problem(ns, lack)
  inventory.warn(inv, "import.declared", lack.seeds and ("%s is declared, and does not read %s"):format(
    inventory.name_of(ns), text.quoted(lack.seeds)) or ("%s is declared, and its key %s is not"):format(
    inventory.name_of(ns), text.quoted(lack.key)), "add it there: a second declaration would be refused")
end


-- What of a namespace the configuration that is there lacks: itself (true), a key or its seeds, or nothing.
local function lacks(ns, declared)
  local found = declared.by_id[ns.id or ""] or ns.title and declared.by_title[(ns.account or "") .. "\0" .. ns.title]
  if not found then
    return true
  end
  for _, key in ipairs(ns.keys) do
    if key.value and not found.keys[key.key] then
      return { key = key.key }
    end
  end
  return ns.seeds and not found.bulks[ns.seeds] and { seeds = ns.seeds } or nil
end


local function index_declared(list, default)
  local declared = { by_id = {}, by_title = {} }
  for _, ns in ipairs(list) do
    local found = { keys = {}, bulks = {} }
    for _, key in ipairs(ns.keys) do
      found.keys[key] = true
    end
    for _, path in ipairs(ns.bulks) do
      found.bulks[path] = true
    end
    if ns.id ~= text.null then
      declared.by_id[ns.id] = found
    end
    if ns.title ~= text.null then
      local account = ns.account ~= text.null and ns.account or default or ""
      declared.by_title[account .. "\0" .. ns.title] = found
    end
  end
  return declared
end


-- What is to be written; nil: nothing is. A configuration gets all of it, a part of one what is lacking there.
local function chosen(view, whole)
  if view.declared == text.null then
    return whole.namespaces
  end
  local declared, undeclared, lacking = index_declared(view.declared, whole.default), {}, false
  for _, ns in ipairs(whole.namespaces) do
    local lack = not ns.gone and lacks(ns, declared)
    if lack == true then
      undeclared[#undeclared + 1] = ns
    elseif lack and not view.standalone then
      add_key_problem(ns, lack)
    end
    lacking = lacking or lack and (lack == true or view.standalone)
  end
  return lacking and (view.standalone and whole.namespaces or undeclared) or nil
end


local function file_json(file)
  local copy = {}
  for name, value in pairs(file) do
    copy[name] = (name == "lines" or name == "comment") and views.array(value) or value
  end
  return views.json(copy)
end


function import.files(view)
  local whole = all()
  local namespaces = chosen(view, whole)
  if not namespaces then
    return "[]"
  end
  local configuration = require "import.configuration"
  local body, more = configuration.text({
    namespaces = namespaces, accounts = whole.accounts, default = whole.default,
    project = { name = view.project.name == text.null and view.folder or view.project.name,
      account_id = whole.default },
    notes = {},
  }, view)
  local parts = { file_json { path = view.file, text = body } }
  for _, file in ipairs(more or {}) do
    parts[#parts + 1] = file_json(file)
    if file.mode then
      parts[#parts + 1] = file_json { path = ".gitignore", lines = { "/" .. file.path },
        comment = { "secrets that cfkv import found" } }
    end
  end
  return "[" .. table.concat(parts, ",") .. "]"
end


function import.known()
  local list = views.array {}
  for _, ns in ipairs(all().namespaces) do
    if ns.id and not ns.gone then
      list[#list + 1] = { account = ns.account, id = ns.id, title = ns.title, jurisdiction = ns.jurisdiction,
        mode = ns.mode }
    end
  end
  return views.json(list)
end


function import.diagnostics(view)
  if not view.early then
    all()
  end
  local list = views.array {}
  for i, problem in ipairs(inv.problems) do
    list[i] = problem
  end
  return views.json(list)
end


function import.report(view)
  return require("import.report").text(inv, all(), view)
end


function import.document(view)
  return require("import.report").document(inv, all(), view)
end


-- For tests: all of it as JSON.
function import.inventory()
  local whole = all()
  local list = views.array {}
  for i, ns in ipairs(whole.namespaces) do
    local copy = {}
    for name, value in pairs(ns) do
      copy[name] = value
    end
    copy.keys, copy.bindings, copy.from = views.array(ns.keys), views.array(ns.bindings), views.array(ns.from)
    list[i] = copy
  end
  local problems = views.array(table.move(inv.problems, 1, #inv.problems, 1, {}))
  return views.document { namespaces = list, default = whole.default, problems = problems, foreign = inv.foreign }
end


return import
