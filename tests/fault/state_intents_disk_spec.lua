-- The disk beside an apply whose state is on a service: what it keeps there is for the case that the
-- service is out of reach, and must be whole when a write fails or the run is killed at it.
local intents = require "fault.intents"
local project = require "support.project"
local state_server = require "support.state_server"

local STEP = 6 -- every sixth write fails, and a run is killed at each that follows one

describe("an apply with its state on a service", function()
  local s = intents.prepare(function(p)
    return state_server.start(p, "s3")
  end)

  s:fresh()
  s.fault_log = s.arena:path "points"
  project.ok(s:apply "after")
  s.fault_log = nil
  local points = {}
  for name in s.arena:read("points"):gmatch "%d+ ([%w.]+)\n" do
    points[#points + 1] = name
  end
  state_server.cleanup()

  teardown(function()
    s:remove()
  end)

  after_each(state_server.cleanup)


  local function run(fault)
    s:fresh()
    s.fault = fault
    local r = s:apply "after"
    s.fault = nil
    assert.equal(1, s.state:document().cfkv_state)
    s.state:advance(120)
    return r
  end


  for n = 1, #points, STEP do
    it(("whose write %d (%s) fails is finished by the next one"):format(n, points[n]), function()
      local r = run("fail:" .. n)
      assert(r.code == 0 or r.err:find "cfkv: ", r.err)
      s:check_after()
    end)
  end

  for n = 2, #points, STEP do
    it(("that is killed at write %d (%s) is finished by the next one"):format(n, points[n]), function()
      assert.equal(128 + 9, run("kill:" .. n).code)
      s:check_after()
      s:check_dropped(false)
    end)
  end
end)
