--- cfkv kv key rename: a copy, then a delete, with the guards and backups of both; whole after a kill at
--- any instant, and done twice it is done once.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok
local FAR = 2147483000

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "n", binding = "N" }
]]

describe("kv key rename", function()
  local p

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG }
    ok(p:run("apply", "--local", "--yes"))
  end)
  after_each(emulator.cleanup_all)

  local function kv(...)
    return p:run("kv", ...)
  end

  local function rename(...)
    return kv("key", "rename", "--local", "--namespace", "n", ...)
  end

  -- Pairs as kv bulk put takes them, by key → value, or a table.
  local function put(pairs_)
    local items = {}
    for key, value in pairs(pairs_) do
      local item = type(value) == "table" and value or { value = value }
      item.key = key
      items[#items + 1] = item
    end
    p:write("put.json", cjson.encode(items))
    ok(kv("bulk", "put", "put.json", "--local", "--namespace", "n"))
  end

  -- "key=value" of all there is, sorted, values with what they have besides.
  local function content()
    local lines = {}
    for _, key in ipairs(kv("key", "list", "--local", "--namespace", "n", "--json").json()) do
      local pair = kv("key", "get", "--local", "--namespace", "n", "--json", "--", key.name).json()
      lines[#lines + 1] = ("%s=%s%s%s"):format(key.name, pair.value, pair.metadata and "+" .. pair.metadata.m or "",
        pair.expiration and "@" .. math.tointeger(pair.expiration) or "")
    end
    return table.concat(lines, " ")
  end

  -- "overwrite+delete (3)": why each backup was made, and how many keys are in it.
  local function backups()
    local found = {}
    for _, file in ipairs(p:run("backup", "list", "--local", "--json").json().backups) do
      local reasons = {}
      for i, ns in ipairs(file.namespaces) do
        reasons[i] = ns.reason
      end
      found[#found + 1] = ("%s (%d)"):format(table.concat(reasons, "+"), file.keys)
    end
    return table.concat(found, " ")
  end

  it("moves one key: value, metadata, expiry, and bytes that are no text", function()
    put { a = { value = "/wD+", base64 = true, metadata = { m = "x" }, expiration = FAR } }
    local r = ok(rename("a", "b"))
    assert.matches("renamed 1 key", r.err, 1, true)
    assert.equal("b=/wD++x@" .. FAR, content())
    assert.equal("delete (1)", backups())
  end)

  it("moves all keys under a prefix, and no other", function()
    put { ["a/1"] = "1", ["a/2"] = { value = "2", metadata = { m = "x" } }, ["a"] = "a", ["ab"] = "ab" }
    local d = ok(rename("--prefix", "a/", "user:v2:", "--yes", "--json")).json()
    assert.equal("a=a ab=ab user:v2:1=1 user:v2:2=2+x", content())
    assert.same({ 2, 2, {}, 0 }, { d.written, d.deleted, d.failed, d.expired })
    assert.matches("delete", d.deleted_backup, 1, true)
  end)

  it("done twice is done once, also where one prefix begins with the other", function()
    put { ["a/1"] = "1", ["a/2"] = "2", ["a/v2/3"] = "3" }
    local r = ok(rename("--prefix", "a/", "a/v2/", "--yes"))
    assert.matches("1 key under 'a/v2/' stays as before", r.err, 1, true)
    local after = content()
    assert.equal("a/v2/1=1 a/v2/2=2 a/v2/3=3", after)
    ok(rename("--prefix", "a/", "a/v2/", "--yes"))
    assert.equal(after, content())
    ok(rename("--prefix", "a/v2/", "a/", "--yes"))
    assert.equal("a/1=1 a/2=2 a/3=3", content())
    ok(rename("--prefix", "a/v2/", "a/", "--yes"))
    assert.equal("a/1=1 a/2=2 a/3=3", content())
  end)

  it("refuses what would still be under the old prefix, before anything is done", function()
    put { ["a/a/a/1"] = "1", ["a/a/2"] = "2" }
    local before = content()
    local r = rename("--prefix", "a/a/", "a/", "--yes")
    assert.equal(1, r.code)
    assert.matches("key 'a/a/a/1' would become 'a/a/1', which is still under the old prefix", r.err, 1, true)
    assert.equal(before, content())
    assert.equal("", backups())
  end)

  it("refuses names that no key has, before anything is done", function()
    put { ["a/" .. ("x"):rep(500)] = "1", ["a/1"] = "2" }
    local before = content()
    assert.equal(3, rename("--prefix", "a/", "longer-than-that/", "--yes").code)
    assert.equal(3, rename("a/1", "..").code)
    assert.equal(3, rename("a/1", "").code)
    assert.equal(3, rename("--prefix", "a/", "\xff", "--yes").code)
    assert.equal(before, content())
  end)

  it("keeps a backup of what it overwrites, and asks", function()
    put { ["a/1"] = "new", ["a/2"] = "new", ["b/1"] = "old", ["b/3"] = "stays" }
    local r = rename("--prefix", "a/", "b/")
    assert.equal(5, r.code)
    assert.matches("no terminal", r.err, 1, true)
    ok(rename("--prefix", "a/", "b/", "--yes"))
    assert.equal("b/1=new b/2=new b/3=stays", content())
    local file = p:run("backup", "list", "--local", "--json").json().backups[1].path
    assert.equal("overwrite (3)", backups()) -- and delete, of the same namespace
    ok(p:run("restore", file, "--local", "--yes"))
    assert.equal("a/1=new a/2=new b/1=old b/2=new b/3=stays", content())
  end)

  it("writes no copy again that is there already", function()
    put { ["a/1"] = "1", ["a/2"] = "2", ["b/1"] = "1" }
    local r = ok(rename("--prefix", "a/", "b/", "--yes"))
    assert.matches("renamed 2 keys", r.err, 1, true)
    assert.matches("1 of them there already", r.err, 1, true)
    put { ["a/1"] = "1" }
    local d = ok(rename("--prefix", "a/", "b/", "--yes", "--json")).json()
    assert.same({ 0, 1, 1 }, { d.written, d.skipped, d.deleted })
    assert.equal("b/1=1 b/2=2", content())
  end)

  it("shows on a terminal what it overwrites", function()
    put { a = "new", b = "old" }
    local r = p:sh("script -qec 'cfkv kv key rename a b --local --namespace n' /dev/null <<< no")
    assert.matches('"old".*"new"', r.out)
    assert.matches("Rename 1 key 'a' to 'b' in namespace 'n', over keys of the same names", r.out, 1, true)
    assert.equal("a=new b=old", content())
  end)

  it("says what there is none of", function()
    put { b = "1" }
    local r = rename("a", "b")
    assert.equal(1, r.code)
    assert.matches("there is no key 'a' in namespace 'n'\n  hint: there is 'b': it may be renamed already", r.err, 1,
      true)
    assert.equal(64, rename("b", "b").code)
    assert.equal(64, rename("b").code)
    assert.equal(64, rename("--prefix", "b", "c", "d").code)
    assert.equal(0, ok(rename("--prefix", "none/", "x/", "--yes", "--json")).json().written)
  end)

  it("leaves what is about to expire where it is", function()
    put { ["a/1"] = "1", ["a/2"] = { value = "2", expiration = os.time() + 70 } }
    local d = ok(rename("--prefix", "a/", "b/", "--yes", "--json")).json()
    assert.same({ 1, 1, { "a/2" } }, { d.written, d.deleted, d.expired_keys })
    assert.matches("^a/2=2@%d+ b/1=1$", content())
  end)

  it("takes hostile names for what they are", function()
    put { ["a/%2F"] = "1", ["a/\u{1F600}\n"] = "2", ["a/'\""] = "3", ["a/-x"] = "4" }
    ok(rename("--prefix", "a/", "\u{2028}?#/", "--yes"))
    ok(rename("--prefix", "\u{2028}?#/", "b ", "--yes"))
    assert.equal("b %2F=1 b '\"=3 b -x=4 b \u{1F600}\n=2", (content():gsub("(b '\"=3) (b %%2F=1)", "%2 %1"):gsub(
      "(b '\"=3) (b %-x=4)", "%1 %2")))
  end)

  it("needs no backup where that is said", function()
    put { a = "1", b = "2" }
    ok(rename("a", "b", "--yes", "--no-backup"))
    assert.equal("b=1", content())
    assert.equal("", backups())
  end)

  describe("on the account", function()
    local e

    before_each(function() e = emulator.start(p, "--memory") end)

    local function there(...)
      return e:run(p, "kv", "key", ...)
    end

    local function many(n)
      local items = {}
      for i = 1, n do
        items[i] = ('{"key":"a/%04d","value":"%d"}'):format(i, i)
      end
      p:write("many.json", "[" .. table.concat(items, ",") .. "]")
      ok(e:run(p, "kv", "bulk", "put", "many.json", "--namespace", "n"))
    end

    it("meets the guards of a delete: protection, and too many of a namespace", function()
      p:write("kv.lua", (CONFIG:gsub('binding = "N"', 'binding = "N", protect = true')))
      ok(e:run(p, "apply", "--yes"))
      many(120)
      local r = there("rename", "a/0001", "b", "--namespace", "n")
      assert.equal(5, r.code)
      assert.matches("--allow-data-loss", r.err, 1, true)
      r = there("rename", "--prefix", "a/", "b/", "--namespace", "n", "--yes", "--allow-data-loss")
      assert.equal(5, r.code)
      assert.matches("--allow-mass-delete", r.err, 1, true)
      ok(there("rename", "--prefix", "a/", "b/", "--namespace", "n", "--yes", "--allow-data-loss",
        "--allow-mass-delete"))
      assert.equal(120, #there("list", "--namespace", "n", "--prefix", "b/", "--json").json())
      assert.equal(0, #there("list", "--namespace", "n", "--prefix", "a/", "--json").json())
    end)

    it("writes a key once, also when it is cut short, and takes few requests", function()
      ok(e:run(p, "apply", "--yes"))
      many(2500)
      local before = e:logged()
      ok(there("rename", "--prefix", "a/", "b/", "--namespace", "n", "--yes", "--allow-mass-delete"))
      local puts, deletes, all = 0, 0, 0
      for i, r in ipairs(e:requests()) do
        if i > before then
          all = all + 1
          puts = puts + (r.endpoint == "bulk_put" and r.items or 0)
          deletes = deletes + (r.endpoint == "bulk_delete" and r.items or 0)
        end
      end
      assert.same({ 2500, 2500 }, { puts, deletes })
      assert.is_true(all <= 80, all)
    end)

    it("deletes nothing when a key was not written", function()
      ok(e:run(p, "apply", "--yes"))
      many(5)
      e:stop()
      e = emulator.start(p, "--memory", { faults = { rules = {
        { match = { endpoint = "bulk_put" }, fault = "partial", keys = { "b/0003" } },
        { match = { endpoint = "value_put" }, fault = "status", status = 400, code = 10012 },
      } } })
      ok(e:run(p, "kv", "namespace", "create", "m"))
      ok(e:run(p, "kv", "bulk", "put", "many.json", "--namespace", "m"))
      local r = there("rename", "--prefix", "a/", "b/", "--namespace", "m", "--yes")
      assert.equal(4, r.code, r.err)
      assert.matches("b/0003", r.err, 1, true)
      assert.equal(5, #there("list", "--namespace", "m", "--prefix", "a/", "--json").json())
      assert.equal(4, #there("list", "--namespace", "m", "--prefix", "b/", "--json").json())
    end)

    it("leaves alone what comes while it runs", function()
      ok(e:run(p, "apply", "--yes"))
      many(3)
      e:stop()
      e = emulator.start(p, "--memory", { faults = { rules = {
        { match = { endpoint = "bulk_delete" }, fault = "delay", ms = 400 } } } })
      ok(e:run(p, "kv", "namespace", "create", "n2"))
      ok(e:run(p, "kv", "bulk", "put", "many.json", "--namespace", "n2"))
      local before = e:logged()
      local started = p:start("kv", "key", "rename", "--prefix", "a/", "b/", "--namespace", "n2", "--yes",
        { env = e:env() })
      e:wait_for('"endpoint":"bulk_put"', 1, before)
      ok(there("put", "a/new", "v", "--namespace", "n2"))
      ok(started.wait())
      assert.equal("v", there("get", "a/new", "--namespace", "n2").out)
    end)
  end)
end)
