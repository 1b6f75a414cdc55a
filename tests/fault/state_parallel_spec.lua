-- Many applies on one remote state: nothing is lost, nothing is there twice; and who lost his lock loses.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local N = 20

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", state = %q }
cfkv.namespace { title = "shared" }:put("k", "v")
for i = 1, %d do
  local ns = cfkv.namespace { title = ("own-%%02d"):format(i) }
  ns:put("mine", tostring(i))
  ns:put("known", "to all")
end
]]

describe("applies at the same time", function()
  local p, s, e

  after_each(state_server.cleanup_all)


  local function start(mode, faults)
    p = project.quick()
    s = state_server.start(p, mode)
    e = emulator.start(p, "--memory", faults and { faults = { rules = faults } } or nil)
  end


  local function env(unit)
    return e:env(s:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT, CFKV_WAIT_UNIT_MS = unit })
  end


  local function titles()
    local seen = {}
    local _, list = e:ask("GET", "/accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces?per_page=100")
    for _, ns in ipairs(list.result) do
      assert.is_nil(seen[ns.title], ns.title .. " is there twice")
      seen[ns.title] = ns.id
    end
    return seen
  end


  -- Whoever wrote, each document that stood there came from the one before it.
  local function check_history()
    local serial, lineage = 0, nil
    for _, r in ipairs(s:requests()) do
      if r.path == "/" .. s.name and (r.verb == "PUT" or r.verb == "POST") and r.status == 200 then
        local document = cjson.decode(r.body)
        assert.equal(serial + 1, document.serial)
        assert.equal(lineage or document.lineage, document.lineage)
        serial, lineage = document.serial, document.lineage
      end
    end
    assert.is_true(serial >= 2)
  end


  for _, mode in ipairs { "s3", "leases", "gitlab" } do
    it(("from %d folders all are recorded, once, as created (%s)"):format(N, mode), function()
      start(mode)
      local started = {}
      for i = 1, N do
        p:write(("at%d/kv.lua"):format(i), CONFIG:format(s.url, N))
      end
      for i = 1, N do
        started[i] = p:start("apply", "--yes", "--only", ("own-%02d"):format(i), "--only", "shared",
          "--lock-timeout", "6000", { cwd = "at" .. i, env = env "20", timeout = 120 })
      end
      for i = 1, N do
        local r = started[i].wait()
        assert(r.code == 0, r.out .. r.err)
      end
      check_history()
      local live = titles()
      local document = s:document()
      assert.is_true(document.lease == nil or document.lease == cjson.null)
      assert.is_nil(s:lock())
      local section = document.state.accounts[emulator.ACCOUNT]
      assert.is_nil(section.creating)
      assert.is_nil(section.writing)
      local n = 0
      for title, entry in pairs(section.namespaces) do
        n = n + 1
        assert.equal("created", entry.origin, title)
        assert.equal(live[title], entry.id)
        for key, record in pairs(entry.keys) do
          assert.equal("wrote", record.origin, title .. " " .. key)
        end
      end
      assert.equal(N + 1, n)
      project.ok(p:run("plan", "--detailed-exitcode", { cwd = "at1", env = env "20" }))
    end)
  end


  -- One is held up in the middle of its puts; another frees its lock by force, and writes.
  for _, mode in ipairs { "s3", "http", "leases" } do
    it(("the one whose lock was broken is told, and nothing of either is lost (%s)"):format(mode), function()
      start(mode, { { match = { endpoint = "bulk_put", nth = 1 }, fault = "hang", ms = 1500, after = true } })
      for i = 1, 2 do
        p:write(("at%d/kv.lua"):format(i), CONFIG:format(s.url, 2))
      end
      local options = { cwd = "at1", env = env "50", timeout = 60 }
      local slow = p:start("apply", "--yes", "--only", "own-01", options)
      e:wait_for '"fault":"hang"'
      options.cwd = "at2"
      local busy = p:run("apply", "--yes", "--only", "own-02", "--lock-timeout", "0", options)
      assert.equal(75, busy.code, busy.out .. busy.err)
      assert.matches("cfkv apply", busy.err)
      assert.matches("state unlock", busy.err)
      project.ok(p:run("state", "unlock", "--yes", options))
      project.ok(p:run("apply", "--yes", "--only", "own-02", options))
      local r = slow.wait()
      assert(r.code ~= 0, r.out .. r.err)
      assert.equal(75, r.code)
      assert.matches("the lock on .* was taken from us by .*cfkv apply", r.err)
      check_history()
      -- What each did is known.
      options.cwd = "at1"
      project.ok(p:run("apply", "--yes", options))
      for title, entry in pairs(s:document().state.accounts[emulator.ACCOUNT].namespaces) do
        assert.equal("created", entry.origin, title)
        assert.equal("wrote", (entry.keys.mine or entry.keys.k).origin)
      end
    end)
  end
end)
