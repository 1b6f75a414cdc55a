-- What `cfkv import` came to, for people and as the document of `--json`. Warnings are told as they are found,
-- and not again here.
--
-- The view: `target` (where the namespaces are), `file`, `main` (it was to be written), `part` (it is for
-- `require`), `looked` (an account was asked), `files` ({ { path, done = "made"|"same"|"replaced", kept }, … }),
-- `seeds` (keys were read), `recorded` ({ namespaces, keys }), `diagnostics`.

local layout = require "layout"
local text = require "text"
local views = require "view"

local report = {}


local function named(s)
  return text.quoted(s)
end


-- ---- For people ----------------------------------------------------------------------------------

local function counts_of(namespaces)
  local counts = { declared = 0, gone = 0, missing = 0, keys = 0, unknown = 0, refused = 0, seeded = 0 }
  local function add(name, n)
    counts[name] = counts[name] + n
  end
  for _, ns in ipairs(namespaces) do
    add(ns.gone and "gone" or "declared", 1)
    add("seeded", ns.seed_count or 0)
    for _, key in ipairs(ns.keys) do
      add(key.value and "keys" or key.fault and "refused" or "unknown", ns.gone and 0 or 1)
    end
  end
  return counts
end


local function sources(inv)
  local words = {}
  for tool in views.sorted(inv.tools) do
    words[#words + 1] = tool
  end
  if #inv.files > 0 then
    return (" from %s (%s)"):format(layout.count(#inv.files, "file"), table.concat(words, ", "))
  end
  return ""
end


local function found(inv, merged)
  local counts, parts = counts_of(merged.namespaces), {}
  local function add(n, words)
    if n > 0 then
      parts[#parts + 1] = words
    end
  end
  add(1, layout.count(counts.declared, "namespace"))
  add(counts.keys, layout.count(counts.keys, "key"))
  add(counts.seeded, layout.count(counts.seeded, "key") .. " in seed files")
  add(counts.unknown, layout.count(counts.unknown, "key") .. " whose value is not known")
  add(counts.refused, layout.count(counts.refused, "key") .. " that Workers KV does not keep")
  add(counts.gone, ("%d gone"):format(counts.gone))
  add(inv.foreign, layout.count(inv.foreign, "thing") .. " of other kinds left out")
  return "found " .. table.concat(parts, ", ") .. sources(inv) .. "\n"
end


local DONE = { made = "wrote ", replaced = "wrote ", same = "left  " }

local function file_line(file)
  local line = DONE[file.done] .. layout.shown(file.path)
  if file.done == "replaced" then
    return line .. "; what was there is " .. layout.shown(file.kept) .. " now\n"
  end
  return line .. (file.done == "same" and ", which is as it would be" or "") .. "\n"
end


local function recorded(view)
  local r = view.recorded
  if r.namespaces == 0 then
    return "recorded nothing new in the state\n"
  end
  return ("recorded %s%s in the state\n"):format(layout.count(r.namespaces, "namespace"),
    r.keys > 0 and " and " .. layout.count(r.keys, "key") or "")
end


-- "more.lua" → "more", "kv/more.lua" → "kv.more".
local function module_of(path)
  return (path:gsub("^%./", ""):gsub("%.lua$", ""):gsub("/", "."))
end


local function let_go(inv)
  local lines = {}
  for _, given in ipairs(inv.let_go) do
    lines[#lines + 1] = ("\nso that %s lets go of what %s has:\n"):format(given.tool, named(given.file))
    for _, line in ipairs(given.lines) do
      lines[#lines + 1] = "  " .. layout.shown(line) .. "\n"
    end
  end
  return table.concat(lines)
end


-- What the plan behind it will say.
local function plan_words(merged, view)
  if not view.looked then
    return "adopts what has no id here"
  end
  local keys = 0
  for _, ns in ipairs(merged.namespaces) do
    if not ns.gone and not ns.exists then
      return "creates what is not in the account"
    end
    keys = keys + #ns.keys
  end
  return keys > 0 and "nothing to do, where the account's keys are as declared" or "nothing to do"
end


local function next_steps(merged, view)
  local lines = { "\nnext:\n" }
  if view.part then
    lines[#lines + 1] = ("  add require %s to the configuration\n"):format(text.string(module_of(view.file)))
  end
  if view.seeds then
    lines[#lines + 1] = "  look through seed/ for secrets before it is committed\n"
  end
  lines[#lines + 1] = "  cfkv plan                   " .. plan_words(merged, view) .. "\n"
  return table.concat(lines)
end


function report.text(inv, merged, view)
  local parts, written = { "Target: ", view.target, "\n", found(inv, merged) }, false
  for _, file in ipairs(view.files) do
    parts[#parts + 1] = file_line(file)
    written = written or file.done ~= "same"
  end
  if not view.main then
    parts[#parts + 1] = ("left  %s, which declares all of it\n"):format(layout.shown(view.file))
  end
  parts[#parts + 1] = recorded(view)
  if written then
    parts[#parts + 1] = let_go(inv)
    parts[#parts + 1] = next_steps(merged, view)
  end
  return table.concat(parts)
end


-- ---- As a document -------------------------------------------------------------------------------

local function maybe(value)
  return value == nil and text.null or value
end


local function from_of(ns)
  local list = views.array {}
  for i, from in ipairs(ns.from) do
    list[i] = { file = from.file, line = maybe(from.line), ref = maybe(from.ref), tool = from.tool }
  end
  return list
end


-- Names alone: values are nobody's here.
local function keys_of(ns)
  local list = views.array {}
  for i, key in ipairs(ns.keys) do
    list[i] = { key = key.key, known = (key.value or key.kept) ~= nil, secret = key.secret == true }
  end
  return list
end


local function bindings_of(ns)
  local list = views.array {}
  for i, b in ipairs(ns.bindings) do
    list[i] = { env = maybe(b.env), file = maybe(b.file), name = b.name, worker = maybe(b.worker) }
  end
  return list
end


local function namespace_of(ns)
  return { account_id = maybe(ns.account), bindings = bindings_of(ns), from = from_of(ns), gone = ns.gone == true,
    id = maybe(ns.id), keys = keys_of(ns),
    seeded = ns.seed_count or 0, seeds = maybe(ns.seeds), title = maybe(ns.title) }
end


function report.document(inv, merged, view)
  local namespaces, letting = views.array {}, views.array {}
  for i, ns in ipairs(merged.namespaces) do
    namespaces[i] = namespace_of(ns)
  end
  for i, given in ipairs(inv.let_go) do
    letting[i] = { file = given.file, lines = views.array(table.move(given.lines, 1, #given.lines, 1, {})),
      tool = given.tool }
  end
  return views.document {
    diagnostics = view.diagnostics, files = view.files, foreign = inv.foreign, format_version = 1, let_go = letting,
    looked = view.looked, namespaces = namespaces, recorded = view.recorded, target = view.target,
  }
end


return report
