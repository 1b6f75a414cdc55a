-- An apply that is not alone: others create the same titles, delete, fill the account; and those who
-- refuse the work as a whole.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, title in ipairs { "one", "two", "three" } do
  cfkv.namespace { title = title }:put("k", "ours")
end
]]

describe("an apply beside others", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG }
  end)

  after_each(emulator.cleanup_all)


  local function serve(faults, env)
    e = emulator.start(p, "--root", ".", { faults = faults, env = env })
  end




  local function cfkv(...)
    local words = { ... }
    words[#words + 1] = { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }
    return p:run(table.unpack(words))
  end


  local function create(title)
    local status, answer = e:ask("POST", NAMESPACES, cjson.encode { title = title })
    assert.equal(200, status)
    return answer.result.id
  end


  -- { [title] = id }
  local function titles()
    local list = {}
    local _, answer = e:ask("GET", NAMESPACES .. "?per_page=1000")
    for _, ns in ipairs(answer.result) do
      assert.is_nil(list[ns.title], ns.title .. " is there twice")
      list[ns.title] = ns.id
    end
    return list
  end


  local function value(id, key)
    local status, answer = e:ask("GET", ("%s/%s/values/%s"):format(NAMESPACES, id, key))
    return status == 200 and answer or nil
  end


  local function is_clean()
    return cfkv("plan", "--detailed-exitcode").code == 0
  end


  local function assert_all_ours()
    local live = titles()
    for _, title in ipairs { "one", "two", "three" } do
      assert.equal("ours", value(live[title], "k"))
    end
    assert.is_true(is_clean())
  end


  describe("who create the same title", function()
    local theirs


    -- Others come between a plan and its apply.
    local function plan_then_create()
      assert.equal(0, cfkv("plan", "--out", "plan").code)
      theirs = create "two"
      e:ask("PUT", ("%s/%s/values/theirs"):format(NAMESPACES, theirs), "theirs")
    end


    it("refuses the plan that was saved before, and changes nothing", function()
      serve()
      plan_then_create()
      local r = cfkv("apply", "--plan", "plan", "--yes")
      assert.equal(5, r.code)
      assert.matches("the saved plan does not fit any more", r.err, 1, true)
      assert.same({ two = theirs }, titles())
    end)

    it("adopts it when it plans anew, and keeps what is theirs", function()
      serve()
      plan_then_create()
      local r = cfkv("apply", "--yes", "--json")
      assert.equal(0, r.code, r.err)
      assert.same({ 1, 2 }, { r.json().applied.adopt, r.json().applied.create })
      assert.equal(theirs, titles().two)
      assert.equal("theirs", value(theirs, "theirs"))
      assert_all_ours()
    end)

    it("does not adopt it with --no-adopt, and says what else to do", function()
      serve()
      plan_then_create()
      local r = cfkv("apply", "--yes", "--no-adopt")
      assert.is_true(r.code ~= 0)
      assert.matches("two", r.err, 1, true)
      assert.equal(theirs, titles().two)
      assert.is_nil(value(theirs, "k"))
    end)

    -- The service's answer to one who comes too late: taken, though the listing did not show it.
    local function taken()
      serve { rules = { { match = { endpoint = "namespace_create", nth = 2 }, fault = "status", status = 400,
        code = 10014, message = "a namespace with this account ID and title already exists", after = true } } }
    end


    it("adopts it while it applies", function()
      taken()
      local r = cfkv("apply", "--yes", "--json", "--jobs", "1")
      assert.equal(0, r.code, r.err)
      assert.same({ 1, 2 }, { r.json().applied.adopt, r.json().applied.create })
      assert_all_ours()
    end)

    it("does not adopt it while it applies with --no-adopt, and does the rest", function()
      taken()
      local r = cfkv("apply", "--yes", "--json", "--jobs", "1", "--no-adopt")
      assert.equal(4, r.code, r.err)
      assert.matches("two", r.err, 1, true)
      assert.equal(2, r.json().applied.create)
      assert.is_nil(value(titles().two, "k"))
      assert.equal("ours", value(titles().three, "k"))
    end)
  end)

  describe("who put keys into a namespace that was not listed", function()
    it("overwrites none of theirs without leave", function()
      serve { rules = { { match = { endpoint = "namespace_list", nth = 1 }, fault = "body",
        body = '{"result":[],"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":1000,' ..
          '"count":0,"total_count":0}}' } } }
      local theirs = create "two"
      e:ask("PUT", ("%s/%s/values/k"):format(NAMESPACES, theirs), "theirs")
      local r = cfkv("apply", "--yes", "--json")
      assert.is_true(r.code == 4, r.err)
      assert.equal("theirs", value(theirs, "k"))
      assert.matches("--allow-data-loss", r.err, 1, true)
      assert.equal("ours", value(titles().one, "k"))
    end)
  end)

  describe("who delete a namespace", function()
    local function delete(title)
      local status = e:ask("DELETE", NAMESPACES .. "/" .. titles()[title])
      assert.equal(200, status)
    end


    before_each(function()
      serve()
      assert.equal(0, cfkv("apply", "--yes").code)
      p:write("kv.lua", (CONFIG:gsub('"ours"', '"newer"')))
    end)

    it("refuses the plan that was saved before", function()
      assert.equal(0, cfkv("plan", "--out", "plan").code)
      delete "two"
      local r = cfkv("apply", "--plan", "plan", "--yes")
      assert.equal(5, r.code)
      assert.matches("the saved plan does not fit any more", r.err, 1, true)
      assert.equal("ours", value(titles().one, "k"))
    end)

    it("creates it again when it plans anew, and says so", function()
      delete "two"
      local r = cfkv("apply", "--yes")
      assert.equal(0, r.code, r.err)
      assert.matches("was deleted outside cfkv; it is created again, empty", r.out, 1, true)
      assert.equal("newer", value(titles().two, "k"))
      assert.is_true(is_clean())
    end)

    -- Between the plan and its writes, within one run.
    it("says which keys had no namespace any more, and does the rest", function()
      local gone = titles().two
      e:stop()
      serve { rules = { { match = { endpoint = "bulk_put", path = "*" .. gone .. "*" }, fault = "status",
        status = 404, code = 10013, message = "namespace not found" } } }
      local r = cfkv("apply", "--yes", "--json")
      assert.equal(4, r.code, r.err)
      assert.matches("10013", r.err, 1, true)
      assert.equal(2, r.json().applied.put)
      assert.equal("newer", value(titles().three, "k"))
    end)

    it("has nothing against it when it was to be deleted", function()
      p:write("kv.lua", (CONFIG:gsub('"two", ', "")))
      e:stop()
      serve { rules = { { match = { endpoint = "namespace_delete" }, fault = "status", status = 404, code = 10013,
        after = true } } }
      local r = cfkv("apply", "--yes", "--allow-data-loss=*", "--allow-mass-delete=*")
      assert.equal(0, r.code, r.err)
      assert.is_nil(titles().two)
      assert.is_true(is_clean())
    end)
  end)

  describe("who fill the account", function()
    it("says that it is full, does what fits, and goes on when there is room", function()
      serve { max_namespaces = 3 }
      local theirs = create "theirs"
      local r = cfkv("apply", "--yes", "--json", "--jobs", "1")
      assert.equal(4, r.code, r.err)
      assert.matches("10018", r.err, 1, true)
      assert.matches("hint: an account holds at most 1,000 namespaces", r.err, 1, true)
      assert.equal(2, r.json().applied.create)
      assert.equal(2, r.json().applied.put)
      assert.is_nil(titles().three)
      e:ask("DELETE", NAMESPACES .. "/" .. theirs)
      assert.equal(0, cfkv("apply", "--yes").code)
      assert_all_ours()
    end)

    it("says that it is full when nothing fits at all", function()
      serve { max_namespaces = 1 }
      create "theirs"
      local r = cfkv("apply", "--yes")
      assert.is_true(r.code == 1 or r.code == 4, "exit " .. r.code)
      assert.matches("10018", r.err, 1, true)
      assert.equal(3, #e:requests "namespace_create" - 1)
    end)
  end)

  describe("who refuse", function()
    it("its token: exit 1, and what the token must be", function()
      serve(nil, { CFKV_SERVE_TOKEN = "another" })
      for _, words in ipairs { { "plan" }, { "apply", "--yes" } } do
        local r = cfkv(table.unpack(words))
        assert.equal(1, r.code, words[1])
        assert.matches("code 10000", r.err, 1, true)
        assert.matches("that the token of CLOUDFLARE_API_TOKEN is active", r.err, 1, true)
      end
    end)

    it("for today: not tried again, and when it will be taken", function()
      serve { rules = { { match = { endpoint = "bulk_put" }, fault = "quota" } } }
      local r = cfkv("apply", "--yes", "--only", "one")
      assert.equal(4, r.code, r.err)
      assert.equal(1, #e:requests "bulk_put")
      assert.matches("10048", r.err, 1, true)
      assert.matches("00:00 UTC", r.err, 1, true)
    end)

    it("by a firewall: not tried again, and that it was one", function()
      serve { rules = { { fault = "challenge" } } }
      local r = cfkv("apply", "--yes")
      assert.equal(1, r.code, r.err)
      assert.equal(1, #e:requests())
      assert.matches("a firewall in front of the API answered", r.err, 1, true)
    end)

    it("some of its keys: each is named, and the next apply puts it", function()
      p:write("kv.lua", [[
        local cfkv = require "cfkv"
        cfkv.project { name = "shop" }
        local ns = cfkv.namespace { title = "one" }
        for i = 1, 5 do ns:put("k" .. i, "v") end
      ]])
      serve { rules = { { match = { endpoint = "bulk_put" }, times = 4, fault = "partial", keys = { "k2", "k4" } } } }
      local r = cfkv("apply", "--yes", "--json")
      assert.equal(4, r.code, r.err)
      assert.equal(4, #e:requests "bulk_put")
      assert.equal(3, r.json().applied.put)
      local failed = {}
      for _, f in ipairs(r.json().failed) do
        failed[#failed + 1] = f.key
      end
      table.sort(failed)
      assert.same({ "k2", "k4" }, failed)
      assert.equal(0, cfkv("apply", "--yes").code)
      assert.is_true(is_clean())
    end)
  end)
end)
