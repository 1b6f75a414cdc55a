-- Every command that lists, against listings that are not to be believed: nothing is lost that was not
-- meant, success is success, it ends soon, and the next run against a whole listing does the rest.
local emulator = require "support.emulator"
local project = require "support.project"
local world = require "fault.world"

local SECONDS, REQUESTS = 30, 1000

local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'

local CONFIG = HEAD .. [[
for _, title in ipairs { "a", "b", "c", "d" } do
  local ns = cfkv.namespace { title = title }
  for i = 1, 4 do ns:put("k" .. i, title .. i) end
end
]]

-- c goes, e comes, a put and what is under old/ are taken out.
local CHANGED = HEAD .. [[
for _, title in ipairs { "a", "b", "d", "e" } do
  local ns = cfkv.namespace { title = title }
  for i = 1, title == "b" and 3 or 4 do ns:put("k" .. i, title .. i) end
  if title == "d" then ns:prune "old/" end
end
]]

local SCRIPT = [[
for ns in cfkv.namespace.list() do print(ns.title) end
local ns = assert(cfkv.namespace.get "a")
local deleted = assert(cfkv.bulk.delete(ns, cfkv.key.list(ns, { prefix = "k" }), { allow_mass_delete = true }))
print(#deleted.failed)
]]

-- ---- The listings --------------------------------------------------------------------------------

-- name, what it is; `told`: it contradicts itself, so that nobody need believe it
local OF_NAMESPACES = {
  { "short", { fault = "short" }, told = true },
  { "short each second time", { fault = "short", missing = 3 }, every = 2, told = true },
  { "empty", { fault = "short", missing = 1000 }, told = true },
  { "short, and counting only what it shows", { fault = "short", missing = 2, total = "shown" } },
  { "empty, and counting nothing", { fault = "short", missing = 1000, total = "shown" } },
  { "empty, without a count", { fault = "short", missing = 1000, total = "none" } },
  { "stale", { fault = "stale", writes = 2 } },
  { "endless", { fault = "endless" }, told = true },
  { "endless, with the true count", { fault = "endless", total = "true" } },
  { "endless and empty", { fault = "endless", empty = true }, told = true },
}

local OF_KEYS = {
  { "short", { fault = "short" }, told = true },
  { "empty", { fault = "short", missing = 1000 }, told = true },
  { "short, and counting only what it shows", { fault = "short", total = "shown" } },
  { "stale", { fault = "stale", writes = 2 } },
  { "endless", { fault = "endless" }, told = true },
  { "endless and empty", { fault = "endless", empty = true }, told = true },
}

-- ---- The commands --------------------------------------------------------------------------------

-- What each may take away: patterns over "title" and "title: key", `^` and `$` implied. `config`: instead
-- of CONFIG. `gone`: patterns of what is gone after success, unless what is listed looks whole and is not.
-- `moved`: what may be taken away of a is there under another name.
local DOORS = {
  { "plan", "plan" },
  { "drift", "drift" },
  { "audit", "audit" },
  { "apply", "apply", "--yes", config = CHANGED, may = { "c", "c: .*", "b: k4", "d: old/.*" } },
  { "apply with everything allowed", "apply", "--yes", "--allow-data-loss=*", "--allow-mass-delete=*",
    config = CHANGED, may = { "c", "c: .*", "b: k4", "d: old/.*" }, gone = { "c" } },
  { "destroy", "destroy", "--yes", "--allow-data-loss=*", may = { "[abcd]", "[abcd]: .*" }, gone = { "[abcd]" } },
  { "kv namespace list", "kv", "namespace", "list" },
  { "kv namespace get", "kv", "namespace", "get", "--namespace", "a" },
  { "kv namespace delete", "kv", "namespace", "delete", "--namespace", "a", "--yes", "--allow-data-loss",
    may = { "a", "a: .*" }, gone = { "a" } },
  { "kv namespace clear", "kv", "namespace", "clear", "--namespace", "a", "--yes", "--allow-mass-delete",
    may = { "a: .*" }, gone = { "a: .*" } },
  { "kv namespace rename", "kv", "namespace", "rename", "b", "b" },
  { "kv key list", "kv", "key", "list", "--namespace", "a" },
  { "kv key delete", "kv", "key", "delete", "k1", "--namespace", "a", "--yes", may = { "a: k1" }, gone = { "a: k1" } },
  { "kv key delete --prefix", "kv", "key", "delete", "--prefix", "k", "--namespace", "a", "--yes",
    "--allow-mass-delete", "--allow-data-loss", may = { "a: k%d" }, gone = { "a: k%d" } },
  { "kv key rename", "kv", "key", "rename", "k1", "r1", "--namespace", "a", "--yes", may = { "a: k1" },
    gone = { "a: k1" }, moved = { "k(1)", "r%1" } },
  { "kv key rename --prefix", "kv", "key", "rename", "--prefix", "k", "r", "--namespace", "a", "--yes",
    "--allow-mass-delete", may = { "a: k%d" }, gone = { "a: k%d" }, moved = { "k(%d)", "r%1" } },
  { "kv bulk delete", "kv", "bulk", "delete", "keys.json", "--namespace", "a", "--yes",
    may = { "a: k1", "a: k2" }, gone = { "a: k[12]" } },
  { "kv bulk put", "kv", "bulk", "put", "pairs.json", "--namespace", "a", may = { "a: k1" } },
  { "backup", "backup", "a", "--output", "a.jsonl" },
  { "restore", "restore", "b.jsonl", "--namespace", "d", "--yes", may = { "d: k%d" } },
  { "restore --prune", "restore", "b.jsonl", "--namespace", "d", "--prune", "--yes", "--allow-mass-delete",
    may = { "d: .*" }, gone = { "d: old/.*" } },
  { "copy", "copy", "b", "d", "--yes", may = { "d: k%d" } },
  { "copy --prune", "copy", "b", "d", "--prune", "--yes", may = { "d: .*" } },
  { "run", "run", "script.lua", may = { "a: k%d" }, gone = { "a: k%d" } },
}


local function matches(name, patterns)
  for _, pattern in ipairs(patterns or {}) do
    if name:find("^" .. pattern .. "$") then
      return true
    end
  end
  return false
end

-- ---- Running it ----------------------------------------------------------------------------------

describe("a listing", function()
  local p

  local function serve(faults)
    return emulator.start(p, "--root", "case", { faults = faults })
  end


  local function cfkv(e, ...)
    local words = { ... }
    words[#words + 1] = { cwd = "case", timeout = 60,
      env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT, XDG_STATE_HOME = p:path "case/home" } }
    return p:run(table.unpack(words))
  end


  local function ok(e, ...)
    local r = cfkv(e, ...)
    assert.equal(0, r.code, r.err)
    return r
  end


  local LOOK = "cd case\n" .. world.LOOK


  local function look()
    local r = p:sh(LOOK)
    assert(r.code == 0, r.err)
    return world.seen(r.out)
  end


  -- The writes at the end are those that a stale listing does not know: of namespaces and of keys.
  setup(function()
    p = project.new {
      ["case/kv.lua"] = CONFIG, ["case/script.lua"] = SCRIPT, ["case/keys.json"] = '["k1","k2"]',
      ["case/pairs.json"] = '[{"key":"k1","value":"new"},{"key":"new","value":"n"}]',
    }
    local e = serve()
    ok(e, "kv", "namespace", "create", "elsewhere")
    ok(e, "kv", "key", "put", "theirs", "t", "--namespace", "elsewhere")
    ok(e, "apply", "--yes")
    ok(e, "backup", "b", "--output", "b.jsonl")
    for _, key in ipairs { "old/1", "old/2", "theirs" } do
      ok(e, "kv", "key", "put", key, "o", "--namespace", "d")
    end
    e:stop()
    assert(p:sh("mv case before").code == 0)
  end)

  after_each(emulator.cleanup)
  teardown(project.cleanup)


  -- A stale listing is one of before the last writes to this server, so these are made again.
  local function write_again(e)
    local path = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)
    local id = look().titles
    e:ask("POST", path, '{"title":"passing"}')
    e:ask("DELETE", path .. "/" .. look().titles.passing)
    for _, title in ipairs { "a", "b", "d" } do
      for _, key in ipairs { "k1", "k4" } do
        e:ask("PUT", ("%s/%s/values/%s"):format(path, id[title], key), title .. key:sub(2))
      end
    end
  end


  local function assert_kept(door, before, after)
    for name, text in pairs(before.keys) do
      local kept = after.keys[name] == text
      assert.is_true(kept or matches(name, door.may), name .. " was lost or overwritten")
      if not kept and door.moved and name:find "^a: k" then
        assert.equal(text, after.keys["a: " .. name:sub(4):gsub(table.unpack(door.moved))], name .. " was lost")
      end
    end
    for title, id in pairs(before.titles) do
      assert.is_true(after.titles[title] == id or matches(title, door.may), title .. " was lost")
    end
  end


  -- Who says that it is done has done it.
  local function assert_true(door, after, r)
    for _, list in ipairs { after.keys, after.titles } do
      for name in pairs(list) do
        assert.is_false(matches(name, door.gone), name .. " is still there: " .. r.out .. r.err)
      end
    end
  end


  -- Against a whole listing the rest is done, nothing is made twice, and all that is declared is recorded.
  local function assert_goes_on(door)
    local e = serve()
    local list = ok(e, "kv", "namespace", "list", "--json").out
    assert.truthy(list:find('"elsewhere"', 1, true))
    ok(e, "apply", "--yes", "--allow-data-loss=*", "--allow-mass-delete=*")
    assert.equal(0, cfkv(e, "plan", "--detailed-exitcode").code)
    local seen = look()
    for _, title in ipairs { "a", "b", "d", door.config and "e" or "c", "elsewhere" } do
      assert.truthy(seen.titles[title], title)
    end
    assert.equal("t", seen.keys["elsewhere: theirs"])
  end


  local function run(door, endpoint, lie)
    assert(p:sh("rm -rf case && cp -R before case").code == 0)
    if door.config then
      p:write("case/kv.lua", door.config)
    end
    local rule = { match = { endpoint = endpoint, every = lie.every } }
    for name, value in pairs(lie[2]) do
      rule[name] = value
    end
    local e = serve { rules = { rule } }
    if lie[2].fault == "stale" then
      write_again(e)
    end
    local before, asked = look(), #e:requests()
    local r = cfkv(e, table.unpack(door, 2))
    local after = look()
    assert.is_true(r.seconds < SECONDS, ("it took %.1f s"):format(r.seconds))
    assert.is_true(#e:requests() - asked < REQUESTS, #e:requests() - asked .. " requests")
    assert.is_true(r.code >= 0 and r.code < 6, "exit " .. r.code .. ": " .. r.err)
    assert_kept(door, before, after)
    if r.code == 0 and (endpoint == "namespace_list" or lie.told) then
      assert_true(door, after, r)
    end
    e:stop()
    assert_goes_on(door)
  end


  for endpoint, lies in pairs { namespace_list = OF_NAMESPACES, key_list = OF_KEYS } do
    for _, lie in ipairs(lies) do
      describe(("(%s) that is %s, met by"):format(endpoint, lie[1]), function()
        for _, door in ipairs(DOORS) do
          it(door[1], function()
            run(door, endpoint, lie)
          end)
        end
      end)
    end
  end
end)
