-- The lease of a state on a service during a long apply: it is kept, and losing it ends the run.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", state = %q }
cfkv.namespace { title = "cache" }
cfkv.namespace { title = "flags" }
]]

describe("the lease of a long apply", function()
  after_each(state_server.cleanup_all)


  -- The second create takes as long as it likes. A second of waiting is 10 ms: renewed each 0.2 s.
  local function begin(mode)
    local p = project.quick {
      ["faults.json"] = cjson.encode { rules = {
        { match = { endpoint = "namespace_create", nth = 2 }, fault = "hang" } } },
    }
    local e = emulator.start(p, "--memory", "--faults", "faults.json")
    local s = state_server.start(p, mode)
    p:write("kv.lua", CONFIG:format(s.url))
    local env = e:env(s:env { CFKV_WAIT_UNIT_MS = "10" })
    local running = p:start("apply", "--yes", "--jobs", "1", { env = env })
    e:wait_for '"fault":"hang"'
    return p, s, running, env
  end


  for mode, verb in pairs { s3 = "PUT", leases = "LOCK" } do
    it("is renewed, and what was done goes along: " .. mode, function()
      local _, s, running = begin(mode)
      local writes = #s:written()
      s:wait_for(('"verb":"%s"'):format(verb), #s:requests(verb) + 2)
      local document = s:written()[writes + 1].document
      assert.matches('"cache"', cjson.encode(document.state), 1, true)
      os.execute(("kill -TERM %d"):format(running.pid()))
      assert.equal(130, running.wait().code)
    end)
  end


  it("is taken by somebody else: the run ends, and what it did is put together with his", function()
    local p, s, running, env = begin "s3"
    local document = s:document()
    document.nonce = ("f"):rep(32)
    document.serial = document.serial + 1
    document.lease = { id = "00000000-0000-4000-8000-000000000000", who = "bob@far", host = "far",
      command = "cfkv apply", pid = 7, taken = os.time(), renewed = os.time(), seconds = 60 }
    document.past = nil
    s:put(cjson.encode(document))
    local r = running.wait()
    assert.equal(75, r.code, r.err)
    assert.matches("the lock on s3://bucket/kv.json was taken from us by bob@far", r.err, 1, true)
    assert.equal("bob@far", s:document().lease.who)
    document.lease = cjson.null
    s:put(cjson.encode(document))
    r = p:run("apply", "--yes", { env = env })
    assert.equal(0, r.code, r.err)
    assert.matches('"cache"', cjson.encode(s:document().state), 1, true)
    assert.matches('"flags"', cjson.encode(s:document().state), 1, true)
  end)
end)
