--- The runs that fault specs break at every fault point, and what must be true after the next one.
--
--     local scenarios = require "fault.scenarios"
--     for _, s in ipairs(scenarios) do … end
--
-- s.name                    "an apply of everything"
-- s.points                  names of its fault points in order: CFKV_FAULT=kill:n hits points[n]
-- s.allocations             how many allocations an undisturbed run makes
-- s:run(fault)              in a fresh copy of what was prepared: the run with that CFKV_FAULT, then
--                           the same run undisturbed, then a look at everything →
--     { codes   = exit codes of the steps: broken, list (`state list` after it), next, plan, drift
--       said    = what each wrote to stderr
--       seen    = world.look at the end
--       backups = the text of all backups }
-- s:assert_finished(case)   all is as after one undisturbed run
-- s:remove()

local assert = require "luassert"
local project = require "support.project"
local world = require "fault.world"

local NOW = "1800000000"

local scenarios = {}

-- ---- The configurations --------------------------------------------------------------------------

local HEAD = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }

local stamp = cfkv.var("stamp", { default = "1" })

local function namespace(purpose, title, fields)
  local t = { app = "shop", purpose = purpose, env = "dev", title = title }
  for name, value in pairs(fields or {}) do
    t[name] = value
  end
  local ns = cfkv.namespace(t)
  ns:put("stamp", stamp)
  return ns
end
]]

local BEFORE = HEAD .. [[
namespace("renamed", "old-name"):put("a", "1")
namespace("left", "left"):put("side", "l")
namespace("right", "right"):put("side", "r")

local edited = namespace("edited", "edited")
edited:put("same", "1")
edited:put("changed", "1")
edited:put("removed", "1")
edited:bulk {
  { key = "tmp/1", value = "1" },
  { key = "tmp/2", value = "2" },
  { key = "tmp/kept", value = "3" },
}
edited:bulk(cfkv.source.json "seed.json")

namespace("gone", "gone"):put("last", "words")
namespace("kept", "kept", { on_remove = "keep" }):put("k", "1")
cfkv.output("edited", edited.id)
]]

local AFTER = HEAD .. [[
namespace("renamed", "new-name"):put("a", "1")
namespace("left", "right"):put("side", "l")
namespace("right", "left"):put("side", "r")

local edited = namespace("edited", "edited")
edited:put("same", "1")
edited:put("changed", "2")
edited:put("foreign", "ours")
edited:put("tmp/kept", "3")
edited:prune "tmp/"
edited:bulk(cfkv.source.json "seed.json")

local fresh = namespace("fresh", "fresh", { ttl_seconds = 3600 })
fresh:put("plan", "pro", { metadata = { v = 1 } })
fresh:bulk { { key = "b/1", value = "1" }, { key = "b/2", value = "" } }

namespace("shared", "shared"):put("s", "ours")
cfkv.output("fresh", fresh.id)
]]

local OTHER = [[
local cfkv = require "cfkv"
cfkv.project { name = "other" }
local shared = cfkv.namespace { title = "shared" }
shared:put("s", "theirs")
shared:put("t", "theirs")
]]

local SEED_BEFORE = [=[
[{"key":"seed/0","value":"zero"},{"key":"seed/1","value":"one"},{"key":"seed/2","value":"two"}]
]=]

local SEED_AFTER = [=[
[{"key":"seed/1","value":"one"},{"key":"seed/2","value":"zwei"},{"key":"seed/3","value":"three"}]
]=]

-- ---- Helpers -------------------------------------------------------------------------------------

local function expect(p, code, command)
  local r = p:sh("cfkv " .. command, { env = { CFKV_NOW = NOW } })
  assert(r.code == code, ("cfkv %s: exit %s\n%s%s"):format(command, r.code, r.out, r.err))
  return r
end


