-- kv bulk put, get and delete, on the local target and over the API.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local BACKUP_HEAD = '{"account_id":null,"cfkv_backup":1,"created":"2026-11-24T06:15:00Z","id":"i",'
  .. '"reason":"delete","title":"t"}\n'

describe("kv bulk:", function()
  local p, e, id

  before_each(function()
    p = project.quick {}
    e = emulator.start(p, "--memory")
    local _, answer = e:ask("POST", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT),
      '{"title":"shop"}', { ["Content-Type"] = "application/json" })
    id = answer.result.id
  end)

  after_each(emulator.cleanup_all)


  -- `cfkv kv bulk VERB …` of the namespace; a last table holds options of p:run, `env` among them.
  local function bulk(verb, ...)
    local words = { "kv", "bulk", verb, ... }
    local options = type(words[#words]) == "table" and table.remove(words) or {}
    options.env = e:env(options.env)
    words[#words + 1] = "--namespace"
    words[#words + 1] = "shop"
    words[#words + 1] = options
    return p:run(table.unpack(words))
  end


  local function value_of(key)
    local _, answer = e:ask("GET", ("/accounts/%s/storage/kv/namespaces/%s/values/%s"):format(
      emulator.ACCOUNT, id, key))
    return answer
  end


  local function listed()
    local _, answer = e:ask("GET", ("/accounts/%s/storage/kv/namespaces/%s/keys"):format(
      emulator.ACCOUNT, id))
    return answer.result
  end


  local function names()
    local list = {}
    for i, key in ipairs(listed()) do
      list[i] = key.name
    end
    return list
  end


  local function numbered(n)
    local lines = {}
    for i = 1, n do
      lines[i] = ('{"key":"k%06d","value":"v%d"}'):format(i, i)
    end
    return table.concat(lines, "\n") .. "\n"
  end


  describe("put", function()
    it("writes a JSON array, and says so on stderr alone", function()
      p:write("a.json", '[{"key":"a","value":"1"},{"key":"b","value":"Mg==","base64":true,"metadata":{"x":1}}]')
      local r = ok(bulk("put", "a.json"))
      assert.equal("", r.out)
      assert.matches("^cfkv: wrote 2 keys %(4 bytes%) in %d+%.%d s, 1 request, " ..
        "in account cf%x+ %(cfkv serve%)\n$", r.err)
      assert.equal(2, value_of "b")
      assert.same({ x = 1 }, listed()[2].metadata)
    end)


    it("reads JSON Lines from standard input, and a backup", function()
      ok(bulk("put", "-", { stdin = numbered(3) }))
      ok(p:run("backup", "shop", "-o", "b.jsonl", { env = e:env() }))
      ok(bulk("delete", "b.jsonl", "--yes"))
      ok(bulk("put", "b.jsonl"))
      assert.same({ "k000001", "k000002", "k000003" }, names())
    end)


    it("sends nothing of a backup that lost lines", function()
      ok(bulk("put", "-", { stdin = numbered(20) }))
      ok(p:run("backup", "shop", "-o", "b.jsonl", { env = e:env() }))
      local whole, sent = p:read "b.jsonl", #e:requests "bulk_put"
      p:write("bad.jsonl", (whole:gsub('{"key":"k00000[34]"[^\n]*\n', "")))
      p:write("other.jsonl", (whole:gsub('"value":"[^"]*"', '"value":"x"', 1)))
      for _, name in ipairs { "bad.jsonl", "other.jsonl" } do
        local r = bulk("put", name)
        assert.equal(3, r.code, r.err)
        assert.matches("the backup is damaged: its content does not match its checksum", r.err, 1, true)
      end
      assert.equal(sent, #e:requests "bulk_put")
    end)


    it("sends nothing of a backup of several namespaces, and says what reads it", function()
      ok(bulk("put", "-", { stdin = numbered(3) }))
      ok(p:run("backup", "shop", "-o", "b.jsonl", { env = e:env() }))
      local whole, sent = p:read "b.jsonl", #e:requests "bulk_put"
      p:write("two.jsonl", whole .. whole:gsub('"title":"shop"', '"title":"other"'))
      local r = bulk("put", "two.jsonl")
      assert.equal(3, r.code, r.err)
      assert.matches("this is a backup of several namespaces\n  hint: 'cfkv restore' reads it", r.err, 1, true)
      assert.equal(sent, #e:requests "bulk_put")
    end)


    it("keeps what --backup overwrites", function()
      ok(bulk("put", "-", { stdin = numbered(3) }))
      local document = ok(bulk("put", "-", "--backup", "--json",
        { stdin = '{"key":"k000002","value":"new"}\n{"key":"fresh","value":"v"}\n' })).json()
      assert.equal(2, document.written)
      local backup = p:read(document.backup)
      assert.matches('"key":"k000002"', backup, 1, true)
      assert.matches('"keys":1,', backup, 1, true)
      assert.matches('"reason":"overwrite"', backup, 1, true)
    end)


    it("sends ten thousand pairs a request", function()
      p:write("a.jsonl", numbered(25000))
      local document = ok(bulk("put", "a.jsonl", "--json")).json()
      assert.same({ accounts = { emulator.ACCOUNT }, backup = cjson.null, backup_requests = 0, bytes = 313894,
        failed = {}, format_version = 1, id = document.id, requests = 3, skipped = 0, target = "cloudflare",
        title = "shop", written = 25000 }, document)
      assert.equal(3, #e:requests "bulk_put")
    end)


    it("sends nothing of a source that is wrong, and says where", function()
      p:write("a.json", '[{"key":"a","value":"1"},\n{"key":"b"},\n{"key":"a","value":"2"},\n{"key":7,"value":"x"}]')
      local r = bulk("put", "a.json")
      assert.equal(3, r.code)
      assert.matches("a.json:2: error: item 2 %(byte 26%): a bulk item needs field 'value'", r.err)
      assert.matches("a.json:3: error: .*'a'.*", r.err)
      assert.matches("a.json:4: error: item 4", r.err)
      assert.matches("'a.json' has 3 errors; nothing was sent", r.err)
      assert.same({}, e:requests "bulk_put")
      assert.equal(1, #e:requests()) -- the one that made the namespace
    end)


    it("shows ten problems, and with --keep-going all", function()
      local lines = {}
      for i = 1, 30 do
        lines[i] = ('{"key":"k%d"}'):format(i)
      end
      p:write("a.jsonl", table.concat(lines, "\n"))
      local r = bulk("put", "a.jsonl")
      assert.equal(3, r.code)
      assert.equal(10, select(2, r.err:gsub("error: item", "")))
      assert.matches("hint: --keep-going lists all of them", r.err, 1, true)
      assert.equal(30, select(2, bulk("put", "a.jsonl", "--keep-going").err:gsub("error: item", "")))
    end)


    it("asks for a namespace before it reads", function()
      local r = p:run("kv", "bulk", "put", "none.json", { env = e:env() })
      assert.equal(64, r.code)
      assert.matches("'kv bulk put' needs a namespace", r.err, 1, true)
    end)


    it("gives pairs without expiry the ttl that is asked for", function()
      p:write("a.json", '[{"key":"a","value":"1"},{"key":"b","value":"1","expiration":2000000000}]')
      ok(bulk("put", "a.json", "--ttl", "3600"))
      local keys = listed()
      assert.is_true(math.abs(keys[1].expiration - os.time() - 3600) < 60)
      assert.equal(2000000000, keys[2].expiration)
    end)


    it("gives them the recorded ttl of the namespace, and none with --ttl 0", function()
      p:write("kv.lua", [[require "cfkv".namespace { title = "shop", ttl_seconds = 7200 }]])
      ok(p:run("apply", "--yes", { env = e:env() }))
      p:write("a.json", '[{"key":"a","value":"1"}]')
      ok(bulk("put", "a.json"))
      assert.is_true(math.abs(listed()[1].expiration - os.time() - 7200) < 60)
      ok(bulk("put", "a.json", "--ttl", "0"))
      assert.is_nil(listed()[1].expiration)
    end)


    it("leaves out what has expired", function()
      p:write("a.json", '[{"key":"old","value":"1","expiration":1500000000},{"key":"new","value":"1"}]')
      local r = ok(bulk("put", "a.json"))
      assert.matches("1 left out: expired", r.err, 1, true)
      assert.same({ "new" }, names())
    end)


    it("leaves what is there as it is with --if-missing", function()
      p:write("a.json", '[{"key":"a","value":"1"}]')
      p:write("b.json", '[{"key":"a","value":"2"},{"key":"b","value":"2"}]')
      ok(bulk("put", "a.json"))
      local document = ok(bulk("put", "b.json", "--if-missing", "--json")).json()
      assert.equal(1, document.written)
      assert.equal(1, document.skipped)
      assert.equal(1, value_of "a")
      assert.equal(2, value_of "b")
    end)


    it("writes into the local store just as well", function()
      p:write("kv.lua", [[require "cfkv".namespace { title = "shop" }]])
      ok(p:run("apply", "--local", "--yes"))
      ok(p:run("kv", "bulk", "put", "-", "--local", "--namespace", "shop", { stdin = numbered(3) }))
      local r = ok(p:run("kv", "bulk", "get", "-", "--local", "--namespace", "shop", { stdin = '["k000002"]' }))
      assert.same({ { key = "k000002", value = "v2" } }, r.json())
    end)
  end)


  describe("delete", function()
    before_each(function()
      ok(bulk("put", "-", { stdin = numbered(5) }))
    end)


    it("takes strings, objects with `name` or `key`, lines and backups", function()
      for i, list in ipairs {
        '["k000001"]', '[{"name":"k000002","metadata":[1]}]', '{"key":"k000003","value":"x"}\n',
        BACKUP_HEAD .. '{"key":"k000004","value":"v"}\n{"bytes":1,"keys":1,"sha256":"00"}\n', '"k000005"\n\n',
      } do
        ok(bulk("delete", "-", "--yes", { stdin = list }))
        assert.equal(5 - i, #names())
      end
    end)


    it("counts in JSON, and a key that is not there is no error", function()
      local document = ok(bulk("delete", "-", "--yes", "--json", { stdin = '["k000001","none"]' })).json()
      assert.matches('"key":"k000001"', p:read(document.backup), 1, true)
      document.backup = nil
      assert.same({ accounts = { emulator.ACCOUNT }, backup_requests = 1, bytes = 11, deleted = 2, failed = {},
        format_version = 1, id = document.id, requests = 2, skipped = 0, target = "cloudflare", title = "shop" },
        document)
    end)


    it("deletes nothing without a yes", function()
      p:write("keys.json", '["k000001"]')
      local r = bulk("delete", "keys.json")
      assert.equal(5, r.code)
      assert.matches("add --yes", r.err, 1, true)
      assert.equal(5, #names())
    end)


    it("deletes nothing when the list is wrong somewhere", function()
      for list, pattern in pairs {
        ['["k000001",\n7]'] = "stdin:2: error: item 2: it is no key",
        ['["k000001",{"nam":"x"}]'] = "stdin:1: error: item 2: it is no key",
        ['[{"key":"a","name":"b"}]'] = "it has two keys that differ",
        ['[{"key":7}]'] = "its key is no string",
        ['["k000001"'] = "stdin:1: error: item 2",
        ['[""]'] = "key '' is empty",
        ['["' .. ("x"):rep(513) .. '"]'] = "longer than 512 bytes",
        ['{"k000001":1}'] = "it is no key",
        ['k000001'] = "holds no keys",
      } do
        local r = bulk("delete", "-", "--yes", { stdin = list })
        assert.equal(3, r.code, list .. r.err)
        assert.matches(pattern, r.err, 1, true)
      end
      assert.same({}, e:requests "bulk_delete")
    end)


    it("refuses for a protected namespace", function()
      p:write("kv.lua", [[require "cfkv".namespace { title = "shop", protect = true }]])
      ok(p:run("apply", "--yes", { env = e:env() }))
      local r = bulk("delete", "-", "--yes", { stdin = '["k000001"]' })
      assert.equal(5, r.code)
      assert.matches("is protected", r.err, 1, true)
      assert.matches("cfkv state unprotect", r.err, 1, true)
      assert.equal(5, #names())
    end)
  end)


  describe("get", function()
    local ITEMS = {
      { key = "a", value = "1", metadata = { x = 1 } },
      { key = "b", value = "/w==", base64 = true, expiration = 2000000000 },
      { key = "c", value = "" },
    }

    before_each(function()
      ok(bulk("put", "-", { stdin = cjson.encode(ITEMS) }))
    end)


    it("prints what put accepts, in the order that is asked for", function()
      local r = ok(bulk("get", "-", { stdin = '["c","a","b","a"]' }))
      assert.same({ ITEMS[3], ITEMS[1], ITEMS[2], ITEMS[1] }, r.json())
      assert.equal("", r.err)
    end)


    it("prints JSON Lines, to a file too", function()
      local r = ok(bulk("get", "-", "--format", "jsonl", "-o", "out.jsonl", { stdin = '["a"]' }))
      assert.equal("", r.out)
      assert.equal('{"key":"a","metadata":{"x":1},"value":"1"}\n', p:read "out.jsonl")
      assert.is_false(p:exists "out.jsonl.partial")
    end)


    it("names what is not there, and fails", function()
      local r = bulk("get", "-", { stdin = '["none","a","nor"]' })
      assert.equal(1, r.code)
      assert.same({ ITEMS[1] }, cjson.decode(r.out))
      assert.matches("key 'none' is not there", r.err, 1, true)
      assert.matches("2 of 3 keys are not there", r.err, 1, true)
    end)


    it("prints an empty array for no keys", function()
      assert.equal("[]\n", ok(bulk("get", "-", { stdin = "[]" })).out)
    end)


    it("fails when stdout takes nothing", function()
      assert.equal(1, bulk("get", "-", { stdin = '["a"]', stdout = "/dev/full" }).code)
    end)
  end)
end)
