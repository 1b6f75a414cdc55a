-- What is to be imported: namespaces, their keys and where they are bound, collected from files of other
-- tools and from live accounts, then merged to one list.
--
-- A reader (import.terraform, …) tells what it finds through an `into`, one for each file:
--
--   into.namespace { ref=, … }   `ref`: the tool's own address of it, unique in the file; the other fields are
--                                NAMESPACE below, all optional
--   into.key { ref=|id=, … }     KEY below; `ref` or `id` is that of its namespace, in whichever file that is;
--                                `ref_else` is tried where nothing has that `ref`
--   into.binding { ref=|id=, name=, worker=, env=, line= }
--                                `config`: the path of the wrangler config in which it stands, as cfkv.wrangler
--                                calls it; `env` is a section of that then
--   into.refuse(line, code, message, hint)   the file cannot be imported
--   into.warn(line, code, message, hint)
--   into.let_go { lines = { … } }            how the tool lets go: commands, safe for a shell
--   into.foreign(n)                          n things of other kinds were skipped
--
-- A field of the wrong type is told here, with its name, value and line, and counts as not given; so a reader
-- may hand on what its document has. null counts as not given, too.

local attributes = require "attributes"
local text = require "text"
local views = require "view"

local inventory = {}

local NAMESPACE = attributes.kinds(attributes.NAMESPACE, {
  name = "string", id = "id", title = "line", account = "account", exact = "boolean", unsure = "any", ref = "string",
  line = "integer",
})

local KEY = attributes.kinds(attributes.KEY, {
  id = "id", account = "account", key = "bytes", value = "bytes", why = "string", metadata = "json", of = "string",
  ref = "string", ref_else = "string", line = "integer",
})

local BINDING = { id = "id", account = "account", name = "string", worker = "string", env = "string", ref = "string",
  ref_else = "string", config = "string", line = "integer" }

-- What places of one namespace may say differently without contradicting each other.
local OWN = { name = true, ref = true, of = true, line = true, unsure = true, why = true, exact = true }

local KINDS = { string = "a text", bytes = "a text", line = "a text of one line", integer = "an integer",
  boolean = "true or false", table = "an object", id = "a namespace id of 32 hexadecimal digits",
  account = "an account id of 32 hexadecimal digits" }


-- An id of a namespace or an account as cfkv writes it; nil: it is none.
function inventory.hex(s)
  return type(s) == "string" and #s == 32 and not s:find "[^%x]" and s:lower() or nil
end


-- ---- Collecting ----------------------------------------------------------------------------------

function inventory.new()
  return {
    raw = {}, keys = {}, bindings = {}, problems = {}, files = {}, tools = {}, let_go = {}, foreign = 0,
    live = {}, order = {}, default = nil,
  }
end


local function add_problem(inv, severity, file, line, code, message, hint)
  message, hint = message:gsub("\0", "\\x00"), hint and hint:gsub("\0", "\\x00")
  inv.problems[#inv.problems + 1] = { severity = severity, code = code, message = message, hint = hint, file = file,
    line = math.type(line) == "integer" and line or nil }
end


-- What no file is to blame for.
function inventory.warn(inv, code, message, hint)
  add_problem(inv, "warning", nil, nil, code, message, hint)
end


function inventory.refuse(inv, code, message, hint)
  add_problem(inv, "error", nil, nil, code, message, hint)
end


-- The value of a field as it is kept; nil: it is of the wrong type.
local function of_kind(kind, value)
  if kind == "string" or kind == "bytes" then
    return type(value) == "string" and (kind == "bytes" or not value:find("\0", 1, true)) and value or nil
  elseif kind == "any" or type(value) == kind then
    return value
  elseif kind == "line" then
    return type(value) == "string" and not value:find "%c" and value or nil
  elseif kind == "id" or kind == "account" then
    return inventory.hex(value)
  elseif kind == "integer" then
    return math.type(value) == "integer" and value
      or math.type(value) == "float" and math.tointeger(value) or nil
  elseif kind == "json" then
    return type(value) == "string" and value or views.json(value)
  end
end


-- The fields of `given` that `fields` has, in a table of their own.
local function checked(inv, file, fields, given)
  local kept = { file = file }
  for name, value in views.sorted(given) do
    local kind = fields[name] or error("no field '" .. tostring(name) .. "'", 3)
    if value ~= text.null then
      kept[name] = of_kind(kind, value)
      if kept[name] == nil then
        add_problem(inv, "warning", file, given.line, "import.field",
          ("%s: %s is expected, this is %s"):format(name, KINDS[kind], views.shown(value)), "it counts as not given")
      end
    end
  end
  return kept
