-- state move: killed at each of its requests, before and after it was done, it arrives when it is run
-- again, and the state is whole at every point.
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

after_each(state_server.cleanup)
after_each(project.cleanup)

local account
setup(function()
  account = emulator.start(project.new(), "--memory")
end)
teardown(emulator.cleanup_all)

local count = 0

local function config(state)
  return ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", account_id = %q%s }
cfkv.namespace { title = "shop-%d" }:put("k", "v")
]]):format(emulator.ACCOUNT, state and (", state = %q"):format(state) or "", count)
end

local function declare(p, state)
  p:write("kv.lua", config(state))
end

local function begin()
  count = count + 1
  local p = project.quick()
  declare(p)
  return p
end

-- Kills a move when the log of the service has so many lines.
local KILLED = [[
  cfkv state move %s --yes & pid=$!
  until [ "$(wc -l <%s)" -ge %d ]; do kill -0 $pid 2>/dev/null || break; done
  kill -KILL $pid 2>/dev/null; wait $pid]]


describe("a state on a service", function()
  it("is whole, and arrives, wherever its move is killed", function()
    local p = begin()
    local s = state_server.start(p, "s3")
    local how = { env = account:env(s:env()) }
    declare(p, s.url)
    project.ok(p:run("apply", "--yes", how))
    local state = s:document().state
    for after = 0, 1 do
      for n = 1, 20 do
        local there = ("s3://bucket/%d-%d.json"):format(after, n)
        local from, asked = p:read ".cfkv/state.json", #s:requests()
        s:faults { { fault = "hang", ms = 20000, after = after == 1, match = { nth = n } } }
        local ended = p:sh(KILLED:format(there, project.quote(s.dir .. "/log"), asked + n), how).code
        s:faults(nil)
        local r = p:run("state", "move", there, "--yes", how)
        assert.equal(0, r.code, ("killed at request %d, after %d: %s"):format(n, after, r.err))
        assert.not_equal(from, p:read ".cfkv/state.json")
        local arrived = s:document(there:match "bucket/.*")
        assert.same(state, arrived.state)
        assert.is_nil(arrived.moved_to)
        project.ok(p:run("state", "list", how))
        if ended == 0 then
          assert.is_true(n > 5)
          break
        end
      end
    end
  end)
end)
