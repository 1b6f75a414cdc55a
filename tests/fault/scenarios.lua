--- The runs that fault specs break at every fault point, and what must be true after the next one.
--
--     local scenarios = require "fault.scenarios"
--     for _, s in ipairs(scenarios) do … end
--
-- s.name               "an apply of everything"
-- s.points             names of its fault points in order: points[n] is hit by CFKV_FAULT=kill:n
-- s.allocations        how many allocations an undisturbed run makes
-- s.fresh()            a project in the state before the run
-- s.run(p, options)    does the run (options as for p:run)
-- s.finish(p)          the next run, undisturbed; asserts everything that must be true then
--
-- Each scenario is prepared once, and `fresh` copies what was prepared.

local assert = require "luassert"
local project = require "support.project"
local world = require "fault.world"

local NOW = 1800000000

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

local function cfkv(p, command, options)
  local copy = { env = { CFKV_NOW = tostring(NOW) } }
  for name, value in pairs(options or {}) do
    copy[name] = value
  end
  for name, value in pairs(options and options.env or {}) do
    copy.env[name] = value
  end
  copy.env.CFKV_NOW = tostring(NOW)
  local words = {}
  for word in command:gmatch "%S+" do
    words[#words + 1] = word
  end
  words[#words + 1] = copy
  return p:run(table.unpack(words))
end


local function expect(p, code, command)
  local r = cfkv(p, command)
  assert(r.code == code, ("cfkv %s: exit %s\n%s%s"):format(command, r.code, r.out, r.err))
  return r
end


-- A write that had to wait for the next one to be swept: makes that next one.
local function sweep(p, s)
  if #world.look(p).orphans > 0 then
    expect(p, 0, s.command .. " --var stamp=2")
    expect(p, 0, s.command)
  end
end


local function assert_clean(p, s)
  assert.same(s.keys, world.look(p).keys)
  assert.equal(0, world.look(p).journal, "lines left in the journal")
  if not s.command:find "^destroy" then
    sweep(p, s)
  end
  local seen = world.look(p)
  assert.same({}, seen.orphans)
  assert.same(s.keys, seen.keys)
  return seen
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


local function assert_settled(p)
  expect(p, 0, "plan --local --detailed-exitcode")
  expect(p, 0, "drift --local")
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


function first.check(p)
  local seen = assert_clean(p, first)
  assert_titles({ ["old-name"] = true, left = true, right = true, edited = true, gone = true, kept = true },
    seen.titles)
  assert_settled(p)
end


-- ---- An apply that does everything there is --------------------------------------------------------

local everything = {
  name = "an apply of everything",
  command = "apply --local --yes --allow-data-loss",
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


-- What was overwritten, pruned or deleted is in a backup.
local function assert_backed_up(p)
  local texts = world.backups(p)
  for key, value in pairs {
    foreign = "theirs",
    s = "theirs",
    ["tmp/1"] = "1",
    ["tmp/2"] = "2",
    last = "words",
  } do
    local line = ('"key":"%s","value":"%s"'):format(key, value)
    assert(texts:find(line, 1, true), line .. " is in no backup")
  end
end


function everything.check(p)
  local was = everything.was
  local seen = assert_clean(p, everything)
  assert_titles({
    ["new-name"] = was.titles["old-name"],
    right = was.titles.left,
    left = was.titles.right,
    edited = was.titles.edited,
    fresh = true,
    shared = was.titles.shared,
    kept = was.titles.kept,
  }, seen.titles)
  assert.equal(was.blobs["left: side"], seen.blobs["right: side"])
  assert.equal(was.blobs["old-name: a"], seen.blobs["new-name: a"])
  assert.equal(was.documents["other.state.json"], seen.documents["other.state.json"])
  assert_backed_up(p)
  assert_settled(p)
end


-- ---- Destroying it ---------------------------------------------------------------------------------

local destroy = {
  name = "a destroy",
  command = "destroy --local --yes --allow-data-loss",
  keys = { ["kept: stamp"] = "1", ["kept: k"] = "1" },
}


function destroy.prepare(p)
  first.prepare(p)
  expect(p, 0, "apply --local --yes")
end


function destroy.check(p)
  local seen = assert_clean(p, destroy)
  assert_titles({ kept = destroy.was.titles.kept }, seen.titles)
  assert(world.backups(p):find('"key":"last","value":"words"', 1, true), "what 'gone' held is in no backup")
  local listed = expect(p, 0, "state list --local --json").out
  assert(not listed:find('"title"', 1, true), "still in the state: " .. listed)
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


local function survey(s, template)
  local p = project.new()
  p:copy(template.dir)
  local log = p.dir .. ".run.log"
  local r = cfkv(p, s.command, { env = { CFKV_FAULT_LOG = log } })
  assert(r.code == 0, r.err)
  local f = assert(io.open(log))
  s.points, s.allocations = read_log(f:read "a")
  f:close()
  s.check(p)
  p:remove()
end


for _, s in ipairs { first, everything, destroy } do
  local template = project.new()
  s.prepare(template)
  s.was = world.look(template)

  function s.fresh()
    local p = project.new()
    p:copy(template.dir)
    return p
  end

  function s.run(p, options)
    return cfkv(p, s.command, options)
  end

  function s.finish(p)
    expect(p, 0, s.command)
    s.check(p)
  end

  function s.remove()
    template:remove()
  end

  survey(s, template)
  scenarios[#scenarios + 1] = s
end


return scenarios
