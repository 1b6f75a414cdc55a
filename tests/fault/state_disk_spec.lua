-- The disk of a machine whose state is on a service: an apply that is killed at any write to it, or
-- whose write fails, loses nothing, and the next one finishes it without waiting for anybody.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", state = %q }
cfkv.namespace { title = "cache" }:put("k", "v")
cfkv.namespace { title = "flags" }
]]

describe("an apply whose state is on a service, at each write to its own disk:", function()
  after_each(state_server.cleanup_all)


  local function world(mode)
    local p = project.quick {}
    local e = emulator.start(p, "--memory")
    local s = state_server.start(p, mode)
    p:write("kv.lua", CONFIG:format(s.url))
    return p, e, s
  end


  local function apply(w, more)
    local p, e, s = table.unpack(w)
    local env = { CFKV_WAIT_UNIT_MS = "10" }
    for name, value in pairs(more or {}) do
      env[name] = value
    end
    return p:run("apply", "--yes", { env = e:env(s:env(env)) })
  end


  local function kept(p)
    local pipe = assert(io.popen("ls " .. project.quote(p.dir) .. "/.cfkv/state/*/"))
    local names = pipe:read "a"
    pipe:close()
    return names
  end


  -- What an apply that nobody disturbed passes.
  local function count(mode)
    local w = { world(mode) }
    local log = w[1].dir .. "/points"
    assert.equal(0, apply(w, { CFKV_FAULT_LOG = log }).code)
    local n = 0
    for line in io.lines(log) do
      n = line:match "^%d+ " and n + 1 or n
    end
    state_server.cleanup_all()
    return n
  end


  local function assert_done(w, where)
    local p, e, s = table.unpack(w)
    local r = apply(w)
    assert.equal(0, r.code, where .. ": " .. r.err)
    local document = s:document()
    local text = cjson.encode(document.state)
    assert.equal(cjson.null, document.lease, where)
    assert.is_nil(s:lock(), where)
    assert.is_nil(text:find('"creating"', 1, true), where)
    assert.is_nil(text:find('"writing"', 1, true), where)
    assert.equal("last.json\nlock\n", kept(p), where)
    r = p:run("plan", "--detailed-exitcode", { env = e:env(s:env()) })
    assert.equal(0, r.code, where .. ": " .. r.out .. r.err)
    assert.matches('"k"', text, 1, true)
    assert.is_nil(r.err:find("kept", 1, true), where)
  end


  for _, case in ipairs { { "s3", "kill" }, { "s3", "fail" }, { "http", "kill" } } do
    local mode, fault = table.unpack(case)
    it(("%s, %s"):format(mode, fault), function()
      local n = count(mode)
      assert.is_true(n > 10, n)
      for i = 1, n do
        local w = { world(mode) }
        local r = apply(w, { CFKV_FAULT = ("%s:%d"):format(fault, i) })
        if fault == "kill" then
          assert.equal(137, r.code, i)
        end
        assert_done(w, ("%s %d of %d (%d: %s)"):format(fault, i, n, r.code, r.err))
        state_server.cleanup_all()
      end
    end)
  end
end)
