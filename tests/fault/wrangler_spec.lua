-- Runs that write wrangler configs, broken at each write that outlives the process: a config is the
-- old or the new text, never a part of one, nothing is left beside it, and the next run finishes.
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local HEAD = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local function namespace(purpose, env, binding)
  local ns = cfkv.namespace { app = "shop", purpose = purpose, env = env, binding = binding }
  ns:put("hello", purpose .. " of " .. env)
  return ns
end
]]

local BEFORE = HEAD .. [[
for _, env in ipairs { "dev", "prod" } do
  namespace("config", env, "CONFIG")
  namespace("cache", env, "OLD")
end
cfkv.wrangler { path = "wrangler.toml", top_level = "prod" }
]]

-- OLD goes, CACHE comes, and so do a namespace and a config that was not there.
local AFTER = HEAD .. [[
for _, env in ipairs { "dev", "prod" } do
  namespace("config", env, "CONFIG")
  namespace("cache", env, "CACHE")
end
namespace("session", "prod", "SESSION")
cfkv.wrangler { path = "wrangler.toml", top_level = "prod" }
cfkv.wrangler { path = "web/wrangler.jsonc", top_level = "prod", select = { "shop/session/*" } }
]]

local TOML = "# The shop.\nname = \"shop\"   # here\n\n[vars]\nA = 1\n"
local CONFIGS = { "wrangler.toml", "web/wrangler.jsonc" }

-- ---- The runs ------------------------------------------------------------------------------------

local function new_project()
  return project.quick { ["kv.lua"] = BEFORE, ["wrangler.toml"] = TOML, ["web/package.json"] = "{}" }
end


local locally = { name = "a local apply", run = "apply --local --yes", check = "plan --local --detailed-exitcode" }


function locally.prepare(p)
  ok(p:run("apply", "--local", "--yes"))
  p:write("kv.lua", AFTER)
end


local remotely = { name = "an apply", run = "apply --yes", check = "plan --detailed-exitcode", served = true }


function remotely.prepare(p, e)
  ok(p:run("apply", "--yes", { env = e:env() }))
  p:write("kv.lua", AFTER)
end


local offline = { name = "cfkv wrangler", run = "wrangler", check = "wrangler --check" }


function offline.prepare(p)
  local e = emulator.start(p, "--memory")
  p:write("kv.lua", (AFTER:gsub("cfkv.wrangler %b{}", "")))
  ok(p:run("apply", "--yes", { env = e:env() }))
  e:stop()
  p:write("kv.lua", AFTER)
end


-- ---- One of them, broken -------------------------------------------------------------------------

-- Each step's exit code is a line on stdout; "broken" holds the project as the broken run left it.
local CASE = [[
  cp -R before case && cd case
  step() {
    local name=$1
    shift
    "$@" >../$name.out 2>../$name.err
    echo "$name $?"
  }
  CFKV_FAULT=$fault step broken cfkv $run
  cp -R . ../broken
  step next cfkv $run
  step check cfkv $check
]]

local Run = {}
Run.__index = Run


-- What it is applied to starts anew each time.
function Run:serve()
  if not self.served then
    return nil
  end
  self.arena:sh "rm -rf served && cp -R served.before served"
  return emulator.start(self.arena, "--root", "served")
end


function Run:sh(command, env)
  local e = self:serve()
  local all = e and e:env() or {}
  for name, value in pairs(env) do
    all[name] = value
  end
  local r = self.arena:sh("rm -rf case broken\n" .. command, { env = all })
  if e then
    e:stop()
  end
  return r
end


-- The texts of the configs below a folder; false for one that is not there. New ids are drawn anew
-- by each run; that they are right is what the check says.
function Run:texts(folder)
  local texts = {}
  for _, name in ipairs(CONFIGS) do
    local text = self.arena:read(folder .. "/" .. name)
    texts[name] = text and text:gsub(("%x"):rep(32), "ID") or false
  end
  return texts
end


-- The files that a person sees there.
function Run:files(folder)
  local r = ok(self.arena:sh("cd " .. folder .. " && find . -name '.?*' -prune -o -type f -print | sort"))
  return r.out
end


function Run:broken_by(fault)
  local r = self:sh(CASE, { fault = fault, run = self.run, check = self.check })
  local codes, said = {}, {}
  for name, code in r.out:gmatch "(%l+) (%d+)\n" do
    codes[name] = tonumber(code)
    said[name] = self.arena:read(name .. ".err")
  end
  assert.equal(0, codes.next, said.next)
  assert.equal(0, codes.check, said.check)
  assert.same(self.after, self:texts "case")
  for name, text in pairs(self:texts "broken") do
    assert.is_true(text == self.before[name] or text == self.after[name], name .. " is:\n" .. tostring(text))
  end
  return codes.broken, said.broken
end


-- The number and name of each fault point from the first that makes a file: those before it are
-- broken by the specs of runs without configs.
function Run:writes()
  local n = self.first - 1
  return function()
    n = n + 1
    return self.points[n] and n, self.points[n]
  end
end


-- Prepares it, and runs it once undisturbed.
local function survey(s)
  local template = new_project()
  template:sh "mkdir served"
  local e = s.served and emulator.start(template, "--root", "served")
  s.prepare(template, e)
  s.arena = project.quick()
  if e then
    e:stop()
  end
  s.arena:sh("mv " .. project.quote(template:path "served") .. " served.before")
  s.arena:sh("cp -R " .. project.quote(template.dir) .. " before")
  template:remove()
  ok(s:sh("cp -R before case && cd case && cfkv $run", { run = s.run, CFKV_FAULT_LOG = s.arena:path "log" }))
  s.before, s.after, s.whole = s:texts "before", s:texts "case", s:files "case"
  s.points = {}
  for line in s.arena:read("log"):gmatch "[^\n]+" do
    local n, name = line:match "^(%d+) (%S+)$"
    if n then
      s.points[tonumber(n)] = name
      s.first = s.first or name == "file.create" and tonumber(n)
    end
  end
end

-- ---- All of them ---------------------------------------------------------------------------------

for _, s in ipairs { locally, remotely, offline } do
  setmetatable(s, Run)
  survey(s)

  describe(s.name .. " that writes configs", function()
    teardown(function()
      s.arena:remove()
    end)

    after_each(emulator.cleanup)


    it("makes a new one and changes an old one", function()
      for _, name in ipairs(CONFIGS) do
        assert.not_equal(s.before[name], s.after[name])
      end
      assert.matches('binding = "CACHE"', s.after["wrangler.toml"], 1, true)
      assert.matches('"SESSION"', s.after["web/wrangler.jsonc"], 1, true)
      assert.falsy(s.after["wrangler.toml"]:find("OLD", 1, true))
      local renames = 0
      for _, point in ipairs(s.points) do
        renames = renames + (point == "file.rename" and 1 or 0)
      end
      assert.is_true(renames >= 2)
    end)


    for n, point in s:writes() do
      it(("is finished by the next one when killed before write %d (%s)"):format(n, point), function()
        assert.equal(128 + 9, (s:broken_by("kill:" .. n)))
      end)

    end


    for n, point in s:writes() do
      if point:find "^file%." then
        it(("leaves nothing beside them when write %d (%s) fails"):format(n, point), function()
          local code, said = s:broken_by("fail:" .. n)
          assert.is_true(code == 0 or code == 1 or code == 4, said)
          assert.is_true(code == 0 or said:find("Input/output error", 1, true) ~= nil, said)
          assert.equal(s.whole, s:files "case")
        end)
      end
    end
  end)
end
