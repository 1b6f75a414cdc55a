--- The configuration that `cfkv import` writes of an inventory (lua/host/import/configuration.lua): whatever
--- titles are like, it declares these namespaces, with these fields and keys, and no others.
local configurations = require "support.configurations"

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


local function add_keys(namespaces, parts)
  local by = pick { "none", "none", "all", "purpose", "env", "chance" }
  for i, ns in ipairs(namespaces) do
    local which = by == "all" and "k" or by == "chance" and math.random(3) == 1 and "c" .. i or parts[i][by]
    if which then
      ns.keys = { { key = "key-" .. which, value = pick { "v", "w" } }, { key = "b", value = "[1,2]" },
        { key = "secret", value = "s" .. i, secret = true }, { key = "unknown" } }
    end
  end
end


local function inventory_by_chance(hostile)
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


-- ---- What is to be declared ----------------------------------------------------------------------

local UNITS = { d = 86400, h = 3600, m = 60 }

local function seconds(duration)
  local n, unit = tostring(duration):match "^(%d+)(%a)$"
  return n and n * UNITS[unit] or duration
end


local function account_of(ns, project)
  return ns.account_id or ns.account and project.accounts[ns.account] or project.account_id
end


-- What a namespace is declared by: a title that cfkv does not take is left to the account.
local function name_of(ns)
  return ns.title:find "[%z\1-\31\127]" and ns.id or ns.title
end


local function check_keys(wanted, ns)
  local n = 0
  for _, key in ipairs(wanted.keys or {}) do
    local put = ns.keys[key.key]
    if key.value then
      n = n + 1
      local value = key.secret and { secret = { { "secrets", name_of(wanted) }, key.key } }
        or key.value == "[1,2]" and { 1, 2 } or key.value
      assert.same(value, put.value)
      assert.equal(wanted.ttl_seconds and not wanted.exact and 0 or nil, put.options and put.options.expiration_ttl)
    end
  end
  for _ in pairs(ns.keys) do
    n = n - 1
  end
  assert.equal(0, n)
end


local function check(inventory, lua)
  local declared, project = configurations.declared(lua)
  local wanted = table.move(inventory.namespaces, 1, #inventory.namespaces, 1, {})
  table.sort(wanted, function(a, b)
    return name_of(a) < name_of(b)
  end)
  for i, ns in ipairs(wanted) do
    local found = declared[i] or {}
    assert.equal(name_of(ns), found.title, lua)
    for name in pairs(FIELDS) do
      local value = found[name]
      value = name == "ttl_seconds" and value ~= 0 and seconds(value) or name ~= "ttl_seconds" and value or nil
      local want = ns[name]
      if name == "binding" and want and not want:find "^[%a_][%w_]*$" then
        want = nil -- no name of a binding
      end
      if name == "create" or name == "protect" then
        value = found[name]
      end
      assert.equal(want, value, name .. " of " .. ns.title .. "\n" .. lua)
    end
    assert.equal(ns.account, account_of(found, project), lua)
    if ns.exact then
      assert.is_nil(found.env or found.app or found.purpose, lua)
    end
    check_keys(ns, found)
  end
  assert.equal(#wanted, #declared, lua)
end


local function check_all(n, hostile)
  local inventories = {}
  for i = 1, n do
    inventories[i] = inventory_by_chance(hostile)
  end
  local texts = configurations.texts(inventories)
  assert.equal(n, #texts)
  for i, inventory in ipairs(inventories) do
    check(inventory, texts[i])
  end
end


describe("an imported configuration", function()
  it("declares just what there is, in whatever way titles are alike", function()
    math.randomseed(tonumber(os.getenv "SEED") or 16)
    check_all(tonumber(os.getenv "CASES") or 60, false)
  end)

  it("keeps the value of one whose neighbours on both sides have another", function()
    local namespaces = {}
    for _, purpose in ipairs { "config", "session" } do
      for _, env in ipairs { "dev", "prod", "staging" } do
        namespaces[#namespaces + 1] = { title = ("shop-%s-%s"):format(purpose, env), account = ACCOUNT,
          keys = purpose == "config" and { { key = "k", value = env == "prod" and "w" or "v" } } or nil }
      end
    end
    local inventory = { namespaces = namespaces }
    check(inventory, configurations.texts({ inventory })[1])
  end)

  it("declares just what there is, whatever titles are like", function()
    math.randomseed(tonumber(os.getenv "SEED") or 17)
    check_all(tonumber(os.getenv "CASES") or 60, true)
  end)
end)
