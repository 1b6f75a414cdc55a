-- What `cfkv import` writes of accounts of many shapes, as files that can be read: tests/golden/import_*.lua.
-- Each one declares what it is made of, passes `cfkv validate --strict`, and luacheck.
--
-- GOLDEN=write writes the files anew, to be read before they are committed.
local cjson = require "cjson"
local golden = require "support.golden"
local project = require "support.project"
local sorted = require "support.sorted"
local views = require "support.views"

local MAIN, SECOND, THIRD = "cf" .. ("0"):rep(29) .. "1", "cf" .. ("0"):rep(29) .. "2", "cf" .. ("0"):rep(29) .. "3"


-- ---- Inventories ---------------------------------------------------------------------------------

local function account(more)
  more.project = { name = "shop" }
  for _, ns in ipairs(more.namespaces) do
    ns.account = ns.account or MAIN
  end
  return more
end


local function titled(list, more)
  local namespaces = {}
  for i, title in ipairs(list) do
    namespaces[i] = { title = title }
    for name, value in pairs(more or {}) do
      namespaces[i][name] = value
    end
  end
  return namespaces
end


-- Calls make(app, purpose, env) for each, and keeps what it returns.
local function product(apps, purposes, envs, make)
  local namespaces = {}
  for _, app in ipairs(apps) do
    for _, purpose in ipairs(purposes) do
      for _, env in ipairs(envs) do
        namespaces[#namespaces + 1] = make(app, purpose, env)
      end
    end
  end
  return namespaces
end


local function dashed(app, purpose, env)
  return { title = app .. "-" .. purpose .. "-" .. env }
end


local function join(...)
  local all = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end


local ENVS = { "dev", "staging", "prod" }
local PURPOSES = { "cache", "config", "user-session" }
local TTL = { cache = 3600, ["user-session"] = 1800 }
local ABOUT = { cache = "Cached API responses", config = "Feature flags and configuration",
  ["user-session"] = "Who is signed in" }

local shapes = {}

shapes.single = account { namespaces = titled({ "MY_KV" }, { description = "The only one" }) }

shapes.two = account { namespaces = titled { "shop-cache-dev", "shop-cache-prod" } }

shapes.plain = account { namespaces = titled { "GITHUB_TOKENS", "analytics", "shop sessions", "users:2024",
  "__feature" } }

shapes.matrix = account { namespaces = product({ "shop" }, PURPOSES, ENVS, dashed) }

shapes.fields = account { namespaces = product({ "shop" }, PURPOSES, ENVS, function(app, purpose, env)
  return { title = app .. "-" .. purpose .. "-" .. env, ttl_seconds = TTL[purpose], description = ABOUT[purpose],
    owner = "team-shop", binding = purpose:upper():gsub("-", "_"), protect = env == "prod" or nil }
end) }

shapes.apps = account { namespaces = join(
  product({ "shop" }, PURPOSES, ENVS, dashed),
  product({ "blog" }, { "cache", "posts" }, ENVS, dashed),
  product({ "docs" }, { "search" }, ENVS, dashed)) }

shapes.exceptions = account { namespaces = join(
  product({ "blog", "docs", "shop" }, { "cache", "config", "session" }, ENVS, function(app, purpose, env)
    if app == "docs" and purpose == "session" then
      return nil
    end
    return { title = app .. "-" .. purpose .. "-" .. env, ttl_seconds = purpose == "cache" and 3600 or nil,
      description = app == "blog" and purpose == "cache" and env == "dev" and "Nobody uses this one" or nil }
  end),
  titled { "shop-orders-prod" },
  titled({ "company-directory" }, { create = false, owner = "it" })) }

shapes.production = account { namespaces = product({ "shop" }, PURPOSES, { "", "-dev", "-staging" },
  function(app, purpose, env)
    return { title = app .. "-" .. purpose .. env }
  end) }

shapes.templates = account { namespaces = join(
  product({ "shop", "blog" }, { "cache", "config" }, ENVS, dashed),
  product({ "Legacy" }, { "Users", "Orders", "Items" }, { "Dev", "Test", "Prod" }, function(app, purpose, env)
    return { title = env .. "/" .. app .. "." .. purpose }
  end)) }

shapes.accounts = account {
  accounts = { { id = MAIN, name = "Acme Development" }, { id = SECOND, name = "Acme (Production)" },
    { id = THIRD, name = "" } },
  namespaces = join(
    product({ "shop", "blog" }, { "cache", "config", "session" }, ENVS, function(app, purpose, env)
      return { title = app .. "-" .. purpose .. "-" .. env, account = env == "prod" and SECOND or MAIN }
    end),
    titled({ "shared" }, { account = SECOND }), titled({ "shared" }, { account = THIRD })),
}

shapes.jurisdictions = account { namespaces = product({ "shop" }, { "cache", "config", "orders", "users" },
  { "eu-dev", "eu-prod", "us-dev", "us-prod" }, function(app, purpose, place)
    local region, env = place:match "(.*)-(.*)"
    return { title = ("%s-%s-%s-%s"):format(app, region, purpose, env), jurisdiction = region == "eu" and "eu" or nil }
  end) }

local function bound(config, env, name)
  return { name = name, config = config, env = env, file = config, line = 3 }
end

shapes.bindings = account { namespaces = join(
  product({ "shop", "blog" }, { "cache", "config" }, { "staging", "production" }, function(app, purpose, env)
    return { title = app .. "-" .. purpose .. "-" .. env,
      bindings = { bound("apps/" .. app .. "/wrangler.toml", env, purpose:upper()) } }
  end),
  { { title = "shared-flags", bindings = { bound("apps/shop/wrangler.toml", nil, "FLAGS"),
    bound("apps/blog/wrangler.toml", nil, "SHARED_FLAGS") } } },
  { { title = "blog-kv", unsure = true, bindings = { bound("apps/blog/wrangler.toml", nil, "KV") } } }) }

local function some_keys(env)
  return {
    { key = "features", value = '{"checkout":{"express":true,"limits":[1,2.5,null]},"dark_mode":false}' },
    { key = "greeting", value = 'Hello, "world"!\n' }, { key = "motd", value = "", expiration_ttl = 86400 },
    { key = "promo", value = "<p>Ünïcode ☕</p>", metadata = '{"by":"ann","v":2}', expiration = 2000000000 },
    { key = "unsorted", value = '{"b":1,"a":2}' }, { key = "env", value = env },
  }
end

shapes.puts = account { namespaces = {
  { title = "shop-config", keys = some_keys "prod" }, { title = "shop-empty" },
  { title = "shop-session", ttl_seconds = 1800, keys = { { key = "forever", value = "1" },
    { key = "as-long", value = "2", expiration_ttl = 1800 }, { key = "once", value = "3", policy = "once",
      expiration_ttl = 3600 } } },
} }

shapes.puts_in_a_loop = account { namespaces = product({ "shop" }, { "cache", "config", "jobs" }, ENVS,
  function(app, purpose, env)
    return { title = app .. "-" .. purpose .. "-" .. env, keys = purpose == "config" and {
      { key = "flags", value = '{"beta":false}' }, { key = "schema", value = "3" },
    } or purpose == "jobs" and env ~= "dev" and { { key = "workers", value = env == "prod" and "8" or "2" } } or nil }
  end) }

local function many_keys(n)
  local keys = {}
  for i = 1, n do
    keys[i] = { key = ("product/%03d"):format(i), value = ('{"cents":%d}'):format(i * 100),
      metadata = i == 1 and '{"first":true}' or nil }
  end
  return keys
end

shapes.seeds = account { namespaces = {
  { title = "shop-products", keys = many_keys(20) },
  { title = "shop-pages", keys = { { key = "index", value = ("<p>Lorem ipsum</p>\n"):rep(40) },
    { key = "version", value = "7" } } },
  { title = "shop-live", seeds = "seed/shop-live.jsonl", keys = { { key = "terraformed", value = "yes" } } },
} }

shapes.secrets = account { namespaces = product({ "shop" }, { "config", "mail" }, ENVS, function(app, purpose, env)
  return { title = app .. "-" .. purpose .. "-" .. env, keys = {
    { key = "api_key", value = "key-of-" .. env, secret = true }, { key = "password", value = "hunter2" },
    { key = "region", value = "eu" },
  } }
end) }

shapes.unknown = account { namespaces = {
  { title = "shop-config", keys = { { key = "stripe", secret = true, file = "infra/terraform.tfstate", line = 112,
    why = "Terraform keeps it to itself" }, { key = 'a "b"\n', file = "k8s/kv.yaml", line = 3 },
    { key = "known", value = "1" } } },
  { title = "old-cache", gone = true, from = { { file = "infra/terraform.tfstate", line = 40 } } },
}, notes = { "A binding of 'KV' in pages/wrangler.toml is not declared:\nits id is a placeholder." } }

shapes.not_taken = account { namespaces = { { title = "old\ntitle", id = ("ab"):rep(16) },
  { title = "lost\ttitle" },
  { title = "shop-cache", description = ("long "):rep(60), binding = "a-b", ttl_seconds = 30 } } }

shapes.emoji = account { namespaces = titled { "🛒-cache-dev", "🛒-cache-prod", "🛒-config-dev", "🛒-config-prod",
  "🛒-users-dev", "🛒-users-prod",
  "Kundenverwaltung für die Außenstelle Köln – Zwischenspeicher (bitte nicht löschen) 🙏" } }

local function numbered(n, format)
  local list = {}
  for i = 1, n do
    list[i] = format:format(i)
  end
  return list
end

shapes.three_hundred = account { namespaces = product(numbered(20, "service%02d"),
  { "cache", "config", "flags", "session", "tokens" }, ENVS, function(app, purpose, env)
    return { title = app .. "-" .. purpose .. "-" .. env, ttl_seconds = TTL[purpose] }
  end) }

shapes.live = account { namespaces = product({ "shop", "blog" }, { "cache", "config", "session" }, ENVS,
  function(app, purpose, env)
    local title = app .. "-" .. purpose .. "-" .. env
    return { title = title, seeds = purpose == "config" and "seed/" .. title .. ".jsonl" or nil }
  end) }

shapes.more = account { view = { file = "more.lua", standalone = false }, namespaces = join(
  product({ "shop" }, { "cache", "config", "jobs" }, { "test", "qa" }, function(app, purpose, env)
    return { title = app .. "-" .. purpose .. "-" .. env,
      keys = purpose == "jobs" and { { key = "token", value = "t" } } or nil }
  end),
  titled({ "theirs" }, { account = SECOND })), default = MAIN }

shapes.hostile = account { namespaces = titled { '"', "\\", "--", "--[[ ", "]]", "'", "{app}-{env}", "%d%s", "end",
  "$(rm -rf ~)", "a\u{202E}b", "-dev", "dev", "dev-dev-dev", "..", "nil-nil-nil", ("x"):rep(64) } }


-- ---- What is written -----------------------------------------------------------------------------

local function files_of(inventory)
  return cjson.decode(views.call("import.configuration", { { "files", inventory } }))
end


local function expected_titles(inventory)
  local list = {}
  for _, ns in ipairs(inventory.namespaces) do
    local title = not ns.title:find "%c" and ns.title or ns.id
    list[#list + 1] = not ns.gone and title and (ns.account .. " " .. title) or nil
  end
  table.sort(list)
  return list
end


-- What a project of these files evaluates to.
local function evaluated(files, inventory)
  local p = project.quick()
  for _, file in ipairs(files) do
    p:write(file.path, file.text)
  end
  for _, ns in ipairs(inventory.namespaces) do
    if ns.seeds then
      p:write(ns.seeds, "")
    end
  end
  if inventory.view then
    p:write("more.lua", files[1].text)
    p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.project { name = "shop", account_id = "' .. MAIN
      .. '" }\nrequire "more"\n')
  end
  for _, path in ipairs { "apps/shop/wrangler.toml", "apps/blog/wrangler.toml" } do
    p:write(path, "")
  end
  local strict = p:run("validate", "--strict")
  assert.equal("", strict.err)
  return project.ok(p:run "eval").json()
end


describe("an imported account", function()
  after_each(project.cleanup)

  for _, name in ipairs(sorted.names(shapes)) do
    it("of the shape '" .. name .. "' is declared as a person would", function()
      local files = files_of(shapes[name])
      local texts = {}
      for i, file in ipairs(files) do
        texts[i] = i == 1 and file.text or ""
      end
      golden.check("import_" .. name .. ".lua", table.concat(texts))
      local model, titles = evaluated(files, shapes[name]), {}
      for i, ns in ipairs(model.namespaces) do
        titles[i] = (ns.account_id == cjson.null and model.project.account_id or ns.account_id) .. " "
          .. (ns.title == cjson.null and ns.id or ns.title)
      end
      table.sort(titles)
      assert.same(expected_titles(shapes[name]), titles)
    end)
  end

  it("is without blame", function()
    local lint = io.popen "luacheck -q tests/golden/import_*.lua"
    local text = lint:read "a"
    assert.is_true(lint:close(), text)
  end)

  it("of 300 regular titles is less than 40 lines", function()
    local _, lines = files_of(shapes.three_hundred)[1].text:gsub("\n", "")
    assert.is_true(lines < 40)
  end)
end)
