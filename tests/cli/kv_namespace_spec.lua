-- kv namespace: the same verbs on the local store and on the account.
local emulator = require "support.emulator"
local project = require "support.project"

local OTHER = ("0a"):rep(16)

local PROTECTED = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { app = "shop", purpose = "live", env = "prod", title = "live", protect = true,
  ttl_seconds = 3600 }:put("k", "v")
]]

for _, target in ipairs { "local", "account" } do
  describe("kv namespace on the " .. target .. ":", function()
    local p, e

    before_each(function()
      p = project.quick()
      if target == "account" then
        e = emulator.start(p, "--memory")
      end
    end)

    after_each(emulator.cleanup_all)


    -- Runs it on the target.
    local function run(...)
      local words = { ... }
      if e then
        words[#words + 1] = { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }
      else
        words[#words + 1] = "--local"
      end
      return p:run(table.unpack(words))
    end


    local function ok(...)
      local r = run(...)
      assert.equal(0, r.code, r.err)
      return r
    end


    local function refused(code, pattern, ...)
      local r = run(...)
      assert.equal(code, r.code, r.err)
      assert.matches(pattern, r.err, 1, true)
      return r
    end


    local function create(title)
      return ok("kv", "namespace", "create", title, "--json").json().id
    end


    local function titles()
      local list = {}
      for i, ns in ipairs(ok("kv", "namespace", "list", "--json").json()) do
        list[i] = ns.title
      end
      return list
    end


    local function put(title, ...)
      for _, key in ipairs { ... } do
        ok("kv", "key", "put", key, "value of " .. key, "--namespace", title)
      end
    end


    -- How many requests of that kind (of any, without one) were sent.
    local function sent(endpoint)
      return e and #e:requests(endpoint) or 0
    end


    local function backups()
      return p:exists ".cfkv/backups" and p:sh("cat .cfkv/backups/*.jsonl").out or ""
    end


    describe("create", function()
      it("prints the id", function()
        local r = ok("kv", "namespace", "create", "one")
        local id = r.out:match "^created 'one' with id (%x+)\n$"
        assert.equal(32, #id)
        assert.same({ { id = id, title = "one" } }, ok("kv", "namespace", "list", "--json").json())
      end)

      it("fails for a title that is taken, and names who has it", function()
        local id = create "one"
        local r = refused(1, "the title 'one' is taken", "kv", "namespace", "create", "one")
        assert.matches("the namespace of that title has the id " .. id, r.err, 1, true)
        assert.equal("", r.out)
        local document = run("kv", "namespace", "create", "one", "--json").json()
        assert.equal("failure.exists", document.diagnostics[1].code)
        assert.matches(id, document.diagnostics[1].hint, 1, true)
        assert.same({ "one" }, titles())
      end)

      it("takes titles of any characters, and no empty or overlong one", function()
        local odd = { " a/b?c%20#", "größe", "🗝️", ("t"):rep(512) }
        for _, title in ipairs(odd) do
          create(title)
        end
        table.sort(odd)
        assert.same(odd, titles())
        refused(1, "title", "kv", "namespace", "create", "")
        refused(1, "title", "kv", "namespace", "create", ("t"):rep(513))
        assert.same(odd, titles())
      end)

      it("needs a title", function()
        refused(64, "'kv namespace create' needs TITLE", "kv", "namespace", "create")
      end)
    end)

    describe("list", function()
      it("prints id and title in two columns, by title", function()
        local b, a = create "b", create "a"
        assert.equal(("%s  a\n%s  b\n"):format(a, b), ok("kv", "namespace", "list").out)
      end)

      it("prints an empty array where there is none", function()
        assert.equal("[]\n", ok("kv", "namespace", "list", "--json").out)
        local r = ok("kv", "namespace", "list")
        assert.equal("", r.out)
        assert.matches("there is no namespace", r.err, 1, true)
      end)

      it("passes no control character on", function()
        if e then -- the service takes any title
          e:ask("POST", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT), '{"title":"a\\u001b[31m\\nb"}')
          local r = ok("kv", "namespace", "list")
          assert.matches('"a\\u001b[31m\\nb"', r.out:lower(), 1, true)
        end
      end)
    end)

    describe("get", function()
      it("finds one by title, by id, and by option", function()
        local id = create "one"
        local expected = ok("kv", "namespace", "get", "one").out
        assert.equal(("id           %s\ntitle        one\n"):format(id), expected)
        assert.equal(expected, ok("kv", "namespace", "get", id).out)
        assert.equal(expected, ok("kv", "namespace", "get", "--namespace", "one").out)
        assert.equal(expected, ok("kv", "namespace", "get", "--namespace-id", id).out)
      end)

      it("shows what the state records", function()
        p:write("kv.lua", PROTECTED)
        ok("apply", "--yes")
        local document = ok("kv", "namespace", "get", "live", "--json").json()
        assert.equal("shop/live/prod", document.address)
        assert.equal(3600, document.ttl_seconds)
        assert.is_true(document.protect)
        local text = ok("kv", "namespace", "get", "live").out
        assert.matches("address      shop/live/prod\nprotect      yes\nttl_seconds  3600\n", text, 1, true)
      end)

      it("takes the address that the state records where nothing has that title or id", function()
        p:write("kv.lua", PROTECTED)
        ok("apply", "--yes")
        assert.equal("live", ok("kv", "namespace", "get", "shop/live/prod", "--json").json().title)
        assert.equal("v", ok("kv", "key", "get", "k", "--namespace", "shop/live/prod").out)
        ok("kv", "namespace", "rename", "live", "moved")
        assert.equal("moved", ok("kv", "namespace", "get", "shop/live/prod", "--json").json().title)
        create "shop/live/prod"
        assert.equal("shop/live/prod", ok("kv", "namespace", "get", "shop/live/prod", "--json").json().title)
      end)

      it("takes no address that is but the title of before", function()
        p:write("kv.lua", (PROTECTED:gsub('app = "shop", purpose = "live", env = "prod", ', "")))
        ok("apply", "--yes")
        ok("kv", "namespace", "rename", "live", "moved")
        refused(1, "there is no namespace 'live'", "kv", "namespace", "get", "live")
      end)

      it("says which title is near", function()
        create "sessions"
        local r = refused(1, "there is no namespace 'sesions'", "kv", "namespace", "get", "sesions")
        assert.matches("did you mean 'sessions'?", r.err, 1, true)
        local list = target == "local" and "list --local" or "list"
        refused(1, "'cfkv kv namespace " .. list .. "' lists them", "kv", "namespace", "get", "elsewhere")
      end)

      it("needs exactly one name", function()
        refused(64, "'kv namespace get' needs a namespace", "kv", "namespace", "get")
        refused(64, "exclude each other", "kv", "namespace", "get", "--namespace", "a", "--namespace-id", "b")
        refused(64, "named twice", "kv", "namespace", "get", "a", "--namespace", "b")
      end)
    end)

    describe("rename", function()
      it("takes the new title as an argument or as an option", function()
        local id = create "one"
        ok("kv", "namespace", "rename", "one", "two")
        assert.same({ "two" }, titles())
        ok("kv", "namespace", "rename", "two", "--new-name", "three")
        ok("kv", "namespace", "rename", "--namespace-id", id, "--new-name", "four")
        ok("kv", "namespace", "rename", "--namespace-id", id, "five")
        ok("kv", "namespace", "rename", "--namespace", "five", "six")
        local r = ok("kv", "namespace", "rename", id, "seven", "--json")
        assert.same({ id, "seven" }, { r.json().id, r.json().title })
        assert.same({ "seven" }, titles())
      end)

      it("keeps the keys", function()
        create "one"
        put("one", "k")
        ok("kv", "namespace", "rename", "one", "two")
        assert.equal("value of k", ok("kv", "key", "get", "k", "--namespace", "two").out)
      end)

      it("fails for a title that is taken, and names who has it", function()
        create "one"
        local id = create "two"
        local r = refused(1, "the title 'two' is taken", "kv", "namespace", "rename", "one", "two")
        assert.matches("the namespace of that title has the id " .. id, r.err, 1, true)
        assert.same({ "one", "two" }, titles())
      end)

      it("does nothing when the title is that already", function()
        create "one"
        ok("kv", "namespace", "rename", "one", "one")
        assert.equal(0, sent "namespace_rename")
      end)

      it("needs one namespace and one title", function()
        for _, words in ipairs {
          {}, { "a" }, { "--new-name", "b" }, { "--namespace-id", "a" }, { "a", "b", "--new-name", "c" },
          { "a", "b", "--namespace-id", "c" }, { "a", "--namespace", "c", "--new-name", "d" },
        } do
          refused(64, "needs one namespace and one new title", "kv", "namespace", "rename", table.unpack(words))
        end
      end)
    end)

    describe("delete", function()
      it("takes an empty one, by title, by id, and by option", function()
        for _, words in ipairs { { "one" }, { "ID" }, { "--namespace", "one" }, { "--namespace-id", "ID" } } do
          local id = create "one"
          for i, word in ipairs(words) do
            words[i] = word == "ID" and id or word
          end
          words[#words + 1] = "--yes"
          ok("kv", "namespace", "delete", table.unpack(words))
          assert.same({}, titles())
        end
        assert.equal("", backups())
      end)

      it("asks, and there is nobody to ask", function()
        create "one"
        refused(5, "there is no terminal to ask on", "kv", "namespace", "delete", "one")
        assert.same({ "one" }, titles())
        ok("kv", "namespace", "delete", "one", "--skip-confirmation")
        create "two"
        ok("kv", "namespace", "delete", "two", "-y")
      end)

      it("does not take keys without --allow-data-loss", function()
        create "one"
        put("one", "a", "b")
        refused(5, "namespace 'one' would be deleted with the 2 keys it holds", "kv", "namespace", "delete", "one",
          "--yes")
        assert.equal("a\nb\n", ok("kv", "key", "list", "--namespace", "one").out)
      end)

      it("saves the keys before", function()
        local id = create "one"
        put("one", "a", "b\n")
        local document = ok("kv", "namespace", "delete", "one", "--yes", "--allow-data-loss", "--json").json()
        assert.equal(2, document.keys)
        assert.equal(id, document.id)
        assert.equal("one", document.title)
        local backup = p:read(document.backup)
        assert.matches('"key":"a","value":"value of a"', backup, 1, true)
        assert.matches('"key":"b\\n","value":"value of b\\n"', backup, 1, true)
        assert.matches('"reason":"delete"', backup, 1, true)
        assert.same({}, titles())
      end)

      it("deletes nothing when the keys cannot be saved", function()
        create "one"
        put("one", "a")
        p:write(".local", "in the way")
        refused(1, "cannot back up namespace 'one'", "kv", "namespace", "delete", "one", "--yes", "--allow-data-loss")
        assert.equal("a\n", ok("kv", "key", "list", "--namespace", "one").out)
      end)

      it("clears: all keys go, and it stays", function()
        local id = create "one"
        put("one", "a", "b")
        refused(5, "there is no terminal to ask on", "kv", "namespace", "clear", "one")
        local document = ok("kv", "namespace", "clear", "one", "--yes", "--json").json()
        assert.equal(2, document.deleted)
        assert.matches('"key":"a","value":"value of a"', p:read(document.backup), 1, true)
        assert.equal("", ok("kv", "key", "list", "--namespace-id", id).out)
        assert.same({ "one" }, titles())
      end)

      it("fails for what is not there", function()
        refused(1, "there is no namespace 'one'", "kv", "namespace", "delete", "one", "--yes")
        refused(1, OTHER, "kv", "namespace", "delete", "--namespace-id", OTHER, "--yes")
      end)

      it("does not take what is protected, but on the local store", function()
        p:write("kv.lua", PROTECTED)
        ok("apply", "--yes")
        local words = { "kv", "namespace", "delete", "live", "--yes", "--allow-data-loss" }
        if target == "account" then
          local r = refused(5, "namespace 'live' is protected and would be deleted", table.unpack(words))
          assert.matches("cfkv state unprotect 'shop/live/prod'", r.err, 1, true)
          assert.same({ "live" }, titles())
          ok("state", "unprotect", "shop/live/prod")
        end
        local r = ok(table.unpack(words))
        assert.matches("it is recorded as 'shop/live/prod'", r.err, 1, true)
        assert.same({}, titles())
      end)
    end)
  end)
end

describe("kv namespace on the account", function()
  local p, e

  before_each(function()
    p = project.quick()
  end)

  after_each(emulator.cleanup_all)


  local function start(...)
    e = emulator.start(p, "--memory", ...)
  end


  local function run(...)
    return e:run_in_account(p, ...)
  end


  -- The endpoints of the requests since the last call, in order.
  local seen = 0
  local function endpoints()
    local list = {}
    local log = e:requests()
    for i = seen + 1, #log do
      list[#list + 1] = log[i].endpoint
    end
    seen = #log
    return list
  end


  it("sends no request more than it must", function()
    start()
    seen = 0
    local id = run("kv", "namespace", "create", "one", "--json").json().id
    assert.same({ "namespace_create" }, endpoints())
    run("kv", "namespace", "get", "--namespace-id", id)
    assert.same({ "namespace_get" }, endpoints())
    run("kv", "namespace", "rename", "one", "two")
    assert.same({ "namespace_list", "namespace_rename" }, endpoints())
    run("kv", "namespace", "rename", "--namespace-id", id, "three")
    assert.same({ "namespace_rename" }, endpoints())
    run("kv", "namespace", "list")
    assert.same({ "namespace_list" }, endpoints())
    run("kv", "namespace", "delete", "three", "--yes")
    assert.same({ "namespace_list", "key_list", "namespace_get", "namespace_delete" }, endpoints())
  end)

  it("asks for a jurisdiction, which the local store has not", function()
    start()
    local r = run("kv", "namespace", "create", "one", "--jurisdiction", "eu", "--json")
    assert.equal(0, r.code, r.err)
    assert.equal("eu", r.json().jurisdiction)
    assert.equal("eu", run("kv", "namespace", "list", "--json").json()[1].jurisdiction)
    r = run("kv", "namespace", "create", "two", "--jurisdiction", "eu", "--local")
    assert.equal(64, r.code)
  end)

  it("does not delete one whose title moved meanwhile", function()
    start { faults = { rules = { {
      match = { endpoint = "namespace_get", nth = 2 },
      fault = "body",
      body = ('{"success":true,"errors":[],"messages":[],"result":{"id":"%s","title":"else"}}'):format(OTHER),
    } } } }
    local made = run("kv", "namespace", "create", "one", "--json").json().id
    local r = run("kv", "namespace", "delete", "--namespace-id", made, "--yes")
    assert.equal(5, r.code, r.err)
    assert.matches("namespace 'one' is titled 'else' now", r.err, 1, true)
    assert.same({}, e:requests "namespace_delete")
  end)

  it("needs a target, and not two", function()
    start()
    local r = p:run("kv", "namespace", "list")
    assert.equal(64, r.code)
    assert.matches("'kv namespace list' needs a target, and none was given", r.err, 1, true)
    r = run("kv", "namespace", "get", "one", "--local", "--remote")
    assert.equal(64, r.code)
    assert.matches("--local and --remote exclude each other", r.err, 1, true)
  end)
end)

describe("kv namespace on a local store of several accounts", function()
  local p

  before_each(function()
    p = project.quick { ["kv.lua"] = ([[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", account_id = "%s" }
      cfkv.namespace { title = "theirs", ttl_seconds = 3600 }:put("k", "v")
    ]]):format(OTHER) }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
  end)

  after_each(project.cleanup)


  it("finds all of them, by title and by id", function()
    p:run("kv", "namespace", "create", "ours", "--local")
    local list = p:run("kv", "namespace", "list", "--local", "--json").json()
    assert.equal(2, #list)
    assert.equal("v", p:run("kv", "key", "get", "k", "--namespace", "theirs", "--local").out)
    assert.equal("v", p:run("kv", "key", "get", "k", "--namespace-id", list[2].id, "--local").out)
  end)

  it("does not guess between two of the same title", function()
    p:run("kv", "namespace", "create", "theirs", "--local")
    local r = p:run("kv", "namespace", "get", "theirs", "--local")
    assert.equal(1, r.code)
    assert.matches("several namespaces are titled 'theirs'", r.err, 1, true)
  end)
end)
