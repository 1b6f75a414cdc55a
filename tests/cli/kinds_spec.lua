-- What a namespace is created with, for life: where its data must stay (`jurisdiction`) and its `mode`. The way
-- from one kind to another is the topic `kinds`, which topics_spec follows.
local emulator = require "support.emulator"
local project = require "support.project"

local CONFIG = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
local UNIT = { CFKV_WAIT_UNIT_MS = "40" } -- a second of both sides, where writes are paced

describe("kinds of namespaces:", function()
  local p, e

  local function start(options)
    p = project.quick { ["kv.lua"] = CONFIG }
    e = emulator.start(p, "--memory", options or {})
  end

  local function run(...)
    return e:run(p, ...)
  end

  local function declare(text)
    p:write("kv.lua", CONFIG .. text)
  end

  local function done(...)
    local r = run(...)
    assert.equal(0, r.code, r.err)
    return r
  end

  local function titled(title)
    for _, ns in ipairs(done("kv", "namespace", "list", "--json").json()) do
      if ns.title == title then
        return ns
      end
    end
  end

  after_each(emulator.cleanup_all)

  describe("a jurisdiction", function()
    it("is sent, told and recorded, and then nothing changes", function()
      start()
      declare 'cfkv.namespace { title = "a", binding = "A", jurisdiction = "eu" }'
      done("apply", "--yes")
      assert.equal("eu", titled("a").jurisdiction)
      assert.equal("eu", done("state", "show", "a", "--json").json().jurisdiction)
      assert.matches("jurisdiction eu", done("state", "show", "a").out, 1, true)
      assert.equal("eu", done("audit", "--json").json().namespaces[1].jurisdiction)
      assert.equal(0, run("plan", "--detailed-exitcode").code)
    end)

    it("is recorded of what is adopted, declared or not", function()
      start()
      done("kv", "namespace", "create", "a", "--jurisdiction", "us")
      declare 'cfkv.namespace { title = "a", binding = "A" }'
      done("apply", "--yes")
      assert.equal("us", done("state", "show", "a", "--json").json().jurisdiction)
      assert.equal(0, run("plan", "--detailed-exitcode").code)
      declare 'cfkv.namespace { title = "a", binding = "A", jurisdiction = "us" }'
      assert.equal(0, run("plan", "--detailed-exitcode").code)
    end)

    it("stays what it was recorded as where the service tells it no more", function()
      start()
      declare 'cfkv.namespace { title = "a", binding = "A", jurisdiction = "eu" }'
      done("apply", "--yes")
      local id = titled("a").id
      e:stop()
      e = emulator.start(p, "--memory", { faults = { rules = { {
        match = { endpoint = "namespace_list" }, fault = "body",
        body = ('{"success":true,"errors":[],"messages":[],"result":[{"id":"%s","title":"a"}],'
          .. '"result_info":{"page":1,"per_page":1000,"count":1,"total_count":1}}'):format(id),
      } } } })
      assert.equal(0, run("plan", "--detailed-exitcode").code)
      declare 'cfkv.namespace { title = "a", binding = "A", jurisdiction = "us" }'
      assert.matches("is declared with jurisdiction 'us', but is in jurisdiction 'eu'", run("plan").err, 1, true)
    end)

    it("is a warning where nothing tells it, and not recorded", function()
      start()
      done("kv", "namespace", "create", "a")
      declare 'cfkv.namespace { title = "a", binding = "A", jurisdiction = "eu" }'
      assert.matches("the service tells no jurisdiction of it", done("apply", "--yes").err, 1, true)
      assert.matches("the service tells no jurisdiction of it", run("plan", "--detailed-exitcode").err, 1, true)
      assert.not_matches("jurisdiction", done("state", "show", "a").out, 1, true)
    end)

    it("is refused where a namespace of that title turns up in another", function()
      start()
      declare 'cfkv.namespace { title = "a", binding = "A", jurisdiction = "eu" }'
      done("plan", "--out", "saved")
      done("kv", "namespace", "create", "a", "--jurisdiction", "us")
      local r = run("apply", "--plan", "saved", "--yes")
      assert.not_equal(0, r.code)
      assert.equal("us", titled("a").jurisdiction)
    end)

    it("is of no concern on the local target", function()
      start()
      declare 'cfkv.namespace { title = "a", binding = "A", jurisdiction = "eu" }:put("k", "v")'
      local r = done("apply", "--local", "--yes")
      assert.is_nil((r.out .. r.err):find "jurisdiction")
      assert.is_nil((run("plan", "--local", "--detailed-exitcode").out):find "jurisdiction")
      assert.equal(0, run("plan", "--local", "--detailed-exitcode").code)
    end)

    it("is declared and recorded by import, so that the plan is empty, and so is a mode", function()
      start()
      done("kv", "namespace", "create", "a", "--jurisdiction", "eu")
      done("kv", "namespace", "create", "b", "--mode", "instant")
      os.remove(p.dir .. "/kv.lua")
      done("import", "--all", "--keys")
      assert.matches('jurisdiction = "eu"', p:read "kv.lua", 1, true)
      assert.matches('mode = "instant"', p:read "kv.lua", 1, true)
      local r = run("plan", "--detailed-exitcode")
      assert.equal(0, r.code, r.out .. r.err)
    end)

    it("goes with a backup, and with a copy to a namespace that is made for it", function()
      start()
      done("kv", "namespace", "create", "a", "--jurisdiction", "fedramp")
      done("kv", "key", "put", "k", "v", "--namespace", "a")
      done("backup", "a", "-o", "a.jsonl")
      assert.matches('"jurisdiction":"fedramp"', p:read("a.jsonl"):match "[^\n]+", 1, true)
      done("copy", "a", "b", "--create", "--yes")
      assert.equal("fedramp", titled("b").jurisdiction)
      done("restore", "a.jsonl", "--namespace", "c", "--create", "--yes")
      assert.equal("fedramp", titled("c").jurisdiction)
      assert.equal("v", done("kv", "key", "get", "k", "--namespace", "c").out)
    end)
  end)

  describe("create_options", function()
    local OPTIONS = 'cfkv.namespace { title = "a", binding = "A", create_options = { %s } }'

    it("are sent with a warning, recorded, and change nothing afterwards", function()
      start()
      declare(OPTIONS:format 'tier = "x", limits = { 1, 2 }')
      local r = done("apply", "--yes")
      assert.matches("cfkv does not know what they do", r.err, 1, true)
      local options = { tier = "x", limits = { 1, 2 } }
      assert.same(options, done("state", "show", "a", "--json").json().create_options)
      assert.matches('create_options {"limits":[1,2],"tier":"x"}', done("state", "show", "a").out, 1, true)
      assert.same(options, done("eval").json().namespaces[1].create_options)
      assert.matches([["create_options": "{\"limits\":[1,2],\"tier\":\"x\"}"]], p:read "kv.state.json", 1, true)
      r = run("plan", "--detailed-exitcode")
      assert.equal(0, r.code)
      assert.not_matches("no effect", r.err, 1, true)
      declare(OPTIONS:format 'tier = "y"')
      r = run("plan", "--detailed-exitcode")
      assert.equal(0, r.code)
      assert.matches("create_options of namespace 'a' have no effect", r.err, 1, true)
      declare 'cfkv.namespace { title = "a", binding = "A" }'
      assert.equal(0, run("plan", "--detailed-exitcode").code)
      assert.same(options, done("state", "show", "a", "--json").json().create_options)
    end)

    it("are told to policies, and forgotten on the local target", function()
      start()
      declare('cfkv.policy("no tier", function(ns) if ns.create_options.tier ~= "x" then return "tier" end end)\n'
        .. OPTIONS:format 'tier = "x"')
      done("validate")
      done("apply", "--local", "--yes")
      assert.equal(0, run("plan", "--local", "--detailed-exitcode").code)
      assert.equal(3, run("validate", "--strict").code)
    end)

    it("are an object of their own members, of bounded size", function()
      start()
      local function problem(text, options)
        declare('cfkv.namespace { title = "a", create_options = ' .. options .. " }")
        local r = run "validate"
        assert.equal(3, r.code)
        assert.matches(text, r.err, 1, true)
      end
      problem("hold 'jurisdiction', which is a field", '{ jurisdiction = "eu" }')
      problem("hold 'title', which is a field", '{ title = "b" }')
      problem("must be a table with names", '{ "a" }')
      problem("must be a table with names", '"a"')
      problem("is no JSON", "{ a = print }")
      problem("cannot hold ids or secrets", '{ a = cfkv.secret "s" }')
      problem("more than 8192", '{ a = ("x"):rep(8192) }')
    end)
  end)

  describe("mode 'instant'", function()
    local INSTANT = 'local ns = cfkv.namespace { title = "a", binding = "A", mode = "instant" }\n'

    local function paths(endpoint)
      local n = 0
      for _, line in ipairs(e:requests(endpoint)) do
        n = n + (line.status == 200 and 1 or 0)
      end
      return n
    end

    it("is sent, told and recorded; its keys go one by one, and what is too early again, as planned", function()
      start { env = UNIT, faults = { key_writes = true } }
      declare(INSTANT .. 'for i = 1, 4 do ns:put("k" .. i, "v" .. i) end\n'
        .. 'ns:bulk { { key = "b1", value = "x" }, { key = "b2", value = "y" } }')
      local plan = done("plan", "--json").json()
      assert.equal(7, plan.cost.execute.requests)
      assert.equal(6, plan.cost.execute.writes)
      assert.is_true(plan.cost.seconds == nil or plan.cost.seconds >= 6)
      local r = p:run("apply", "--yes", { env = e:env(UNIT) })
      assert.equal(0, r.code, r.err)
      assert.equal(6, paths "value_put")
      assert.same({}, e:requests "bulk_put")
      assert.equal("instant", titled("a").mode)
      assert.equal("instant", done("state", "show", "a", "--json").json().mode)
      assert.equal(0, run("plan", "--detailed-exitcode").code)
    end)

    it("is known to the terminal, to scripts and to restore by the listing or the state", function()
      start()
      done("kv", "namespace", "create", "a", "--mode", "instant")
      done("kv", "key", "put", "k", "v", "--namespace", "a")
      p:write("pairs.json", '[{"key":"one","value":"1"},{"key":"two","value":"2"}]')
      done("kv", "bulk", "put", "pairs.json", "--namespace", "a")
      p:write("seed.lua", 'local cfkv = require "cfkv"\ncfkv.strict()\n'
        .. 'cfkv.bulk.put("a", { { key = "three", value = "3" } })\ncfkv.key.delete("a", "one")')
      done("run", "seed.lua")
      done("backup", "a", "-o", "a.jsonl")
      done("copy", "a", "b", "--create", "--yes")
      assert.equal("instant", titled("b").mode)
      assert.equal("3", done("kv", "key", "get", "three", "--namespace", "b").out)
      p:write("keys.json", '["two","three"]')
      done("kv", "bulk", "delete", "keys.json", "--namespace", "b", "--yes")
      assert.same({}, e:requests "bulk_put")
      assert.same({}, e:requests "bulk_delete")
    end)

    it("refuses metadata and long keys at every door, before anything is sent", function()
      start()
      done("kv", "namespace", "create", "a", "--mode", "instant")
      local long = ("k"):rep(301)
      local function refused(text, ...)
        local r = run(...)
        assert.not_equal(0, r.code, table.concat({ ... }, " "))
        assert.matches(text, r.err, 1, true)
      end
      refused("has metadata", "kv", "key", "put", "k", "v", "--metadata", "{}", "--namespace", "a")
      refused("has 301 bytes", "kv", "key", "put", long, "v", "--namespace", "a")
      p:write("pairs.json", '[{"key":"one","value":"1"},{"key":"two","value":"2","metadata":{"a":1}}]')
      refused("'two' has metadata", "kv", "bulk", "put", "pairs.json", "--namespace", "a")
      p:write("seed.lua", 'local cfkv = require "cfkv"\ncfkv.strict()\n'
        .. 'cfkv.key.put("a", "k", "v", { metadata = { a = 1 } })')
      refused("has metadata", "run", "seed.lua")
      done("kv", "namespace", "create", "b")
      done("kv", "key", "put", "m", "v", "--metadata", "{}", "--namespace", "b")
      refused("'m' has metadata", "copy", "b", "a", "--yes")
      done("backup", "b", "-o", "b.jsonl")
      refused("'m' has metadata", "restore", "b.jsonl", "--namespace", "a", "--yes")
      p:write("seed.jsonl", '{"key":"m","value":"v","metadata":1}\n')
      declare(INSTANT .. 'ns:put("' .. long .. '", "v")\nns:bulk(cfkv.source.jsonl "seed.jsonl")')
      local r = run "validate"
      assert.equal(3, r.code)
      assert.matches("more than the 300 of a namespace of mode 'instant'", r.err, 1, true)
      assert.matches("key 'm' has metadata", r.err, 1, true)
      assert.equal(0, #e:requests "value_put" + #e:requests "bulk_put" - 1) -- but that of b
    end)

    it("takes a write a second, and no other before", function()
      start { env = UNIT }
      done("kv", "namespace", "create", "a", "--mode", "instant")
      local pairs = {}
      for i = 1, 45 do
        pairs[i] = ('{"key":"k%d","value":"v"}'):format(i)
      end
      p:write("pairs.json", "[" .. table.concat(pairs, ",") .. "]")
      local env = e:env { CFKV_WAIT_UNIT_MS = "10" }
      local r = p:run("kv", "bulk", "put", "pairs.json", "--namespace", "a", { env = env })
      assert.equal(0, r.code, r.err)
      assert.matches("takes a write a second", r.err, 1, true)
      local sent = e:requests "value_put"
      assert.equal(45, #sent)
      assert.is_true(sent[45].at - sent[1].at >= 300, sent[45].at - sent[1].at)
    end)

    it("judges all of a file before it writes the first key", function()
      start()
      done("kv", "namespace", "create", "a", "--mode", "instant")
      local pairs = {}
      for i = 1, 50 do
        pairs[i] = ('{"key":"k%d","value":"v"%s}'):format(i, i == 50 and ',"metadata":1' or "")
      end
      p:write("pairs.json", "[" .. table.concat(pairs, ",") .. "]")
      local r = run("kv", "bulk", "put", "pairs.json", "--namespace", "a")
      assert.not_equal(0, r.code)
      assert.matches("item 50: key 'k50' has metadata", r.err, 1, true)
      assert.same({}, e:requests "value_put")
    end)

    it("says what does not go with it, and how much it holds", function()
      start()
      local function problem(text, ...)
        declare(...)
        local r = run "validate"
        assert.equal(3, r.code)
        assert.matches(text, r.err, 1, true)
      end
      problem("exclude each other", 'cfkv.namespace { title = "a", mode = "instant", jurisdiction = "eu" }')
      problem("fingerprint = true", 'cfkv.namespace { title = "a", mode = "instant", fingerprint = true }')
      problem("mode 'fast' is unknown", 'cfkv.namespace { title = "a", mode = "fast" }')
      problem("10001 keys are declared", INSTANT .. 'for i = 1, 10001 do ns:put("k" .. i, "") end')
      problem("1000001 bytes of keys and values", INSTANT .. 'ns:put("k", ("v"):rep(1e6))')
      p:write("big.jsonl", ('{"key":"k","value":"%s"}\n'):format(("v"):rep(1000000)))
      problem("1000001 bytes", INSTANT .. 'ns:bulk(cfkv.source.jsonl "big.jsonl")')
    end)

    it("is settled for life", function()
      start()
      declare 'cfkv.namespace { title = "a", binding = "A" }'
      done("apply", "--yes")
      declare(INSTANT)
      local r = run "plan"
      assert.equal(1, r.code)
      assert.matches("is declared with mode 'instant', but was created without one", r.err, 1, true)
      assert.matches("'cfkv help kinds'", r.err, 1, true)
    end)

    it("is an option of 'kv namespace create', and wrangler's word for it is known", function()
      start()
      assert.equal("instant", done("kv", "namespace", "create", "a", "--mode", "instant", "--json").json().mode)
      assert.matches("--mode", run("kv", "namespace", "create", "b", "--x-mode", "instant").err, 1, true)
      assert.equal(64, run("kv", "namespace", "create", "b", "--mode", "fast").code)
      assert.equal(64, run("kv", "namespace", "create", "b", "--mode", "instant", "--jurisdiction", "eu").code)
      assert.equal(64, run("kv", "namespace", "create", "b", "--mode", "instant", "--local").code)
    end)
  end)
end)
