-- What plan and apply send: as little as possible, and what the plan said.
local cjson = require "cjson"
local cost = require "support.cost"
local emulator = require "support.emulator"
local project = require "support.project"

local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

describe("the cost of", function()
  local p, e

  before_each(function()
    p = project.quick()
  end)

  after_each(emulator.cleanup_all)


  local function serve(...)
    e = emulator.start(p, ...)
  end


  local function cfkv(...)
    local r = e:run_in_account(p, ...)
    assert.equal(0, r.code, r.err)
    return r
  end


  -- The log of one run alone.
  local function log_of(...)
    local before = #e:requests()
    local r = cfkv(...)
    return table.move(e:requests(), before + 1, #e:requests(), 1, {}), r
  end


  -- A plan's forecast is what the plan itself sends, and what an apply does from its start to its end.
  local function assert_cost()
    local options = { "--allow-data-loss=*", "--allow-mass-delete=*" }
    local planning, r = log_of("plan", "--json", table.unpack(options))
    local applying = log_of("apply", "--yes", table.unpack(options))
    local plan = r.json()
    assert.same(cost.of(planning), plan.cost.observe)
    assert.same(cost.of(applying), cost.total(plan.cost))
    assert.equal("number", type(plan.cost.seconds))
    return plan
  end


  -- So is that of the plan that finds nothing more to do.
  local function assert_foreseen(config)
    p:write("kv.lua", config)
    local plan, none = assert_cost(), assert_cost()
    assert.equal(0, #none.actions)
    assert.equal(0, none.cost.execute.requests)
    return plan
  end

  local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'

  describe("an apply is what the plan forecasts:", function()
    before_each(function()
      serve "--memory"
    end)

    it("creations and puts", function()
      assert_foreseen(HEAD .. [[
        for i = 1, 5 do
          local ns = cfkv.namespace { title = "n" .. i }
          for k = 1, i do ns:put("k" .. k, "v") end
        end
      ]])
    end)

    it("renames, in a circle and not", function()
      local config = HEAD .. [[
        local title = { %s }
        for i = 1, 4 do
          cfkv.namespace { app = "a", env = "e", purpose = "p" .. i, title = title[i] }:put("k", "v" .. i)
        end
      ]]
      assert_foreseen(config:format '"a", "b", "c", "d"')
      local plan = assert_foreseen(config:format '"b", "a", "c", "e"')
      assert.equal(3, plan.summary.rename)
      assert.equal(4, plan.cost.execute.requests)
    end)

    it("a bulk of more pairs than one request takes", function()
      local plan = assert_foreseen(HEAD .. [[
        local list = {}
        for i = 1, 10001 do list[i] = { key = "k" .. i, value = "v" } end
        cfkv.namespace { title = "n" }:bulk(list)
      ]])
      assert.same({ 3, 10001 }, { plan.cost.execute.requests, plan.cost.execute.writes })
    end)

    it("a bulk of more bytes than one request takes", function()
      local list = {}
      for i = 1, 30 do
        list[i] = { key = "k" .. i, value = ("x"):rep(700 * 1000) }
      end
      p:write("bulk.json", cjson.encode(list))
      local plan = assert_foreseen(HEAD .. 'cfkv.namespace { title = "n" }:bulk(cfkv.source.json "bulk.json")')
      assert.is_true(plan.cost.execute.requests >= 4)
    end)

    it("values so large that each takes a request of its own", function()
      local list = {}
      for i, size in ipairs { 10, 1048576, 10, 10, 1048575, 2000000, 1048577, 10 } do
        list[i] = { key = "k" .. i, value = ("x"):rep(size) }
      end
      p:write("bulk.json", cjson.encode(list))
      p:write("large.txt", ("y"):rep(1100000))
      assert_foreseen(HEAD .. [[
        local ns = cfkv.namespace { title = "n" }
        ns:bulk(cfkv.source.json "bulk.json")
        ns:put("a", "small")
        ns:put("b", cfkv.file.bytes "large.txt")
        ns:put("c", "small")
      ]])
    end)

    it("values that are no text", function()
      p:write("bytes.bin", "\xff\xfe\0")
      assert_foreseen(HEAD .. [[
        local ns = cfkv.namespace { title = "n" }
        ns:put("a", "small")
        ns:put("b", cfkv.file.bytes "bytes.bin")
      ]])
    end)

    it("a prune with its backup, in pages of 100 and 1,000", function()
      assert_foreseen(HEAD .. [[
        local list = {}
        for i = 1, 1250 do list[i] = { key = "old/" .. i, value = "v" } end
        cfkv.namespace { title = "n" }:bulk(list)
      ]])
      local plan = assert_foreseen(HEAD .. [[
        local ns = cfkv.namespace { title = "n" }
        ns:put("new", "v")
        ns:prune "old/"
      ]])
      assert.same({ 1250, 1250, 1 }, { plan.cost.execute.reads, plan.cost.execute.deletes, plan.cost.execute.writes })
      assert.equal(13 + 1 + 1, plan.cost.execute.requests)
    end)

    it("keys that are no longer declared", function()
      local config = HEAD .. [[
        local ns = cfkv.namespace { title = "n" }
        for i = 1, %d do ns:put("k" .. i, "v") end
      ]]
      assert_foreseen(config:format(20))
      assert_foreseen(config:format(5))
    end)

    it("overwrites with their backup", function()
      assert_foreseen(HEAD .. [[
        local ns = cfkv.namespace { title = "n" }
        for i = 1, 5 do ns:put("k" .. i, "v") end
      ]])
      local _, listed = e:ask("GET", NAMESPACES)
      local path = NAMESPACES .. "/" .. listed.result[1].id
      for i = 1, 3 do
        assert.equal(200, (e:ask("PUT", path .. "/values/k" .. i, "theirs")))
      end
      assert.equal(200, (e:ask("PUT", path .. "/values/foreign", "theirs")))
      local plan = assert_foreseen(HEAD .. [[
        local ns = cfkv.namespace { title = "n" }
        for i = 1, 5 do ns:put("k" .. i, "v") end
        ns:bulk { { key = "foreign", value = "ours" } }
      ]])
      assert.equal(4, plan.summary.overwrite)
    end)

    it("an adoption", function()
      local _, created = e:ask("POST", NAMESPACES, '{"title":"n"}')
      e:ask("PUT", ("%s/%s/values/k"):format(NAMESPACES, created.result.id), "theirs")
      local plan = assert_foreseen(HEAD .. 'cfkv.namespace { title = "n" }:put("k", "ours")')
      assert.same({ 1, 1 }, { plan.summary.adopt, plan.summary.overwrite })
    end)

    it("deletes of namespaces with their backups", function()
      assert_foreseen(HEAD .. [[
        cfkv.namespace { title = "stays" }
        cfkv.namespace { title = "empty" }
        cfkv.namespace { title = "few" }:put("k", "v")
        local list = {}
        for i = 1, 2150 do list[i] = { key = "k" .. i, value = "v" } end
        cfkv.namespace { title = "many" }:bulk(list)
      ]])
      local plan = assert_foreseen(HEAD .. 'cfkv.namespace { title = "stays" }')
      assert.equal(3, plan.summary.delete)
      assert.same({ 2151, 5 }, { plan.cost.execute.reads, plan.cost.execute.lists })
    end)

    it("all of it at once", function()
      local before = HEAD .. [[
        local a = cfkv.namespace { app = "a", purpose = "renamed", env = "e", title = "old" }
        for i = 1, 10 do a:put("k" .. i, "v") end
        a:bulk { { key = "old/1", value = "v" }, { key = "old/2", value = "v" } }
        cfkv.namespace { title = "gone" }:put("k", "v")
        cfkv.namespace { title = "same" }:put("k", "v")
      ]]
      local after = HEAD .. [[
        local a = cfkv.namespace { app = "a", purpose = "renamed", env = "e", title = "new" }
        for i = 5, 15 do a:put("k" .. i, i == 5 and "w" or "v") end
        a:prune "old/"
        cfkv.namespace { title = "same" }:put("k", "v")
        cfkv.namespace { title = "fresh" }:put("k", a.id .. "!")
      ]]
      assert_foreseen(before)
      assert_foreseen(after)
    end)
  end)

  describe("a plan that finds nothing to do", function()
    local SIXTY = HEAD .. [[
      for i = 1, 60 do
        local ns = cfkv.namespace { title = "n" .. i }
        for k = 1, 33 do ns:put("k" .. k, "v" .. k) end
      end
    ]]

    it("is one listing, and a listing and a read for each of 60 namespaces with 33 keys", function()
      p:write("kv.lua", SIXTY)
      serve "--memory"
      cfkv("apply", "--yes")
      local log = log_of("plan", "--detailed-exitcode")
      assert.is_true(#log <= 130, #log)
      assert.equal(1 + 60 + 60, #log)
      log = log_of("plan", "--detailed-exitcode", "--refresh", "keys")
      assert.equal(1 + 60, #log)
      log = log_of("plan", "--detailed-exitcode", "--refresh", "names")
      assert.is_true(#log <= 2, #log)
      log = log_of("plan", "--detailed-exitcode", "--refresh", "none")
      assert.same({}, log)
    end)

    it("is the same when nothing is applied, and changes nothing", function()
      p:write("kv.lua", SIXTY)
      serve "--memory"
      cfkv("apply", "--yes")
      assert.equal(1 + 60 + 60, #log_of("apply", "--yes"))
    end)
  end)

  it("a plan beside a thousand namespaces of others is one listing", function()
    p:write("kv.lua", HEAD .. 'cfkv.namespace { title = "ours" }')
    serve "--memory"
    cfkv("apply", "--yes")
    local script = {}
    for i = 1, 999 do
      script[i] = ('url = "%s%s"\ndata = "{\\"title\\":\\"other %d\\"}"\noutput = /dev/null\n')
        :format(e.url, NAMESPACES, i)
    end
    p:write("create", table.concat(script, "\n"))
    local r = p:sh(("curl -q -sS --noproxy '*' -H 'Authorization: Bearer %s' -K create"):format(emulator.TOKEN))
    assert.equal(0, r.code, r.err)
    local log = log_of("plan", "--detailed-exitcode", "--refresh", "names")
    assert.equal(1, #log)
    log = log_of("plan", "--detailed-exitcode")
    assert.is_true(#log <= 2)
  end)
end)
