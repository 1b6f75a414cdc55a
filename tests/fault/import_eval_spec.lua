-- What `cfkv import` writes of hundreds of inventories by chance, evaluated by the program itself: the same
-- namespaces, with the same fields and keys, values, metadata and expiry.
--
-- SEED and CASES are for looking further.
local cjson = require "cjson"
local inventories = require "support.inventories"
local project = require "support.project"
local views = require "support.views"

local null = cjson.null


local function given(value)
  if value == null then
    return nil
  end
  return value
end


-- The keys that are to be declared: { [key] = … }.
local function wanted_keys(ns)
  local keys = {}
  for _, key in ipairs(ns.keys or {}) do
    if key.value then
      local ttl = key.expiration_ttl
      if not ns.exact and ttl == ns.ttl_seconds then
        ttl = nil -- the namespace says it
      elseif not ns.exact and not key.expiration and (ttl or 0) == 0 then
        ttl = ns.ttl_seconds and 0 or nil
      end
      keys[key.key] = { value = not key.secret and key.value or nil, secret = key.secret or false,
        metadata = key.metadata and cjson.decode(key.metadata), expiration = key.expiration, expiration_ttl = ttl,
        policy = key.policy or "managed" }
    end
  end
  return keys
end


local function file_of(files, path)
  for _, file in ipairs(files) do
    if file.path == path then
      return cjson.decode(file.text)
    end
  end
end


-- The keys that are declared, those of seed files included.
local function declared_keys(ns, files)
  local keys = {}
  for _, put in ipairs(ns.puts) do
    keys[put.key] = { value = given(put.value), secret = put.secret, metadata = given(put.metadata),
      expiration = given(put.expiration), expiration_ttl = given(put.expiration_ttl), policy = put.policy }
  end
  for _, bulk in ipairs(ns.bulk) do
    for _, item in ipairs(file_of(files, bulk.path)) do
      assert.is_nil(keys[item.key])
      keys[item.key] = { value = item.value, secret = false, metadata = item.metadata, expiration = item.expiration,
        expiration_ttl = item.expiration_ttl, policy = bulk.policy }
    end
  end
  return keys
end


local function account_of(ns, model)
  return given(ns.account_id) or given(ns.account) and model.project.accounts[ns.account] or model.project.account_id
end


local function compare(ns, found, model, files, lua)
  assert.equal(ns.account, account_of(found, model), lua)
  for name in pairs(inventories.FIELDS) do
    local want = inventories.field_of(ns, name)
    if name == "create" then
      want = want ~= false
    elseif name == "protect" then
      want = want or false
    end
    local value = given(found[name])
    if name == "ttl_seconds" and value == 0 then
      value = nil
    end
    assert.equal(want, value, ("%s of %s\n%s"):format(name, ns.title, lua))
  end
  assert.same(wanted_keys(ns), declared_keys(found, files), lua)
end


-- What a configuration and its files declare, by title and id.
local function evaluated(p, files)
  for _, file in ipairs(files) do
    p:write(file.path, file.text)
  end
  local model, by_name = project.ok(p:run "eval").json(), {}
  for _, ns in ipairs(model.namespaces) do
    local name = (ns.title ~= null and ns.title or ns.id) .. " of " .. account_of(ns, model)
    assert.is_nil(by_name[name])
    by_name[name] = ns
  end
  return model, by_name
end


local function check(p, inventory)
  local files = cjson.decode(views.call("import.configuration", { { "files", inventory } }))
  local model, by_name = evaluated(p, files)
  assert.equal(#inventory.namespaces, #model.namespaces, files[1].text)
  for _, ns in ipairs(inventory.namespaces) do
    local found = by_name[inventories.name_of(ns) .. " of " .. ns.account]
    assert.is_table(found, files[1].text)
    compare(ns, found, model, files, files[1].text)
  end
end


describe("an imported configuration, evaluated", function()
  after_each(project.cleanup)

  for name, hostile in pairs { ["of regular titles"] = false, ["of titles of any kind"] = true } do
    it(name .. " is what there is", function()
      math.randomseed((tonumber(os.getenv "SEED") or 20) + (hostile and 1 or 0))
      local p = project.quick()
      for _ = 1, tonumber(os.getenv "CASES") or 60 do
        local inventory = inventories.by_chance(hostile)
        inventory.project = { name = "case" }
        check(p, inventory)
      end
    end)
  end
end)
