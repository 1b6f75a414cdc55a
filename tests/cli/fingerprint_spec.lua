-- Namespaces with fingerprint = true over the emulator: what a plan and an apply of many seeds send.
local cjson = require "cjson"
local emulator = require "support.emulator"

local CONFIG = [[
local cfkv = require "cfkv"
local ns = cfkv.namespace { title = "seeds", binding = "SEEDS", fingerprint = %s }
ns:bulk(cfkv.source.jsonl "seed.jsonl"%s)
%s]]

describe("a namespace with fingerprints", function()
  local p, e

  before_each(function() p, e = emulator.quick() end)
  after_each(emulator.cleanup_all)


  local function declare(fingerprint, options, more)
    p:write("kv.lua", CONFIG:format(fingerprint, options or "", more or ""))
  end


  -- Items k00001 … with the value "v", but those named.
  local function seed(n, changed, metadata)
    local lines = {}
    for i = 1, n do
      local key = ("k%05d"):format(i)
      lines[i] = ('{"key":"%s","value":"%s"%s}'):format(key, (changed or {})[key] or "v",
        metadata and ',"metadata":' .. metadata or "")
    end
    p:write("seed.jsonl", table.concat(lines, "\n") .. "\n")
  end


  local function try(...)
    return e:run_in_account(p, ...)
  end


  -- How many requests of each kind one run sent, and what it printed.
  local function counted(...)
    local before = #e:requests()
    local r = try(...)
    assert.equal(0, r.code, r.err)
    local counts = {}
    for i, request in ipairs(e:requests()) do
      if i > before then
        counts[request.endpoint] = (counts[request.endpoint] or 0) + 1
      end
    end
    return counts, r
  end


  local function plan(...)
    local counts, r = counted("plan", "--json", ...)
    return cjson.decode(r.out), counts
  end


  it("lists 20,000 keys, reads none, and writes the one that changed", function()
    declare(true)
    seed(20000)
    counted("apply", "--yes")

    local nothing, sent = plan()
    assert.same({}, nothing.actions)
    assert.equal(20000, nothing.summary.unchanged)
    assert.same({ namespace_list = 1, key_list = 20 }, sent)

    seed(20000, { k12345 = "changed" })
    local one
    one, sent = plan()
    assert.same({ namespace_list = 1, key_list = 20 }, sent)
    assert.equal(1, one.summary.put)
    assert.equal(0, one.summary.overwrite)
    assert.same({ requests = 1, writes = 1, reads = 0, lists = 0, deletes = 0 }, one.cost.execute)
    sent = counted("apply", "--yes")
    assert.same({ namespace_list = 1, key_list = 20, bulk_put = 1 }, sent)
    assert.is_false(p:exists ".cfkv/backups")
    assert.same({}, plan().actions)
  end)


  it("keeps the user's metadata, and shows it without the fingerprint", function()
    declare(true, "", 'ns:put("shown", "a", { metadata = { owner = "ops" } })')
    seed(1, {}, '{"z":1,"b":2}')
    counted("apply", "--yes")
    local live = select(2, e:ask("GET", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)))
    local keys = select(2, e:ask("GET", ("/accounts/%s/storage/kv/namespaces/%s/keys"):format(
      emulator.ACCOUNT, live.result[1].id)))
    assert.equal(2, keys.result[1].metadata.b)
    assert.equal(1, keys.result[1].metadata.z)
    assert.truthy(keys.result[1].metadata.cfkv:match "^[%w_-]+$")
    assert.equal(16, #keys.result[1].metadata.cfkv)

    declare(true, "", 'ns:put("shown", "b", { metadata = { owner = "dev" } })')
    local put = plan().actions[1]
    assert.same({ metadata = { owner = "ops" } }, put.before)
    assert.same({ metadata = { owner = "dev" }, value = "b" }, put.after)
  end)


  it("is turned on and off as the writes it is", function()
    declare(false)
    seed(250)
    counted("apply", "--yes")

    declare(true)
    local on, sent = plan()
    assert.equal(250, on.summary.put)
    assert.equal(0, on.summary.overwrite)
    assert.equal("adds the fingerprints", on.actions[1].reason)
    assert.equal(3, sent.bulk_get) -- once: nothing else tells what is there
    assert.equal(1, counted("apply", "--yes").bulk_put)
    on, sent = plan()
    assert.same({}, on.actions)
    assert.is_nil(sent.bulk_get)

    declare(false)
    local off = plan()
    assert.equal(250, off.summary.put)
    assert.equal(0, off.summary.overwrite)
    assert.equal("drops the fingerprints", off.actions[1].reason)
    counted("apply", "--yes")
    assert.same({}, plan().actions)
    assert.is_false(p:exists ".cfkv/backups")
  end)


  it("backs up what was written past it", function()
    declare(true)
    seed(3)
    counted("apply", "--yes")
    local live = select(2, e:ask("GET", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)))
    assert.equal(200, (e:ask("PUT", ("/accounts/%s/storage/kv/namespaces/%s/values/k00002"):format(
      emulator.ACCOUNT, live.result[1].id), "theirs")))
    local over = plan()
    assert.equal(1, over.summary.overwrite)
    assert.equal(2, over.summary.unchanged)
    local sent = counted("apply", "--yes")
    assert.equal(1, sent.bulk_put)
    assert.truthy(p:sh("cat .cfkv/backups/*.jsonl").out:find('"value":"theirs"', 1, true))
    assert.same({}, plan().actions)
  end)


  it("puts once and prunes without reading", function()
    declare(true, ', { policy = "once" }', 'ns:prune "k"')
    seed(5)
    counted("apply", "--yes")
    seed(4, { k00001 = "another" })
    local left, sent = plan()
    assert.equal(0, left.summary.put)
    assert.equal(1, left.summary.delete_keys)
    assert.equal("k00005", left.actions[1].key)
    assert.is_nil(sent.bulk_get)
    counted("apply", "--yes")
    assert.same({}, plan().actions)
  end)


  it("refuses metadata that has no room for it, with the place", function()
    declare(true)
    for metadata, problem in pairs {
      ['"text"'] = "'\"text\"' of key 'k00001' is no object, but its namespace has fingerprint = true",
      ['{"cfkv":1}'] = "of key 'k00001' has a member 'cfkv', where the fingerprint is kept",
      [('{"a":"%s"}'):format(("x"):rep(991))] =
        "of key 'k00001' has 999 bytes as JSON and 1025 with the fingerprint, more than 1024",
    } do
      seed(1, {}, metadata)
      local r = try "plan"
      assert.equal(3, r.code)
      assert.truthy(r.err:find(problem, 1, true), r.err)
      assert.truthy(r.err:find("seed.jsonl:1", 1, true), r.err)
    end
    assert.equal(0, #e:requests())
  end)
end)
