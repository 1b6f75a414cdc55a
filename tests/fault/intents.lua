--- An apply of puts of every kind that is ended at one of its requests, and whose the keys are then.
--
--     local intents = require "fault.intents"
--     local s = intents.prepare()
--
-- Each run is of one of three stages of a project: "before", with some keys; "after", with others,
-- which are what the apply puts that is ended; "dropped", without any.
--
-- s:fresh()                 a fresh copy of what "before" left, and an emulator that serves it
-- s:apply(stage)            → as p:run
-- s:start_apply(stage)      → as p:start
-- s:kill(request)           the apply of "after" is killed while its `nth` request is out, before or
--                           `after` it was done; with `state` the nth of those to the state's service
-- s:check_dropped()         the apply of "dropped" leaves what others wrote, and nothing else; then
--                           nothing is left to do, and nothing pending in the state
-- s:check_after()           the apply of "after" makes what is declared; likewise
-- s.requests                the log of one undisturbed apply of "after"
-- s.e                       the emulator
-- s.fault, s.fault_log      CFKV_FAULT and CFKV_FAULT_LOG of runs; nil: none
-- s.unit                    milliseconds of a second of waiting, where the state is on a service (200,
--                           so that a run is over before it renews its lease)
-- s:remove()
--
-- intents.prepare(state?) with `state`, a function that gives a state_server for a project and is
-- called for each fresh copy, keeps the state there; s.state is that server then, and
-- s:throw_disk_away() leaves of the project what is in version control.

local assert = require "luassert"
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local world = require "fault.world"

local intents = {}

local Scenario = {}
Scenario.__index = Scenario

local FOREVER = 600000

local CONFIG = [[
local cfkv = require "cfkv"
local stage = cfkv.var("stage", { default = "after", oneof = { "before", "after", "dropped" } })
cfkv.project { name = "shop"%s }

local old = cfkv.namespace { title = "old" }
if stage == "before" then
  old:put("changed", "1")
  old:put("longer", "l", { expiration = 2100000000 })
  old:put("removed", "1")
  return
end

local fresh = cfkv.namespace { title = "fresh" }
local theirs = cfkv.namespace { title = "theirs", on_remove = "keep" }
if stage == "dropped" then
  return
end
old:put("changed", "2")
old:put("longer", "l", { expiration = 2140000000 })
old:put("new", "n", { metadata = { n = 1 } })
old:put("found", "as declared")
old:put("over", "ours")
old:put("once", "o", { policy = "once" })
old:put("names", "in " .. fresh.id)
fresh:put("a", "1")
fresh:put("b", "2", { expiration_ttl = 3600 })
theirs:put("n", "1")
]]

-- ---- Running it ----------------------------------------------------------------------------------

local function write_foreign(s, e)
  local base = "/accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces"
  local _, made = e:ask("POST", base, '{"title":"theirs"}', { ["Content-Type"] = "application/json" })
  local theirs = made.result.id
  local _, list = e:ask("GET", base)
  for _, ns in ipairs(list.result) do
    if ns.title == "old" then
      assert.equal(200, (e:ask("PUT", base .. "/" .. ns.id .. "/values/found", "as declared")))
      assert.equal(200, (e:ask("PUT", base .. "/" .. ns.id .. "/values/over", "theirs")))
    end
  end
  assert.equal(200, (e:ask("PUT", base .. "/" .. theirs .. "/values/t", "theirs")))
  s.theirs = theirs
end


local function options_for(s)
  local env = s.state and s.state:env() or {}
  env.CFKV_WAIT_UNIT_MS = s.state and (s.unit or "200") or "2" -- 20 of them: no renewal
  env.CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT
  env.CFKV_FAULT, env.CFKV_FAULT_LOG = s.fault, s.fault_log
  return { cwd = "case/project", env = s.e:env(env), timeout = 60 }
end


