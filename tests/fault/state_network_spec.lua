-- The network between an apply and the service of its state drops, delays, doubles and cuts: whatever
-- comes of the run, no state is lost or torn, and the next one makes what is declared.
local intents = require "fault.intents"
local state_server = require "support.state_server"

-- Each happens once, and the run comes through.
local PASSING = {
  { fault = "drop", after = true }, { fault = "status", status = 500, after = true }, { fault = "twice" },
  { fault = "truncate" }, { fault = "delay", ms = 100 }, { fault = "drop" }, { fault = "echo" },
  { fault = "reset", after = true }, { fault = "status", status = 503 },
  { fault = "status", status = 429, retry_after = 1 },
}

-- From some request on nothing gets there, or no answer back.
local LASTING = { { fault = "drop" }, { fault = "drop", after = true } }

local WHICH = {
  s3 = { { "GET", 1 }, { "PUT", 1 }, { "PUT", 3 } },
  http = { { "LOCK", 1 }, { "POST", 1 }, { "POST", 3 }, { "UNLOCK", 1 } },
}


local function matrix(mode)
  local s = intents.prepare(function(p)
    return state_server.start(p, mode)
  end)
  s.unit = "3"

  local function describe_fault(f)
    return f.fault .. (f.status and " " .. f.status or "") .. (f.after and " after it was done" or "")
  end


  local function run(fault, match)
    s:fresh()
    match.path = "/" .. s.state.name
    local rule = { match = match }
    for name, value in pairs(fault) do
      rule[name] = value
    end
    s.state:faults { rule }
    local r = s:apply "after"
    assert.equal(1, s.state:document().cfkv_state)
    s.state:faults(nil)
    return r
  end


  -- A lock whose freeing never got there.
  local function free_lock()
    if mode == "http" and s.state:lock() then
      s:run("state", "unlock", "--yes")
    end
    s.state:advance(120)
  end


  describe("an apply with its state on " .. mode, function()
    teardown(function()
      s:remove()
    end)

    after_each(state_server.cleanup)


    for _, which in ipairs(WHICH[mode]) do
      local verb, nth = which[1], which[2]
      for i = 1, mode == "s3" and #PASSING or 5 do
        local fault = PASSING[i]
        it(("goes on behind %s of %s %d"):format(describe_fault(fault), verb, nth), function()
          local r = run(fault, { method = verb, nth = nth })
          assert(r.code == 0, r.out .. r.err)
          assert.is_nil(s.state:lock())
          s:check_after()
        end)
      end

      for _, fault in ipairs(LASTING) do
        it(("is finished by the next one behind %s from %s %d on"):format(describe_fault(fault), verb, nth), function()
          local r = run(fault, { method = verb, from = nth })
          assert(r.code == 75 or (r.code == 0 and (fault.after or verb == "UNLOCK")), r.out .. r.err)
          assert(r.code == 0 or r.err:find(s.state.url, 1, true), r.err)
          free_lock()
          s:check_after()
        end)
      end
    end
  end)
end


matrix "s3"
matrix "http"


describe("a service that takes one write of a key a second", function()
  local s

  teardown(function()
    s:remove()
    state_server.cleanup()
  end)

  it("is waited for", function()
    s = intents.prepare(function(p)
      return state_server.start(p, "s3", { pace_ms = 60 })
    end)
    s.unit = "50"
    s:fresh()
    s:check_after()
    local refused = 0
    for _, r in ipairs(s.state:requests "PUT") do
      refused = refused + (r.status == 429 and 1 or 0)
    end
    assert(refused > 0, "none was too soon")
  end)
end)
