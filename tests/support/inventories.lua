--- Inventories of `cfkv import` by chance (math.random), which are like each other in any way: titles by
--- templates and without, fields and keys by app, purpose or environment, for all, for one, or for none.
---
---     local inventories = require "support.inventories"
---
--- inventories.by_chance(hostile)  an inventory as lua/host/import/configuration.lua gets it
--- inventories.FIELDS              the fields that its namespaces may have
--- inventories.name_of(ns)         what a namespace is declared by: a title that cfkv does not take is left to
---                                 the account, by its id
--- inventories.field_of(ns, name)  what is declared of a field; nil: nothing
local inventories = {}

local ACCOUNT, OTHER = "cf" .. ("0"):rep(29) .. "1", "cf" .. ("0"):rep(29) .. "2"

local WORDS = { "shop", "blog", "user", "session", "cache", "config", "flags", "a", "b", "eu", "us", "v2", "api", "kv",
  "Users", "end", "nil", "1", "été", "x" }
local ENVS = { "dev", "staging", "prod", "production", "test", "qa", "pr-12", "local", "Prod" }
local SEPARATORS = { "-", "_", ".", ":", "/" }
local HOSTILE = { '"', "\\", "\n", "\0", "\u{202E}", "🎉", "'", "]]", "--", "{app}", "{", "}", "%d", "%", "-", "--", "_",
  ".", "..", " ", "end", "function", "dev", "prod", "${x}", "\r", "\127", "é", ("x"):rep(170) }


-- ---- Inventories by chance -----------------------------------------------------------------------

