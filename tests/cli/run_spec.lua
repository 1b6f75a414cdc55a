-- `cfkv run`: scripts with live calls, on the local target and on the emulator.
local emulator = require "support.emulator"
local project = require "support.project"

local PRELUDE = "local cfkv = require 'cfkv'; "


-- Runs `code` (its first line behind the prelude) as seed.lua.
local function script(p, code, ...)
  p:write("seed.lua", PRELUDE .. code)
  local words = { "run", "seed.lua", ... }
  if type(words[#words]) ~= "table" then
    words[#words + 1] = {}
  end
  table.insert(words, 2, words[#words].env and "--verbose" or "--local")
  if words[2] == "--verbose" then
    table.remove(words, 2)
  end
  return p:run(table.unpack(words))
end


-- The same examples on both targets: `run(code, …)` is the script on it, `current()` the project, and
-- `account` is what a backup says of the account; `apply()` applies kv.lua.
local function on_both_targets(examples)
  describe("on the local target", function()
    local p
    before_each(function() p = project.quick() end)
    after_each(project.cleanup)
    examples(function(code, ...) return script(p, code, ...) end, function() return p end, "null",
      function() return p:run("apply", "--local", "--yes") end)
  end)

  describe("on the emulator", function()
    local p, e
    before_each(function() p, e = emulator.quick() end)
    after_each(emulator.cleanup_all)
    examples(function(code, ...)
      local words = { ... }
      words[#words + 1] = { env = e:env() }
      return script(p, code, table.unpack(words))
    end, function() return p end, ('"%s"'):format(emulator.ACCOUNT),
      function() return p:run("apply", "--yes", { env = e:env() }) end)
  end)
end


-- That these examples write a key again and again is told on the account.
local function assert_prints(expected, r)
  local told = "^warning: key [^\n]*: Workers KV takes one write a second[^\n]*\n  hint: [^\n]*\n"
  assert.equal("", (r.err:gsub(told, "")))
  assert.equal(expected, r.out)
  assert.equal(0, r.code)
end


on_both_targets(function(run, current, account, apply)
  it("creates, lists, finds, renames and deletes namespaces", function()
    assert_prints("b\na\nb\nexists\nnot_found\ttrue\nc\nc\ntrue\nnot_found\n", run [[
      local b = assert(cfkv.namespace.create "b")
      print(b.title)
      assert(#b.id == 32)
      assert(cfkv.namespace.create "a")
      for ns in cfkv.namespace.list() do print(ns.title) end
      print(select(2, cfkv.namespace.create "a").code)
      local none, err = cfkv.namespace.get "nope"
      print(err.code, none == nil)
      assert(cfkv.namespace.get("b").id == b.id and cfkv.namespace.get(b.id).title == "b")
      assert(cfkv.namespace.rename("b", "c"))
      print(cfkv.namespace.get(b).title)
      assert(cfkv.namespace.rename(b, "d") and b.title == "d" and cfkv.namespace.rename({ title = "d" }, "c"))
      b.title = "c"
      print(cfkv.namespace.get({ id = b.id }).title)
      print(cfkv.namespace.delete(b))
      print(select(2, cfkv.namespace.get "c").code)
    ]])
  end)

  it("puts, gets, describes and deletes keys", function()
    assert_prints('{"a":[true,null],"b":1}\n\0\255/\n7\ttrue\nnil\tnil\nnot_found\ntrue\nnot_found\n', run [[
      local ns = assert(cfkv.namespace.create "n")
      assert(cfkv.key.put("n", "k", { b = 1, a = { true, cfkv.null } }, { metadata = { x = 7 }, expiration_ttl = 600 }))
      assert(cfkv.key.put(ns.id, "bytes / %", "\0\255/"))
      print(cfkv.key.get(ns, "k"))
      print(cfkv.key.get(ns, "bytes / %"))
      local metadata, expiration = cfkv.key.metadata(ns, "k")
      print(metadata.x, math.abs(expiration - os.time() - 600) < 60)
      print(cfkv.key.metadata(ns, "bytes / %"))
      print(select(2, cfkv.key.get(ns, "nope")).code)
      print((cfkv.key.delete(ns, "k")))
      print(select(2, cfkv.key.metadata(ns, "k")).code)
    ]])
  end)

  it("writes, lists, reads and deletes many keys, from iterators and arrays", function()
    assert_prints("2500\t0\n2500\tkey-0001\tkey-2500\n1001\n3\nb\n2500\n2497\n0\n", run [[
      local ns = assert(cfkv.namespace.create "n")
      local i = 0
      local r = cfkv.bulk.put(ns, function()
        i = i + 1
        if i <= 2500 then return ("key-%04d"):format(i), "v" .. i, { metadata = { n = i } } end
      end)
      print(r.written, #r.failed)
      local keys = {}
      for k in cfkv.key.list(ns, { prefix = "key-" }) do
        assert(k.metadata.n == #keys + 1 and k.expiration == nil)
        keys[#keys + 1] = k.key
      end
      print(#keys, keys[1], keys[#keys])
      local n = 0
      for _ in cfkv.key.list(ns, { limit = 1001 }) do n = n + 1 end
      print(n)
      print(cfkv.bulk.put(ns, { { key = "a", value = "b" }, { key = "c", value = "Yg==", base64 = true },
        { key = "e", value = {}, expiration_ttl = 60 } }).written)
      local got = cfkv.bulk.get(ns, { "a", "c", "nope", { key = "e" } })
      assert(got.a == "b" and got.nope == nil and got.e == "{}")
      print(got.c)
      n = 0
      for k, v in cfkv.bulk.get(ns, cfkv.key.list(ns, { prefix = "key-" })) do
        assert("v" .. tonumber(k:sub(5)) == v)
        n = n + 1
      end
      print(n)
      table.remove(keys, 1)
      table.remove(keys, 1)
      table.remove(keys, 1)
      print(cfkv.bulk.delete(ns, keys, { allow_mass_delete = true }).deleted)
      cfkv.bulk.delete(ns, cfkv.key.list(ns))
      print(#cfkv.bulk.delete(ns, cfkv.key.list(ns)).failed)
    ]])
  end)

  it("leaves out keys that would be gone before they are there, and names them", function()
    current():write("late.jsonl", '{"key":"p","value":"1"}\n{"key":"q","value":"1","expiration":5}\n')
    local r = run [[
      local ns = assert(cfkv.namespace.create "n")
      local none, err = cfkv.key.put(ns, "k", "v", { expiration = 5 })
      print(none, err.code, err.message)
      print(select(2, cfkv.key.put(ns, "k", "v", { expiration = os.time() + 30 })).code == "invalid")
      local i = 0
      local r = cfkv.bulk.put(ns, function()
        i = i + 1
        if i <= 12000 then return { key = "k" .. i, value = "v", expiration = i == 7 and os.time() + 30 or nil } end
      end)
      print(r.written, table.concat(r.failed, ","), r.reason.code,
        (r.reason.message:gsub("'%d+ %b()'", "'N'")))
      r = cfkv.bulk.put(ns, cfkv.source.jsonl "late.jsonl")
      print(r.written, table.concat(r.failed, ","), r.reason.message)
    ]]
    assert.equal("nil\tinvalid\texpiration '5 (1970-01-01T00:00:05Z)' of key 'k' is past, so the key is absent\ntrue\n"
      .. "11999\tk7\tinvalid\titem 7: expiration 'N' of key 'k7' is less than 60 seconds ahead\n"
      .. "1\tq\titem 2: expiration '5 (1970-01-01T00:00:05Z)' of key 'q' is past, so the key is absent\n", r.out)
    assert.equal("late.jsonl:2: warning: item 2 (byte 24): expiration '5 (1970-01-01T00:00:05Z)' of key 'q' "
      .. "is past, so the key is absent\n", r.err)
  end)

  it("warns of what it writes, with the line of the script", function()
    local r = run [[
      local ns = assert(cfkv.namespace.create "n")
      cfkv.key.put(ns, "k", "v", { expiration = 1900000000, expiration_ttl = 60 })
    ]]
    assert.equal("seed.lua:2: warning: key 'k' has expiration '1900000000 (2030-03-17T17:46:40Z)' and "
      .. "expiration_ttl '60 s (1m)'; expiration_ttl wins\n  hint: give one of them\n", r.told())
  end)

  it("writes, lists and reads keys that hold a NUL", function()
    assert_prints("true\n3\t1\t2\ttrue\n", run [=[
      local ns = assert(cfkv.namespace.create "n")
      print(cfkv.key.put(ns, "a\0b", "1"))
      cfkv.bulk.put(ns, { { key = "a\0c", value = "2" }, { key = "a", value = "3" } })
      local keys = {}
      for k in cfkv.key.list(ns, { prefix = "a\0" }) do keys[#keys + 1] = k.key end
      local got = cfkv.bulk.get(ns, { "a\0c" })
      cfkv.bulk.delete(ns, { "a\0c" })
      print(cfkv.key.get(ns, "a"), cfkv.key.get(ns, keys[1]), got[keys[2]], cfkv.key.get(ns, "a\0c") == nil)
    ]=])
  end)

  it("streams a source, and sends nothing of one that is wrong", function()
    current():write("good.jsonl", '{"key":"a","value":"1","metadata":[1]}\n{"key":"b","value":"2"}\n')
    current():write("bad.json", '[{"key":"c","value":"1"},{"key":"","value":"2"}]')
    assert_prints("2\n2\ninvalid\tbad.json:1: item 2 (byte 25): key '' is empty\nnot_found\n", run [[
      local ns = assert(cfkv.namespace.create "n")
      print(cfkv.bulk.put(ns, cfkv.source.jsonl "good.jsonl").written)
      print(cfkv.key.get(ns, "b"))
      local _, err = cfkv.bulk.put(ns, cfkv.source.json "bad.json")
      print(err.code, err.message)
      print(select(2, cfkv.key.get(ns, "c")).code)
    ]])
  end)

  it("takes rows of CSV and the files of a folder", function()
    current():write("rows.csv", 'key,value,metadata\na,"1, 2","{""n"":1}"\n')
    current():write("site/index.html", "<p>")
    current():write("site/css/a.css", "p{}")
    assert_prints("1\n1, 2\t1\n2\n<p>\tp{}\n", run [[
      local ns = assert(cfkv.namespace.create "n")
      print(cfkv.bulk.put(ns, cfkv.source.csv "rows.csv").written)
      print(cfkv.key.get(ns, "a"), cfkv.key.metadata(ns, "a").n)
      print(cfkv.bulk.put(ns, cfkv.source.dir "site").written)
      print(cfkv.key.get(ns, "index.html"), cfkv.key.get(ns, "css/a.css"))
    ]])
  end)

  it("lets an iterator make live calls of its own", function()
    assert_prints("3\n1 2 3\n", run [[
      local from, to = assert(cfkv.namespace.create "from"), assert(cfkv.namespace.create "to")
      cfkv.bulk.put(from, { { key = "1", value = "1" }, { key = "2", value = "2" }, { key = "3", value = "3" } })
      local keys = cfkv.key.list(from)
      print(cfkv.bulk.put(to, function()
        local k = keys()
        if k then return { key = k.key, value = assert(cfkv.key.get(from, k.key)) } end
      end).written)
      local got = cfkv.bulk.get(to, { "1", "2", "3" })
      print(got["1"] .. " " .. got["2"] .. " " .. got["3"])
    ]])
  end)

  it("takes coroutines for iterators, and works within them", function()
    assert_prints("2\na\tb\n", run [[
      local ns = assert(cfkv.namespace.create "n")
      print(cfkv.bulk.put(ns, coroutine.wrap(function()
        coroutine.yield("a", "1")
        coroutine.yield { key = "b", value = assert(cfkv.namespace.get "n").title }
      end)).written)
      local keys = coroutine.wrap(function()
        for k in cfkv.key.list(ns) do coroutine.yield(k.key) end
      end)
      print(keys(), keys())
    ]])
  end)

  it("gives keys without an expiry the ttl that an apply recorded", function()
    current():write("kv.lua", [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop" }
      cfkv.namespace { title = "n", ttl_seconds = 600 }
    ]])
    assert.equal(0, apply().code)
    current():write("rows.csv", "key,value,expiration_ttl\ne,1,\nf,1,1200\nh,1,0\n")
    assert_prints("600\t600\t600\t1200\tnil\t6000\t1200\tnil\tnil\tnil\n", run [[
      cfkv.key.put("n", "a", "1")
      cfkv.bulk.put("n", { { key = "b", value = "1" } })
      cfkv.bulk.put("n", cfkv.source.csv "rows.csv")
      cfkv.bulk.put("n", { { key = "c", value = "1" } }, { ttl = 0 })
      cfkv.bulk.put("n", { { key = "d", value = "1" }, { key = "g", value = "1", expiration_ttl = 1200 } },
        { ttl = 6000 })
      cfkv.key.put("n", "i", "1", { expiration_ttl = 0 })
      cfkv.bulk.put("n", { { key = "j", value = "1", expiration_ttl = 0 } })
      local function ttl(key)
        local _, at = cfkv.key.metadata("n", key)
        return at and (at - os.time() + 30) // 60 * 60
      end
      print(ttl "a", ttl "b", ttl "e", ttl "f", ttl "c", ttl "d", ttl "g", ttl "h", ttl "i", ttl "j")
    ]])
  end)

  it("deletes keys of a protected namespace only when told to, and keeps a backup", function()
    current():write("kv.lua", [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop" }
      cfkv.namespace { title = "n", protect = true }
    ]])
    assert.equal(0, apply().code)
    local r = run [[
      local ns = assert(cfkv.namespace.get "n")
      cfkv.bulk.put(ns, { { key = "a", value = "1", metadata = { x = 1 } }, { key = "b", value = "\255" } })
      for _, delete in ipairs { function() return cfkv.bulk.delete(ns, cfkv.key.list(ns)) end,
                                function() return cfkv.bulk.delete(ns, { "a", "b" }) end,
                                function() return cfkv.key.delete(ns, "a") end } do
        local done, err = delete()
        print(done and "deleted" or err.code, err and err.deleted, err and err.failed and #err.failed)
      end
      local n = 0
      for _ in cfkv.key.list(ns) do n = n + 1 end
      print(n)
      if n == 0 then return end
      local r = assert(cfkv.bulk.delete(ns, cfkv.key.list(ns), { allow_data_loss = true }))
      print(r.deleted, r.backup:match "([^/]*)$")
      local saved = {}
      for line in io.lines(r.backup) do saved[#saved + 1] = line end
      print(saved[2]) print(saved[3])
      cfkv.key.put(ns, "c", "1")
      print(cfkv.key.delete(ns, "c", { allow_data_loss = true, backup = false }))
    ]]
    assert.equal("", r.err)
    if account == "null" then -- nothing is protected there
      assert.matches("^deleted\tnil\tnil\n", r.out)
      return
    end
    local lines = {}
    for line in r.out:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.same({ "guard\t0\t0", "guard\t0\t0", "guard\tnil\tnil", "2" }, { table.unpack(lines, 1, 4) })
    assert.matches("^2\t%w+%-n%-delete%.jsonl$", lines[5])
    assert.equal('{"key":"a","metadata":{"x":1},"value":"1"}', lines[6])
    assert.equal('{"base64":true,"key":"b","value":"/w=="}', lines[7])
    assert.same({ "true" }, { table.unpack(lines, 8) })
  end)

  it("deletes much of a namespace only when told to, from any kind of keys", function()
    assert_prints("guard\tguard\t150\nif that is meant, say { allow_mass_delete = true }; a backup is written first\n"
      .. "40\t60\t50\t0\n", run [[
      local ns, items = assert(cfkv.namespace.create "n"), {}
      for i = 1, 150 do items[i] = { key = "k" .. i, value = "v" } end
      cfkv.bulk.put(ns, items)
      local function count()
        local n = 0
        for _ in cfkv.key.list(ns) do n = n + 1 end
        return n
      end
      local i = 0
      local _, by_iterator = cfkv.bulk.delete(ns, function()
        i = i + 1
        return i <= 46 and "k" .. i or nil
      end)
      local _, all = cfkv.bulk.delete(ns, items)
      print(by_iterator.code, all.code, count())
      print(all.hint)
      local few = cfkv.bulk.delete(ns, { table.unpack(items, 1, 40) })
      local more = cfkv.bulk.delete(ns, { table.unpack(items, 41, 100) }, { allow_mass_delete = true })
      print(few.deleted, more.deleted, count(), #few.failed)
    ]])
  end)

  it("keeps a backup of what puts overwrite when told to", function()
    current():write("rows.csv", "key,value\na,5\nnew,1\n")
    local r = run [[
      local ns = assert(cfkv.namespace.create "n")
      print(select("#", cfkv.key.put(ns, "a", "1", { backup = true })))
      local _, path = cfkv.key.put(ns, "a", "2", { backup = true })
      local i = 0
      local array = cfkv.bulk.put(ns, { { key = "a", value = "3" } }, { backup = true })
      local iterated = cfkv.bulk.put(ns, function()
        i = i + 1
        if i <= 2 then return "a", "4" end
      end, { backup = true })
      local source = cfkv.bulk.put(ns, cfkv.source.csv "rows.csv", { backup = true })
      print(array.backup == path, iterated.backup == path, source.backup == path, source.written)
      print(cfkv.bulk.put(ns, { { key = "a", value = "6" } }).backup)
      local saved = {}
      for line in io.lines(path) do saved[#saved + 1] = line:match '^{"key":"a","value":"(.)"}$' end
      print(table.concat(saved, " "))
    ]]
    assert_prints("1\ntrue\ttrue\ttrue\t2\nnil\n1 2 3 3 4\n", r)
  end)

  it("tells at the end how many writes failed that nobody looked at", function()
    local r = run [[
      cfkv.key.put("nowhere", "a", "1")
      local ns = assert(cfkv.namespace.create "n")
      cfkv.namespace.create "n"
      cfkv.namespace.delete "nowhere"
      cfkv.key.get(ns, "nope")
      local _, err = cfkv.bulk.put("nowhere", { { key = "a", value = "1" } })
      print(err.code, err.written, #err.failed)
      _, err = cfkv.bulk.delete("nowhere", { "a" })
      print(pcall(require "cjson".encode, err))
      local names = {}
      for name in pairs(select(2, cfkv.bulk.delete("nowhere", { "a" }))) do names[#names + 1] = name end
      table.sort(names)
      print(table.concat(names, " "))
      print(tostring(select(2, cfkv.key.delete("nowhere", "a"))):match "^[^\n]*")
      cfkv.bulk.put(ns, { { key = "late", value = "1", expiration = 5 },
        { key = "later", value = "1", expiration = 5 } })
      os.exit(7)
    ]]
    assert.equal("cfkv: 3 writes or deletions failed, and the script did not look at them (--strict raises); the "
      .. "first at seed.lua:1: there is no namespace 'nowhere'\n", r.err)
    assert.equal(7, r.code)
    local lines = {}
    for line in r.out:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal("not_found\t0\t0", lines[1])
    assert.matches("^true\t{.*\"code\":\"not_found\"", lines[2])
    assert.same({ "code deleted failed hint message", "there is no namespace 'nowhere'" }, { lines[3], lines[4] })
  end)

  it("raises expected failures at their line where it is strict", function()
    local r = run([[
      local ns = assert(cfkv.namespace.create "n")
      print(pcall(cfkv.key.get, ns, "a"))
      local ok, err = pcall(cfkv.bulk.put, ns, { { key = "a", value = "1", expiration = 5 } })
      print(err.code, err.written, #err.failed, err.reason.code)
      cfkv.strict(false)
      print(cfkv.key.get(ns, "a") == nil)
      cfkv.strict()
      cfkv.key.put("nowhere", "a", "1")
    ]], "--strict")
    assert.equal("false\tthere is no key 'a' in namespace 'n'\nfailed\t0\t1\tinvalid\ntrue\n", r.out)
    assert.equal(1, r.code)
    assert.matches("^cfkv: seed.lua:8: there is no namespace 'nowhere'\n", r.err)
  end)

  it("takes warnings for errors with --strict, before anything of the call is written", function()
    local code = [[
      local ns = assert(cfkv.namespace.create("n" .. (arg[1] or "")))
      local big = ("x"):rep(2000000)
      print(select(2, pcall(cfkv.key.put, ns, "big", big)))
      print(select(2, pcall(cfkv.bulk.put, ns, { { key = "big", value = big } })))
      print(select(2, pcall(cfkv.bulk.put, ns, cfkv.source.dir "files")))
      print(pcall(cfkv.key.get, ns, "big"))
      print(select(2, pcall(cfkv.key.put, ns, "small", "x")))
    ]]
    current():write("files/large", ("x"):rep(2000000))
    local r = run(code, "--strict")
    assert.matches("^seed.lua:3: value of key 'big' has 2000000 bytes, more than 1 MiB\nhint: R2 suits large " ..
      "values better\nitem 1: value of key 'big' has 2000000 bytes[^\n]*\nhint: [^\n]*\n[^\n]*" ..
      "value of key 'large' has 2000000",
      (r.out:gsub("seed.lua:%d+: item", "item")))
    assert.matches("\nfalse\tthere is no key 'big' [^\n]*\n[^\n]*true\n$", r.out)
    assert.is_nil(r.err:find("warning", 1, true))
    assert.matches("large values better", run(code, "2").err, 1, true)
  end)

  it("tells of an iterator that raises how far the call came", function()
    assert_prints("raised\t0\t0\tseed.lua:2: boom (0 keys were deleted before)\tseed.lua:2: boom\ntrue\n", run [[
      local ns = assert(cfkv.namespace.create "n")
      local ok, err = pcall(cfkv.bulk.delete, ns, function() error "boom" end)
      print(err.code, err.deleted, #err.failed, err.message, err.cause)
      print(cfkv.key.put(ns, "a", "1"))
    ]])
  end)

  it("deletes a namespace that holds keys only when told to, and keeps a backup", function()
    assert_prints("guard\n{ allow_data_loss = true } backs them up and deletes it\ntrue\n"
      .. account .. "\n", run [[
      local ns = assert(cfkv.namespace.create "n")
      cfkv.key.put(ns, "k", "v", { metadata = 1 })
      local _, err = cfkv.namespace.delete(ns)
      print(err.code)
      print(err.hint)
      local ok, backup = cfkv.namespace.delete(ns, { allow_data_loss = true })
      local text = io.open(backup):read "a"
      print(ok and text:find('"key":"k"', 1, true) ~= nil)
      print(text:match '"account_id":([^,]+)')
    ]])
  end)
end)


describe("a script", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local function run(code, ...)
    return script(p, code, ...)
  end


  it("gets its arguments, in arg and ...; words with a dash behind --", function()
    assert_prints("seed.lua\ta\t--b\t2\na\t--b\n",
      run("print(arg[0], arg[1], arg[2], #arg) print(...)", "a", "--", "--b"))
  end)

  it("has Lua's libraries and cjson; of debug what only tells", function()
    assert_prints("[1]\ttrue\ttrue\tnil\n", run [[
      print(require("cjson").encode { 1 }, require "io" == io, debug.traceback ~= nil, debug.sethook)
    ]])
  end)

  it("has of package what require has loaded, and says why there is no more", function()
    p:write("lib/words.lua", "count = (count or 0) + 1 return count")
    assert_prints("1\t1\ttrue\t2\n", run [[
      local first, same = require "lib.words", package.loaded["lib.words"]
      local io_too = package.loaded.io == io
      package.loaded["lib.words"] = nil
      print(first, same, io_too, require "lib.words")
    ]])
    for _, code in ipairs { "print(package.path)", "package.path = './?.lua'", "package.loadlib()" } do
      local r = run(code)
      assert.equal(1, r.code)
      assert.matches("seed.lua:1: ", r.err, 1, true)
      assert.matches("hint: require finds modules below the project root", r.err, 1, true)
    end
  end)

  it("that forgot to require cfkv is told", function()
    p:write("seed.lua", "print(cfkv.key)")
    local r = p:run("run", "--local", "seed.lua")
    assert.matches("hint: write local cfkv = require \"cfkv\" first", r.err, 1, true)
  end)

  it("prints bytes to a program, and to a terminal what it shows as it is", function()
    p:write("seed.lua", "print('\\27[31m \\u{9b} \\u{202e}\\tö')")
    assert.equal("\27[31m \u{9b} \u{202e}\tö\n", p:run("run", "--local", "seed.lua").out)
    local shown = p:sh("script -qec '" .. project.program .. " run --local seed.lua' /dev/null </dev/null").out
    assert.matches("\\x1B[31m \\xC2\\x9B \\xE2\\x80\\xAE\tö", shown, 1, true)
  end)

  it("may close coroutines inside each other without end", function()
    local r = run [[
      local prev
      for i = 1, 5000 do
        local before = prev
        local co = coroutine.create(function()
          local x <close> = setmetatable({}, {
            __close = function() if before then assert(coroutine.close(before)) end end,
          })
          coroutine.yield()
        end)
        coroutine.resume(co)
        prev = co
      end
      print(coroutine.close(prev))
    ]]
    assert.equal(0, r.code, r.err)
    assert.matches("false\t.*coroutines close each other more than 100 deep", r.out)
  end)

  it("finds modules beside itself, below --root, and in the standard library", function()
    p:write("lib/words.lua", "return 'beside'")
    p:write("other/lib/words.lua", "return 'below'")
    local code = "print(require 'lib.words', require('cfkv.naming').default)"
    assert_prints("beside\t{app}-{purpose}-{env}\n", run(code))
    assert_prints("below\t{app}-{purpose}-{env}\n", run(code, "--root", "other"))
  end)

  it("finds no module of the host state", function()
    for _, name in ipairs { "state", "output.env", "host.output.env", "text" } do
      local r = run(("require '%s'"):format(name))
      assert.equal(1, r.code)
      assert.matches(("module '%s' not found"):format(name), r.err, 1, true)
    end
  end)

  it("ends with the code of os.exit, whatever would catch it, and closes what is open", function()
    local r = run [[
      local open <close> = setmetatable({}, { __close = function() print "closed" end })
      pcall(function() coroutine.wrap(function() os.exit(7) end)() end)
      print "never"
    ]]
    assert.same({ 7, "closed\n", "" }, { r.code, r.out, r.err })
    r = run "load(function() os.exit(7) end) print 'never'"
    assert.same({ 7, "", "" }, { r.code, r.out, r.err })
    assert.equal(1, run("os.exit(false)").code)
    assert.equal(0, run("os.exit(true)").code)
  end)

  it("that fails says where, shows the way there, and ends with 1", function()
    p:write("lib.lua", "return function()\n  error 'boom'\nend")
    local r = run "local fail = require 'lib'\nlocal function f()\n  fail()\nend\nf()"
    assert.equal(1, r.code)
    assert.equal("", r.out)
    assert.equal("cfkv: lib.lua:2: boom\n  at lib.lua:2\n  at seed.lua:3\n  at seed.lua:5\n", r.told())
  end)

  it("tells failures that it raises with their hints", function()
    local r = run "assert(cfkv.namespace.create 'shop-cache')\nassert(cfkv.key.get('shop-cash', 'k'))"
    assert.equal(1, r.code)
    assert.equal("cfkv: seed.lua:2: there is no namespace 'shop-cash'\n  hint: did you mean 'shop-cache'?\n"
      .. "  at seed.lua:2\n", r.told())
  end)

  it("with a syntax error, or that is not there, does not run", function()
    local r = run "\nlocal x = = 1"
    assert.same({ 1, "cfkv: seed.lua:2: unexpected symbol near '='\n"
      .. "  hint: something is missing or too much in front of it\n" }, { r.code, r.told() })
    r = p:run("run", "--local", "nope.lua")
    assert.equal(1, r.code)
    assert.matches("nope.lua", r.err, 1, true)
  end)

  it("needs a target", function()
    p:write("seed.lua", "")
    local r = p:run("run", "seed.lua")
    assert.equal(64, r.code)
    assert.matches("add --local", r.err, 1, true)
  end)

  it("fails when stdout takes nothing more", function()
    for _, code in ipairs { "print 'x'", "io.write 'x'", "for i = 1, 1e7 do print(i) end" } do
      local r = run(code, { stdout = "/dev/full" })
      assert.equal(1, r.code, code)
      assert.matches("cannot write to stdout: No space left on device", r.err, 1, true)
    end
    local r = run("for i = 1, 1e7 do print(i) end", { pipe = "head -c 1" })
    assert.equal(1, r.code)
    assert.matches("seed.lua:1: cannot write to stdout: Broken pipe", r.err, 1, true)
  end)
end)


describe("misuse in a script raises at its line:", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local cases = {
    { "cfkv.key.put('n', '', 'v')", "key '' is empty\nhint: give it a name" },
    { "cfkv.key.put('n', 1, 'v')", "the key must be a string, got 1\nhint: tostring(n) makes a string of a number" },
    { "cfkv.key.put('n', 'k', 1)", "the value must be a string or a table, got 1\n"
      .. "hint: tostring(v) stores its text, cfkv.json.encode(v) its JSON" },
    { "cfkv.key.put('n', 'k', 'v', { expiration_ttl = 30 })",
      "expiration_ttl '30 s' of key 'k' is too short\nhint: give at least 60 seconds" },
    { "cfkv.key.put('n', 'k', 'v', { expiration_tll = 60 })",
      "unknown field 'expiration_tll' in the options of a put\nhint: did you mean 'expiration_ttl'?" },
    { "cfkv.key.get({}, 'k')", "the namespace must be a string or a table with id or title, got a table\n"
      .. "hint: give its title or id, or what cfkv.namespace.create or get returned" },
    { "cfkv.key.list('n', { prefx = 'a' })", "unknown field 'prefx' in cfkv.key.list\nhint: did you mean 'prefix'?" },
    { "cfkv.key.list('n', { limit = 0 })", "limit must be at least 1, got 0" },
    { "cfkv.bulk.put('n', 'f.json')", "cfkv.bulk.put takes an array of items, an iterator or a cfkv.source, "
      .. "got 'f.json'\nhint: a file is read by cfkv.source.json(path)" },
    { "cfkv.bulk.put('n', { a = '1' })", "cfkv.bulk.put takes a list of items, but this table has names as keys\n"
      .. 'hint: write { { key = "a", value = "1" }, … }' },
    { "cfkv.bulk.put('n', { { key = 'x', value = '1' }, nil, { key = 'y', value = '2' } })",
      "cfkv.bulk.put takes a list of items, but this one has nothing at 2\n"
      .. "hint: a list counts from 1 and has no holes: what is behind one would be lost" },
    { "cfkv.bulk.get('n', { a = true })", "cfkv.bulk.get takes a list of keys, but this table has names as keys\n"
      .. 'hint: write { "a", "b", … }' },
    { "cfkv.bulk.delete('n', { x = true })", "cfkv.bulk.delete takes a list of keys, but this table has names as "
      .. 'keys\nhint: write { "a", "b", … }' },
    { "cfkv.bulk.delete('n', { [3] = 'x' })", "cfkv.bulk.delete takes a list of keys, but this one has nothing at 1\n"
      .. "hint: a list counts from 1 and has no holes: what is behind one would be lost" },
    { "cfkv.key.put('n', 'k', 'v', { expiration = 0 })",
      "expiration '0 (1970-01-01T00:00:00Z)' of key 'k' is not between 1 and 2147483647\n"
      .. "hint: `expiration_ttl = 0` says that a key does not expire" },
    { "cfkv.key.delete('n', 'a', {}, 'b')", "cfkv.key.delete takes (namespace, key, options) and nothing more, got 'b' "
      .. "besides\nhint: parentheses keep one value of a call that gives several: (f(x))" },
    { "cfkv.key.delete('n', 'a', { backups = false })", "unknown field 'backups' in cfkv.key.delete\n"
      .. "hint: did you mean 'backup'?" },
    { "cfkv.namespace.list('n')", "cfkv.namespace.list takes () and nothing more, got 'n' besides\n"
      .. "hint: parentheses keep one value of a call that gives several: (f(x))" },
    { "cfkv.bulk.put('n', {}, { ttl = 30 })", "ttl '30 s' is too short\n"
      .. "hint: give 0 (keys do not expire) or at least 60 seconds" },
    { "cfkv.bulk.get('n', 'k')", "cfkv.bulk.get takes an array of keys or an iterator, got 'k'" },
    { "cfkv.bulk.delete('n', { 'a', '' })", "key 2: key '' is empty (0 keys were deleted before)\n"
      .. "hint: give it a name" },
    { "cfkv.namespace.create('')", "the title is empty" },
    { "cfkv.namespace { title = 'n' }", "cfkv.namespace declares: it belongs into a file that is planned and "
      .. "applied, not into a script\nhint: cfkv.namespace.create(title) makes one now" },
    { "cfkv.kee.put('n', 'k', 'v')", "unknown name 'cfkv.kee'\nhint: did you mean 'cfkv.key'?" },
    { "cfkv.source.json 'nope.json'", "no file 'nope.json' in '.'" },
  }

  for _, case in ipairs(cases) do
    it(case[1], function()
      local r = script(p, "assert(cfkv.namespace.create 'n')\nlocal function f()\n  " .. case[1]
        .. "\nend\nprint(select(2, pcall(f)))")
      assert_prints("seed.lua:3: " .. case[2] .. "\n", r)
    end)
  end

  it("also when it is called by pcall, or as a tail", function()
    assert_prints("seed.lua:2: key '' is empty\nhint: give it a name\n"
      .. "seed.lua:3: key '' is empty\nhint: give it a name\n", script(p, "\n"
      .. "print(select(2, pcall(cfkv.key.put, 'n', '', 'v')))\n"
      .. "local function f() return cfkv.key.put('n', '', 'v') end\n"
      .. "print(select(2, pcall(function()\n  f()\nend)))"))
  end)
end)


describe("a bulk get", function()
  after_each(project.cleanup)

  it("whose keys come from an iterator that asks it for more is refused", function()
    local p = project.quick()
    assert_prints("false\nseed.lua:3: this cfkv.bulk.get is at work already, or has failed\n"
      .. "hint: call cfkv.bulk.get again for the keys that are left\n", script(p, [[
      local ns, pairs_of, i = assert(cfkv.namespace.create "n"), nil, 0
      pairs_of = cfkv.bulk.get(ns, function()
        if i == 3 then pairs_of() end
        i = i + 1
        return "k" .. i
      end)
      local ok, err = pcall(pairs_of)
      print(ok)
      print(err)
    ]]))
  end)

  it("that was closed, even by what gives it keys, ends", function()
    local p = project.quick()
    assert_prints("k1\nnil\nnil\n", script(p, [[
      local ns, i, gives, closes, _ = assert(cfkv.namespace.create "n"), 0, nil, nil, nil
      cfkv.key.put(ns, "k1", "v")
      gives, _, _, closes = cfkv.bulk.get(ns, function()
        i = i + 1
        if i == 2 then local c <close> = closes end
        return "k" .. i
      end)
      print((gives()))
      print((gives()))
      local keys, _, _, open = cfkv.key.list(ns)
      do local c <close> = open end
      print((keys()))
    ]]))
  end)
end)


describe("a bulk put", function()
  local p, e

  before_each(function() p = project.quick() end)

  after_each(emulator.cleanup_all)

  it("of 100,000 generated items takes less than 64 MiB", function()
    p:write("seed.lua", PRELUDE .. [[
      local ns, i = assert(cfkv.namespace.create "n"), 0
      local r = cfkv.bulk.put(ns, function()
        i = i + 1
        if i <= 100000 then return { key = "key-" .. i, value = "value " .. i, metadata = { n = i } } end
      end)
      print(r.written, #r.failed)
      for line in io.lines "/proc/self/status" do
        local peak = line:match "VmHWM:%s+(%d+)"
        if peak then io.stderr:write(peak) end
      end
    ]])
    e = emulator.start(p, "--discard")
    local r = p:run("run", "seed.lua", { env = e:env() })
    assert.same({ 0, "100000\t0\n" }, { r.code, r.out }, r.err)
    assert.equal(10, #e:requests "bulk_put")
    if not project.is_sanitized() then
      assert.is_true(tonumber(r.err) < 64 * 1024, r.err .. " KiB")
    end
  end)

  it("whose iterator raises tells what was written by then", function()
    local r = script(p, [[
      local ns, i = assert(cfkv.namespace.create "n"), 0
      local ok, err = pcall(cfkv.bulk.put, ns, function()
        i = i + 1
        if i > 100000 then error "boom" end
        return "key-" .. i, "v"
      end)
      print(ok, err.code, err.written, #err.failed, err.cause)
      print(err)
      local n = 0
      for _ in cfkv.key.list(ns) do n = n + 1 end
      print(n == err.written and n > 0)
    ]])
    assert.equal("", r.err)
    local written = tonumber(r.out:match "raised\t(%d+)")
    assert.equal(("false\traised\t%d\t0\tseed.lua:4: boom\nseed.lua:4: boom (%d keys were written before)\ntrue\n")
      :format(written, written), r.out)
  end)

  local function run_on_emulator(code, ...)
    e = emulator.start(p, "--memory", { faults = { rules = { ... } } })
    return script(p, code, { env = e:env() })
  end

  local PUT_THREE = [[
      local ns = assert(cfkv.namespace.create "n")
      local r, err = cfkv.bulk.put(ns, { { key = "a", value = "1" }, { key = "b", value = "2" },
        { key = "c", value = "3" } })
  ]]

  it("lists the keys that the service did not take, and why", function()
    assert_prints("2\tb\tnil\tfailed\tthe store did not take it\n3\nnot_found\n",
      run_on_emulator(PUT_THREE .. [[
        print(r.written, r.failed[1], r.failed[2], r.reason.code, r.reason)
        print(cfkv.key.get(ns, "c"))
        print(select(2, cfkv.key.get(ns, "b")).code)
      ]], { match = { endpoint = "bulk_put" }, fault = "partial", keys = { "b" } }))
  end)

  it("that the service refuses gives an error that says how far it came", function()
    assert_prints("nil\tfailed\t0\ttrue\n", run_on_emulator(PUT_THREE .. [[
        print(r, err.code, err.written, tostring(err):find("10048", 1, true) ~= nil)
      ]], { match = { endpoint = "bulk_put" }, fault = "quota" }))
  end)

  it("of a file does the same", function()
    p:write("three.jsonl", '{"key":"a","value":"1"}\n{"key":"b","value":"2"}\n{"key":"c","value":"3"}\n')
    assert_prints("2\tb\tthe store did not take it\n", run_on_emulator([[
        local r = cfkv.bulk.put(assert(cfkv.namespace.create "n"), cfkv.source.jsonl "three.jsonl")
        print(r.written, table.concat(r.failed), r.reason)
      ]], { match = { endpoint = "bulk_put" }, fault = "partial", keys = { "b" } }))
  end)

  it("of a wrong item names it, and raises", function()
    assert_prints("seed.lua:1: item 2: unknown field 'valu' in a bulk item (0 keys were written before)\n"
      .. "hint: did you mean 'value'?\n", script(p, "cfkv.namespace.create 'n' print(select(2, "
      .. "pcall(cfkv.bulk.put, 'n', { { key = 'a', value = '1' }, { key = 'b', valu = '2' } })))"))
  end)

  it("that Ctrl-C ends says how far it came, and exits with 130 though the script catches errors", function()
    local r = script(p, [[
      local ns, i = assert(cfkv.namespace.create "n"), 0
      pcall(cfkv.bulk.put, ns, function()
        i = i + 1
        if i == 90000 then io.popen("kill -INT $PPID"):close() end
        return "key-" .. i, "v"
      end)
      print "never"
    ]])
    assert.same({ 130, "" }, { r.code, r.out }, r.err)
    assert.matches("^cfkv: seed.lua:%d: interrupted\n  hint: 80000 keys of its bulk put were written before\n$", r.err)
  end)
end)


describe("a script that writes a key more often than once a second", function()
  local COUNTER = [[
    local ns = cfkv.namespace.create("n")
    for i = 1, 5 do cfkv.key.put(ns, "counter", tostring(i)) end
    cfkv.bulk.put(ns, { { key = "a", value = "1" }, { key = "b", value = "1" } })
    cfkv.key.put(ns, "a", "2")
  ]]
  local TOLD = "warning: key 'counter' was written 5 times, each within a second of the one before, and 1 more "
    .. "likewise: Workers KV takes one write a second of a key, and may refuse the others\n"
    .. "  hint: write the last value only; what changes that often belongs in a Durable Object\n"
  local p, e

  before_each(function() p, e = emulator.quick() end)
  after_each(emulator.cleanup_all)

  it("is told once, at its end, and not with --quiet", function()
    local r = script(p, COUNTER, { env = e:env() })
    assert.equal(0, r.code, r.err)
    assert.equal(TOLD, r.err)
    assert.equal("", script(p, COUNTER:gsub('"n"', '"m"'), "--quiet", { env = e:env() }).err)
  end)

  it("is not told of the local store, which takes any number", function()
    assert.equal("", script(p, COUNTER, "--local").err)
  end)
end)


describe("a live call, when the service", function()
  local p

  before_each(function() p = project.quick() end)

  after_each(emulator.cleanup_all)

  local function run(code, ...)
    local e = emulator.start(p, "--memory", { faults = { rules = { ... } } })
    return script(p, "local ns = assert(cfkv.namespace.create 'n')\n" .. code, { env = e:env() })
  end

  it("leaves out its key, says nil and why", function()
    assert_prints("nil\tkey 'k' was refused by the service\nhint: try again\n"
      .. "nil\tkey 'k' was refused by the service\nhint: try again\n", run([[
        print(cfkv.key.put(ns, "k", "v"))
        print(cfkv.key.delete(ns, "k"))
      ]], { match = { endpoint = "bulk_put" }, fault = "partial", fraction = 1 },
        { match = { endpoint = "bulk_delete" }, fault = "partial", fraction = 1 }))
  end)

  it("does not delete some keys, lists them", function()
    assert_prints("1\tb\tfailed\n", run([[
        cfkv.bulk.put(ns, { { key = "a", value = "1" }, { key = "b", value = "2" } })
        local r = cfkv.bulk.delete(ns, { "a", "b" })
        print(r.deleted, table.concat(r.failed, " "), r.reason.code)
      ]], { match = { endpoint = "bulk_delete" }, fault = "partial", keys = { "b" } }))
  end)

  it("fails in the middle of a list, raises: a loop must not take it for the end", function()
    local r = run([[
        local i = 0
        cfkv.bulk.put(ns, function() i = i + 1 if i <= 1500 then return "k" .. i, "v" end end)
        for k in cfkv.key.list(ns) do i = k end
        print "never"
      ]], { match = { endpoint = "key_list", nth = 2 }, fault = "status", status = 403, code = 10000 })
    assert.equal(1, r.code)
    assert.equal("", r.out)
    assert.matches("^cfkv: seed.lua:4: [^\n]*10000", r.err)
  end)

  it("knows of a protected namespace, is not asked to delete it", function()
    local e = emulator.start(p, "--memory")
    p:write("kv.lua", "local cfkv = require 'cfkv' cfkv.project { name = 'shop' }\n"
      .. "cfkv.namespace { title = 'n', protect = true }")
    assert.equal(0, p:run("apply", "--yes", { env = e:env() }).code)
    assert_prints("guard\n", script(p, "print(select(2, cfkv.namespace.delete('n', { allow_data_loss = true })).code)",
      { env = e:env() }))
    assert.equal(0, #e:requests "namespace_delete")
  end)
end)


describe("a script that Ctrl-C ends", function() it("closes what it has open", function()
  local p = project.quick()
  local r = script(p, [[
    local open <close> = setmetatable({}, { __close = function() print "closed" end })
    io.popen("kill -INT $PPID"):close()
    while true do end
  ]])
  assert.same({ 130, "closed\n", "cfkv: seed.lua:3: interrupted\n" }, { r.code, r.out, r.err })
  project.cleanup()
end) end)


describe("an evaluated file", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local function validate(code)
    p:write("kv.lua", PRELUDE .. code)
    return p:run("validate")
  end

  it("cannot make live calls, and is told what to write instead", function()
    for _, call in ipairs { "namespace.create", "namespace.list", "namespace.get", "namespace.rename",
      "namespace.delete", "key.put",
      "key.get", "key.metadata", "key.list", "key.delete", "bulk.put", "bulk.get", "bulk.delete" } do
      local r = validate("cfkv." .. call .. "('n')")
      assert.equal(3, r.code)
      assert.matches("kv.lua:1: error: cfkv." .. call .. " is a live call", r.err, 1, true)
      assert.matches("hint:", r.err, 1, true)
    end
  end)

  it("has neither io nor os nor cjson", function()
    for code, message in pairs {
      ["io.open 'x'"] = "unknown global 'io'",
      ["os.time()"] = "unknown global 'os'",
      ["require 'cjson'"] = "module 'cjson' not found",
      ["require 'io'"] = "module 'io' not found",
    } do
      assert.matches(message, validate(code).err, 1, true)
    end
  end)
end)
