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


  -- The state of another project: one namespace of that id.
  local function state_of(id, fields)
    local ns = { bulk = {}, id = id, keys = {}, origin = "created", title = "as recorded", ttl_seconds = 0 }
    for name, value in pairs(fields or {}) do
      ns[name] = value
    end
    return cjson.encode { version = 2, salt = ("0"):rep(32), outputs = {}, project = "billing",
      accounts = { [emulator.ACCOUNT] = { namespaces = { ["billing/ledger/prod"] = ns } } } }
  end


  local function wrangler(id, more)
    return TOML .. ('[[kv_namespaces]]\nbinding = "QUEUE"\nid = "%s"\n%s'):format(id, more or "")
  end


  describe("reads what lies below the folder:", function()
    it("adoptable is what a wrangler config binds and nothing declares", function()
      local id, other = create "queue", create "other"
      p:write("apps/api/wrangler.toml", wrangler(id))
      p:write("apps/web/wrangler.jsonc", ('{ "env": { "x": { "kv_namespaces": [\n{ "binding": "B", "id": "%s", '
        .. '"preview_id": "%s" }] } } }'):format(id, other))
      local rows = by_title(remote("audit", "--json"))
      assert.equal("adoptable", rows.queue.status)
      assert.same({ { binding = "QUEUE", env = cjson.null, file = "apps/api/wrangler.toml", line = 4, member = "id" },
        { binding = "B", env = "x", file = "apps/web/wrangler.jsonc", line = 2, member = "id" } }, rows.queue.bindings)
      assert.equal("adoptable", rows.other.status)
      assert.equal("preview_id", rows.other.bindings[1].member)
      assert.matches("            apps/web/wrangler.jsonc x B preview_id (line 2)\n", ok(remote "audit").out, 1, true)
    end)


    it("foreign is what the state of another project records, and that is told", function()
      local id = create "ledger"
      p:write("billing/kv.lua", "")
      p:write("billing/kv.state.json", state_of(id, { owner = "finance", description = "Money" }))
      p:write("billing/wrangler.toml", wrangler(id))
      p:write("left/kv.state.json", state_of(create "left over")) -- its configuration is gone
      local rows = by_title(remote("audit", "--json"))
      assert.equal("foreign", rows.ledger.status)
      assert.same({ { address = "billing/ledger/prod", name = "billing", state = "billing/kv.state.json" } },
        rows.ledger.projects)
      assert.same({ "finance", "Money" }, { rows.ledger.owner, rows.ledger.description })
      assert.equal("orphan", rows["left over"].status)
      assert.matches("ledger  %(owner finance%)\n            Money\n"
        .. "            billing/ledger/prod of project 'billing' %(billing/kv%.state%.json%)\n"
        .. "            billing/wrangler%.toml QUEUE %(line 4%)\n", ok(remote "audit").out)
    end)


    it("the configuration's own state is not another project's, also with --state and --local", function()
      ok(remote("apply", "--yes"))
      ok(remote("apply", "--yes", "--state", "other.json"))
      assert.same({ managed = 2 }, { managed = remote("audit", "--json").json().summary.managed })
      local mine = by_title(remote("audit", "--json", "--state", "other.json"))["shop-cache-dev"]
      assert.equal("managed", mine.status)
      assert.equal("kv.state.json", mine.projects[1].state) -- two states have it
      ok(p:run("apply", "--local", "--yes"))
      for _, row in pairs(by_title(p:run("audit", "--local", "--json"))) do
        assert.same({ "managed", {} }, { row.status, row.projects })
      end
    end)


    it("a namespace of ours that another project records too is managed, and both are told", function()
      ok(remote("apply", "--yes"))
      p:write("billing/kv.lua", "")
      p:write("billing/kv.state.json", state_of(by_title(remote("audit", "--json"))["shop-cache-dev"].id))
      local row = by_title(remote("audit", "--json"))["shop-cache-dev"]
      assert.same({ "managed", "billing" }, { row.status, row.projects[1].name })
    end)


    it("nothing in node_modules, hidden folders and what build tools made", function()
      local id = create "queue"
      p:write("node_modules/x/wrangler.toml", wrangler(id))
      p:write(".cache/wrangler.toml", wrangler(id))
      p:write("dist/wrangler.json",
        '{ "userConfigPath": "../wrangler.toml", "kv_namespaces": [{ "binding": "B", "id": "' .. id .. '" }] }')
      p:sh "ln -s node_modules linked; mkfifo fifo.state.json; touch fifo.lua"
      local r = remote("audit", "--json")
      assert.equal("orphan", by_title(r).queue.status)
    end)


    it("what is broken is left out with a warning", function()
      p:write("a/wrangler.toml", "name = [")
      p:write("b/kv.lua", "")
      p:write("b/kv.state.json", '{"version":99}')
      assert.same({ "audit.config", "audit.state" }, codes(remote("audit", "--json")))
    end)
  end)


  describe("calls stale", function()
    local OLD = ("ab"):rep(16)

    local function stale(r)
      local list = {}
      for _, row in ipairs(ok(r).json().namespaces) do
        if row.status == "stale" then
          list[#list + 1] = row
        end
      end
      return list
    end


    it("an id that a config holds and nothing has, which was read by itself first", function()
      p:write("apps/api/wrangler.toml", wrangler(OLD) .. '[[kv_namespaces]]\nbinding = "P"\nid = "<ID>"\n'
        .. '[[kv_namespaces]]\nbinding = "N"\n')
      e = emulator.start(p, "--memory")
      local r = remote("audit", "--json")
      local rows = stale(r)
      assert.equal(1, #rows) -- and no placeholder
      assert.same({ OLD, cjson.null, "QUEUE" }, { rows[1].id, rows[1].title, rows[1].bindings[1].binding })
      assert.equal(1, r.json().summary.stale)
      assert.equal(1, #e:requests "namespace_list")
      assert.equal(1, #e:requests "namespace_get")
      assert.matches("stale    " .. OLD .. "\n            apps/api/wrangler.toml QUEUE (line 4)\n",
        ok(remote "audit").out, 1, true)
    end)


    it("not what a listing only lacks", function()
      p = project.quick()
      e = emulator.start(p, "--memory", { faults = { rules = { { match = { endpoint = "namespace_list" },
        fault = "short", missing = 1, total = "shown" } } } })
      local id = create "hidden"
      p:write("wrangler.toml", wrangler(id))
      assert.same({ hidden = "adoptable" }, statuses(remote("audit", "--json")))
    end)


    it("not an id in another account, which was not listed", function()
      p:write("apps/api/wrangler.toml", ('account_id = "%s"\n'):format(("1"):rep(32)) .. wrangler(OLD))
      assert.same({}, stale(remote("audit", "--json")))
    end)


    it("not an id on the local store, and none where a filter leaves things out", function()
      p:write("apps/api/wrangler.toml", wrangler(OLD))
      assert.same({}, stale(p:run("audit", "--local", "--json")))
      assert.same({}, stale(remote("audit", "--only", "shop*", "--json")))
      assert.same({}, stale(remote("audit", "--env", "dev", "--json")))
    end)


    it("at most 20 that were read, and says of the others that nobody knows", function()
      local text = TOML
      for i = 10, 33 do
        text = text .. ('[[kv_namespaces]]\nbinding = "B%d"\nid = "%030d%d"\n'):format(i, 0, i)
      end
      p:write("apps/api/wrangler.toml", text)
      local r = remote("audit", "--json")
      assert.equal(20, #stale(r))
      assert.same({ "audit.unread" }, codes(r))
    end)
  end)


  it("tells the kind of a namespace that nobody recorded, as far as the listing does", function()
    e = emulator.start(p, "--memory")
    assert.equal(200, (e:ask("POST", NAMESPACES, '{"title":"in Europe","jurisdiction":"eu"}')))
    local row = by_title(remote("audit", "--json"))["in Europe"]
    assert.same({ "orphan", "eu" }, { row.status, row.jurisdiction })
    assert.matches("in Europe  (misnamed)  (jurisdiction eu)\n", remote("audit").out, 1, true)
    assert.matches("jurisdiction eu |", remote("audit", "--format", "markdown").out, 1, true)
  end)


  describe("without a configuration", function()
    before_each(function()
      p = project.quick()
      e = emulator.start(p, "--memory")
    end)


    it("lists the account, and takes for words what lies below the folder", function()
      local queue, ledger = create "queue", create "ledger"
      create "theirs"
      p:write("apps/api/wrangler.toml", wrangler(queue))
      p:write("billing/kv.lua", "error 'is not run'")
      p:write("billing/kv.state.json", state_of(ledger))
      local before = #e:requests()
      local r = ok(remote("audit", "--json"))
      assert.same({ queue = "adoptable", ledger = "foreign", theirs = "orphan" }, statuses(r))
      assert.same({ cjson.null, cjson.null }, { r.json().naming, r.json().configuration })
      assert.matches("there is no kv.lua here or above: nothing is declared", r.err, 1, true)
      for i = before + 1, #e:requests() do
        assert.truthy(({ account_list = true, namespace_list = true })[e:requests()[i].endpoint])
      end
      assert.same({ "apps", "billing" }, { p:sh("ls").out:match "(%S+)%s+(%S+)%s*$" }) -- nothing is written
    end)


    it("takes a state that lies in the folder for its own", function()
      p:write("kv.state.json", state_of(create "ledger"))
      local row = by_title(remote("audit", "--json")).ledger
      assert.same({ "managed", "billing/ledger/prod" }, { row.status, row.address })
    end)


    it("lists the local store", function()
      ok(p:run("kv", "namespace", "create", "theirs", "--local"))
      assert.same({ theirs = "orphan" }, statuses(p:run("audit", "--local", "--json")))
      assert.matches("1 namespace: 1 orphan\n", ok(p:run("audit", "--local")).out, 1, true)
    end)


    it("needs a target as any other, and a file that is named", function()
      assert.equal(64, p:run("audit").code)
      assert.equal(1, p:run("audit", "-f", "other.lua", "--local").code)
      assert.equal(1, p:run("audit", "kv.lua", "--local").code)
      p:sh "ln -s nowhere.lua kv.lua"
      assert.equal(1, p:run("audit", "--local").code)
    end)


    it("tells the template that nearly all titles follow, and calls nothing misnamed", function()
      for _, title in ipairs { "a-cache-dev", "a-cache-prod", "b-cache-dev", "b-cache-prod", "odd" } do
        create(title)
      end
      local r = ok(remote("audit", "--json")).json()
      assert.same({ declared = false, followed = 4, of = 5, template = "{app}-{purpose}-{env}" }, r.naming)
      assert.equal(0, r.summary.misnamed)
      assert.matches("Titles look like {app}-{purpose}-{env}: followed by 4 of 5 titles\n", remote("audit").out, 1,
        true)
    end)
  end)


  it("marks titles that do not follow the naming, but for what is another project's", function()
    p:write("kv.lua", [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", naming = "{env}/{app}", environments = { "dev", "prod" } }
      cfkv.namespace { app = "shop", env = "dev" }
      cfkv.namespace { title = "explicit" }
    ]])
    ok(remote("apply", "--yes"))
    create "prod/theirs"
    create "staging/theirs"
    p:write("billing/kv.lua", "")
    p:write("billing/kv.state.json", state_of(create "billing"))
    local misnamed = {}
    for title, row in pairs(by_title(remote("audit", "--json"))) do
      misnamed[title] = row.marks[1]
    end
    assert.same({ explicit = "misnamed", ["staging/theirs"] = "misnamed" }, misnamed)
  end)


  it("marks nothing misnamed where nobody uses a naming", function()
    p:write("kv.lua", 'local cfkv = require "cfkv" cfkv.namespace { title = "explicit" }')
    create "theirs"
    local r = ok(remote("audit", "--json")).json()
    assert.same({ cjson.null, 0 }, { r.naming, r.summary.misnamed })
  end)


  describe("of keys", function()
    before_each(function()
      p:write("kv.lua", [[
        local cfkv = require "cfkv"
        cfkv.project { name = "shop" }
        local cache = cfkv.namespace { title = "cache", ttl_seconds = 7200 }
        cache:put("soon", "v", { expiration_ttl = 3600 })
        cache:put("later", "v")
        cfkv.namespace { title = "config" }:put("k", "v")
      ]])
      ok(remote("apply", "--yes"))
    end)


    local function put(id, key)
      assert.equal(200, (e:ask("PUT", ("%s/%s/values/%s"):format(NAMESPACES, id, key), "v")))
    end


    local function listings(...)
      local before = #e:requests "key_list"
      local r = ok(remote("audit", ...))
      return #e:requests "key_list" - before, r
    end


    it("lists none unasked", function()
      local n, r = listings "--json"
      assert.equal(0, n)
      assert.equal(cjson.null, by_title(r).cache.keys)
    end)


    it("counts those of every live namespace with --keys, and tells the nearest expiration", function()
      put(create "theirs", "a")
      delete(create "gone meanwhile")
      local n, r = listings("--keys", "--json")
      local rows, now = by_title(r), os.time()
      assert.equal(3, n)
      assert.same({ 2, 1, 1 }, { rows.cache.keys.count, rows.config.keys.count, rows.theirs.keys.count })
      assert.is_true(math.abs(rows.cache.keys.nearest_expiration - now - 3600) < 60)
      assert.equal(cjson.null, rows.config.keys.nearest_expiration)
      assert.same({ "k" }, rows.config.keys.without_expiration_first)
      assert.equal(7200, rows.cache.ttl_seconds)
      assert.equal(0, r.json().summary["no-expiry"])
      assert.matches("listing the keys of 3 namespaces: 3 requests or more", remote("audit", "--keys").err, 1, true)
      local out = remote("audit", "--keys").out
      assert.matches("managed  %x+  2 keys  expires %d+%-%d+%-%d+ %d+:%d+:%d+ UTC  cache\n", out)
      assert.matches("managed  %x+  1 key +config\n", out)
    end)


    it("finds with --ttl those without an expiration, where there is a default, and lists no others", function()
      local id = by_title(remote("audit", "--json")).cache.id
      for i = 1, 7 do
        put(id, "lasting" .. i)
      end
      local n, r = listings("--ttl", "--json")
      local row = by_title(r).cache
      assert.equal(1, n)
      assert.same({ "no-expiry" }, row.marks)
      assert.same({ 9, 7 }, { row.keys.count, row.keys.without_expiration })
      assert.same({ "lasting1", "lasting2", "lasting3", "lasting4", "lasting5" }, row.keys.without_expiration_first)
      assert.equal(cjson.null, by_title(r).config.keys)
      assert.matches("cache  (no-expiry)\n            7 keys without an expiration: 'lasting1', 'lasting2', "
        .. "'lasting3', 'lasting4', 'lasting5' and 2 more; its default is 2 h\n", remote("audit", "--ttl").out, 1, true)
      assert.equal(2, remote("audit", "--ttl", "--fail-on", "no-expiry").code)
    end)


    it("goes page by page", function()
      local id, pairs_ = create "many", {}
      for i = 1, 2500 do
        pairs_[i] = { key = ("k%04d"):format(i), value = "v", expiration_ttl = i % 2 == 0 and 3600 + i or nil }
      end
      assert.equal(200, (e:ask("PUT", ("%s/%s/bulk"):format(NAMESPACES, id), cjson.encode(pairs_))))
      local n, r = listings("--keys", "--only", "many", "--json")
      assert.equal(3, n)
      local keys = by_title(r).many.keys
      assert.same({ 2500, 1250 }, { keys.count, keys.without_expiration })
    end)


    it("counts them on the local store too", function()
      ok(p:run("apply", "--local", "--yes"))
      local rows = by_title(p:run("audit", "--local", "--keys", "--json"))
      assert.same({ 2, 1 }, { rows.cache.keys.count, rows.config.keys.count })
    end)
  end)


  describe("fails on words", function()
    local OLD = ("cd"):rep(16)

    it("with 2, once everything is printed", function()
      create "theirs"
      local r = remote("audit", "--fail-on", "gone,orphan")
      assert.equal(2, r.code)
      assert.matches("1 orphan", r.out, 1, true)
      assert.equal(2, remote("audit", "--fail-on", "orphan", "--json").code)
      assert.equal(2, remote("audit", "--fail-on", "gone", "--fail-on=missing", "--format", "html").code)
      assert.equal(2, remote("audit", "--fail-on", "misnamed").code)
      assert.equal(0, remote("audit", "--fail-on", "gone,stale,foreign,adoptable,declared,managed").code)
    end)


    it("of marks and of what only a config knows", function()
      p:write("apps/api/wrangler.toml", wrangler(OLD))
      assert.equal(2, remote("audit", "--fail-on", "stale").code)
      assert.equal(0, remote("audit", "--fail-on", "stale", "--only", "shop*").code)
    end)


    it("that it knows, before anything is sent", function()
      e = emulator.start(p, "--memory")
      for _, word in ipairs { "orphans", "", "orphan,", ",stale", "no-expiry" } do
        assert.equal(64, remote("audit", "--fail-on", word).code, word)
      end
      assert.matches("did you mean 'orphan'?", remote("audit", "--fail-on", "orphans").err, 1, true)
      assert.equal(0, #e:requests())
    end)
  end)


  describe("is written as", function()
    local HOSTILE = {
      "</script><script>alert(1)</script>", "| a | b |", "@all #1 http://x.yy **b** `c`", "\u{202E}evil", "::error::x",
      "##[error]x", ("x"):rep(512), "k\u{1F600}y", "]]> -->",
    }

    before_each(function()
      for _, title in ipairs(HOSTILE) do
        e = e or emulator.start(p, "--memory")
        assert.equal(200, (e:ask("POST", NAMESPACES, cjson.encode { title = title })))
      end
    end)


    it("text, in which nothing steers a terminal and columns stand where they are", function()
      local out = ok(remote "audit").out
      assert.is_nil(out:find("\u{202E}", 1, true))
      for line in out:gmatch "[^\n]+" do
        if line:find "^orphan" then
          assert.matches("^orphan   %x+  %S", line)
        end
      end
    end)


    it("a Markdown table with as many cells in each row, in which nothing of theirs is markup", function()
      p:write("apps/api/wrangler.toml", wrangler(create "queue | x"))
      local r = ok(remote("audit", "--format", "markdown", "--keys"))
      local cells
      for line in r.out:gmatch "[^\n]+" do
        if line:find "^|" then
          local _, n = line:gsub("\\|", ""):gsub("|", "")
          cells = cells or n
          assert.equal(cells, n, line)
        end
      end
      assert.matches("| orphan, misnamed | \\| a \\| b \\| | `", r.out, 1, true)
      assert.matches("&lt;/script&gt;", r.out, 1, true)
      assert.is_nil(r.out:find "<s" or r.out:find "\n::" or r.out:find("##[", 1, true) or r.out:find("@all", 1, true))
      assert.matches("apps/api/wrangler.toml QUEUE (line 4)", r.out, 1, true)
    end)


    it("a page in which no tag is theirs, the same each time", function()
      local out = ok(remote("audit", "--format", "html")).out
      local tags = 0
      for tag in out:gmatch "</?script[^>]*>" do
        tags = tags + 1
        assert.truthy(({ ['<script type="application/json" id="data">'] = 1, ["<script>"] = 1,
          ["</script>"] = 1 })[tag])
      end
      assert.equal(4, tags)
      local data = out:match '<script type="application/json" id="data">(.-)</script>'
      assert.is_nil(data:find "[<\n]" or data:find("##[", 1, true))
      local document = cjson.decode(data).audit
      document.where = nil
      assert.same(remote("audit", "--json").json(), document)
      assert.matches("default-src 'none'; style-src 'sha256-", out, 1, true)
      assert.equal(out, remote("audit", "--format", "html").out)
      local before, after = out:match '^(.*id="data">).-(</script>.*)$'
      local own = before .. after
      assert.is_nil(own:find "https?:" or own:find "%son%l+=" or own:find "%sstyle=" or own:find "%ssrc=")
    end)


    it("what --format says, which --json may not contradict", function()
      assert.equal(remote("audit", "--json").out, remote("audit", "--format", "json").out)
      assert.equal(64, remote("audit", "--json", "--format", "html").code)
      local r = remote("audit", "--format", "github")
      assert.equal(64, r.code)
      assert.matches("text|json|markdown|html", r.err, 1, true)
    end)


    it("a page whose policy lets its own style and script through", function()
      local out = ok(remote("audit", "--format", "html")).out
      for name, tag in pairs { style = "<style>(.-)</style>", script = "<script>(.-)</script>" } do
        p:write("part", out:match(tag))
        local digest = p:sh("openssl dgst -sha256 -binary part | base64").out:gsub("%s", "")
        assert.matches(("%s-src 'sha256-%s'"):format(name, digest), out, 1, true)
      end
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
