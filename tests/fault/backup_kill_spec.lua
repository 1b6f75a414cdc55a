-- kill -9 at random moments of a restore, a copy and a backup of 200,000 keys: the same command, run
-- again, finishes it, every key is right, and no more batches are sent twice than were in flight.
--
-- The moments are the same in every run.
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local KEYS = 200000
local BATCHES = KEYS // 10000
local JOBS = 8
local KILLS = 20
local KV = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

local p, e, seconds, seed

local function options(more)
  local o = { env = e:env(), timeout = 120 }
  for name, value in pairs(more or {}) do
    o[name] = value
  end
  return o
end

local function run(...)
  local words = { ... }
  words[#words + 1] = options()
  return p:run(table.unpack(words))
end

-- Ends the command with SIGKILL somewhere within the time that it takes as a whole.
local function kill(what, command)
  seed = (seed * 1103515245 + 12345) % 2147483648
  local after = 0.02 + seconds[what] * (seed / 2147483648)
  return p:sh(("timeout -s KILL %.3f cfkv %s"):format(after, command), options())
end

local function bulk_puts()
  local n = 0
  for _, request in ipairs(e:requests()) do
    n = n + (request.method == "PUT" and request.path:find "/bulk$" and 1 or 0)
  end
  return n
end

-- true when the command was done before it could be killed: all is sent, and the journal is gone.
local function finished(before)
  return bulk_puts() - before >= BATCHES and p:sh("ls .cfkv/resume/*.jsonl").code ~= 0
end

local function digest(file)
  return p:sh("sed '1d;$d' " .. file .. " | sha256sum").out
end

local function digest_of(title)
  p:sh "rm -f check.jsonl*"
  ok(run("backup", title, "-o", "check.jsonl"))
  return digest "check.jsonl"
end

local function remove(title)
  local _, answer = e:ask("GET", KV .. "?per_page=100")
  for _, ns in ipairs(answer.result) do
    if ns.title == title then
      e:ask("DELETE", KV .. "/" .. ns.id)
    end
  end
end

local function start()
  p = project.quick {}
  e = emulator.start(p, "--memory", { timeout = 800 })
  seconds, seed = {}, 20261124
  local items = {}
  for i = 1, KEYS do
    items[i] = ('{"key":"k%06d","value":"value %d"}\n'):format(i, i)
  end
  p:write("items.jsonl", table.concat(items))
  e:ask("POST", KV, '{"title":"src"}')
  ok(run("kv", "bulk", "put", "items.jsonl", "--namespace", "src"))
  seconds.backup = ok(run("backup", "src", "-o", "src.jsonl")).seconds
end

describe("killed at any moment", function()
  lazy_setup(start)
  lazy_teardown(function()
    emulator.cleanup()
    project.cleanup()
  end)

  for what, command in pairs {
    restore = "restore src.jsonl --namespace to --create --yes --jobs " .. JOBS,
    copy = "copy src to --create --yes --jobs " .. JOBS,
  } do
    it("a " .. what .. " is finished by the next run", function()
      local want = digest "src.jsonl"
      local words = {}
      for word in command:gmatch "%S+" do
        words[#words + 1] = word
      end
      seconds[what] = ok(run(table.unpack(words))).seconds
      remove "to"
      local killed = 0
      for _ = 1, KILLS do
        local before = bulk_puts()
        local r = kill(what, command)
        killed = killed + (r.code ~= 0 and 1 or 0)
        local first = finished(before) and BATCHES or 0
        ok(run(table.unpack(words)))
        local sent = bulk_puts() - before
        assert(sent >= BATCHES, "batches are missing in the log: " .. sent)
        assert(sent <= first + BATCHES + JOBS, sent .. " batches were sent")
        assert.equal(want, digest_of "to")
        remove "to"
      end
      assert(killed >= KILLS // 2, ("it was killed %d times only"):format(killed))
    end)
  end

  it("a backup is finished by the next run", function()
    local want = digest "src.jsonl"
    local went_on = 0
    for _ = 1, KILLS do
      p:sh "rm -f b.jsonl*"
      kill("backup", "backup src -o b.jsonl")
      if not p:exists "b.jsonl" then
        local r = ok(run("backup", "src", "-o", "b.jsonl"))
        went_on = went_on + (r.err:find "interrupted run" and 1 or 0)
      end
      assert.equal(want, digest "b.jsonl")
      assert.falsy(p:exists "b.jsonl.partial")
    end
    assert(went_on > 0, "it never went on")
  end)
end)
