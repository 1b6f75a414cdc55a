--- The configuration that `cfkv import` writes of an inventory (lua/host/import/configuration.lua): whatever
--- titles are like, it declares these namespaces, with these fields and keys, and no others.
local configurations = require "support.configurations"
local inventories = require "support.inventories"

local ACCOUNT = "cf" .. ("0"):rep(29) .. "1"

local name_of = inventories.name_of


-- ---- What is to be declared ----------------------------------------------------------------------

local UNITS = { d = 86400, h = 3600, m = 60 }

local function seconds(duration)
  local n, unit = tostring(duration):match "^(%d+)(%a)$"
  return n and n * UNITS[unit] or duration
end


local function account_of(ns, project)
  return ns.account_id or ns.account and project.accounts[ns.account] or project.account_id
end


-- The values of texts, and when they expire; the values of tables are the evaluator's (tests/fault).
local function check_keys(wanted, ns, lua)
  local n = 0
  for _, key in ipairs(wanted.keys or {}) do
    local put = ns.keys[key.key]
    if put then
      n = n + 1
      local value = key.secret and { secret = { { "secrets", name_of(wanted) }, key.key } } or key.value
      if not key.value:find "^{" or type(put.value) == "string" then
        assert.same(value, put.value, lua)
      end
      local options, ttl = put.options or {}, key.expiration_ttl
      ttl = ttl and ttl ~= 0 and ttl or not wanted.exact and wanted.ttl_seconds and not key.expiration and 0
        or wanted.exact and ttl or nil
      ttl = (wanted.exact or ttl ~= wanted.ttl_seconds) and ttl or nil
      assert.equal(ttl, seconds(options.expiration_ttl), lua)
      assert.equal(key.policy, options.policy, lua)
    end
  end
  for _ in pairs(ns.keys) do
    n = n - 1
  end
  assert.equal(0, n, lua)
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
    for name in pairs(inventories.FIELDS) do
      local value = found[name]
      value = name == "ttl_seconds" and value ~= 0 and seconds(value) or name ~= "ttl_seconds" and value or nil
      local want = inventories.field_of(ns, name)
      if name == "create" or name == "protect" then
        value = found[name]
      end
      assert.equal(want, value, name .. " of " .. ns.title .. "\n" .. lua)
    end
    assert.equal(ns.account, account_of(found, project), lua)
    if ns.exact then
      assert.is_nil(found.env or found.app or found.purpose, lua)
    end
    check_keys(ns, found, lua)
  end
  assert.equal(#wanted, #declared, lua)
end


local function check_all(n, hostile)
  local list = {}
  for i = 1, n do
    list[i] = inventories.by_chance(hostile)
  end
  local texts = configurations.texts(list)
  assert.equal(n, #texts)
  for i, inventory in ipairs(list) do
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
