-- Values people write: lengths of time and moments wherever seconds are taken, the same as the numbers
-- they stand for; and the words that other tools and other places here have for them. What each door
-- makes of an item with them is in items_spec (all of it: tests/fault).
local project = require "support.project"

local NOW = 1800000000 -- 2027-01-15T08:00:00Z
local ENV = { CFKV_NOW = tostring(NOW) }

local function configuration(v)
  return ([[
    local cfkv = require "cfkv"
    cfkv.project { name = "p", defaults = { ttl_seconds = %s }, backups = { days = %s } }
    local ns = cfkv.namespace { title = "n" }
    cfkv.namespace { title = "other", ttl_seconds = %s }
    ns:put("a", "v", { expiration_ttl = %s })
    ns:put("b", "v", { expiration = %s })
    ns:put("c", cfkv.secret "s", { expiration_ttl = %s })
    ns:bulk { { key = "d", value = "v", expiration_ttl = %s } }
    ns:bulk(cfkv.source.json "seed.json")
    ns:bulk(cfkv.source.csv "seed.csv")
  ]]):format(v.hour, v.days, v.zero, v.hour, v.moment, v.zero, v.hour)
end

local function json_seed(v)
  return ('[{"key":"e","value":"v","expiration_ttl":%s},{"key":"f","value":"v","expiration":%s}]')
    :format(v.hour, v.moment)
end

local function csv_seed(v)
  return ("key,value,expiration_ttl,expiration\ng,v,%s,\nh,v,,%s\n"):format(v.hour, v.moment):gsub('"', "")
end

local NUMBERS = { hour = "3600", days = "14", zero = "0", moment = "1830297600" }
local WORDS = { hour = '"1h"', days = '"2w"', zero = '"0s"', moment = '"2028-01-01T01:00:00+01:00"' }

