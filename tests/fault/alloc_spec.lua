-- No memory at the n-th allocation (a sample of them): the run says so and ends with 1, as if it
-- had been killed there; nothing is lost, and the next run finishes the work.
local emulator = require "support.emulator"
local project = require "support.project"
local scenarios = require "fault.scenarios"

local BATCH = 20 -- in one test


-- The first hundred, every 97th, and every 5th of the last 500: planning and applying come last.
local function is_sampled(n, total)
  return n <= 100 or n % 97 == 0 or (n > total - 500 and n % 5 == 0)
end


-- Of these every `every`-th, all unless given.
local function sample(total, every)
  local list, seen = {}, 0
  for n = 1, total do
    if is_sampled(n, total) then
      seen = seen + 1
      list[#list + 1] = seen % (every or 1) == 0 and n or nil
    end
  end
  return list
end


-- Calls visit(slice) for every BATCH of the list.
local function in_batches(list, visit)
  for i = 1, #list, BATCH do
    visit { table.unpack(list, i, math.min(i + BATCH - 1, #list)) }
  end
end


local function assert_died(n, code, err)
  local where = ("allocation %d: exit %s: %s"):format(n, code, err)
  assert.equal(1, code, where)
  assert.is_truthy(err:find("cfkv: out of memory\n", 1, true), where)
end

-- ---- Runs that change nothing, or files alone ----------------------------------------------------

local plan = { name = "a plan", command = "plan --local" }


function plan.prepare(_, p)
  p:copy "examples/quickstart"
  p:sh "rm -rf .wrangler .cfkv"
end


function plan.check(_, p)
  assert.is_false(p:exists ".wrangler")
end


local CONFIGS = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env, binding = "CACHE" }
end
for _, path in ipairs { "stale.toml", "fine.jsonc", "missing.toml" } do
  cfkv.wrangler { path = path, top_level = "prod" }
end
]]

local STALE = 'name = "shop"\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = ""\n'


-- Before each run a config is stale, one as it should be, and one missing; `texts` lists what all
-- of them together may hold afterwards.
local function prepare_configs(s, p)
  p:write("kv.lua", CONFIGS)
  assert.equal(0, p:run("apply", "--local", "--yes").code)
  os.remove(p:path "missing.toml")
  p:write("old/stale.toml", STALE)
  p:write("stale.toml", STALE)
  local fine = p:read "fine.jsonc"
  s.texts = { [STALE .. fine] = true }
  s.reset = "cp old/stale.toml . && rm -f missing.toml"
  if s.writes then
    assert.equal(0, p:run("wrangler", "--local").code)
    s.texts[p:read "stale.toml" .. fine] = true
    s.texts[p:read "stale.toml" .. fine .. p:read "missing.toml"] = true
  end
end


local function check_configs(s, p, n)
  assert.is_true(s.texts[p:read("text." .. n)], p:read("text." .. n))
end


-- ---- Imports -------------------------------------------------------------------------------------

local ID = ("a"):rep(32)

local STATE = [[{ "version": 4, "serial": 1, "lineage": "x", "resources": [
  { "mode": "managed", "type": "cloudflare_workers_kv_namespace", "name": "cache", "instances": [
    { "attributes": { "account_id": "%s", "id": "%s", "title": "shop" } } ] },
  { "mode": "managed", "type": "cloudflare_workers_kv", "name": "k", "instances": [
    { "attributes": { "account_id": "%s", "id": "k", "key_name": "k", "namespace_id": "%s", "value": "v" } } ] } ] }
]]

local MANIFEST = [[
apiVersion: cloudflare.planton.dev/v1
kind: CloudflareKvNamespace
metadata: { name: more }
spec: { accountId: %s, namespaceName: more }
]]

local files = { name = "an import of files", command = "import infra.tfstate kv.yaml wrangler.toml",
  finishes = true, every = 3, reset = "rm -rf kv.lua kv.state*", show = "cat kv.lua" }


-- What an undisturbed run writes, and before it nothing.
local function prepare_import(s, p, ...)
  project.ok(p:sh("cfkv " .. s.command, { env = s.env }))
  s.wanted = p:sh(s.show).out
  s.texts = { [""] = true, [s.wanted] = true }
  for _, show in ipairs { ... } do
    s.texts[p:sh(show).out] = true
  end
end


function files.prepare(s, p)
  p:write("infra.tfstate", STATE:format(emulator.ACCOUNT, ID, emulator.ACCOUNT, ID))
  p:write("kv.yaml", MANIFEST:format(emulator.ACCOUNT))
  p:write("wrangler.toml", ('name = "w"\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'):format(ID))
  prepare_import(s, p)
end


local account = { name = "an import of an account and its keys", command = "import --all --keys",
  finishes = true, every = 3, reset = "rm -rf kv.lua kv.state* seed", show = "cat kv.lua seed/a.jsonl seed/b.jsonl" }


-- Its seed files are written before the configuration.
function account.prepare(s, p)
  local e = emulator.start(p, "--memory")
  s.env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
  p:write("value", "v")
  for _, title in ipairs { "a", "b" } do
    project.ok(p:run("kv", "namespace", "create", title, { env = s.env }))
    project.ok(p:run("kv", "key", "put", "k", "--path", "value", "--namespace", title, { env = s.env }))
  end
  prepare_import(s, p, "cat seed/a.jsonl", "cat seed/a.jsonl seed/b.jsonl")
end


for _, s in ipairs { files, account } do
  s.check = function(_, p, n)
    check_configs(s, p, n)
    assert.equal("0\n", p:read("next." .. n), n)
    assert.equal(s.wanted, p:read("then." .. n), n)
  end
end

-- ---- All of them ---------------------------------------------------------------------------------

-- What runs a batch: the broken run, what is there then, and where it `finishes` the next one.
local function script_of(s, batch)
  return "for n in " .. table.concat(batch, " ") .. "; do " .. s.reset .. [[;
    CFKV_FAULT=alloc:$n cfkv ]] .. s.command .. [[ >out.$n 2>err.$n
    echo $? >code.$n
    ]] .. (s.show or "cat stale.toml fine.jsonc missing.toml") .. [[ >text.$n 2>/dev/null
    ]] .. (s.finishes and "cfkv " .. s.command .. " >/dev/null 2>&1; echo $? >next.$n; " .. s.show .. " >then.$n" or "")
    .. "\ndone"
end


local runs = {
  plan,
  { name = "a plan of configs", command = "plan --local --json" },
  { name = "a check of configs", command = "wrangler --local --check --json" },
  { name = "a write of configs", command = "wrangler --local", writes = true },
  files,
  account,
}

for _, s in ipairs(runs) do
  describe(s.name .. " that runs out of memory", function()
    local p = project.quick()
    local prepare, check = s.prepare or prepare_configs, s.check or check_configs
    prepare(s, p)
    s.reset = s.reset or ":"
    local r = p:sh(s.reset .. "; CFKV_FAULT_LOG=allocs cfkv " .. s.command .. " >/dev/null; grep alloc allocs",
      { env = s.env })
    local total = assert(tonumber(r.out:match "alloc (%d+)"), r.err)

    teardown(function()
      emulator.cleanup()
      p:remove()
    end)

    in_batches(sample(total, s.every), function(batch)
      it(("at allocation %d to %d says so"):format(batch[1], batch[#batch]), function()
        p:sh(script_of(s, batch), { env = s.env })
        for _, n in ipairs(batch) do
          assert_died(n, tonumber(p:read("code." .. n)), p:read("err." .. n))
          check(s, p, n)
        end
      end)
    end)
  end)
end

-- ---- Applies -------------------------------------------------------------------------------------

-- The richest of them has the allocations of the others.
for _, s in ipairs(scenarios) do
  describe(s.name .. " that runs out of memory", function()
    teardown(function()
      s:remove()
    end)

    in_batches(s.name == "an apply of everything" and sample(s.allocations) or {}, function(batch)
      it(("at allocation %d to %d is finished by the next one"):format(batch[1], batch[#batch]), function()
        for _, n in ipairs(batch) do
          local case = s:run("alloc:" .. n)
          assert_died(n, case.codes.broken, case.said.broken)
          assert.equal(0, case.codes.list, "the state cannot be read any more")
          s:assert_finished(case)
        end
      end)
    end)
  end)
end
