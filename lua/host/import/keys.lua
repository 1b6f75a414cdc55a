-- The keys of a namespace as the calls that put them: what is short stands in the configuration, what is
-- long or many in a seed file, secrets in a file of their own, and what is not known in a comment.

local fields = require "import.fields"
local layout = require "layout"
local source = require "lua_source"
local text = require "text"
local values = require "import.values"

local keys = {}

local given = fields.given

local PUTS_MAX = 12   -- of a namespace; more are a file
local VALUE_MAX = 400 -- bytes of a value that people want to see
local EXACT_MAX = 64 * 1024 -- of one that stood in a configuration


-- ---- One key -------------------------------------------------------------------------------------

local function is_secret(key, ns)
  return key.secret or not ns.exact and text.looks_secret(key.key, key.value)
end


-- What keeps a key from expiring with the namespace's default, or makes it expire.
local function expiry_of(key, ns)
  if ns.exact and not key.expiration then -- as it was said in a configuration, or not said
    return "expiration_ttl", key.expiration_ttl and values.duration(key.expiration_ttl)
  elseif key.expiration_ttl and key.expiration_ttl ~= 0 then
    return "expiration_ttl", key.expiration_ttl ~= ns.ttl_seconds and values.duration(key.expiration_ttl) or nil
  elseif key.expiration then
    return "expiration", values.moment(key.expiration)
  end
  return "expiration_ttl", ns.ttl_seconds and 0 or nil
end


