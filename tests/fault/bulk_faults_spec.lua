-- kv bulk put while the service fails: every key is written or named.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local KEYS = 45000

describe("kv bulk put, when the service", function()
  local p, e, id

  setup(function()
    p = project.quick {}
    local lines = {}
    for i = 1, KEYS do
      lines[i] = ('{"key":"k%05d","value":"v"}\n'):format(i)
    end
    p:write("pairs.jsonl", table.concat(lines))
  end)

  teardown(project.cleanup)
  after_each(emulator.cleanup)


  local function serve(...)
    e = emulator.start(p, "--memory", { faults = { rules = { ... } } })
    local _, answer = e:ask("POST", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT),
      '{"title":"shop"}', { ["Content-Type"] = "application/json" })
    id = answer.result.id
  end


  local function put()
    return p:run("kv", "bulk", "put", "pairs.jsonl", "--json", "--restart", "--namespace-id", id, { env = e:env() })
  end


  -- The keys that are there, as a set, and how many.
  local function present()
    local set, n, cursor = {}, 0, ""
    repeat
      local _, answer = e:ask("GET", ("/accounts/%s/storage/kv/namespaces/%s/keys?cursor=%s"):format(
        emulator.ACCOUNT, id, cursor))
      for _, key in ipairs(answer.result) do
        set[key.name] = true
        n = n + 1
      end
      cursor = answer.result_info.cursor
    until not cursor or cursor == "" or cursor == cjson.null
    return set, n
  end


  local function assert_all_written(r)
    assert.equal(0, r.code, r.err)
    assert.equal(KEYS, r.json().written)
    assert.equal(KEYS, select(2, present()))
  end


  it("refuses some keys once: they are sent again", function()
    serve { match = { endpoint = "bulk_put", nth = 2 }, fault = "partial", fraction = 0.3 }
    assert_all_written(put())
  end)


  it("never takes some keys: they are named, and all others written", function()
    serve { match = { endpoint = "bulk_put" }, fault = "partial", keys = { "k00007", "k30000" } }
    local r = put()
    assert.equal(4, r.code, r.err)
    local failed = r.json().failed
    table.sort(failed) -- told in the order in which batches end
    assert.same({ "k00007", "k30000" }, failed)
    assert.matches("cannot put key 'k00007': the store did not take it", r.err, 1, true)
    assert.matches("2 keys are not written", r.err, 1, true)
    local set, n = present()
    assert.equal(KEYS - 2, n)
    assert.is_nil(set.k00007)
  end)


  it("says 429 in a storm: it ends well", function()
    serve { match = { endpoint = "bulk_put", chance = 0.6 }, fault = "status", status = 429, code = 971, times = 12 }
    assert_all_written(put())
  end)


  for status, code in pairs { [413] = 10024, [524] = 10001 } do
    it(("says %d in the middle: the batches get smaller"):format(status), function()
      serve { match = { endpoint = "bulk_put", nth = 3 }, fault = "status", status = status, code = code }
      assert_all_written(put())
    end)
  end


  it("has no quota left in the middle: what is missing is named or counted", function()
    serve { match = { endpoint = "bulk_put", nth = 2 }, fault = "quota" }
    local r = put()
    assert.equal(4, r.code, r.err)
    local document = r.json()
    local set, n = present()
    assert.equal(document.written, n)
    for _, key in ipairs(document.failed) do
      assert.is_nil(set[key])
    end
    assert.is_true(#document.failed >= 5000)
    assert.matches("10048", r.err, 1, true)
    assert.falsy(r.err:match "not written[^\n]*10048", "the verdict tells the cause again")
  end)
end)