-- One case in one shell, for there are hundreds: a fresh copy of what was prepared, the broken run,
-- the next one, and a look at what they left. Each step's exit code is a line on stdout.
local CASE = world.STEP .. [[
  rm -rf case && cp -R before case && cd case
  CFKV_FAULT=$fault step broken $run
  step list cfkv state list --local
  CFKV_FAULT='' step next $run
  step plan cfkv plan --local --detailed-exitcode
  step drift cfkv drift --local
  step look look
  step backups cat .cfkv/backups/*.jsonl
]]


local function run_case(s, fault)
  local p = s.arena
  local r = p:sh("look() {\n" .. world.LOOK .. "}\n" .. CASE,
    { env = { CFKV_NOW = NOW, fault = fault, run = "cfkv " .. s.command } })
  local case = { codes = {}, said = {} }
  for name, code in r.out:gmatch "(%l+) (%d+)\n" do
    case.codes[name] = tonumber(code)
    case.said[name] = p:read(name .. ".err")
  end
  assert(case.codes.look == 0, r.err)
  case.seen = world.seen(p:read "look.out")
  case.backups = p:read "backups.out"
  return case
end


local function assert_code(case, step, code)
  assert(case.codes[step] == code, ("%s: exit %s\n%s"):format(step, case.codes[step], case.said[step]))
end


-- A run that was killed before it removed what it had replaced leaves that to the next write.
local function sweep(s)
  local env = { CFKV_NOW = NOW, run = "cfkv " .. s.command }
  local r = s.arena:sh("cd case && $run --var stamp=2 >&2 && $run >&2\n" .. world.LOOK, { env = env })
  assert(r.code == 0, r.err)
  return world.seen(r.out)
end


-- Same keys, and the id that `ids` wants where it wants one.
local function assert_titles(ids, titles)
  for title, id in pairs(titles) do
    assert(ids[title], "unexpected namespace " .. title)
    assert(ids[title] == true or ids[title] == id, title .. " has another id")
  end
  for title in pairs(ids) do
    assert(titles[title], "namespace " .. title .. " is missing")
  end
end


local function assert_clean(s, case)
  local seen = case.seen
  assert_titles(s.ids(s.was.titles), seen.titles)
  assert.same(s.keys, seen.keys)
  assert.equal(0, seen.journal, "lines left in the journal")
  if #seen.orphans > 0 then
    seen = sweep(s)
    assert.same(s.keys, seen.keys)
  end
  assert.same({}, seen.orphans)
end


-- ---- The first apply of a project ------------------------------------------------------------------

local first = {
  name = "a first apply",
  command = "apply --local --yes",
  keys = {
    ["old-name: stamp"] = "1",
    ["old-name: a"] = "1",
    ["left: stamp"] = "1",
    ["left: side"] = "l",
    ["right: stamp"] = "1",
    ["right: side"] = "r",
    ["edited: stamp"] = "1",
    ["edited: same"] = "1",
    ["edited: changed"] = "1",
    ["edited: removed"] = "1",
    ["edited: tmp/1"] = "1",
    ["edited: tmp/2"] = "2",
    ["edited: tmp/kept"] = "3",
    ["edited: seed/0"] = "zero",
    ["edited: seed/1"] = "one",
    ["edited: seed/2"] = "two",
    ["gone: stamp"] = "1",
    ["gone: last"] = "words",
    ["kept: stamp"] = "1",
    ["kept: k"] = "1",
  },
}


function first.prepare(p)
  p:write("kv.lua", BEFORE)
  p:write("seed.json", SEED_BEFORE)
end


function first.ids()
  return { ["old-name"] = true, left = true, right = true, edited = true, gone = true, kept = true }
end


-- ---- An apply that does everything there is --------------------------------------------------------

local everything = {
  name = "an apply of everything",
  command = "apply --local --yes --allow-data-loss=*",
  keys = {
    ["new-name: stamp"] = "1",
    ["new-name: a"] = "1",
    ["right: stamp"] = "1",
    ["right: side"] = "l",
    ["left: stamp"] = "1",
    ["left: side"] = "r",
    ["edited: stamp"] = "1",
    ["edited: same"] = "1",
    ["edited: changed"] = "2",
    ["edited: foreign"] = "ours",
    ["edited: tmp/kept"] = "3",
    ["edited: seed/0"] = "zero",
    ["edited: seed/1"] = "one",
    ["edited: seed/2"] = "zwei",
    ["edited: seed/3"] = "three",
    ["fresh: stamp"] = "1 [expires 1800003600]",
    ["fresh: plan"] = 'pro [expires 1800003600] [{"v":1}]',
    ["fresh: b/1"] = "1 [expires 1800003600]",
    ["fresh: b/2"] = " [expires 1800003600]",
    ["shared: stamp"] = "1",
    ["shared: s"] = "ours",
    ["shared: t"] = "theirs",
    ["kept: stamp"] = "1",
    ["kept: k"] = "1",
  },
  -- What was overwritten, pruned or deleted.
  saved = { foreign = "theirs", s = "theirs", ["tmp/1"] = "1", ["tmp/2"] = "2", last = "words" },
}


function everything.prepare(p)
  first.prepare(p)
  expect(p, 0, "apply --local --yes")
  world.write(p, world.look(p).titles.edited, { foreign = "theirs" })
  p:write("other.lua", OTHER)
  expect(p, 0, "apply --local --yes -f other.lua")
  p:write("kv.lua", AFTER)
  p:write("seed.json", SEED_AFTER)
end


function everything.ids(was)
  return {
    ["new-name"] = was["old-name"],
    right = was.left,
    left = was.right,
    edited = was.edited,
    fresh = true,
    shared = was.shared,
    kept = was.kept,
  }
end


-- Renamed data stayed where it was, and so did the other configuration's state.
function everything.check(seen, was)
  assert.equal(was.blobs["left: side"], seen.blobs["right: side"])
  assert.equal(was.blobs["old-name: a"], seen.blobs["new-name: a"])
  assert.equal(was.documents["other.state.json"], seen.documents["other.state.json"])
end


-- ---- Destroying it ---------------------------------------------------------------------------------

local destroy = {
  name = "a destroy",
  command = "destroy --local --yes --allow-data-loss=*",
  keys = { ["kept: stamp"] = "1", ["kept: k"] = "1" },
  saved = { last = "words", side = "l", ["tmp/1"] = "1" },
}


function destroy.prepare(p)
  first.prepare(p)
  expect(p, 0, "apply --local --yes")
end


function destroy.ids(was)
  return { kept = was.kept }
end


function destroy.check(seen)
  local state = seen.documents["kv.state.json"]
  assert(not state:find('"title"', 1, true), "still in the state: " .. state)
end


-- ---- All of them -----------------------------------------------------------------------------------

-- The log of an undisturbed run: the names of its fault points, and its number of allocations.
local function read_log(text)
  local points, allocations = {}, 0
  for line in text:gmatch "[^\n]+" do
    local n, name = line:match "^(%d+) (%S+)$"
    if n then
      points[tonumber(n)] = name
    else
      allocations = tonumber(line:match "^alloc (%d+)$")
    end
  end
  return points, allocations
end


local function assert_saved(wanted, backups)
  for key, value in pairs(wanted or {}) do
    local line = ('"key":"%s","value":"%s"'):format(key, value)
    assert(backups:find(line, 1, true), line .. " is in no backup")
  end
end


local Scenario = {}
Scenario.__index = Scenario


function Scenario:run(fault)
  return run_case(self, fault)
end


function Scenario:assert_finished(case)
  assert_code(case, "next", 0)
  if not self.command:find "^destroy" then
    assert_code(case, "plan", 0)
  end
  assert_code(case, "drift", 0)
  assert_clean(self, case)
  assert_saved(self.saved, case.backups)
  if self.check then
    self.check(case.seen, self.was)
  end
end


function Scenario:remove()
  self.arena:remove()
end


-- Prepares it, and runs it once undisturbed.
local function survey(s)
  local template = project.quick()
  s.prepare(template)
  s.was = world.look(template)
  s.arena = project.quick()
  s.arena:sh("cp -R " .. project.quote(template.dir) .. " before")
  template:remove()
  local log = s.arena:path "faults.log"
  local r = s.arena:sh("cp -R before case && cd case && cfkv " .. s.command,
    { env = { CFKV_NOW = NOW, CFKV_FAULT_LOG = log } })
  assert(r.code == 0, r.err)
  s.points, s.allocations = read_log(s.arena:read "faults.log")
end


for _, s in ipairs { first, everything, destroy } do
  setmetatable(s, Scenario)
  survey(s)
  scenarios[#scenarios + 1] = s
end


return scenarios
