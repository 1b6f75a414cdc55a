--- The apply over the network that fault specs break at every request, and what must be true after
--- the next one: 9 namespaces, 40 keys, a bulk source of 3 MB, one prune, one rename, one delete, an
--- adoption; values that go by themselves and values that are no text.
--
--     local remote = require "fault.remote"
--     local s = remote.prepare()
--
-- s:fresh()                 a fresh copy of what was prepared (that is done once): the project, and the
--                           store that the emulator serves
-- s:serve(faults?)          starts an emulator over that store
-- s:apply(e, words...)      the apply against it → as p:run
-- s:start_apply(e, words...)  the same in the background → as p:start
-- s:look()                  what is live: world.look of the store, expirations without their time
-- s:check_truth(r, seen, overwrites?)  what that run said of itself is true, though it may have put so
--                           many keys more than planned
-- s:is_untouched(seen)      nothing was changed, neither live nor in the project
-- s:check_finished(e)       there is nothing left to do
-- s:check_converged()       the next apply against an emulator without faults does the rest, after
--                           which there is nothing left to do, and what is live is what is declared,
--                           and what others wrote
-- s.planned                 the summary of the apply's plan
-- s.requests                the log of one undisturbed apply
-- s:remove()

local assert = require "luassert"
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local world = require "fault.world"

local remote = {}

local Scenario = {}
Scenario.__index = Scenario

-- ---- The configurations --------------------------------------------------------------------------

local HEAD = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }

local function namespace(purpose, title, fields)
  local t = { app = "shop", purpose = purpose, env = "dev", title = title }
  for name, value in pairs(fields or {}) do
    t[name] = value
  end
  return cfkv.namespace(t)
end

local function fill(ns, n, value)
  for i = 1, n do
    ns:put("k" .. i, value .. i, i % 2 == 0 and { metadata = { n = i } } or nil)
  end
  return ns
end
]]

local BEFORE = HEAD .. [[
fill(namespace("renamed", "old-name"), 4, "r")
local edited = fill(namespace("edited", "edited"), 4, "before ")
edited:bulk {
  { key = "legacy/1", value = "one" },
  { key = "legacy/2", value = "two" },
  { key = "legacy/3", value = "//79", base64 = true },
  { key = "side/1", value = "s" },
}
local binary = fill(namespace("binary", "binary"), 1, "b")
binary:put("bytes", cfkv.file.bytes "bytes.bin", { metadata = { kind = "bytes" } })
fill(namespace("same", "same"), 4, "s")
fill(namespace("gone", "gone"), 2, "g")
]]

local AFTER = HEAD .. [[
fill(namespace("renamed", "new-name"), 4, "r")
local edited = fill(namespace("edited", "edited"), 4, "after ")
edited:prune "legacy/"
local binary = fill(namespace("binary", "binary"), 1, "b")
binary:put("bytes", cfkv.file.bytes "bytes.bin", { metadata = { kind = "bytes" } })
fill(namespace("same", "same"), 4, "s")
fill(namespace("shared", "shared"), 4, "ours ")
fill(namespace("fresh1", "fresh-1"), 6, "f"):bulk(cfkv.source.json "bulk.json")
fill(namespace("fresh2", "fresh-2", { ttl_seconds = 86400 }), 6, "f")
fill(namespace("fresh3", "fresh-3"), 5, "f")
fill(namespace("fresh4", "fresh-4"), 5, "f")
]]

local BYTES = "\xff\xfe\xfd"
local LARGE = 1200 * 1000
local SMALL = 100 * 1000


