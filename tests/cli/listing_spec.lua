-- Listings of the account that are short, stale or without end are not believed.
local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'

describe("a listing of the account", function()
  local p, e

  before_each(function()
    p = project.quick {}
    e = emulator.start(p, "--root", ".")
  end)

  after_each(emulator.cleanup_all)


  local function cfkv(...)
    return e:run_in_account(p, ...)
  end


  local function ok(...)
    return project.ok(cfkv(...))
  end


  local function broken(...)
    e:stop()
    e = emulator.start(p, "--root", ".", { faults = { rules = { ... } } })
  end


  local function whole()
    e:stop()
    e = emulator.start(p, "--root", ".")
  end


  local function declare(n, more)
    p:write("kv.lua", HEAD .. ([[
      for i = 1, %d do cfkv.namespace { title = "n" .. i }:put("k", "v") end
      %s
    ]]):format(n, more or ""))
  end


  local function titles()
    return #ok("kv", "namespace", "list", "--json").json()
  end

  local NAMES = { endpoint = "namespace_list" }
  local KEYS = { endpoint = "key_list" }

  describe("that is short by its own count", function()
    before_each(function()
      declare(9)
      ok("apply", "--yes")
    end)

    it("forgets and deletes nothing: destroy exits 4, and is finished by the next", function()
      broken { match = NAMES, fault = "short", missing = 1000 }
      local r = cfkv("destroy", "--yes", "--json", "--allow-data-loss=*")
      assert.equal(4, r.code, r.err)
      assert.equal(9, r.json().left_alone)
      assert.matches("counts 9 namespaces and lists 0 of them", r.err, 1, true)
      assert.matches("9 recorded namespaces were left alone", r.err, 1, true)
      assert.equal(3, #e:requests "namespace_list")
      assert.same({}, e:requests "namespace_delete")
      whole()
      assert.equal(9, titles())
      ok("destroy", "--yes", "--allow-data-loss=*")
      assert.equal(0, titles())
    end)

    it("is taken again, and is whole by then", function()
      broken { match = NAMES, fault = "short", times = 2 }
      assert.equal("no changes", ok("apply", "--yes").out:match "no changes")
    end)

    it("lets creates and puts go on", function()
      declare(9, 'cfkv.namespace { title = "new" }:put("k", "v")')
      broken { match = NAMES, fault = "short", keys = { "n3", "n7" } }
      ok("apply", "--yes")
      whole()
      assert.equal(10, titles())
      assert.equal(0, ok("plan", "--detailed-exitcode").code)
    end)

    it("deletes none of those that are listed either", function()
      declare(7)
      broken { match = NAMES, fault = "short", keys = { "n3" } }
      local r = cfkv("apply", "--yes", "--allow-data-loss=*")
      assert.equal(4, r.code, r.err)
      assert.matches("2 recorded namespaces were left alone", r.err, 1, true)
      assert.same({}, e:requests "namespace_delete")
    end)

    it("shows what exists to kv verbs, and not what does not", function()
      broken { match = NAMES, fault = "short", keys = { "n3" } }
      assert.equal("v", ok("kv", "key", "get", "k", "--namespace", "n4").out)
      for _, words in ipairs { { "kv", "key", "get", "k", "--namespace", "n3" }, { "kv", "namespace", "list" } } do
        local r = cfkv(table.unpack(words))
        assert.equal(1, r.code, r.err)
        assert.matches("the account counts 9 namespaces and lists 8 of them", r.err, 1, true)
      end
    end)

    it("makes drift and audit call nothing deleted", function()
      whole()
      ok("kv", "namespace", "delete", "--namespace", "n9", "--yes", "--allow-data-loss")
      broken { match = NAMES, fault = "short", missing = 1000 }
      for _, command in ipairs { "drift", "audit" } do
        local r = cfkv(command, "--json")
        assert.equal(4, r.code, r.err)
        assert.falsy(r.out:find('"change": "deleted"', 1, true), r.out)
        assert.falsy(r.out:find('"status": "gone"', 1, true), r.out)
        assert.matches("1 recorded namespace was left alone", r.err, 1, true)
        assert.truthy(r.json().target)
      end
    end)
  end)

  describe("that lacks namespaces and does not say so", function()
    before_each(function()
      declare(9)
      ok("apply", "--yes")
    end)

    it("has none forgotten: each is read by its id", function()
      for _, total in ipairs { "shown", "none" } do
        broken { match = NAMES, fault = "short", missing = 1000, total = total }
        assert.matches("no changes", ok("apply", "--yes").out, 1, true)
        assert.equal(9, #e:requests "namespace_get")
        assert.equal(0, ok("drift").code)
        assert.truthy(ok("audit", "--json").out:find('"managed": 9', 1, true))
      end
    end)

    it("has destroy delete them all, and the forecast is right", function()
      broken { match = NAMES, fault = "short", missing = 1000, total = "shown" }
      ok("destroy", "--yes", "--allow-data-loss=*")
      whole()
      assert.equal(0, titles())
    end)

    it("has them told as deleted when they are", function()
      ok("kv", "namespace", "delete", "--namespace", "n9", "--yes", "--allow-data-loss")
      broken { match = NAMES, fault = "short", missing = 2, total = "shown" }
      assert.equal(2, cfkv("drift").code)
      assert.truthy(ok("audit", "--json").out:find('"gone": 1', 1, true))
    end)

    it("is older than the last apply, and nothing is made twice", function()
      declare(12)
      ok("apply", "--yes")
      broken { match = NAMES, fault = "stale", writes = 3 }
      assert.matches("no changes", ok("apply", "--yes").out, 1, true)
    end)
  end)

  it("that lacks more than twenty is refused", function()
    declare(25)
    ok("apply", "--yes")
    broken { match = NAMES, fault = "short", missing = 1000, total = "none" }
    for _, words in ipairs { { "apply", "--yes" }, { "destroy", "--yes" }, { "drift" }, { "audit" } } do
      local r = cfkv(table.unpack(words))
      assert.equal(5, r.code, r.err)
      assert.matches("25 recorded namespaces", r.err, 1, true)
    end
    assert.same({}, e:requests "namespace_get")
    assert.same({}, e:requests "namespace_create")
    whole()
    assert.equal(25, titles())
  end)

  describe("without end", function()
    it("is a broken answer, of namespaces", function()
      declare(3)
      ok("apply", "--yes")
      broken { match = NAMES, fault = "endless" }
      for _, words in ipairs { { "plan" }, { "kv", "namespace", "list" }, { "audit" } } do
        local r = cfkv(table.unpack(words))
        assert.equal(1, r.code, r.err)
        assert.matches("GET /accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces?page=2", r.err, 1, true)
        assert.matches("only namespaces that the pages before it held", r.err, 1, true)
      end
    end)

    it("is a broken answer, of keys", function()
      declare(1, 'cfkv.namespace { title = "many" }:put("a", "1")')
      ok("apply", "--yes")
      for empty, words in pairs { [true] = "pages in a row hold no key", [false] = "is listed after" } do
        broken { match = KEYS, fault = "endless", empty = empty }
        for _, command in ipairs { { "plan" }, { "kv", "key", "list", "--namespace", "n1" },
          { "backup", "n1", "-o", "b" .. tostring(empty) .. ".jsonl" } } do
          local r = cfkv(table.unpack(command))
          assert.equal(1, r.code, r.err)
          assert.matches(words, r.err, 1, true)
          assert.matches("/keys?limit=1000", r.err, 1, true)
        end
      end
    end)
  end)

  it("of keys may begin with an empty page", function()
    declare(1)
    ok("apply", "--yes")
    broken { match = KEYS, fault = "empty_page", times = 1 }
    assert.equal("k\n", ok("kv", "key", "list", "--namespace", "n1").out)
  end)

  it("of keys that holds fewer than it counts is a broken answer, in the end", function()
    declare(1)
    ok("apply", "--yes")
    broken { match = KEYS, fault = "short", total = "true" }
    local r = cfkv("backup", "n1", "-o", "b.jsonl")
    assert.equal(1, r.code, r.err)
    assert.matches("counts 1 key and holds 0 of them", r.err, 1, true)
  end)
end)
