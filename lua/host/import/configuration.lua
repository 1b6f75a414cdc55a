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
local blocks = require "import.blocks"
local configs = require "import.configs"
local declarations = require "declarations"
local fields = require "import.fields"
local keys = require "import.keys"
local layout = require "layout"
local locals = require "import.locals"
local loops = require "import.loops"
local names = require "import.names"
local source = require "lua_source"
local text = require "text"
local titles = require "import.titles"
local views = require "view"

local configuration = {}

local WIDTH = 100
local NAMESPACES_MAX = 1000 -- of an account, unless the project says more
local LOCALS_MAX = 60 -- handles of namespaces; Lua allows 200 locals

local HEAD = "The KV namespaces of %s, as `cfkv import` found them; from now on they are edited here, and `cfkv plan` "
  .. "shows what would change."
local MORE = "More KV namespaces, as `cfkv import` found them: `require %s` in the configuration declares them."
local NEW = "No id of these is known: an apply makes them, or adopts what has that title."


-- ---- What is declared ----------------------------------------------------------------------------

local function copy(raw)
  local own = {}
  for name, value in pairs(raw) do
    own[name] = value
  end
  return own
end


local function namespace_of(raw, number)
  local ttl = raw.ttl_seconds
  local title = fields.given(raw.title, "string")
  local fault = title and fields.fault("title", title)
  return {
    number = number, raw = raw, id = fields.given(raw.id, "string"), title = not fault and title or nil,
    unsayable = fault,
    account = fields.given(raw.account, "string"), exact = fields.given(raw.exact) == true,
    ttl_seconds = math.type(ttl) == "integer" and ttl ~= 0 and ttl or nil,
    keys = fields.given(raw.keys, "table"), seeds = fields.given(raw.seeds, "string"),
    known = {
      app = fields.given(raw.app, "string"), purpose = fields.given(raw.purpose, "string"),
      env = fields.given(raw.env, "string"),
    },
  }
end