local function bulk_pairs()
  local pairs_of = { { key = "large", value = ("L"):rep(LARGE), metadata = { large = true } } }
  for i = 1, 18 do
    pairs_of[#pairs_of + 1] = { key = ("small/%02d"):format(i), value = string.char(96 + i):rep(SMALL) }
  end
  return pairs_of
end

-- ---- What must be live at the end ----------------------------------------------------------------

local function add(keys, title, n, value, suffix)
  for i = 1, n do
    local metadata = i % 2 == 0 and (' [{"n":%d}]'):format(i) or ""
    keys[("%s: k%d"):format(title, i)] = value .. i .. (suffix or "") .. metadata
  end
end


-- As look shows a value of some size.
local function digest(p, value)
  p:write("value", value)
  local r = p:sh "sqlite3 :memory: \"SELECT 'sha3 ' || hex(sha3(readfile('value')))\""
  assert(r.code == 0, r.err)
  return (r.out:gsub("\n$", ""))
end


local function desired(p)
  local keys = {
    ["edited: side/1"] = "s",
    ["binary: bytes"] = BYTES .. ' [{"kind":"bytes"}]',
    ["same: theirs"] = "theirs",
    ["shared: theirs"] = "theirs",
    ["elsewhere: k1"] = "theirs",
  }
  add(keys, "new-name", 4, "r")
  add(keys, "edited", 4, "after ")
  add(keys, "binary", 1, "b")
  add(keys, "same", 4, "s")
  add(keys, "shared", 4, "ours ")
  add(keys, "fresh-1", 6, "f")
  add(keys, "fresh-2", 6, "f", " [expires]")
  add(keys, "fresh-3", 5, "f")
  add(keys, "fresh-4", 5, "f")
  for _, pair in ipairs(bulk_pairs()) do
    keys["fresh-1: " .. pair.key] = digest(p, pair.value) .. (pair.metadata and ' [{"large":true}]' or "")
  end
  return keys
end


local TITLES = {
  "new-name", "edited", "binary", "same", "shared", "fresh-1", "fresh-2", "fresh-3", "fresh-4", "elsewhere",
}

-- ---- Running it ----------------------------------------------------------------------------------

function Scenario:fresh()
  self.arena:sh "rm -rf case && cp -R before case"
end


function Scenario:serve(faults, options)
  local words = { "--root", "case/served", options or {} }
  words[#words].faults = faults
  return emulator.start(self.arena, table.unpack(words))
end


local function options_for(e)
  return { cwd = "case/project", env = e:env(), timeout = 60 }
end


function Scenario:run(e, ...)
  local words = { ... }
  words[#words + 1] = options_for(e)
  return self.arena:run(table.unpack(words))
end


function Scenario:apply(e, ...)
  return self:run(e, "apply", "--yes", "--allow-data-loss=*", "--json", ...)
end


function Scenario:start_apply(e, ...)
  local words = { "apply", "--yes", "--allow-data-loss=*", "--json", ... }
  words[#words + 1] = options_for(e)
  return self.arena:start(table.unpack(words))
end


-- Values of some size by their digest: reading 3 MB anew for every case would be most of the work.
local LOOK = world.LOOK:gsub("CAST%(readfile%('%$f'%) AS TEXT%)", [[
  iif(length(readfile('$f')) < 10000, CAST(readfile('$f') AS TEXT), 'sha3 ' || hex(sha3(readfile('$f'))))]])


function Scenario:look()
  local r = self.arena:sh("cd case/served\n" .. LOOK)
  assert(r.code == 0, r.err)
  local seen = world.seen(r.out)
  for name, text in pairs(seen.keys) do
    seen.keys[name] = text:gsub("%[expires %d+%]", "[expires]")
  end
  return seen
end

-- ---- What must be true ---------------------------------------------------------------------------

local function same_table(a, b)
  for name, value in pairs(a) do
    if b[name] ~= value then
      return false
    end
  end
  for name in pairs(b) do
    if a[name] == nil then
      return false
    end
  end
  return true
end


-- How much of the plan is live.
local function count_live(s, seen)
  local live = { create = 0, rename = 0, delete = 0, put = 0, delete_keys = 0 }
  for title in pairs(seen.titles) do
    if not s.was.titles[title] then
      local kind = seen.titles[title] == s.was.titles["old-name"] and "rename" or "create"
      live[kind] = live[kind] + 1
    end
  end
  live.delete = seen.titles.gone and 0 or 1
  for name, text in pairs(seen.keys) do
    if s.desired[name] == text and s.was.keys[name] ~= text then
      live.put = live.put + 1
    end
  end
  for i = 1, 3 do
    live.delete_keys = live.delete_keys + (seen.keys["edited: legacy/" .. i] and 0 or 1)
  end
  return live
end


local function describe_live(live)
  local words = {}
  for name, n in pairs(live) do
    words[#words + 1] = ("%s %d"):format(name, n)
  end
  table.sort(words)
  return table.concat(words, ", ")
end


-- Foreign keys and namespaces are there whatever happened.
function Scenario:check_foreign(seen)
  for _, name in ipairs { "same: theirs", "shared: theirs", "elsewhere: k1" } do
    assert.equal("theirs", seen.keys[name], name)
  end
  assert.equal(self.was.titles.shared, seen.titles.shared)
  assert.equal(self.was.titles.elsewhere, seen.titles.elsewhere)
end


-- Each title once: a look by title would hide a second.
local function assert_unique(seen)
  local ids, titles = 0, 0
  for _ in pairs(seen.title_of) do
    ids = ids + 1
  end
  for _ in pairs(seen.titles) do
    titles = titles + 1
  end
  assert.equal(titles, ids, "a title is there twice")
end


local function assert_same_keys(wanted, keys)
  for name, text in pairs(wanted) do
    if keys[name] ~= text then
      error(("%s is %.80s, not %.80s"):format(name, keys[name], text), 2)
    end
  end
  for name in pairs(keys) do
    assert(wanted[name], name .. " should not be there")
  end
end


function Scenario:check_desired(seen)
  assert_unique(seen)
  for _, title in ipairs(TITLES) do
    assert(seen.titles[title], title .. " is missing")
  end
  for title in pairs(seen.titles) do
    assert(self.titles[title], title .. " should not be there")
  end
  for _, title in ipairs { "edited", "binary", "same", "shared", "elsewhere" } do
    assert.equal(self.was.titles[title], seen.titles[title], title)
  end
  assert.equal(self.was.titles["old-name"], seen.titles["new-name"])
  assert_same_keys(self.desired, seen.keys)
end


-- A failure says what could not be done, in words of its own.
local function assert_told(r)
  assert(r.err:find "cfkv: " , "nothing was said: " .. r.err)
  local names = r.err:find "%u+ /accounts" or r.err:find "cannot " or r.err:find "does not go on" or
    r.err:find "left alone"
  assert(names, "it names no request: " .. r.err:sub(1, 2000))
  assert(#r.err < 20000, "it says too much: " .. #r.err .. " bytes")
  assert(not r.err:find("[\0-\8\14-\31]"), "it shows control characters")
end


-- All was done. A namespace that was created although the answer said that nothing was done is found
-- by its title, and adopted.
local function assert_applied(planned, applied, overwrites)
  local adopted = applied.adopt - planned.adopt
  assert(adopted >= 0, "adopted: " .. applied.adopt)
  applied.adopt = planned.adopt
  applied.create = applied.create + adopted
  if applied.overwrite > planned.overwrite and applied.overwrite <= planned.overwrite + overwrites then
    applied.overwrite = planned.overwrite
  end
  assert.same(planned, applied)
end


function Scenario:check_truth(r, seen, overwrites)
  self:check_foreign(seen)
  if r.code == 0 then
    assert_applied(self.planned, r.json().applied, overwrites or 0)
    self:check_desired(seen)
    return
  end
  assert(r.code == 1 or r.code == 4, ("exit %s\n%s"):format(r.code, r.err:sub(1, 2000)))
  assert_told(r)
  local document = r.json()
  if not document.applied then -- it did not get as far as that
    assert(#document.diagnostics > 0, r.out)
    return
  end
  -- What a short listing lacks is left alone: there is no action that could fail.
  assert(#document.failed > 0 or document.left_alone > 0, r.out)
  local live = count_live(self, seen)
  local applied = document.applied
  applied.put = applied.put + applied.overwrite
  for name, n in pairs(live) do
    assert(applied[name] <= n, ("%d of %s are said to be done; live are %s"):format(applied[name], name,
      describe_live(live)))
  end
end


-- Nothing was changed, not even the state: what follows is the undisturbed apply.
function Scenario:is_untouched(seen)
  return same_table(self.was.keys, seen.keys) and same_table(self.was.titles, seen.titles) and
    self.arena:sh("diff -r -x '*.lock' before/project case/project").code == 0
end


function Scenario:check_finished(e)
  local plan = self:run(e, "plan", "--detailed-exitcode")
  assert(plan.code == 0, ("the next plan: exit %s\n%s%s"):format(plan.code, plan.out, plan.err:sub(1, 3000)))
end


function Scenario:check_converged()
  local e = self:serve()
  local r = self:apply(e)
  assert(r.code == 0, ("the next apply: exit %s\n%s"):format(r.code, r.err:sub(1, 3000)))
  self:check_finished(e)
  e:stop()
  self:check_desired(self:look())
end


function Scenario:remove()
  self.arena:remove()
end

-- ---- Preparing it --------------------------------------------------------------------------------

local function foreign(e, path, pairs_of)
  local status = e:ask("PUT", path .. "/bulk", cjson.encode(pairs_of))
  assert(status == 200)
end


-- What others did: a namespace of a title that will be declared, one that will not, keys.
local function add_foreign(e, seen)
  local path = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)
  for title, pairs_of in pairs {
    shared = { { key = "theirs", value = "theirs" }, { key = "k1", value = "theirs" } },
    elsewhere = { { key = "k1", value = "theirs" } },
  } do
    local _, answer = e:ask("POST", path, cjson.encode { title = title })
    foreign(e, path .. "/" .. answer.result.id, pairs_of)
  end
  foreign(e, path .. "/" .. seen.titles.same, { { key = "theirs", value = "theirs" } })
end


local function expect(r)
  assert(r.code == 0, ("exit %s\n%s%s"):format(r.code, r.out, r.err))
  return r
end


function remote.prepare()
  local p = project.quick()
  local s = setmetatable({ arena = p, titles = {} }, Scenario)
  for _, title in ipairs(TITLES) do
    s.titles[title] = true
  end
  p:write("case/project/kv.lua", BEFORE)
  p:write("case/project/bytes.bin", BYTES)
  p:write("case/project/bulk.json", cjson.encode(bulk_pairs()))
  assert(os.execute("mkdir " .. p:path "case/served"))

  local e = s:serve()
  expect(s:apply(e))
  add_foreign(e, s:look())
  s.was = s:look()
  e:stop()
  p:write("case/project/kv.lua", AFTER)
  p:sh "cp -R case before"

  e = s:serve()
  s.desired = desired(p)
  s.planned = expect(s:run(e, "plan", "--json")).json().summary
  s.planned.unchanged = 0 -- nothing of that is done
  e:stop()
  e = s:serve()
  local r = expect(s:apply(e, "--jobs", "1"))
  s.requests = e:requests()
  e:stop()
  s:check_truth(r, s:look())
  return s
end


return remote
