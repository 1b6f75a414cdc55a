-- kill -9 while each request of an apply is out, before and after the service has done it: the next
-- apply does the rest.
local emulator = require "support.emulator"
local remote = require "fault.remote"

local FOREVER = 600000

describe("an apply over the network that is killed", function()
  local s = remote.prepare()

  teardown(function()
    s:remove()
  end)

  after_each(emulator.cleanup)


  local function kill_at(n, after)
    s:fresh()
    local e = s:serve { rules = { { match = { nth = n }, fault = "hang", ms = FOREVER, after = after } } }
    local run = s:start_apply(e, "--jobs", "1")
    e:wait_for '"fault":"hang"'
    os.execute("kill -KILL " .. run.pid())
    assert.equal(128 + 9, run.wait().code)
    assert.equal(n, #e:requests())
    e:stop()
    local seen = s:look()
    s:check_foreign(seen)
    if not s:is_untouched(seen) then
      s:check_converged()
    end
  end


  for n, request in ipairs(s.requests) do
    it(("before request %d (%s) is done is finished by the next one"):format(n, request.endpoint), function()
      kill_at(n, false)
    end)

    it(("after request %d (%s) was done is finished by the next one"):format(n, request.endpoint), function()
      kill_at(n, true)
    end)
  end
end)