local function options_of(key, ns)
  local options = {}
  local name, time = expiry_of(key, ns)
  if key.metadata then
    options[1] = { "metadata", values.metadata(key.metadata) }
  end
  if time then
    options[#options + 1] = { name, time }
  end
  if key.policy == "once" then
    options[#options + 1] = { "policy", "once" }
  end
  return options
end


-- As the arguments of ns:put.
local function put_of(key, ns, value)
  local options = options_of(key, ns)
  return { source.raw(source.string(key.key)), value, #options > 0 and options or nil }
end


-- ---- Seed files ----------------------------------------------------------------------------------

local function seed_line(key, ns)
  local parts = { '"key": ' .. text.string(key.key) }
  if utf8.len(key.value) then
    parts[2] = '"value": ' .. text.string(key.value)
  else
    parts[2] = '"value": ' .. text.string(text.base64(key.value))
    parts[3] = '"base64": true'
  end
  local name, time = expiry_of(key, ns)
  if time then
    local seconds = name == "expiration" and key.expiration or time == 0 and 0 or key.expiration_ttl
    parts[#parts + 1] = ('"%s": %s'):format(name, text.number(seconds))
  end
  local _, metadata = text.json(key.metadata or "")
  parts[#parts + 1] = metadata and '"metadata": ' .. metadata or nil
  return "  { " .. table.concat(parts, ", ") .. " }"
end


local function seed_text(list, ns)
  local lines = {}
  for i, key in ipairs(list) do
    lines[i] = seed_line(key, ns)
  end
  return "[\n" .. table.concat(lines, ",\n") .. "\n]\n"
end


-- ---- All keys of a namespace ---------------------------------------------------------------------

local function by_key(a, b)
  return a.key < b.key
end


-- What is put here, and what goes into a file: of what cfkv exported almost nothing, for it was put.
local function divide(list, ns)
  local max = ns.exact and EXACT_MAX or VALUE_MAX
  local known, short, long = {}, {}, {}
  for _, key in ipairs(list) do
    if key.value and not is_secret(key, ns) then
      known[#known + 1] = key
      local fits = key.policy == "once" or #key.value <= max and (ns.exact or utf8.len(key.value))
      table.insert(fits and short or long, key)
    end
  end
  if #short <= PUTS_MAX or ns.exact then
    return short, long
  end
  short, long = {}, {}
  for _, key in ipairs(known) do
    table.insert(key.policy == "once" and short or long, key) -- a file has no policy for each
  end
  return short, long
end


local function where_of(key)
  if not given(key.file, "string") then
    return ""
  end
  return (" (%s%s)"):format(layout.shown(key.file), given(key.line) and (" line %d"):format(key.line) or "")
end


-- What stands for the value in a comment.
local function value_shown(key)
  local value = key.kept
  if value and #value <= VALUE_MAX and utf8.len(value) and not key.secret and not text.looks_secret(key.key, value) then
    return source.string(value)
  end
  return key.secret and 'cfkv.secret "…"' or '"…"'
end


-- A key that cannot be put, or without a value that could stand anywhere: a line that only lacks it.
local function unknown(key)
  local why = key.fault or key.value and "it is a secret whose bytes are no text" or key.why
    or "its value is not known"
  local value = value_shown(key)
  return { why = layout.shown(why) .. where_of(key) .. ":",
    put = ("put(%s, %s)"):format(source.string(key.key), value) }
end


-- "seed/shop-cache-dev.json", each name once.
local function seed_path(names, title)
  local slug = title:gsub("[^%w._-]+", "-"):gsub("^[.-]+", ""):sub(1, 80)
  return "seed/" .. names.file(slug ~= "" and slug or "namespace") .. ".json"
end


-- What is to be done for a namespace: { puts = { args… }, bulks = { path… }, secrets = { key… },
-- unknown = {…}, file = {…} }, nil when it is nothing. `names`: what makes names of files.
function keys.of(ns, names)
  local list = table.move(ns.keys or {}, 1, #(ns.keys or {}), 1, {})
  table.sort(list, by_key)
  local short, long = divide(list, ns)
  local plan = { puts = {}, unknown = {}, secrets = {}, bulks = { ns.seeds } }
  for _, key in ipairs(short) do
    plan.puts[#plan.puts + 1] = put_of(key, ns, values.of_key(key.value))
  end
  for _, key in ipairs(list) do
    if not key.value or is_secret(key, ns) and not utf8.len(key.value) then
      plan.unknown[#plan.unknown + 1] = unknown(key)
    elseif is_secret(key, ns) then
      plan.secrets[#plan.secrets + 1] = key
    end
  end
  if #long > 0 then
    plan.file = { path = seed_path(names, ns.title or ns.id), text = seed_text(long, ns) }
    plan.bulks[#plan.bulks + 1] = plan.file.path
  end
  return #list + #plan.bulks > 0 and plan or nil
end


-- ---- As Lua --------------------------------------------------------------------------------------

local function index(name)
  return source.is_name(name) and "." .. name or "[" .. source.string(name) .. "]"
end


-- `title`: that of the namespace, where the call stands for several whose files are called after it.
local function bulk_call(handle, path, title, indent)
  local kind = path:match "%.(%a+)$"
  local at, stop = 1, 0
  if title then
    at, stop = path:find(title, 1, true)
  end
  local lua = " " .. source.string(path)
  if title and at then
    local pieces = { { path:sub(1, at - 1) }, { lua = handle .. ".title" }, { path:sub(stop + 1) } }
    lua = "(" .. source.joined(pieces).lua .. ")"
  end
  return ("%s%s:bulk(cfkv.source.%s%s)\n"):format(indent, handle, kind == "jsonl" and "jsonl" or kind == "csv"
    and "csv" or "json", lua)
end


-- true when a plan has nothing that can be done.
function keys.is_comment(plan)
  return #plan.puts + #plan.secrets + #plan.bulks == 0
end


-- The lines for a plan. `handle`: what the namespace is called there; `of_title`: how the secrets are indexed.
function keys.lines(plan, ns, handle, of_title, indent)
  local lines = {}
  for _, args in ipairs(plan.puts) do
    lines[#lines + 1] = source.invoke(handle .. ":put", args, indent)
  end
  for _, key in ipairs(plan.secrets) do
    local value = source.raw(("cfkv.secret(secrets%s%s)"):format(of_title or index(ns.title or ns.id), index(key.key)))
    lines[#lines + 1] = source.invoke(handle .. ":put", put_of(key, ns, value), indent)
  end
  for _, path in ipairs(plan.bulks) do
    lines[#lines + 1] = bulk_call(handle, path, of_title and ns.title, indent)
  end
  for _, key in ipairs(plan.unknown) do
    lines[#lines + 1] = source.comment(key.why, indent) .. ("%s-- %s:%s\n"):format(indent, handle, key.put)
  end
  return table.concat(lines)
end


-- ---- Secrets -------------------------------------------------------------------------------------

-- kv.secrets.json of { title, plan } pairs; nil: there is none.
function keys.secrets(path, list)
  local lines = {}
  for _, of in ipairs(list) do
    local members = {}
    for i, key in ipairs(of.plan.secrets) do
      members[i] = ("    %s: %s"):format(text.string(key.key), text.string(key.value))
    end
    if #members > 0 then
      lines[#lines + 1] = ("  %s: {\n%s\n  }"):format(text.string(of.title), table.concat(members, ",\n"))
    end
  end
  if #lines > 0 then
    return { path = path, text = "{\n" .. table.concat(lines, ",\n") .. "\n}\n", mode = 384 }
  end
end


return keys
