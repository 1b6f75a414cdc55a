-- kv key: the same verbs on the local store and on the account.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local SOON = 1900000000

local AWKWARD = {
  [" a/b?c#d e%2Ff%g^h&i+ "] = "everything",
  ["line\nbreak\ttab"] = "lines\n",
  ['"quoted"'] = '"',
  ["\u{1f5dd}\u{fe0f}"] = "\u{1f513}",
  ["größe"] = "Straße",
  [("k"):rep(512)] = "longest",
  ["--dashed"] = "--value",
  empty = "",
}

local BINARY = "\0\1\255\254\0\r\n"

for _, target in ipairs { "local", "account" } do
  describe("kv key on the " .. target .. ":", function()
    local p, e

    -- Runs it on the target. A last table has the options of p:run, and may hold `env`.
    local function run(...)
      local words = { ... }
      local options = type(words[#words]) == "table" and table.remove(words) or {}
      if e then
        options.env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT, CFKV_NOW = options.now }
      else
        options.env = { CFKV_NOW = options.now }
        table.insert(words, words[1] == "kv" and 4 or 2, "--local")
      end
      words[#words + 1] = options
      return p:run(table.unpack(words))
    end


    local function key(verb, ...)
      return run("kv", "key", verb, "--namespace", "one", ...)
    end


    local function ok(verb, ...)
      local r = key(verb, ...)
      assert.equal(0, r.code, r.err)
      return r
    end


    local function refused(code, pattern, verb, ...)
      local before = e and #e:requests()
      local r = key(verb, ...)
      assert.equal(code, r.code, r.err)
      assert.matches(pattern, r.err, 1, true)
      if e and (code == 3 or code == 64) then
        assert.equal(before, #e:requests(), "something was sent")
      end
      return r
    end


    local function names(...)
      local list = {}
      for i, entry in ipairs(ok("list", "--json", ...).json()) do
        list[i] = entry.name
      end
      return list
    end


    -- How many requests of that kind were sent.
    local function sent(endpoint)
      return e and #e:requests(endpoint) or 0
    end


    -- Puts the pairs of a table, and leaves nothing else of having done so.
    local bulks = 0
    local function bulk(pairs_of)
      bulks = bulks + 1
      local lines = {}
      for name, value in pairs(pairs_of) do
        lines[#lines + 1] = ('put(%q, %q)'):format(name, value)
      end
      p:write("kv.lua", ([[
        local cfkv = require "cfkv"
        local ns = cfkv.namespace { title = "one" }
        local function put(k, v) ns:put(k, v) end
      ]]) .. table.concat(lines, "\n"))
      local state = ("bulk%d.state.json"):format(bulks)
      local r = run("apply", "--yes", "--state", state)
      assert.equal(0, r.code, r.err)
      os.remove(p:path "kv.lua")
      os.remove(p:path(state))
    end


    local function many(prefix, n)
      local list = {}
      for i = 1, n do
        list[prefix .. i] = tostring(i)
      end
      return list
    end


    before_each(function()
      p = project.quick()
      e = nil
      if target == "account" then
        e = emulator.start(p, "--memory")
      end
      local r = run("kv", "namespace", "create", "one")
      assert.equal(0, r.code, r.err)
    end)

    after_each(emulator.cleanup_all)


    describe("put and get", function()
      it("give back every awkward key and value, byte for byte", function()
        for name, value in pairs(AWKWARD) do
          ok("put", "--", name, value)
          local r = ok("get", "--", name)
          assert.equal(value, r.out)
          assert.equal("", r.err)
        end
        local expected = {}
        for name in pairs(AWKWARD) do
          expected[#expected + 1] = name
        end
        table.sort(expected)
        assert.same(expected, names())
      end)

      it("take a value from a file, from stdin, and from a pipe", function()
        p:write("value", BINARY)
        ok("put", "file", "--path", "value")
        assert.equal(BINARY, ok("get", "file").out)
        ok("put", "stdin", "--path", "-", { stdin = BINARY:rep(3) })
        assert.equal(BINARY:rep(3), ok("get", "stdin", "--text").out)
        assert.equal(0, os.execute("mkfifo " .. p:path "fifo") and 0)
        os.execute(("printf abc >%s &"):format(p:path "fifo"))
        ok("put", "pipe", "--path", "fifo")
        assert.equal("abc", ok("get", "pipe").out)
        ok("put", "none", "--path", "-", { stdin = "" })
        assert.equal("", ok("get", "none").out)
      end)

      it("replace value, metadata and expiry together", function()
        ok("put", "k", "1", "--metadata", '{"a":1}', "--ttl", "3600")
        ok("put", "k", "2")
        assert.same({ { name = "k" } }, ok("list", "--json").json())
        assert.equal("2", ok("get", "k").out)
      end)

      it("write to a file, whole", function()
        ok("put", "k", "--path", "-", { stdin = BINARY })
        p:write("out", "old")
        local r = ok("get", "k", "-o", "out")
        assert.equal("", r.out)
        assert.equal(BINARY, p:read "out")
        refused(1, "there is no key 'other' in namespace 'one'", "get", "other", "-o", "out")
        assert.equal(BINARY, p:read "out")
        assert.equal(BINARY, ok("get", "k", "-o", "-").out)
        refused(1, "no/where", "get", "k", "-o", "no/where")
      end)

      it("take 25 MiB, and not one byte more", function()
        local file = p:path "big"
        os.execute(("head -c %d /dev/zero >%s"):format(25 * 1024 * 1024, file))
        ok("put", "big", "--path", "big")
        ok("get", "big", "-o", "back")
        assert.is_true(os.execute(("cmp -s %s %s"):format(file, p:path "back")))
        os.execute(("printf x >>%s"):format(file))
        refused(3, "value of key 'big' has 26214401 bytes, more than 26214400 (25 MiB)", "put", "big", "--path", "big")
      end)
    end)

    describe("put", function()
      it("takes metadata of any kind", function()
        for text, shown in pairs {
          ['{"a": [1, 2.50, "zwei"]}'] = '{"a":[1,2.50,"zwei"]}',
          ['"text"'] = '"text"',
          ["[]"] = "[]",
          ["0"] = "0",
          ["false"] = "false",
          ['"' .. ("m"):rep(1022) .. '"'] = '"' .. ("m"):rep(1022) .. '"',
        } do
          ok("put", "k", "v", "--metadata", text)
          local line = ok("list", "--json").out
          assert.matches('{"name":"k","metadata":' .. shown .. "}", line, 1, true)
        end
        ok("put", "k", "v", "--metadata", "null")
        assert.equal('[\n{"name":"k"}\n]\n', ok("list", "--json").out)
      end)

      it("sets an expiry", function()
        ok("put", "k", "v", "--expiration", tostring(SOON))
        assert.same({ { name = "k", expiration = SOON } }, ok("list", "--json").json())
        local now = os.time()
        ok("put", "k", "v", "--ttl", "3600")
        local at = ok("list", "--json").json()[1].expiration
        assert.is_true(at >= now + 3600 and at <= now + 3700)
      end)

      it("refuses what Workers KV would, before it sends anything", function()
        refused(3, "key '.' is", "put", ".", "v")
        refused(3, "513 bytes", "put", ("k"):rep(513), "v")
        refused(3, "empty", "put", "", "v")
        refused(3, "UTF-8", "put", "\255", "v")
        refused(3, "--metadata is not JSON", "put", "k", "v", "--metadata", "{a}")
        refused(3, "1025 bytes", "put", "k", "v", "--metadata", '"' .. ("m"):rep(1023) .. '"')
        refused(3, "expiration '1000 (1970-01-01T00:16:40Z)' of key 'k' is past", "put", "k", "v",
          "--expiration", "1000")
        refused(3, "less than 60 seconds ahead", "put", "k", "v", "--expiration", tostring(SOON + 59),
          { now = tostring(SOON) })
        refused(64, "--ttl needs at least 60 seconds, or 0 for keys that do not expire", "put", "k", "v", "--ttl", "59")
        refused(64, "--expiration needs a time between 1970 and January 2038", "put", "k", "v",
          "--expiration", "2147483648")
        refused(1, "'nowhere'", "put", "k", "--path", "nowhere")
      end)

      it("takes a ttl before an expiration, and says so", function()
        local r = ok("put", "k", "v", "--ttl", "60", "--expiration", tostring(SOON), "--json")
        assert.matches("warning: key 'k' has expiration '1900000000 (2030-03-17T17:46:40Z)' and "
          .. "expiration_ttl '60 s (1m)'; expiration_ttl wins\n"
          .. "  hint: give one of them\n", r.err, 1, true)
        assert.same({ 60 }, { r.json().expiration_ttl, r.json().expiration })
        local at = ok("list", "--json").json()[1].expiration
        assert.is_true(at < SOON and math.abs(at - os.time() - 60) < 60)
        ok("put", "k", "v", "--ttl", "0", "--expiration", tostring(SOON))
        assert.equal(SOON, ok("list", "--json").json()[1].expiration)
      end)

      it("needs one value", function()
        refused(64, "needs a value", "put", "k")
        refused(64, "given twice", "put", "k", "v", "--path", "x")
        refused(64, "does not expect the argument", "put", "k", "v", "w")
        local r = run("kv", "key", "put", "k", "v")
        assert.equal(64, r.code)
        assert.matches("add --namespace TITLE, --namespace-id ID or --binding NAME", r.err, 1, true)
      end)

      it("leaves alone what is there with --if-missing", function()
        ok("put", "key", "1")
        local r = ok("put", "key", "2", "--if-missing")
        assert.matches("key 'key' is in namespace 'one' already, and stays as it is", r.err, 1, true)
        assert.is_false(ok("put", "key", "2", "--if-missing", "--json").json().written)
        assert.equal("1", ok("get", "key").out)
        assert.is_true(ok("put", "ke", "2", "--if-missing", "--json").json().written)
        assert.equal("2", ok("get", "ke").out)
      end)

      it("gives a key the default ttl that the state records", function()
        p:write("kv.lua", 'require "cfkv".namespace { title = "short", ttl_seconds = 3600 }')
        local r = run("apply", "--yes")
        assert.equal(0, r.code, r.err)
        local function ttl(...)
          r = run("kv", "key", "put", "--namespace", "short", "k", "v", "--json", ...)
          assert.equal(0, r.code, r.err)
          return r.json().expiration_ttl
        end
        assert.equal(3600, ttl())
        assert.matches("it expires in 3600 s (1h), the default of its namespace (--ttl 0: never)", r.err, 1, true)
        assert.equal(60, ttl("--ttl", "60"))
        assert.is_nil(ttl("--ttl", "0"))
        assert.is_nil(ttl("--expiration", tostring(SOON)))
        assert.falsy(r.err:find("the default", 1, true))
      end)

      it("says what it did as JSON", function()
        local document = ok("put", "k\n", "abc", "--json").json()
        assert.same({ 3, "k\n", true }, { document.bytes, document.key, document.written })
      end)
    end)

    describe("get", function()
      it("fails for a key that is not there, or has expired", function()
        local r = refused(1, "there is no key 'k' in namespace 'one'", "get", "k")
        assert.equal("", r.out)
        local document = key("get", "k", "--json").json()
        assert.equal("failure.not_found", document.diagnostics[1].code)
      end)

      it("prints the pair with --json, as kv bulk put takes it", function()
        ok("put", "k", "größe", "--metadata", '{"n":1}', "--expiration", tostring(SOON))
        assert.equal('{"expiration":1900000000,"key":"k","metadata":{"n":1},"value":"größe"}\n',
          ok("get", "k", "--json").out)
        ok("put", "k", "--path", "-", { stdin = BINARY })
        assert.equal('{"base64":true,"key":"k","value":"AAH//gANCg=="}\n', ok("get", "k", "--json").out)
      end)

      it("fails when its reader does not take all", function()
        ok("put", "k", ("v"):rep(100000))
        local r = key("get", "k", { stdout = "/dev/full" })
        assert.equal(1, r.code)
        assert.matches("cannot write to stdout", r.err, 1, true)
        r = key("get", "k", { pipe = "head -c 1" })
        assert.equal(1, r.code)
      end)
    end)

    describe("list", function()
      it("prints one key a line, in byte order", function()
        for _, name in ipairs { "b", "a", "ä", "B", "line\nbreak", '"' } do
          ok("put", name, "v")
        end
        assert.equal('"\\""\nB\na\nb\n"line\\nbreak"\nä\n', ok("list").out)
      end)

      it("keeps to a prefix and a limit", function()
        bulk { ["a/1"] = "", ["a/2"] = "", ["a%"] = "", ["b/1"] = "" }
        assert.equal("a/1\na/2\n", ok("list", "--prefix", "a/").out)
        assert.same({ "a%", "a/1" }, names("--limit", "2"))
        assert.same({ "a%" }, names("--limit", "1"))
        assert.same({}, names("--prefix", "c"))
        assert.equal("[]\n", ok("list", "--prefix", "c", "--json").out)
        assert.equal("", ok("list", "--prefix", "c").out)
        refused(64, "--limit needs", "list", "--limit", "0")
      end)

      it("goes through all pages, and no more of them than the limit needs", function()
        bulk(many("k", 2500))
        assert.equal(2500, #names())
        local before = sent "key_list"
        assert.equal(1000, #names("--limit", "1000"))
        assert.equal(1200, #names("--limit", "1200"))
        assert.equal(e and 3 or 0, sent "key_list" - before)
        assert.equal(2500, select(2, ok("list").out:gsub("\n", "")))
      end)

      it("fails when stdout does not take it", function()
        ok("put", "k", "v")
        for _, words in ipairs { {}, { "--json" } } do
          words[#words + 1] = { stdout = "/dev/full" }
          local r = key("list", table.unpack(words))
          assert.equal(1, r.code)
          assert.matches("cannot write to stdout", r.err, 1, true)
        end
      end)
    end)

    describe("delete", function()
      it("takes one key or several, there or not", function()
        bulk { a = "1", b = "2", c = "3", ["-d"] = "4" }
        ok("delete", "a", "--yes")
        assert.same({ "-d", "b", "c" }, names())
        local document = ok("delete", "--yes", "--json", "--", "b", "none", "-d").json()
        assert.equal(3, document.deleted)
        assert.equal(1, document.backup_requests)
        assert.same({ "c" }, names())
        local backup = p:read(document.backup)
        assert.matches('"key":"b","value":"2"', backup, 1, true)
        assert.matches('"keys":2', backup, 1, true)
        assert.is_false(p:exists ".cfkv")
      end)

      it("needs keys or a prefix", function()
        refused(64, "needs KEY or --prefix TEXT", "delete")
        refused(64, "exclude each other", "delete", "k", "--prefix", "p")
        refused(64, "--prefix needs TEXT", "delete", "--prefix", "")
        refused(3, "key '..' is", "delete", "k", "..")
      end)
    end)

    describe("delete --prefix", function()
      it("asks, saves what it deletes, and leaves the rest", function()
        bulk { ["tmp/1"] = "one", ["tmp/2\n"] = "two", tmp = "stays" }
        refused(5, "there is no terminal to ask on", "delete", "--prefix", "tmp/")
        local document = ok("delete", "--prefix", "tmp/", "--yes", "--json").json()
        assert.equal(2, document.deleted)
        assert.same({}, document.failed)
        assert.same({ "tmp" }, names())
        local backup = p:read(document.backup)
        assert.matches('"key":"tmp/1","value":"one"', backup, 1, true)
        assert.matches('"key":"tmp/2\\n","value":"two"', backup, 1, true)
        assert.matches('"reason":"prune"', backup, 1, true)
        assert.falsy(backup:find("stays", 1, true))
      end)

      it("does nothing where there is nothing", function()
        bulk { a = "1" }
        local r = ok("delete", "--prefix", "tmp/", "--json")
        local document = r.json()
        assert.same({ cjson.null, 0, 0, {} },
          { document.backup, document.backup_requests, document.deleted, document.failed })
        assert.matches("0 keys deleted", r.err, 1, true)
        assert.is_false(p:exists ".cfkv")
      end)

      it("deletes nothing when it cannot be saved", function()
        bulk { ["tmp/1"] = "one" }
        p:write(".local", "in the way")
        refused(1, "cannot back up namespace 'one'", "delete", "--prefix", "tmp/", "--yes")
        refused(1, "cannot back up namespace 'one'", "delete", "tmp/1", "--yes")
        assert.same({ "tmp/1" }, names())
      end)

      it("wants --allow-mass-delete for more than 30 % of a hundred keys or more", function()
        local all = many("a/", 31)
        for name, value in pairs(many("b/", 68)) do
          all[name] = value
        end
        bulk(all) -- 99
        ok("put", "c", "1")
        local r = refused(5, "31 of the 100 keys in namespace 'one' would be deleted, more than 30 %", "delete",
          "--prefix", "a/", "--yes")
        assert.matches("--allow-mass-delete", r.err, 1, true)
        ok("delete", "--prefix", "a/1", "--yes") -- 11 of 100
        bulk(many("a/", 31))
        ok("delete", "c", "--yes") -- 99
        ok("delete", "--prefix", "a/", "--yes")
        assert.equal(68, #names())
        bulk(many("d/", 100))
        ok("delete", "--prefix", "d/", "--yes", "--allow-mass-delete")
        assert.equal(68, #names())
      end)

      it("does not touch what is protected, but on the local store", function()
        p:write("kv.lua", [[
          local ns = require "cfkv".namespace { title = "live", protect = true }
          ns:put("tmp/1", "v")
        ]])
        local r = run("apply", "--yes")
        assert.equal(0, r.code, r.err)
        r = run("kv", "key", "delete", "--namespace", "live", "--prefix", "tmp/", "--yes")
        assert.equal(e and 5 or 0, r.code, r.err)
        if e then
          assert.matches("namespace 'live' is protected, and 1 of its keys would be deleted", r.err, 1, true)
          assert.matches("cfkv state unprotect 'live'", r.err, 1, true)
          assert.equal(5, run("kv", "key", "delete", "--namespace", "live", "tmp/1").code)
          assert.equal(0, run("kv", "key", "delete", "--namespace", "live", "tmp/1", "--allow-data-loss=l*").code)
        end
      end)
    end)
  end)
end

describe("kv key on the account", function()
  local p, e, id

  before_each(function()
    p = project.quick()
  end)

  after_each(emulator.cleanup_all)


  local function run(...)
    local words = { ... }
    local options = type(words[#words]) == "table" and table.remove(words) or {}
    options.env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
    words[#words + 1] = options
    return p:run(table.unpack(words))
  end


  local function key(verb, ...)
    return run("kv", "key", verb, "--namespace-id", id, ...)
  end


  local function start(rules)
    e = emulator.start(p, "--memory", { faults = rules and { rules = rules } })
    id = run("kv", "namespace", "create", "one", "--json").json().id
  end


  -- The endpoints that a run asks, in order.
  local function endpoints(...)
    local before = #e:requests()
    local r = run(...)
    assert.equal(0, r.code, r.err)
    local list = {}
    for i, request in ipairs(e:requests()) do
      list[#list + 1] = i > before and request.endpoint or nil
    end
    return table.concat(list, " ")
  end


  it("sends no request more than it must", function()
    start()
    local function by_id(verb, ...)
      return endpoints("kv", "key", verb, "--namespace-id", id, ...)
    end
    assert.equal("bulk_put", by_id("put", "k", "v", "--metadata", "1"))
    assert.equal("value_get", by_id("get", "k"))
    assert.equal("bulk_get", by_id("get", "k", "--json"))
    assert.equal("key_list", by_id("list"))
    assert.equal("key_list", by_id("put", "k", "w", "--if-missing"))
    assert.equal("key_list bulk_put", by_id("put", "k2", "w", "--if-missing"))
    assert.equal("bulk_get bulk_delete", by_id("delete", "k", "k2", "--yes"))
    assert.equal("bulk_delete", by_id("delete", "k", "k2", "--yes", "--no-backup"))
    assert.equal("key_list", by_id("delete", "--prefix", "k", "--yes"))
    assert.equal("bulk_put", by_id("put", "bin", "--path", "/bin/true"))
    assert.equal("value_get", by_id("get", "bin", "-o", "/dev/stdout"))
    assert.equal("namespace_list bulk_put", endpoints("kv", "key", "put", "k", "v", "--namespace", "one"))
    assert.equal("key_list key_list bulk_get bulk_delete", by_id("delete", "--prefix", "k", "--yes"))
  end)

  it("asks where no project is known, for nobody can tell what is protected", function()
    start()
    key("put", "k", "v")
    local r = key("delete", "k")
    assert.equal(5, r.code, r.err)
    assert.matches("nobody can tell whether namespace '" .. id .. "' is protected", r.err, 1, true)
    assert.equal("k\n", key("list").out)
    assert.equal(0, #e:requests "bulk_delete")
  end)

  it("deletes ten thousand named keys in a hundred gets and a delete", function()
    start()
    local items = {}
    for i = 1, 35000 do
      items[i] = ('{"key":"k%05d","value":"v"}\n'):format(i)
    end
    p:write("a.jsonl", table.concat(items))
    assert.equal(0, run("kv", "bulk", "put", "a.jsonl", "--namespace-id", id).code)
    local before = #e:requests()
    local r = p:sh("cfkv kv key delete --namespace one --yes $(seq -f k%05.0f 10000)", { env = e:env() })
    assert.equal(0, r.code, r.err)
    local counts = {}
    for i, request in ipairs(e:requests()) do
      counts[request.endpoint] = (counts[request.endpoint] or 0) + (i > before and 1 or 0)
    end
    assert.same({ 1, 34, 100, 1 }, { counts.namespace_list, counts.key_list, counts.bulk_get, counts.bulk_delete })
  end)

  it("keeps what put --backup overwrites", function()
    start()
    key("put", "k", "old", "--metadata", "[1]")
    local r = key("put", "k", "new", "--backup", "--json")
    assert.equal(0, r.code, r.err)
    assert.matches('"key":"k","metadata":[1],"value":"old"', p:read(r.json().backup), 1, true)
    r = key("put", "fresh", "v", "--backup", "--json")
    assert.equal(cjson.null, r.json().backup)
  end)

  it("says which keys were not deleted, and exits with 4", function()
    start { { match = { endpoint = "bulk_delete" }, fault = "partial", keys = { "b" } } }
    for _, name in ipairs { "a", "b", "c" } do
      assert.equal(0, key("put", name, "v").code)
    end
    local r = key("delete", "a", "b", "c", "--json", "--yes")
    assert.equal(4, r.code, r.err)
    assert.equal(2, r.json().deleted)
    assert.same({ "b" }, r.json().failed)
    assert.matches("key 'b' was not deleted: the store did not take it\n", r.err, 1, true)
    assert.equal(1, select(2, r.err:gsub("'b'", "")), "it is told once")
    r = key("delete", "--prefix", "b", "--yes")
    assert.equal(1, r.code, r.err)
    assert.equal("b\n", key("list").out)
  end)

  it("says that a key was not written", function()
    start { { match = { endpoint = "bulk_put" }, fault = "partial", keys = { "k" } } }
    local r = key("put", "k", "v")
    assert.equal(1, r.code, r.err)
    assert.matches("key 'k' was not written", r.err, 1, true)
  end)

  it("prints no part of an answer that was cut", function()
    start { { match = { endpoint = "value_get" }, fault = "truncate" } }
    key("put", "k", ("v"):rep(1000))
    local r = key("get", "k")
    assert.equal(1, r.code, r.err)
    assert.equal("", r.out)
  end)

  it("gives the bytes of a value that looks like an answer of the service", function()
    start()
    local value = '{"success":false,"errors":[{"code":10009,"message":"no"}],"result":null}'
    assert.equal(0, key("put", "k", value).code)
    assert.equal(value, key("get", "k").out)
  end)

  it("tells a namespace that is not there", function()
    start()
    id = ("0a"):rep(16)
    for _, words in ipairs {
      { "get", "k" }, { "get", "k", "--json" }, { "put", "k", "v" }, { "delete", "k", "--yes" }, { "list" },
      { "delete", "--prefix", "k", "--yes" }, { "put", "k", "v", "--if-missing" },
    } do
      local r = key(table.unpack(words))
      assert.equal(1, r.code, table.concat(words, " ") .. r.err)
      assert.matches("10013", r.err, 1, true)
    end
  end)

  it("takes wrangler's --remote", function()
    start()
    assert.equal(0, key("put", "k", "v", "--remote").code)
    assert.equal(64, key("get", "k", "--remote", "--local").code)
  end)
end)