-- What is there and what is not, and whether titles are unique over all accounts.
local function read(inventory)
  local here, gone, seen, unique = {}, {}, {}, true
  for _, raw in ipairs(inventory.namespaces) do
    local ns = namespace_of(copy(raw), #here + 1)
    local is_gone = fields.given(raw.gone) or not ns.title and not ns.id
    table.insert(is_gone and gone or here, ns)
    if ns.title and not is_gone then
      unique = unique and not seen[ns.title]
      seen[ns.title] = true
    end
  end
  return here, gone, unique
end


-- Finds the parts of titles, of each account for itself where two have the same title.
local function find_parts(namespaces, unique)
  local groups, order = {}, {}
  for _, ns in ipairs(namespaces) do
    local key = not unique and ns.account or ""
    if not groups[key] then
      groups[key] = {}
      order[#order + 1] = groups[key]
    end
    table.insert(groups[key], ns)
  end
  for _, group in ipairs(order) do
    titles.read(group)
  end
  for _, ns in ipairs(namespaces) do
    ns.fields, ns.left = fields.of(ns.raw)
    if ns.unsayable then
      table.insert(ns.left, 1, "its title " .. ns.unsayable)
    end
    if ns.cell and not ns.exact then
      ns.fields.env = ns.fields.env or ns.cell.env
    end
  end
end


-- ---- The naming of titles ------------------------------------------------------------------------

local NAMING_SHARE = 0.75 -- of titles that follow a template, for it to be the project's

local function knows_all(ns)
  for part in ns.cell.template:gmatch "{(%a+)}" do
    if not ns.known[part] then
      return false
    end
  end
  return true
end


-- true for one whose title follows from its parts, once the template is the project's naming.
local function can_follow(ns)
  return ns.cell ~= nil and not ns.cell.bare_family and (not ns.exact or knows_all(ns))
end


-- The template that most titles follow, and how many do; `accept` tells which count.
local function most_common(namespaces, accept)
  local counts, best = {}, nil
  for _, ns in ipairs(namespaces) do
    if can_follow(ns) and accept(ns) then
      local template = ns.cell.template
      counts[template] = (counts[template] or 0) + 1
      if not best or counts[template] > counts[best] then
        best = template
      end
    end
  end
  return best, best and counts[best] or 0
end


-- Gives each namespace the names that it is declared by.
local function name_all(namespaces, naming)
  for _, ns in ipairs(namespaces) do
    local of, known = ns.fields, ns.known
    ns.by_naming = naming ~= nil and can_follow(ns) and ns.cell.template == naming
    of.app, of.purpose = known.app, known.purpose
    of.title, of.id = not ns.by_naming and ns.title or nil, not ns.title and ns.id or nil
    if ns.by_naming then
      of.app, of.purpose = ns.cell.app, ns.cell.purpose
    end
  end
end


-- ---- Plain declarations --------------------------------------------------------------------------

local function with_keys(writer, ns)
  local row = fields.row(ns.fields)
  if keys.is_comment(ns.plan) then
    return source.call("cfkv.namespace", row, "", true) .. keys.lines(ns.plan, ns, "ns", nil, "")
  end
  writer.handles = writer.handles + 1
  if writer.handles > LOCALS_MAX then
    return "do\n" .. source.call("local ns = cfkv.namespace", row, "  ", true)
      .. keys.lines(ns.plan, ns, "ns", nil, "  ") .. "end\n"
  end
  local handle = writer.names.handle(ns.title or "namespace")
  return source.call(("local %s = cfkv.namespace"):format(handle), row, "", true)
    .. keys.lines(ns.plan, ns, handle, nil, "")
end


local function names_of(row)
  local list = {}
  for i, field in ipairs(row) do
    list[i] = field[1]
  end
  return table.concat(list, " ")
end


-- Declarations below each other: all of them, else those runs that have the same fields. What is pinned by its
-- id stands behind the others.
local function rows_text(all_rows)
  local rows, pinned = {}, {}
  for _, row in ipairs(all_rows) do
    table.insert(row[1][1] == "id" and pinned or rows, row)
  end
  table.move(pinned, 1, #pinned, #rows + 1, rows)
  local all, aligned = source.calls("cfkv.namespace", rows, fields.COLUMNS, WIDTH, true)
  if aligned and (#pinned == 0 or #pinned == #rows) then
    return all
  end
  local runs, last = {}, nil
  for _, row in ipairs(rows) do
    if names_of(row) ~= last then
      last = names_of(row)
      runs[#runs + 1] = {}
    end
    table.insert(runs[#runs], row)
  end
  for i, run in ipairs(runs) do
    runs[i] = source.calls("cfkv.namespace", run, fields.COLUMNS, WIDTH, true)
  end
  return table.concat(runs)
end


-- One after the other: those that only are there, then those that hold keys.
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
    table.insert(paragraphs, 1, rows_text(rows))
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
    local name = text.quoted(ns.title or fields.given(ns.raw.title, "string") or ns.id or "?")
    lines[#lines + 1] = source.comment(("Not declared: namespace %s %s%s."):format(name,
      ns.unsayable and "has a title that " .. ns.unsayable .. ", and no id is known" or "is gone from the account",
      place_of(ns.raw)))
  end
  return table.concat(lines)
end


-- What of a namespace cfkv does not take.
local function left_words(namespaces)
  local lines = {}
  for _, ns in ipairs(namespaces) do
    if #ns.left > 0 then
      local name = text.quoted(ns.title or fields.given(ns.raw.title, "string") or ns.id)
      lines[#lines + 1] = source.comment(("Not said of namespace %s: %s%s."):format(name, table.concat(ns.left, ", "),
        ns.unsayable and "; it is declared by its id, and keeps it" or ""))
    end
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


-- ---- Keys ----------------------------------------------------------------------------------------

local function secrets_path(view)
  local stem = view.standalone == false and (view.file or "more.lua"):gsub("%.lua$", ""):gsub("^.*/", "") or "kv"
  return stem .. ".secrets.json"
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


-- ---- Loops ---------------------------------------------------------------------------------------

local LINE_COST = 10

-- How much there is to read: characters but for indents, and lines.
local function cost_of(s)
  local cost = 0
  for line in s:gmatch "[^\n]+" do
    cost = cost + #line - #line:match "^ *" + LINE_COST
  end
  return cost
end


-- What blocks are measured by: their text and their tables, against plain declarations.
local function measure(unique)
  local measuring = {}
  function measuring.finish(block)
    block.cost = math.huge
    if block.list[1].title and loops.prepare(block, unique) then
      local registry = locals.new()
      block.cost = cost_of(loops.text(block, registry)) + cost_of(locals.text(registry))
    end
    return block
  end
  function measuring.plain_cost(list)
    local cost = 0
    for _, ns in ipairs(list) do
      ns.cost = ns.cost or cost_of(plain({ names = names.new(), handles = 0 }, { ns }))
      cost = cost + ns.cost
    end
    return cost
  end
  return measuring
end


-- The blocks, with the naming that the project gets: a template that most follow, if a block does.
local function find_blocks(namespaces, unique, project)
  local naming = project and project.naming
  if not project then
    local best, n = most_common(namespaces, function()
      return true
    end)
    naming = n >= NAMING_SHARE * #namespaces and best or most_common(namespaces, knows_all)
  end
  name_all(namespaces, naming)
  local found = blocks.find(namespaces, measure(unique))
  local used = project ~= nil
  for _, block in ipairs(found) do
    used = used or block.list[1].by_naming
  end
  if naming and not used and most_common(namespaces, knows_all) ~= naming then
    name_all(namespaces, nil)
    return blocks.find(namespaces, measure(unique)), nil
  end
  return found, naming
end


-- The loops as Lua, and the tables that they go through.
local function loop_texts(found)
  local counting = locals.new()
  for _, block in ipairs(found) do
    loops.text(block, counting)
  end
  local registry, parts, handles = locals.new(counting.seen), {}, ""
  for i, block in ipairs(found) do
    parts[i] = loops.text(block, registry)
    handles = block.keys.apart and "local by_title = {}\n" or handles
  end
  return table.concat(parts, "\n"), locals.text(registry) .. handles
end


-- What no loop declares: what is there, and what is not yet, the title of which is a guess.
local function others(namespaces, found)
  local taken, list, new = {}, {}, {}
  for _, block in ipairs(found) do
    for _, ns in ipairs(block.list) do
      taken[ns] = true
    end
  end
  for _, ns in ipairs(namespaces) do
    if not taken[ns] then
      table.insert(fields.given(ns.raw.unsure) and not fields.given(ns.raw.exists) and new or list, ns)
    end
  end
  return list, new
end


-- ---- The whole file ------------------------------------------------------------------------------

local function module_of(file)
  return (file:gsub("%.lua$", ""):gsub("^%./", ""):gsub("/", "."))
end


-- How it begins, and the project where the file is not a part.
local function beginning(inventory, view, writer, namespaces, naming)
  if view.standalone == false then
    local head = MORE:format(text.quote(module_of(view.file or "more.lua")))
    return source.comment(head) .. "\nlocal cfkv = require \"cfkv\"\n\n"
  end
  local project = inventory.project or {}
  local name = fields.given(project.name, "string")
  name = name and text.is_plain(name) and name or "kv"
  return declarations.beginning(HEAD:format(name), {
    { "name", name }, { "account_id", writer.accounts.default }, { "accounts", writer.accounts.named },
    { "naming", naming },
    { "limits", writer.accounts.most > NAMESPACES_MAX and { { "namespaces", writer.accounts.most } } or nil },
  }, namespaces)
end


-- The project that is there, which a part of it may rely on; nil: the file has its own.
local function project_of(view)
  if view.standalone == false then
    return fields.given(view.project, "table") or {}
  end
end


function configuration.text(inventory, view)
  view = view or fields.given(inventory.view, "table") or {}
  local here, gone, unique = read(inventory)
  find_parts(here, unique)
  local writer = { names = names.new(), files = {}, handles = 0 }
  writer.accounts = accounts.of(inventory, view, here)
  configs.name(here)
  plan_keys(writer, view, here)
  configs.place(here)
  local found, naming = find_blocks(here, unique, project_of(view))
  local looped, tables = loop_texts(found)
  local rest, new = others(here, found)
  if writer.secrets then
    tables = ("local secrets = cfkv.file.json %s\n"):format(source.string(writer.secrets.path)) .. tables
  end
  local parts = {}
  for _, part in ipairs {
    tables, looped, plain(writer, rest), #new > 0 and source.comment(NEW) .. plain(writer, new) or "",
    configs.text(here, view), left_words(here), gone_words(gone), note_words(inventory.notes),
  } do
    parts[#parts + 1] = part ~= "" and part or nil
  end
  return beginning(inventory, view, writer, here, naming) .. table.concat(parts, "\n"), writer.files
end


-- For tests: all files as JSON, the configuration as the first one; the view is a member of the inventory.
function configuration.files(inventory)
  local body, more = configuration.text(inventory)
  table.insert(more, 1, { path = "kv.lua", text = body })
  return views.json(views.array(more))
end


return configuration