describe("durations and times", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local function write(v)
    p:write("kv.lua", configuration(v))
    p:write("seed.json", json_seed(v))
    p:write("seed.csv", (csv_seed(v)))
  end

  local function run(code, ...)
    local arguments = { ... }
    arguments[#arguments + 1] = { env = ENV }
    local r = p:run(table.unpack(arguments))
    assert.equal(code, r.code, r.err .. r.out)
    return r
  end

  it("are the numbers they stand for: to a plan, a seed and a keyed digest they are no change", function()
    write(NUMBERS)
    run(0, "apply", "--local", "--yes")
    run(0, "plan", "--local", "--detailed-exitcode")
    local state = p:read "kv.local.state.json"
    write(WORDS)
    run(0, "plan", "--local", "--detailed-exitcode")
    run(0, "apply", "--local", "--yes")
    assert.equal(state, p:read "kv.local.state.json")
  end)

  it("and the other way round", function()
    write(WORDS)
    run(0, "apply", "--local", "--yes")
    write(NUMBERS)
    run(0, "plan", "--local", "--detailed-exitcode")
  end)

  it("are numbers in all that is printed", function()
    write(NUMBERS)
    local numbers = run(0, "eval", "--json").out
    write(WORDS)
    assert.equal(numbers, run(0, "eval", "--json").out)
    run(0, "apply", "--local", "--yes")
    local keys = {}
    for _, key in ipairs(run(0, "kv", "key", "list", "--namespace", "n", "--local", "--json").json()) do
      keys[key.name] = key.expiration
    end
    local hour, moment = NOW + 3600, 1830297600
    assert.same({ a = hour, b = moment, d = hour, e = hour, f = moment, g = hour, h = moment }, keys)
    p:write("keys.json", '["b"]')
    local got = run(0, "kv", "bulk", "get", "keys.json", "--namespace", "n", "--local").out
    assert.matches('"expiration":%s*1830297600%f[%D]', got)
  end)

  it("are numbers to policies", function()
    write(WORDS)
    p:write("kv.lua", configuration(WORDS) .. [[
      cfkv.policy("numbers", function(ns)
        assert(ns.title ~= "n" or math.type(ns.ttl_seconds) == "integer")
        for _, put in ipairs(ns.puts) do
          assert(not put.expiration or math.type(put.expiration) == "integer")
          assert(not put.expiration_ttl or math.type(put.expiration_ttl) == "integer")
        end
      end)
    ]])
    run(0, "validate")
  end)

  it("are taken by live calls", function()
    p:write("kv.lua", 'local cfkv = require "cfkv" cfkv.project { name = "p" } cfkv.namespace { title = "n" }')
    run(0, "apply", "--local", "--yes")
    p:write("put.lua", [[
      local cfkv = require "cfkv"
      assert(cfkv.key.put("n", "a", "v", { expiration_ttl = "1h" }))
      assert(cfkv.key.put("n", "b", "v", { expiration = "2028-01-01T00:00:00Z" }))
      assert(cfkv.bulk.put("n", { { key = "c", value = "v" }, { key = "d", value = "v", expiration_ttl = "2h" } },
        { ttl = "15m" }))
      for k in cfkv.key.list "n" do print(k.key, math.type(k.expiration), k.expiration) end
    ]])
    assert.equal(("a\tinteger\t%d\nb\tinteger\t1830297600\nc\tinteger\t%d\nd\tinteger\t%d\n")
      :format(NOW + 3600, NOW + 900, NOW + 7200), run(0, "run", "put.lua", "--local").out)
    p:write("wrong.lua", [[require("cfkv").bulk.put("n", {}, { ttl = "1 day" })]])
    assert.matches("field 'ttl' of cfkv.bulk.put must be whole seconds, or a duration such as '15m' or '7d', "
      .. "got '1 day'", run(1, "run", "wrong.lua", "--local").err, 1, true)
  end)

  it("that Lua has no number for are refused with the key that they are of", function()
    run(0, "kv", "namespace", "create", "n", "--local")
    run(0, "kv", "key", "put", "ok", "v", "--namespace", "n", "--local", "--metadata", "9007199254740993")
    run(0, "kv", "key", "put", "odd one", "v", "--namespace", "n", "--local", "--metadata", "[18446744073709551615]")
    p:write("list.lua", [[
      local cfkv = require "cfkv"
      print(cfkv.json.encode((cfkv.key.metadata("n", "ok"))))
      print(select(2, pcall(cfkv.key.metadata, "n", "odd one")))
      for k in cfkv.key.list "n" do print(k.key) end
    ]])
    local r = run(1, "run", "list.lua", "--local")
    local refusal = "metadata of key 'odd one': at '[1]': the integer '18446744073709551615' does not fit 64 bits"
    assert.matches("9007199254740993\nlist.lua:3: " .. refusal, r.out, 1, true)
    assert.matches(refusal, r.err, 1, true)
  end)

  describe("in options", function()
    before_each(function()
      p:write("kv.lua", 'local cfkv = require "cfkv" cfkv.project { name = "p" } cfkv.namespace { title = "n" }')
      run(0, "apply", "--local", "--yes", "--lock-timeout", "1m", "--eval-seconds", "1m")
    end)

    local function put(code, ...)
      return run(code, "kv", "key", "put", "k", "v", "--namespace", "n", "--local", ...)
    end

    local function expiration()
      return run(0, "kv", "key", "list", "--namespace", "n", "--local", "--json").json()[1].expiration
    end

    it("of a key", function()
      for given, want in pairs { ["90s"] = 90, ["15m"] = 900, ["1h30m"] = 5400, ["7d"] = 604800, ["60"] = 60 } do
        put(0, "--ttl", given)
        assert.equal(NOW + want, expiration(), given)
      end
      for _, given in ipairs { "2028-01-01T00:00:00Z", "2028-01-01T05:30:00+05:30", "1830297600" } do
        put(0, "--expiration", given)
        assert.equal(1830297600, expiration(), given)
      end
      put(0, "--ttl", "0s")
      assert.is_nil(expiration())
    end)

    it("of many", function()
      p:write("f.csv", "key,value\nk,v\n")
      run(0, "kv", "bulk", "put", "f.csv", "--namespace", "n", "--local", "--ttl", "2w")
      assert.equal(NOW + 1209600, expiration())
    end)

    it("of many, too long, before anything is sent", function()
      p:write("f.csv", "key,value\nk,v\n")
      assert.equal("cfkv: --ttl '6047395200 s (9999w)' is too long\n"
        .. "  hint: keys may expire until January 2038; 0: they do not expire\n",
        run(3, "kv", "bulk", "put", "f.csv", "--namespace", "n", "--local", "--ttl", "9999w").err)
      p:write("s.lua", [[require("cfkv").bulk.put("n", { { key = "k", value = "v" } }, { ttl = "9999w" })]])
      assert.matches("s.lua:1: ttl '6047395200 s (9999w)' is too long\n",
        run(1, "run", "s.lua", "--local").err, 1, true)
      assert.same({}, run(0, "kv", "key", "list", "--namespace", "n", "--local", "--json").json())
    end)

    it("of backups, and of the rate", function()
      run(0, "backup", "purge", "--days", "2w", "--yes")
      run(0, "backup", "purge", "--days", "14", "--yes")
      run(0, "kv", "key", "list", "--namespace", "n", "--local", "--rate", "1200/5m")
    end)

    local DURATION = "whole seconds, or a duration such as '15m' or '7d'"
    local UNITS = "units are s, m, h, d and w; whole numbers without blanks, as in '1h30m'"
    local wrong = {
      { "--ttl", "1.5h", DURATION, "write '1h30m'" },
      { "--ttl", "1 hour", DURATION, "write '1h'" },
      { "--ttl", "1M", DURATION, UNITS },
      { "--ttl", "99999999999999999999s", DURATION, UNITS },
      { "--ttl", "2028-01-01T00:00:00Z", DURATION, "a time is what expiration takes" },
      { "--ttl", "soon", DURATION },
      { "--ttl", "59s", "at least 60 seconds, or 0 for keys that do not expire" },
      { "--expiration", "1h", "seconds since 1970, or a time such as '2027-01-31T12:00:00Z'",
        "a duration is what expiration_ttl takes" },
      { "--expiration", "2028-01-01", "seconds since 1970, or a time such as '2027-01-31T12:00:00Z'",
        "write '2028-01-01T00:00:00Z'; Z is UTC, +01:00 an offset from it" },
      { "--expiration", "2038-01-19T03:14:08Z", "a time between 1970 and January 2038" },
      { "--expiration", "1969-12-31T23:59:59Z", "a time between 1970 and January 2038" },
    }

    it("that are none say what to write", function()
      for _, w in ipairs(wrong) do
        local hint = w[4] or "'cfkv help kv key put' lists its options"
        assert.equal(("cfkv: %s needs %s, not '%s'\n  hint: %s\n"):format(w[1], w[3], w[2], hint),
          put(64, w[1], w[2]).err)
      end
      for _, w in ipairs { "36h", "0d", "1.5", "0", "100001d" } do
        assert.matches("--days needs whole days, or a duration such as '30d' or '2w', not '" .. w .. "'",
          run(64, "backup", "purge", "--days", w).err, 1, true)
      end
      for _, w in ipairs { "5m", "1200/5", "1200/5x", "1200/0s", "1200/2000000s" } do
        local r = p:run("kv", "key", "list", "--namespace", "n", "--local", "--rate", w)
        assert.equal(w == "1200/5" and 0 or 64, r.code, w .. r.err)
      end
    end)
  end)
end)

describe("a word for a lifetime that is another's", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local function hint(theirs, ours, ...)
    local r = p:run(...)
    assert.is_true(r.code ~= 0)
    local said = r.err .. r.out
    assert.truthy(said:find("'" .. theirs .. "'", 1, true), said)
    assert.truthy(said:find("did you mean '" .. ours .. "'?", 1, true), said)
    assert.is_nil(said:find("needs field", 1, true), said)
  end

  local OURS = { ttl = "expiration_ttl", expirationTtl = "expiration_ttl", expires_in = "expiration_ttl",
    ttl_seconds = "expiration_ttl", maxAge = "expiration_ttl", expires = "expiration", expiry = "expiration",
    expiresAt = "expiration" }

  it("is answered in a declaration", function()
    for theirs in pairs(OURS) do
      if theirs ~= "ttl_seconds" then
        p:write("kv.lua", ('require("cfkv").namespace { title = "n", %s = 3600 }'):format(theirs))
        hint(theirs, "ttl_seconds", "validate")
        p:write("kv.lua", ('require("cfkv").project { name = "p", defaults = { %s = 3600 } }'):format(theirs))
        hint(theirs, "ttl_seconds", "validate")
      end
    end
  end)

  it("is answered at a key, and at an item", function()
    for theirs, ours in pairs(OURS) do
      p:write("kv.lua", ('require("cfkv").namespace { title = "n" }:put("k", "v", { %s = 3600 })'):format(theirs))
      hint(theirs, ours, "validate")
      p:write("kv.lua", ('require("cfkv").namespace { title = "n" }:bulk { { key = "k", value = "v", %s = 3600 } }')
        :format(theirs))
      hint(theirs, ours, "validate")
    end
  end)

  it("is answered in files", function()
    p:run("kv", "namespace", "create", "n", "--local")
    for theirs, ours in pairs(OURS) do
      local files = {
        ["f.json"] = ('[{"key":"k","value":"v","%s":3600}]'):format(theirs),
        ["f.jsonl"] = ('{"key":"k","value":"v","%s":3600}\n'):format(theirs),
        ["f.csv"] = ("key,value,%s\nk,v,3600\n"):format(theirs),
      }
      for name, content in pairs(files) do
        p:write(name, content)
        hint(theirs, ours, "kv", "bulk", "put", name, "--namespace", "n", "--local")
      end
    end
  end)

  it("is answered in scripts", function()
    p:run("kv", "namespace", "create", "n", "--local")
    for theirs, ours in pairs(OURS) do
      p:write("s.lua", ('require("cfkv").key.put("n", "k", "v", { %s = 3600 })'):format(theirs))
      hint(theirs, ours, "run", "s.lua", "--local")
      if theirs ~= "ttl" then
        p:write("s.lua", ('require("cfkv").bulk.put("n", {}, { %s = 3600 })'):format(theirs))
        hint(theirs, "ttl", "run", "s.lua", "--local")
      end
    end
  end)

  it("is answered as an option, and wrangler's --expiration stays", function()
    local options = { ["--expiration-ttl"] = "--ttl", ["--expirationTtl"] = "--ttl", ["--ttl-seconds"] = "--ttl",
      ["--expires-in"] = "--ttl", ["--max-age"] = "--ttl", ["--expires"] = "--expiration",
      ["--expires-at"] = "--expiration" }
    for theirs, ours in pairs(options) do
      hint(theirs, ours, "kv", "key", "put", "k", "v", "--namespace", "n", "--local", theirs, "3600")
    end
    p:write("f.csv", "key,value\nk,v\n")
    hint("--expires", "--ttl", "kv", "bulk", "put", "f.csv", "--namespace", "n", "--local", "--expires", "3600")
  end)
end)