end


-- What a reader tells about one file goes in here.
function inventory.into(inv, file, tool)
  local function add(list, fields)
    return function(given)
      local kept = checked(inv, file, fields, given)
      kept.tool = tool
      list[#list + 1] = kept
    end
  end
  return {
    namespace = add(inv.raw, NAMESPACE),
    key = add(inv.keys, KEY),
    binding = add(inv.bindings, BINDING),
    refuse = function(line, code, message, hint)
      add_problem(inv, "error", file, line, code, message, hint)
    end,
    warn = function(line, code, message, hint)
      add_problem(inv, "warning", file, line, code, message, hint)
    end,
    let_go = function(given)
      local last = inv.let_go[#inv.let_go]
      if not last or last.file ~= file or last.tool ~= tool then
        last = { file = file, tool = tool, lines = {} }
        inv.let_go[#inv.let_go + 1] = last
      end
      table.move(given.lines, 1, #given.lines, #last.lines + 1, last.lines)
    end,
    foreign = function(n)
      inv.foreign = inv.foreign + n
    end,
  }
end


-- ---- Live accounts -------------------------------------------------------------------------------

-- The accounts that the inputs name, sorted; "" is the one of whoever asks.
function inventory.accounts(inv)
  local seen, list = {}, {}
  for _, of in ipairs { inv.raw, inv.keys, inv.bindings } do
    for _, thing in ipairs(of) do
      local account = thing.account or ""
      if not seen[account] and (thing.account or of == inv.raw) then
        seen[account] = true
        list[#list + 1] = account
      end
    end
  end
  table.sort(list)
  return list
end


-- What an account was found to have. What is `wanted` is imported whether or not a file names it.
function inventory.add_account(inv, view)
  local live = { id = view.account, name = view.name ~= text.null and view.name or nil, short = view.short,
    by_id = {}, by_title = {} }
  if not inv.live[live.id] then
    inv.order[#inv.order + 1] = live
  end
  inv.live[live.id] = live
  if view.default then
    inv.default = live.id
  end
  for _, ns in ipairs(view.namespaces) do
    live.by_id[ns.id], live.by_title[ns.title] = ns, ns
    if ns.wanted then
      local kept = checked(inv, nil, NAMESPACE, { id = ns.id, title = ns.title, account = live.id,
        jurisdiction = ns.jurisdiction, mode = ns.mode })
      kept.live = true
      inv.raw[#inv.raw + 1] = kept
    end
  end
end


-- ---- Merging -------------------------------------------------------------------------------------

local function place_of(thing)
  if not thing.file then
    return "the account"
  end
  return text.name(thing.file) .. (thing.line and ":" .. thing.line or "")
end


local function name_of(ns)
  return ns.title and "namespace " .. text.quoted(ns.title) or "namespace " .. (ns.id or text.quoted(ns.ref or ""))
end

inventory.name_of = name_of


-- The account of what names none: the one of whoever asks, else the only one that inputs name.
local function default_account(inv)
  if inv.default then
    return inv.default
  end
  local named
  for _, account in ipairs(inventory.accounts(inv)) do
    if account ~= "" then
      if named then
        return nil
      end
      named = account
    end
  end
  return named
end


-- What the account knows of it: the title of its id, the id of its title, that it is gone.
local function look_up(inv, ns)
  local live = inv.live[ns.account or ""]
  if not live or ns.live then
    return
  end
  local found = ns.id and live.by_id[ns.id]
  local same_title = ns.title and live.by_title[ns.title]
  if found then
    if ns.title and ns.title ~= found.title then
      add_problem(inv, "warning", ns.file, ns.line, "import.title",
        ("the title is %s here, and %s in the account"):format(text.quoted(ns.title), text.quoted(found.title)),
        "the account's is declared; write the other one into kv.lua, and apply renames it")
    end
  elseif ns.id and same_title then
    add_problem(inv, "warning", ns.file, ns.line, "import.gone",
      ("namespace %s is gone; %s has the id %s now"):format(ns.id, text.quoted(ns.title), same_title.id),
      "that one is declared")
    found = same_title
  elseif ns.id and live.short then
    add_problem(inv, "warning", ns.file, ns.line, "import.short",
      ("%s is not listed, and account %s lists fewer namespaces than it counts"):format(name_of(ns), ns.account),
      "import again in a moment; it is declared as the file has it")
  elseif ns.id then
    add_problem(inv, "warning", ns.file, ns.line, "import.gone",
      ("%s is gone: account %s has none of id %s"):format(name_of(ns), ns.account, ns.id),
      "it is left out, as a comment")
    ns.gone = true
  else
    found = same_title
  end
  if found then
    ns.id, ns.title, ns.exists = found.id, found.title, true
    ns.jurisdiction = ns.jurisdiction or found.jurisdiction ~= text.null and found.jurisdiction or nil
    ns.mode = ns.mode or found.mode ~= text.null and found.mode or nil
  end
end


local function same(a, b)
  if type(a) == "table" and type(b) == "table" then
    return views.json(a) == views.json(b)
  end
  return a == b
end


-- Completes one record by another of the same thing; what it says differently is told.
local function complete(inv, one, other, fields, what)
  for name in views.sorted(fields) do
    local mine, its = one[name], other[name]
    if mine == nil then
      one[name] = its
    elseif its ~= nil and not OWN[name] and not same(mine, its) then
      local differ = (name == "value" or name == "metadata") and "is not as"
        or ("is %s here, and %s"):format(views.shown(its), views.shown(mine))
      add_problem(inv, "warning", other.file, other.line, "import.contradiction",
        ("%s of %s %s in %s"):format(name, what, differ, place_of(one)), "what was read first is declared")
    end
  end
end


local function title_key(account, title)
  return (account or "") .. "\0" .. title
end


-- The namespace that a record is of, if one was there before; and whether it may be merged with it.
local function find_same(merged, ns)
  local one = ns.id and merged.by_id[ns.id]
  if one then
    return one, ns.account == nil or one.account == nil or one.account == ns.account
  end
  one = ns.title and not ns.gone and merged.by_title[title_key(ns.account, ns.title)]
  return one, one and (not one.id or not ns.id)
end


local function index(merged, ns)
  if ns.id then
    merged.by_id[ns.id] = merged.by_id[ns.id] or ns
  end
  if ns.title and not ns.gone then
    local key = title_key(ns.account, ns.title)
    merged.by_title[key] = merged.by_title[key] or ns
  end
end


-- Under a word of its own: false where several have it.
local function index_word(words, word, ns)
  if word then
    local known = words[word]
    words[word] = (known == nil or known == ns) and ns
  end
end


local function index_record(merged, record, ns)
  if record.ref then
    merged.by_place[(record.file or "") .. "\0" .. record.ref] = ns
  end
  index_word(merged.by_ref, record.ref, ns)
  index_word(merged.by_name, record.name, ns)
end


local function refuse_twin(inv, one, ns)
  local message = one.id == ns.id
    and ("%s is in account %s here, and in %s in %s"):format(name_of(ns), ns.account, one.account, place_of(one))
    or ("%s has the id %s here, and %s in %s"):format(name_of(ns), ns.id, one.id, place_of(one))
  add_problem(inv, "warning", ns.file, ns.line, "import.contradiction", message, "what was read first is declared")
end


local function merge_namespace(inv, merged, record)
  local ns = {}
  for name, value in pairs(record) do
    ns[name] = value
  end
  ns.account = ns.account or inv.default
  if not ns.id and not ns.title then
    add_problem(inv, "warning", ns.file, ns.line, "import.nameless",
      ("%s has neither a title nor an id"):format(name_of(ns)), "declare it in kv.lua yourself")
    return
  end
  look_up(inv, ns)
  local one, fits = find_same(merged, ns)
  if one and fits then
    complete(inv, one, ns, NAMESPACE, name_of(one))
    one.exists = one.exists or ns.exists or ns.live
  elseif one then
    refuse_twin(inv, one, ns)
  else
    one = ns
    one.keys, one.bindings, one.from, one.by_key = {}, {}, {}, {}
    one.exists = ns.exists or ns.live
    merged.list[#merged.list + 1] = one
  end
  if record.file then
    one.from[#one.from + 1] = { file = record.file, line = record.line, ref = record.ref, name = record.name,
      tool = record.tool }
  end
  index(merged, one)
  index_record(merged, record, one)
end


-- The namespace of a word that a tool refers to it by: in its file, else in whichever, else by its logical name;
-- false: several have it.
local function by_word(merged, file, word)
  if not word then
    return nil
  end
  local ns = merged.by_place[file .. "\0" .. word]
  if ns == nil then
    ns = merged.by_ref[word]
  end
  if ns == nil then
    ns = merged.by_name[word]
  end
  return ns
end


-- The namespace that a key or a binding names; nil and why.
local function namespace_of(merged, thing)
  local ns = by_word(merged, thing.file, thing.ref)
  if ns == nil then
    ns = by_word(merged, thing.file, thing.ref_else)
  end
  if ns then
    return ns
  elseif thing.id then
    return merged.by_id[thing.id], "no input has namespace " .. thing.id
  elseif ns == false then
    return nil, ("several namespaces are called %s"):format(text.quoted(thing.ref))
  end
  return nil, thing.ref and ("no input has a namespace %s"):format(text.quoted(thing.ref))
    or "nothing says which namespace it is of"
end


local function merge_key(inv, merged, key)
  local ns, why = namespace_of(merged, key)
  if not ns and key.id then
    -- Only the key is managed there: the namespace is somebody else's to make.
    merge_namespace(inv, merged, { id = key.id, account = key.account, create = false, file = key.file, line = key.line,
      tool = key.tool })
    ns = merged.by_id[key.id]
  end
  if not ns or not key.key then
    add_problem(inv, "warning", key.file, key.line, "import.key",
      key.key and ("key %s is left out: %s"):format(text.quoted(key.key), why) or "a key without a name is left out",
      "import the file that has its namespace along with this one, or declare it in kv.lua yourself")
    return
  end
  local one = ns.by_key[key.key]
  if one then
    complete(inv, one, key, KEY, ("key %s of %s"):format(text.quoted(key.key), name_of(ns)))
    return
  end
  ns.by_key[key.key] = key
  ns.keys[#ns.keys + 1] = key
end


-- What Workers KV does not keep is told, and is not declared: `fault` says why, and `kept` is its value.
local function judge_key(inv, ns, key)
  local fault, hint = text.key_fault(key, ns.mode)
  if fault then
    add_problem(inv, "warning", key.file, key.line, "import.refused", fault,
      "the configuration has it as a comment" .. (hint and "; " .. hint or ""))
    key.fault, key.kept, key.value = fault, key.value, nil
  end
end


-- What cfkv exported was judged where it stood, and a key that is past there stays declared.
local function judge_keys(inv, ns)
  for _, key in ipairs((ns.gone or ns.exact) and {} or ns.keys) do
    judge_key(inv, ns, key)
  end
end


local function merge_binding(inv, merged, binding)
  local ns, why = namespace_of(merged, binding)
  if not ns or not binding.name then
    add_problem(inv, "warning", binding.file, binding.line, "import.binding",
      ("binding %s is left out: %s"):format(text.quoted(binding.name or ""), ns and "it has no name" or why),
      "import the file that has its namespace along with this one")
    return
  end
  for _, other in ipairs(ns.bindings) do
    if other.name == binding.name and other.worker == binding.worker and other.env == binding.env
      and other.config == binding.config then
      return
    end
  end
  ns.bindings[#ns.bindings + 1] = { name = binding.name, worker = binding.worker, env = binding.env,
    config = binding.config, file = binding.file, line = binding.line }
end


local function by_account_and_title(a, b)
  local x = { a.account or "", a.title or "", a.id or "" }
  local y = { b.account or "", b.title or "", b.id or "" }
  for i = 1, 3 do
    if x[i] ~= y[i] then
      return x[i] < y[i]
    end
  end
  return false
end


-- The accounts of what is there, by id, with the names that are known.
local function accounts_of(inv, list)
  local seen, accounts = {}, {}
  for _, ns in ipairs(list) do
    if ns.account and not seen[ns.account] then
      seen[ns.account] = true
      local live = inv.live[ns.account]
      accounts[#accounts + 1] = { id = ns.account, name = live and live.name }
    end
  end
  return accounts
end


-- All of it as one list: { namespaces, accounts, default }, what it found is added to inv.problems. The
-- namespaces are in order of account and title, their keys in byte order.
function inventory.merge(inv)
  local merged = { list = {}, by_id = {}, by_title = {}, by_place = {}, by_ref = {}, by_name = {} }
  inv.default = default_account(inv)
  for _, record in ipairs(inv.raw) do
    merge_namespace(inv, merged, record)
  end
  for _, key in ipairs(inv.keys) do
    merge_key(inv, merged, key)
  end
  for _, binding in ipairs(inv.bindings) do
    merge_binding(inv, merged, binding)
  end
  table.sort(merged.list, by_account_and_title)
  for _, ns in ipairs(merged.list) do
    table.sort(ns.keys, function(a, b)
      return a.key < b.key
    end)
    ns.by_key = nil
    judge_keys(inv, ns)
  end
  return { namespaces = merged.list, accounts = accounts_of(inv, merged.list), default = inv.default }
end


return inventory
