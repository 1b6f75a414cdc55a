-- kill -9 of an apply while any of its requests is out, to the account or to the service of its state,
-- on a machine that is gone with its disk: the next one, elsewhere, does the rest, and knows whose each
-- key is.
local intents = require "fault.intents"
local project = require "support.project"
local state_server = require "support.state_server"

local function is_stable(document)
  assert.equal(1, document.cfkv_state)
  assert.is_string(document.nonce)
  return document
end


local function matrix(mode, account)
  local s = intents.prepare(function(p)
    return state_server.start(p, mode)
  end)

  -- What a lock that does not expire by itself asks of people; others expire.
  local function free_lock()
    if mode == "http" and s.state:lock() then
      local r = project.ok(s:run("state", "unlock", "--yes"))
      assert.matches("cfkv apply", r.out .. r.err)
    end
    s.state:advance(120)
  end


  local function check(n, request)
    s:kill(request)
    is_stable(s.state:document())
    s.state:faults(nil)
    s:throw_disk_away()
    free_lock()
    if n % 2 == 0 then
      s:check_after()
    end
    s:check_dropped(n % 2 == 0 and false or nil)
  end


  describe("an apply with its state on " .. mode .. " that is killed", function()
    teardown(function()
      s:remove()
    end)

    after_each(state_server.cleanup)


    -- The disk is gone: before the next one is done is the same.
    for n, request in ipairs(account and s.requests or {}) do
      it(("after request %d to the account (%s) was done"):format(n, request.endpoint), function()
        check(n, { nth = n, after = true })
      end)
    end

    for n, request in ipairs(s.state_requests) do
      it(("after request %d to the state (%s) was done"):format(n, request.verb), function()
        check(n, { state = true, nth = n, after = true })
      end)
    end
  end)
end


matrix("s3", true)
matrix "http"
matrix "leases"