function Scenario:run(...)
  local words = { ... }
  words[#words + 1] = options_for(self)
  return self.arena:run(table.unpack(words))
end


function Scenario:apply(stage, ...)
  return self:run("apply", "--yes", "--jobs", "1", "--var", "stage=" .. stage, ...)
end


function Scenario:start_apply(stage, ...)
  local words = { "apply", "--yes", "--jobs", "1", "--var", "stage=" .. stage, ... }
  words[#words + 1] = options_for(self)
  return self.arena:start(table.unpack(words))
end


local function serve(s, faults)
  s.e = emulator.start(s.arena, "--root", "case/served", faults and { faults = faults } or nil)
end


function Scenario:fresh(rules)
  self.arena:sh "rm -rf case && cp -R before case"
  serve(self, rules and { rules = rules })
  if self.make_state then
    self.state = self.make_state(self.arena)
    self.state:put(self.kept)
    self.arena:write("case/project/kv.lua", CONFIG:format((", state = %q"):format(self.state.url)))
    self.arena:sh "rm -rf case/project/.cfkv"
  end
end


function Scenario:throw_disk_away()
  self.arena:sh "rm -rf case/project/.cfkv case/project/kv.state.json*"
end


function Scenario:kill(rule)
  local hang = { match = { nth = rule.nth }, fault = "hang", ms = FOREVER, after = rule.after }
  self:fresh(not rule.state and { hang } or nil)
  if rule.state then
    self.state:faults { hang }
  end
  local run = self:start_apply "after"
  local server = rule.state and self.state or self.e
  server:wait_for '"fault":"hang"'
  os.execute("kill -KILL " .. run.pid())
  assert.equal(128 + 9, run.wait().code)
end


-- The emulator has rules that fired already; the store is what it left.
function Scenario:look()
  local r = self.arena:sh("cd case/served\n" .. world.LOOK)
  assert(r.code == 0, r.err)
  return world.seen(r.out)
end

-- ---- What must be true ---------------------------------------------------------------------------

function Scenario:state_text()
  if self.state then
    local document = self.state:document()
    return document and cjson.encode(document.state) or ""
  end
  return self.arena:read "case/project/kv.state.json" or ""
end


-- Nothing left to do, nothing pending, and the state stays as it is, byte for byte.
local function check_settled(s, stage)
  local text = s:state_text()
  assert.is_nil(text:find('"writing"', 1, true), text)
  assert.is_nil(text:find('"creating"', 1, true), text)
  local r = project.ok(s:run("plan", "--detailed-exitcode", "--var", "stage=" .. stage))
  assert.is_nil(r.out:find("will be forgotten", 1, true))
  project.ok(s:apply(stage))
  assert.equal(text, s:state_text())
  if not s.state then
    assert.is_nil(s.arena:read "case/project/kv.state.json.journal")
  end
end


local function same_keys(wanted, keys)
  for name, text in pairs(keys) do
    keys[name] = text:gsub("%[expires %d+%]", "[expires]")
  end
  assert.same(wanted, keys)
end


function Scenario:check_after()
  project.ok(self:apply("after"))
  local seen = self:look()
  same_keys({
    ["old: changed"] = "2", ["old: longer"] = "l [expires]", ["old: new"] = 'n [{"n":1}]',
    ["old: found"] = "as declared", ["old: over"] = "ours", ["old: once"] = "o",
    ["old: names"] = "in " .. tostring(seen.titles.fresh), ["fresh: a"] = "1", ["fresh: b"] = "2 [expires]",
    ["theirs: n"] = "1", ["theirs: t"] = "theirs",
  }, seen.keys)
  check_settled(self, "after")
end


function Scenario:check_dropped(over)
  local r = project.ok(self:apply("dropped"))
  assert.is_nil(r.err:find("is not what cfkv wrote", 1, true), r.err)
  local seen = self:look()
  if over == nil then
    over = seen.keys["old: over"]
    assert(over == nil or over == "theirs", over)
  end
  same_keys({ ["old: found"] = "as declared", ["old: over"] = over or nil, ["theirs: t"] = "theirs" }, seen.keys)
  local ids = 0
  for _ in pairs(seen.title_of) do
    ids = ids + 1
  end
  assert.equal(3, ids) -- each title once
  check_settled(self, "dropped")
end

-- ---- Preparing it --------------------------------------------------------------------------------

function intents.prepare(make_state)
  local s = setmetatable({ arena = project.quick(), make_state = make_state }, Scenario)
  s.arena:sh "mkdir -p case/project case/served"
  s.state = make_state and make_state(s.arena)
  s.arena:write("case/project/kv.lua", CONFIG:format(s.state and (", state = %q"):format(s.state.url) or ""))
  serve(s)
  project.ok(s:apply "before")
  write_foreign(s, s.e)
  emulator.cleanup()
  s.kept = s.state and s.state:text()
  s.arena:sh "mv case before"
  s:fresh()
  project.ok(s:apply "after")
  s.requests = s.e:requests()
  s.state_requests = s.state and s.state:requests()
  emulator.cleanup()
  return s
end


function Scenario:remove()
  emulator.cleanup()
  self.arena:remove()
end



return intents
