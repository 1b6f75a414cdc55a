-- kv bulk put, killed at any moment: the next run finishes, sends little twice, and every key is right.
local emulator = require "support.emulator"
local project = require "support.project"

local KEYS = 200000
local BATCHES = KEYS / 10000
local JOBS = 4
local KILLS = 20

describe("kv bulk put, killed:", function()
  local p, e, id, sum

  setup(function()
    p = project.quick {}
    local lines = {}
    for i = 1, KEYS do
      lines[i] = ('{"key":"k%06d","value":"v%d"}\n'):format(i, i)
    end
    p:write("pairs.jsonl", table.concat(lines))
    sum = p:sh("sed -E 's/.*\"key\":\"([^\"]*)\",\"value\":\"([^\"]*)\".*/\\1=\\2/' pairs.jsonl | sha256sum").out
  end)

  teardown(project.cleanup)

  before_each(function()
    e = emulator.start(p, "--memory", "--latency", "20")
    local _, answer = e:ask("POST", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT),
      '{"title":"shop"}', { ["Content-Type"] = "application/json" })
    id = answer.result.id
  end)

  after_each(emulator.cleanup)


  local function words()
    return "kv", "bulk", "put", "pairs.jsonl", "--rate", "1000000/300", "--jobs", tostring(JOBS), "--namespace-id", id,
      { env = e:env(), timeout = 60 }
  end


  -- The command, ended with SIGKILL once so many batches were answered. By the clock a machine that
  -- gets faster on the way would never be caught in the middle.
  local function kill_after(batches)
    local before = e:logged()
    local started = p:start(words())
    e:wait_for('"endpoint":"bulk_put"', batches, before)
    local pid = started.pid()
    if pid then
      os.execute(("kill -KILL %d 2>/dev/null"):format(pid))
    end
    started.wait()
  end


  local function read_back()
    local r = p:sh("seq -f '\"k%06.0f\"' 1 " .. KEYS .. " >keys.jsonl; cfkv kv bulk get keys.jsonl --format jsonl "
      .. "--rate 1000000/300 --jobs 64 --namespace-id " .. id
      .. " | sed -E 's/.*\"key\":\"([^\"]*)\",\"value\":\"([^\"]*)\".*/\\1=\\2/' | sha256sum",
      { env = e:env(), timeout = 60 })
    return r.out
  end


  -- true when the command was done before it could be killed: all is sent, and the journal is gone.
  local function finished(sent)
    return #e:requests "bulk_put" - sent >= BATCHES and p:sh("ls .cfkv/resume/*.jsonl").code ~= 0
  end


  it("20 times, at moments of a fixed seed", function()
    local random = 20261124
    local went_on = 0
    for kill = 1, KILLS do
      random = (random * 1103515245 + 12345) % 2147483648
      local _, answer = e:ask("POST", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT),
        ('{"title":"shop %d"}'):format(kill), { ["Content-Type"] = "application/json" })
      id = answer.result.id
      local sent = #e:requests "bulk_put"
      kill_after(1 + random % (BATCHES - 1))
      local done = finished(sent) and BATCHES or 0
      local r = p:run(words())
      assert.equal(0, r.code, r.err)
      went_on = went_on + (r.err:find("earlier run", 1, true) and 1 or 0)
      assert.equal(sum, read_back())
      sent = #e:requests "bulk_put" - sent
      assert.is_true(sent <= done + BATCHES + JOBS, ("kill %d: %d batches were sent"):format(kill, sent))
    end
    assert.is_true(went_on >= KILLS // 2, ("it went on %d times only"):format(went_on))
    assert.equal("", p:sh("ls .cfkv/resume/*.jsonl 2>/dev/null; true").out)
  end)
end)