local function pick(list)
  return list[math.random(#list)]
end


local function some(list, max)
  local chosen, seen = {}, {}
  for _ = 1, math.random(max) do
    local value = pick(list)
    if math.random(4) == 1 then
      value = value .. pick(SEPARATORS) .. pick(list)
    end
    if not seen[value] then
      seen[value] = true
      chosen[#chosen + 1] = value
    end
  end
  return chosen
end


-- Titles of one template: a product, of which some are left out.
local function regular_titles(add)
  local order = pick { { 1, 2, 3 }, { 3, 1, 2 }, { 1, 3, 2 }, { 1, 2 }, { 2, 3 }, { 2, 1, 3 } }
  local first, second = pick(SEPARATORS), pick(SEPARATORS)
  local gone, bare = pick { 0, 0, 0.05, 0.3 }, math.random(5) == 1
  for _, app in ipairs(some(WORDS, 4)) do
    for _, purpose in ipairs(some(WORDS, 4)) do
      for _, env in ipairs(some(ENVS, 3)) do
        local parts, names = { app, purpose, env }, {}
        for i, n in ipairs(order) do
          names[i] = parts[n]
        end
        if bare and env == "prod" then
          table.remove(names)
        end
        local title = names[1] .. (names[2] and first .. names[2] or "") .. (names[3] and second .. names[3] or "")
        if math.random() >= gone then
          add(title, { app = app, purpose = purpose, env = env })
        end
      end
    end
  end
end


local function hostile_titles(add)
  for _ = 1, math.random(8) do
    local parts = {}
    for i = 1, math.random(6) do
      parts[i] = math.random(3) == 1 and pick(WORDS) or pick(HOSTILE)
    end
    add(table.concat(parts), {})
  end
end


local FIELDS = {
  description = { "Cached answers", "Of dev", 'say "hi"\n', "-- no" }, owner = { "team-shop", "platform" },
  ttl_seconds = { 60, 3600, 5400 }, protect = { true, false }, on_remove = { "keep", "delete" },
  jurisdiction = { "eu", "us" }, binding = { "CACHE", "KV" }, create = { false },
}


-- Fields by a part, for all, or by chance.
local function add_fields(namespaces, parts)
  for name, values in pairs(FIELDS) do
    local by, known = pick { "none", "none", "none", "all", "app", "purpose", "env", "chance", "one" }, {}
    for i, ns in ipairs(namespaces) do
      local key = by == "all" and "all" or by == "chance" and i or parts[i][by] or ""
      if by == "one" and i == 1 or by ~= "one" and by ~= "none" then
        if known[key] == nil then
          known[key] = math.random(3) > 1 and { pick(values) } or {}
        end
        ns[name] = known[key][1]
      end
    end
  end
  if math.random(3) == 1 then
    for i, ns in ipairs(namespaces) do
      ns.binding = (parts[i].purpose or "KV"):upper():gsub("[^%w]", "_")
    end
  end
end


-- What a key may be like; its name tells which it is.
local KEYS = {
  text = { value = "v" }, empty = { value = "", expiration_ttl = 3600 }, number = { value = "12" },
  json = { value = '{"a":[1,2.5,null,{"b":[]}],"c":"é"}' }, unsorted = { value = '{"b":1,"a":2}' },
  meta = { value = "m", metadata = '{"by":"ann","n":[1,null]}' }, dated = { value = "d", expiration = 2000000000 },
  once = { value = "o", policy = "once" }, forever = { value = "f", expiration_ttl = 0 },
  lines = { value = 'one\n"two"\t\\\0three' }, secret = { value = "s", secret = true }, unknown = {},
}


local function some_keys(salt)
  local list, names = {}, {}
  for name in pairs(KEYS) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    if math.random(3) == 1 then
      local key = { key = name .. "-" .. salt }
      for member, value in pairs(KEYS[name]) do
        key[member] = value
      end
      list[#list + 1] = key
    end
  end
  return list
end


local function many_keys()
  local list = {}
  for i = 1, 14 do
    list[i] = { key = ("many/%02d"):format(i), value = ("v%d"):format(i), metadata = i == 3 and "[1]" or nil }
  end
  return list
end


-- Keys by a part, for all, or by chance.
local function add_keys(namespaces, parts)
  local by, known = pick { "none", "none", "all", "app", "purpose", "env", "two", "chance", "many" }, {}
  for i, ns in ipairs(namespaces) do
    local of = parts[i]
    local which = by == "all" and "all" or by == "chance" and math.random(3) == 1 and "c" .. i
      or by == "two" and (of.purpose or "") .. (of.env or "") or by == "many" and "many" or of[by]
    if which then
      if not known[which] then
        known[which] = by == "many" and many_keys() or some_keys(which)
      end
      ns.keys = known[which]
    end
  end
end


-- An inventory: one or two templates, of which some is left out or irregular, and what has none. `hostile`: titles
-- of any bytes that are text.
function inventories.by_chance(hostile)
  local namespaces, parts, seen = {}, {}, {}
  local function add(title, of)
    if #title > 0 and #title <= 512 and not seen[title] then
      seen[title] = true
      namespaces[#namespaces + 1] = { title = title, account = ACCOUNT, id = ("%032x"):format(#namespaces + 1) }
      parts[#parts + 1] = of
    end
  end
  for _ = 1, math.random(2) do
    regular_titles(add)
  end
  if hostile or math.random(3) == 1 then
    hostile_titles(add)
  end
  add_fields(namespaces, parts)
  add_keys(namespaces, parts)
  for _, ns in ipairs(namespaces) do
    ns.exact = math.random(20) == 1 or nil
    ns.account = math.random(20) == 1 and OTHER or ACCOUNT
  end
  return { namespaces = namespaces, accounts = math.random(2) == 1 and { { id = ACCOUNT, name = "Main Ünit" },
    { id = OTHER, name = "local" } } or nil }
end


function inventories.name_of(ns)
  return ns.title:find "[%z\1-\31\127]" and ns.id or ns.title
end


function inventories.field_of(ns, name)
  local value = ns[name]
  if name == "binding" and value and not value:find "^[%a_][%w_]*$" then
    return nil
  end
  return value
end


inventories.FIELDS = FIELDS

return inventories
