-- Ctrl-C, SIGTERM and a closed terminal during an apply whose state is on a service: what was done is
-- written there, and whoever comes next need not wait for the lease.
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

describe("an apply whose state is on a service", function()
  after_each(state_server.cleanup_all)


  local function kept(p)
    local pipe = assert(io.popen("ls " .. project.quote(p.dir) .. "/.cfkv/state/*/"))
    local names = pipe:read "a"
    pipe:close()
    return names
  end


  local function titles(s)
    local all = {}
    for _, account in pairs(s:document().state.accounts) do
      for _, ns in pairs(account.namespaces) do
        all[#all + 1] = ns.title
      end
    end
    table.sort(all)
    return table.concat(all, " ")
  end


  -- The second create is not answered.
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


  for mode, signal in pairs { s3 = "INT", http = "TERM", leases = "HUP" } do
    it(("ends with all that was done in it by SIG%s: %s"):format(signal, mode), function()
      local p, s, running, env = begin(mode)
      assert.is_truthy(mode == "s3" and type(s:document().lease) == "table" or s:lock())
      os.execute(("kill -%s %d"):format(signal, running.pid()))
      local r = running.wait()
      assert.equal(130, r.code, r.err)
      assert.equal(cjson.null, s:document().lease)
      assert.is_nil(s:lock())
      assert.equal("cache", titles(s))
      assert.equal("last.json\nlock\n", kept(p))
      r = p:run("apply", "--yes", { env = env })
      assert.equal(0, r.code, r.err)
      assert.equal("cache flags", titles(s))
    end)
  end


  it("is waited for by nobody on its machine when it was killed", function()
    for _, mode in ipairs { "s3", "http", "gitlab", "leases" } do
      local p, s, running, env = begin(mode)
      os.execute(("kill -KILL %d"):format(running.pid()))
      running.wait()
      assert.is_truthy(mode == "s3" and type(s:document().lease) == "table" or s:lock())
      local r = p:run("apply", "--yes", { env = env })
      assert.equal(0, r.code, mode .. ": " .. r.err)
      assert.equal("cache flags", titles(s))
      assert.equal(cjson.null, s:document().lease)
      assert.is_nil(s:lock())
    end
  end)
end)
