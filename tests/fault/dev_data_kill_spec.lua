-- Local applies that bring what `wrangler dev` had from one word to another, killed before each write
-- that outlives the process: at no time is anything of it lost, and the next run ends as an undisturbed
-- one does.
local emulator = require "support.emulator"
local project = require "support.project"
local world = require "fault.world"

local ok = project.ok

local NOW = "1800000000"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  for _, purpose in ipairs { "config", "cache" } do
    cfkv.namespace { app = "shop", purpose = purpose, env = env, binding = purpose:upper() }
      :put("seed", purpose .. " of " .. env)
  end
end
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
]]

-- Two share a word with one that cfkv does not manage, two with each other; one has no id at all.
local TOML = [[
name = "shop"
kv_namespaces = [
  { binding = "CONFIG", id = "<YOUR_ID>" },
  { binding = "CACHE", id = "<SHARED>" },
  { binding = "SESSIONS", id = "<SHARED>" },
]

[env.prod]
kv_namespaces = [
  { binding = "CONFIG", id = "<YOUR_ID>", preview_id = "dev/../of:prod" },
  { binding = "CACHE" },
]
]]

local PUTS = {
  { "", "CONFIG", "theirs/1", "--metadata", '{"by":"dev"}', "--expiration", "1900000000" },
  { "", "CONFIG", "theirs/2" },
  { "", "SESSIONS", "shared/1" },
  { "prod", "CONFIG", "prod/1", "--expiration", "1900000001" },
  { "prod", "CACHE", "cache/1" },
}

-- Where each is seen afterwards: what is under a shared word by both, and each under its own.
local READS = {
  { "", "CONFIG", "theirs/1" },
  { "", "CONFIG", "theirs/2" },
  { "", "SESSIONS", "shared/1" },
  { "", "CACHE", "shared/1" },
  { "prod", "CONFIG", "prod/1" },
  { "prod", "CACHE", "cache/1" },
}

local function put_all(p, suffix)
  for _, put in ipairs(PUTS) do
    local env, binding, key = table.unpack(put, 1, 3)
    ok(p:run("kv", "key", "put", key .. suffix, "by a Worker", "--binding", binding, "--local", "--env", env,
      table.unpack(put, 4)))
  end
end

-- ---- The runs ------------------------------------------------------------------------------------

local placeholders = { name = "from under placeholders" }


function placeholders.prepare(p)
  put_all(p, "")
end


local account = { name = "behind a run on the account" }


-- The account's ids take the place of the local ones, under which there is more by now.
function account.prepare(p)
  put_all(p, "")
  ok(p:run("apply", "--local", "--yes"))
  put_all(p, "/more")
  local e = emulator.start(p, "--memory")
  ok(p:run("apply", "--yes", { env = e:env() }))
  e:stop()
end

-- ---- One of them, killed -------------------------------------------------------------------------

-- A database that a kill left without its table has nothing.
local LOOK_BROKEN = world.LOOK:gsub("%-bail", "")

local CASE = world.STEP .. [[
  rm -rf case && cp -R before case && cd case
  CFKV_FAULT=$fault step broken cfkv apply --local --yes
  (]] .. LOOK_BROKEN .. [[) >../broken.seen 2>../look.err
  step next cfkv apply --local --yes
  step check cfkv plan --local --detailed-exitcode
]]

local Run = {}
Run.__index = Run


function Run:killed_at(n)
  local r = self.arena:sh(CASE, { env = { fault = "kill:" .. n, CFKV_NOW = NOW } })
  local codes, said = {}, {}
  for name, code in r.out:gmatch "(%l+) (%d+)\n" do
    codes[name] = tonumber(code)
    said[name] = self.arena:read(name .. ".err") .. self.arena:read(name .. ".out")
  end
  return codes, said
end


-- The texts of all keys, however often and wherever they are: { [key .. text] = true }.
local function texts(seen)
  local found = {}
  for name, text in pairs(seen.keys) do
    found[name:match ": (.*)$" .. " = " .. text] = true
  end
  return found
end


local function survey(s)
  local template = project.quick { ["kv.lua"] = CONFIG, ["wrangler.toml"] = TOML }
  s.prepare(template)
  s.arena = project.quick()
  s.arena:sh("cp -R " .. project.quote(template.dir) .. " before")
  s.theirs = texts(world.look(template))
  template:remove()
  local env = { CFKV_FAULT_LOG = s.arena:path "log", CFKV_NOW = NOW }
  ok(s.arena:sh("cp -R before case && cd case && cfkv apply --local --yes", { env = env }))
  s.config, s.keys = s.arena:read "case/wrangler.toml", world.seen(ok(s.arena:sh("cd case\n" .. world.LOOK)).out).keys
  s.points = {}
  for n, name in s.arena:read("log"):gmatch "(%d+) (%l%S+)\n" do
    s.points[tonumber(n)] = name
  end
end

-- ---- All of them ---------------------------------------------------------------------------------

for _, s in ipairs { placeholders, account } do
  setmetatable(s, Run)
  survey(s)

  describe("what wrangler dev has, brought along " .. s.name, function()
    teardown(function()
      s.arena:remove()
    end)


    it("is all there after an undisturbed run", function()
      local there = texts { keys = s.keys }
      for text in pairs(s.theirs) do
        assert.is_true(there[text], text)
      end
    end)


    it("is where wrangler dev looks by then", function()
      ok(s.arena:sh("rm -rf case && cp -R before case && cd case && cfkv apply --local --yes"))
      for _, read in ipairs(READS) do
        local env, binding, key = table.unpack(read)
        local get = "cfkv kv key get '%s' --binding %s --local --env '%s'"
        assert.equal("by a Worker", ok(s.arena:sh("cd case\n" .. get:format(key, binding, env))).out)
      end
    end)


    for n, point in ipairs(s.points) do
      it(("is never lost by a kill before write %d (%s), and the next run ends right"):format(n, point), function()
        local codes, said = s:killed_at(n)
        assert.equal(128 + 9, codes.broken)
        local then_there = texts(world.seen(s.arena:read "broken.seen"))
        for text in pairs(s.theirs) do
          assert.is_true(then_there[text], text .. " is lost by the kill")
        end
        assert.equal(0, codes.next, said.next)
        assert.equal(0, codes.check, said.check)
        assert.equal(s.config, s.arena:read "case/wrangler.toml")
        assert.same(s.keys, world.seen(ok(s.arena:sh("cd case\n" .. world.LOOK)).out).keys)
      end)
    end
  end)
end
