-- The namespaces of an account, who takes care of them, and where they are bound.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env, binding = "CACHE" }:put("k", env)
end
cfkv.wrangler { path = "wrangler.toml", top_level = "prod" }
]]

local TOML = 'name = "shop"\nmain = "src/index.js"\ncompatibility_date = "2026-01-01"\n'

describe("audit", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG, ["wrangler.toml"] = TOML }
  end)

  after_each(function()
    emulator.cleanup()
    project.cleanup()
    e = nil
  end)


  -- On the account that an emulator serves.
  local function remote(...)
    e = e or emulator.start(p, "--memory")
    return e:run(p, ...)
  end


  -- Somebody else's namespace → its id.
  local function create(title)
    e = e or emulator.start(p, "--memory")
    local status, answer = e:ask("POST", NAMESPACES, ('{"title":"%s"}'):format(title))
    assert.equal(200, status)
    return answer.result.id
  end


  local function delete(id)
    assert.equal(200, (e:ask("DELETE", NAMESPACES .. "/" .. id)))
  end


  local function declare(more)
    p:write("kv.lua", CONFIG .. more)
  end


  -- Adds bindings to the config: env ("" is the top level), name, and lines below.
  local function bind(env, name, lines)
    local at = env == "" and "kv_namespaces" or ("env.%s.kv_namespaces"):format(env)
    p:write("wrangler.toml", ('%s\n[[%s]]\nbinding = "%s"\n%s\n'):format(p:read "wrangler.toml", at,
      name, lines))
  end


  -- title → its entry of the JSON, which has each title once.
  local function by_title(r)
    local rows = {}
    for _, row in ipairs(ok(r).json().namespaces) do
      assert.is_nil(rows[row.title])
      rows[row.title] = row
    end
    return rows
  end


  local function codes(r)
    local list = {}
    for i, diagnostic in ipairs(ok(r).json().diagnostics) do
      assert.equal("warning", diagnostic.severity)
      list[i] = diagnostic.code
    end
    return list
  end


  local function statuses(r)
    local list = {}
    for title, row in pairs(by_title(r)) do
      list[title] = row.status
    end
    return list
  end


  describe("says of a namespace that it is", function()
    it("managed, when the state records it", function()
      ok(remote("apply", "--yes"))
      local row = by_title(remote("audit", "--json"))["shop-cache-dev"]
      assert.equal("managed", row.status)
      assert.equal("shop/cache/dev", row.address)
      assert.equal(emulator.ACCOUNT, row.account_id)
    end)


    it("declared, when the next apply would adopt it", function()
      local id = create "shop-cache-dev"
      local row = by_title(remote("audit", "--json"))["shop-cache-dev"]
      assert.equal("declared", row.status)
      assert.equal(id, row.id)
      assert.equal("shop/cache/dev", row.address)
    end)


    it("declared, when its id is pinned, whatever its title", function()
      local id = create "of old"
      declare(('cfkv.namespace { title = "pinned", id = "%s" }'):format(id))
      assert.equal("declared", by_title(remote("audit", "--json"))["of old"].status)
    end)


    it("an orphan, when nobody knows it", function()
      local id = create "theirs"
      local row = by_title(remote("audit", "--json")).theirs
      assert.equal("orphan", row.status)
      assert.equal(id, row.id)
      assert.equal(cjson.null, row.address)
      assert.same({}, row.bindings)
    end)


    it("managed under its new title, when somebody renamed it", function()
      ok(remote("apply", "--yes"))
      local id = by_title(remote("audit", "--json"))["shop-cache-dev"].id
      assert.equal(200, (e:ask("PUT", NAMESPACES .. "/" .. id, '{"title":"theirs now"}')))
      assert.same({ ["shop-cache-prod"] = "managed", ["theirs now"] = "managed" },
        statuses(remote("audit", "--json")))
    end)


    it("gone, when it is recorded and was deleted", function()
      ok(remote("apply", "--yes"))
      local id = by_title(remote("audit", "--json"))["shop-cache-dev"].id
      delete(id)
      local row = by_title(remote("audit", "--json"))["shop-cache-dev"]
      assert.equal("gone", row.status)
      assert.equal(id, row.id)
      assert.equal("shop/cache/dev", row.address)
    end)


    it("missing, when it is declared and was never created", function()
      local row = by_title(remote("audit", "--json"))["shop-cache-dev"]
      assert.equal("missing", row.status)
      assert.equal(cjson.null, row.id)
    end)


    it("managed, when it is recorded and declared no more", function()
      ok(remote("apply", "--yes"))
      p:write("kv.lua", "local cfkv = require 'cfkv' cfkv.project { name = 'shop' }")
      assert.same({ ["shop-cache-dev"] = "managed", ["shop-cache-prod"] = "managed" },
        statuses(remote("audit", "--json")))
    end)
  end)


  it("lists the account when nothing is declared or recorded", function()
    create "theirs"
    p:write("kv.lua", "")
    assert.same({ theirs = "orphan" }, statuses(remote("audit", "--json")))
  end)


  it("tells where each is bound: file, environment, binding, member and line", function()
    ok(remote("apply", "--yes"))
    local id = by_title(remote("audit", "--json"))["shop-cache-prod"].id
    local other = create "theirs"
    bind("staging", "THEIRS", ('id = "%s"\npreview_id = "%s"'):format(other, id))
    local rows = by_title(remote("audit", "--json"))
    local file, prod = p:read "wrangler.toml", rows["shop-cache-prod"].bindings
    assert.equal(2, #prod)
    assert.same({ "CACHE", cjson.null, "wrangler.toml", "id" },
      { prod[1].binding, prod[1].env, prod[1].file, prod[1].member })
    assert.same({ "THEIRS", "staging", "wrangler.toml", "preview_id" },
      { prod[2].binding, prod[2].env, prod[2].file, prod[2].member })
    local _, before = file:sub(1, file:find("[[env.staging", 1, true)):gsub("\n", "")
    assert.equal(before + 1, prod[2].line)
    assert.equal("id", rows.theirs.bindings[1].member)
    assert.equal(1, #rows["shop-cache-dev"].bindings)
    assert.equal("dev", rows["shop-cache-dev"].bindings[1].env)
  end)


  it("prints a line a namespace by title, its bindings below it, and the counts", function()
    ok(remote("apply", "--yes"))
    create "b"
    create "a"
    delete(by_title(remote("audit", "--json"))["shop-cache-dev"].id)
    declare 'cfkv.namespace { title = "zoo" }'
    local text = ok(remote "audit").out:gsub("%x+", function(id)
      return #id == 32 and "ID" or nil
    end)
    assert.equal([[
Target: account ID (cfkv serve)
orphan   ID  a  (misnamed)
orphan   ID  b  (misnamed)
gone     ID  shop-cache-dev  (stale)
            wrangler.toml dev CACHE (line 9)
managed  ID  shop-cache-prod
            wrangler.toml CACHE (line 5)
missing  -                                 zoo
3 namespaces: 1 managed, 2 orphans; 1 gone, 1 missing, 1 stale; 2 misnamed
Naming {app}-{purpose}-{env}: followed by 1 of 3 titles
]], text)
  end)


  it("counts in JSON what it lists, its members sorted", function()
    ok(remote("apply", "--yes"))
    create "theirs"
    local r = ok(remote("audit", "--json"))
    assert.same({ adoptable = 0, declared = 0, foreign = 0, gone = 0, managed = 2, misnamed = 1, missing = 0,
      ["no-expiry"] = 0, orphan = 1, stale = 0 }, r.json().summary)
    assert.equal(1, r.json().format_version)
    assert.equal("cloudflare", r.json().target)
    local last = ""
    for name in r.out:gmatch '\n  "([%l_]+)"' do
      assert.is_true(last < name, name)
      last = name
    end
  end)


  it("shows titles so that they forge no line", function()
    create "x\\nmanaged"
    assert.matches("x\\x0Amanaged  (misnamed)\n", ok(remote("audit")).out, 1, true)
  end)


  it("sends one listing, and reads and changes nothing else", function()
    ok(remote("apply", "--yes"))
    local state, file = p:read "kv.state.json", p:read "wrangler.toml"
    local before = #e:requests()
    ok(p:run("audit", { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }))
    local log = table.move(e:requests(), before + 1, #e:requests(), 1, {})
    assert.equal(1, #log)
    assert.equal("namespace_list", log[1].endpoint)
    assert.equal(state, p:read "kv.state.json")
    assert.equal(file, p:read "wrangler.toml")
  end)


  describe("warns of", function()
    it("an id that no namespace has", function()
      ok(remote("apply", "--yes"))
      bind("dev", "OLD", ('id = "%s"'):format(("ab"):rep(16)))
      local r = ok(remote "audit")
      assert.matches("warning: binding 'OLD' of environment 'dev' in 'wrangler.toml' (line 13) has "
        .. "the id " .. ("ab"):rep(16) .. ", and no namespace of the account has that id", r.err, 1, true)
      assert.same({ "wrangler.stale" }, codes(remote("audit", "--json")))
    end)


    it("such an id in a binding that the next apply puts right", function()
      ok(remote("apply", "--yes"))
      delete(by_title(remote("audit", "--json"))["shop-cache-dev"].id)
      assert.same({ "wrangler.stale" }, codes(remote("audit", "--json")))
    end)


    it("an id of another environment, also in a binding that is cfkv's", function()
      ok(remote("apply", "--yes"))
      local rows = by_title(remote("audit", "--json"))
      local dev, prod = rows["shop-cache-dev"].id, rows["shop-cache-prod"].id
      p:write("wrangler.toml", (p:read "wrangler.toml":gsub(dev, prod)))
      assert.same({ "wrangler.other_environment" }, codes(remote("audit", "--json")))
      assert.matches("has the id of namespace 'shop-cache-prod', which belongs to the top level",
        ok(remote "audit").err, 1, true)
    end)


    it("an id that cfkv did not write, which stops apply and not the report", function()
      local id = create "theirs"
      bind("", "CACHE", ('id = "%s"'):format(id))
      assert.equal(5, remote("apply", "--yes").code)
      local r = ok(remote("audit", "--json"))
      assert.same({ "guard.take_over" }, codes(r))
      assert.equal("CACHE", by_title(r).theirs.bindings[1].binding)
    end)


    it("a binding that an environment lacks", function()
      ok(remote("apply", "--yes"))
      p:write("wrangler.toml", p:read "wrangler.toml" .. '\n[env.test]\nname = "shop-test"\n')
      assert.same({ "wrangler.not_inherited" }, codes(remote("audit", "--json")))
    end)


    it("a declaration that cannot be resolved", function()
      declare(('cfkv.namespace { title = "pinned", id = "%s" }\n'):format(("cd"):rep(16))
        .. 'cfkv.namespace { title = "theirs", create = false }')
      assert.equal(1, remote("plan").code)
      local r = ok(remote("audit", "--json"))
      assert.same({ "namespace.missing", "namespace.missing" }, codes(r))
      local rows = by_title(r)
      assert.equal("missing", rows.theirs.status)
      assert.equal("missing", rows.pinned.status)
      assert.equal(("cd"):rep(16), rows.pinned.id)
    end)
  end)


  it("fails when a config cannot be read: what it binds is not known", function()
    p:write("wrangler.toml", "name = [")
    local r = remote("audit", "--json")
    assert.equal(1, r.code)
    assert.equal("wrangler.config", r.json().diagnostics[1].code)
    assert.matches("1 wrangler config cannot be used", remote("audit").err, 1, true)
  end)


  describe("narrows what it lists", function()
    before_each(function()
      ok(remote("apply", "--yes"))
      create "theirs"
    end)


    it("with --env, which no orphan has", function()
      local r = ok(remote("audit", "--env", "dev", "--json"))
      assert.same({ ["shop-cache-dev"] = "managed" }, statuses(r))
      assert.equal(0, r.json().summary.orphan)
    end)


    it("with --only, by address or title, orphans too", function()
      assert.same({ theirs = "orphan" }, statuses(remote("audit", "--only", "the*", "--json")))
      assert.same({ ["shop-cache-prod"] = "managed" },
        statuses(remote("audit", "--only", "shop/*/prod", "--json")))
    end)


    it("and refuses an environment that there is not", function()
      assert.equal(64, remote("audit", "--env", "nowhere").code)
    end)
  end)


  describe("of the local store", function()
    it("tells what it registers", function()
      assert.same({ ["shop-cache-dev"] = "missing", ["shop-cache-prod"] = "missing" },
        statuses(p:run("audit", "--local", "--json")))
      assert.is_false(p:exists ".wrangler")
      ok(p:run("kv", "namespace", "create", "theirs", "--local"))
      ok(p:run("kv", "namespace", "create", "shop-cache-dev", "--local"))
      ok(p:run("apply", "--local", "--yes", "--env", "prod"))
      local r = p:run("audit", "--local", "--json")
      assert.same({ theirs = "orphan", ["shop-cache-dev"] = "declared", ["shop-cache-prod"] = "managed" },
        statuses(r))
      assert.equal("local", r.json().target)
      local prod = by_title(r)["shop-cache-prod"]
      assert.equal(cjson.null, prod.account_id)
      assert.equal("CACHE", prod.bindings[1].binding)
    end)


    it("lists each once, whatever account is declared", function()
      ok(p:run("kv", "namespace", "create", "theirs", "--local"))
      declare(([[
cfkv.namespace { title = "a", account_id = "%s" }
cfkv.namespace { title = "b", account_id = "%s" }]]):format(("1"):rep(32), ("2"):rep(32)))
      ok(p:run("apply", "--local", "--yes"))
      assert.same({
        theirs = "orphan", a = "managed", b = "managed",
        ["shop-cache-dev"] = "managed", ["shop-cache-prod"] = "managed",
      }, statuses(p:run("audit", "--local", "--json")))
      assert.matches("5 namespaces: 4 managed, 1 orphan; 3 misnamed\n", ok(p:run("audit", "--local")).out, 1, true)
    end)


    it("counts as managed what is about to move to another id", function()
      ok(p:run("apply", "--local", "--yes"))
      ok(remote("apply", "--yes"))
      assert.same({ ["shop-cache-dev"] = "managed", ["shop-cache-prod"] = "managed" },
        statuses(p:run("audit", "--local", "--json")))
    end)


    -- The number of the first append to the registry behind a move, in an apply of a copy of `p`.
    local function append_behind_move()
      local copy = project.quick()
      copy:copy(p.dir)
      ok(copy:run("apply", "--local", "--yes", { env = { CFKV_FAULT_LOG = copy:path "points" } }))
      local points = copy:read "points"
      return assert(points:match("local%.move%.clear\n.-(%d+) registry%.append"), points)
    end


    it("counts as managed what a killed apply moved and did not record", function()
      ok(p:run("apply", "--local", "--yes"))
      ok(remote("apply", "--yes"))
      local at = append_behind_move()
      local old = by_title(p:run("audit", "--local", "--json"))
      assert.equal(137, p:run("apply", "--local", "--yes", { env = { CFKV_FAULT = "kill:" .. at } }).code)
      local new = by_title(p:run("audit", "--local", "--json"))
      local moved = 0
      for title, row in pairs(new) do
        assert.equal("managed", row.status)
        moved = moved + (row.id ~= old[title].id and 1 or 0)
      end
      assert.equal(2, moved)
    end)
  end)
end)
