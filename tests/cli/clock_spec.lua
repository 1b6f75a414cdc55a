-- What expires does so by the service's clock. Where ours is another, its answers tell, and people
-- are told.
local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

describe("where the service's clock", function()
  local p, e

  before_each(function()
    p = project.quick()
  end)

  after_each(emulator.cleanup_all)


  -- The service's clock is so many seconds ahead of ours; its answers have `date`, or the time.
  local function serve(ahead, date)
    e = emulator.start(p, "--memory", { env = { CFKV_CLOCK_AHEAD = tostring(ahead) }, faults = { date = date } })
  end


  local function run(...)
    return e:run_in_account(p, ...)
  end


  local function declare(text)
    p:write("kv.lua", HEAD .. 'local ns = cfkv.namespace { title = "n" }\n' .. text)
  end


  local function assert_settled()
    assert.equal(0, run("apply", "--yes").code)
    local plan = run("plan", "--detailed-exitcode")
    assert.equal(0, plan.code, plan.out)
    local writes = #e:requests "bulk_put"
    assert.equal(0, run("apply", "--yes").code)
    assert.equal(writes, #e:requests "bulk_put")
    return plan
  end


  for _, ahead in ipairs { 90, 3600, -90, -3600 } do
    it(("is %d s ahead, a key that lives for 600 s is written once"):format(ahead), function()
      serve(ahead)
      declare 'ns:put("k", "v", { expiration_ttl = 600 })'
      local plan = assert_settled()
      local told = ("it is %d s %s"):format(math.abs(ahead), ahead < 0 and "fast" or "slow")
      local _, n = plan.err:gsub("clock says %d%d:%d%d:%d%d and the service's says", "")
      assert.equal(1, n, plan.err)
      -- A second may pass between the two clocks.
      local near = plan.err:gsub("it is (%d+) s", function(s)
        return math.abs(s - math.abs(ahead)) <= 1 and ("it is %d s"):format(math.abs(ahead)) or nil
      end)
      assert.truthy(near:find(told, 1, true), plan.err)
      assert.truthy(plan.err:find("set this machine's clock", 1, true))
    end)
  end

  it("is ahead, an item of a bulk that lives for 600 s is written once", function()
    serve(90)
    declare 'ns:bulk { { key = "k", value = "v", expiration_ttl = 600 } }'
    assert_settled()
  end)

  it("is ahead, drift finds no expiry that differs", function()
    serve(90)
    declare 'ns:put("k", "v", { expiration_ttl = 600 })'
    assert.equal(0, run("apply", "--yes").code)
    local drift = run "drift"
    assert.equal(0, drift.code, drift.out)
    assert.truthy(drift.err:find("and the service's says", 1, true))
  end)

  it("is ahead, a key whose expiration is past there shall be absent", function()
    serve(600)
    declare(('ns:put("k", "v", { expiration = %d })'):format(os.time() + 300))
    local plan = run("plan", "--json")
    assert.same({ 0, 0 }, { plan.code, plan.json().summary.put })
    assert.equal(0, run("apply", "--yes").code)
    assert.equal(0, #e:requests "bulk_put")
  end)

  it("is behind, a key whose expiration is past here is put as long as it is not there", function()
    serve(-600)
    declare(('ns:put("k", "v", { expiration = %d })'):format(os.time() - 300))
    assert.equal(1, run("plan", "--json").json().summary.put)
    assert_settled()
    local _, listed = e:ask("GET", NAMESPACES)
    assert.equal(200, (e:ask("GET", ("%s/%s/values/k"):format(NAMESPACES, listed.result[1].id))))
  end)

  for name, date in pairs {
    ["no date"] = "", ["no time"] = "soon", ["the beginning of time"] = "Thu, 01 Jan 1970 00:00:00 GMT",
    ["a day long ago"] = "Mon, 02 Jan 2006 15:04:05 GMT",
  } do
    it(("is not told (%s), ours is believed"):format(name), function()
      serve(0, date)
      declare 'ns:put("k", "v", { expiration_ttl = 600 })'
      assert.equal("", assert_settled().err)
    end)
  end

  it("is a few seconds ahead, nobody is told", function()
    serve(20)
    declare 'ns:put("k", "v", { expiration_ttl = 600 })'
    assert.equal("", assert_settled().err)
  end)
end)
