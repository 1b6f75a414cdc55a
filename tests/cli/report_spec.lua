--- What verbs that write or delete many keys say when the service does not take some of them: each key
-- once, with its cause, and one verdict, whichever verb it is.
local emulator = require "support.emulator"
local project = require "support.project"

local KV = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)
local KEYS = { "a", "b", "c" }

-- Each with what its words do to these keys.
local DOORS = {
  { "kv bulk put", "kv", "bulk", "put", "pairs.jsonl", "--namespace", "new", verb = "put", done = "written" },
  { "kv bulk delete", "kv", "bulk", "delete", "keys.json", "--namespace", "full", "--yes", verb = "delete",
    done = "deleted" },
  { "kv key delete", "kv", "key", "delete", "a", "b", "c", "--namespace", "full", "--yes", verb = "delete",
    done = "deleted" },
  { "kv namespace clear", "kv", "namespace", "clear", "full", "--yes", verb = "delete", done = "deleted" },
  { "restore", "restore", "full.jsonl", "--namespace", "new", "--yes", verb = "put", done = "written" },
  { "restore --prune", "restore", "none.jsonl", "--namespace", "full", "--prune", "--yes", "--allow-mass-delete",
    verb = "delete", done = "pruned" },
  { "copy", "copy", "full", "new", verb = "put", done = "written" },
}

describe("keys that the service does not take, by", function()
  local p, e

  before_each(function() p = project.new { ["kv.lua"] = 'require("cfkv").project { name = "p" }' } end)
  after_each(emulator.cleanup_all)

  local function run(...)
    return e:run(p, ...)
  end

  -- Namespaces "full", "new" and "none", of which no verb can put or delete `keys`.
  local function start(door, keys)
    local rule = { match = { endpoint = "bulk_" .. door.verb }, fault = "partial", keys = keys }
    e = emulator.start(p, "--memory", { faults = { rules = { rule } } })
    local lines = {}
    for i, key in ipairs(KEYS) do
      lines[i] = ('{"key":"%s","value":"v"}\n'):format(key)
    end
    p:write("pairs.jsonl", table.concat(lines))
    p:write("keys.json", '["a","b","c"]')
    for _, title in ipairs { "full", "new", "none" } do
      local _, answer = e:ask("POST", KV, ('{"title":"%s"}'):format(title), { ["Content-Type"] = "application/json" })
      for _, key in ipairs(title == "full" and KEYS or {}) do
        e:ask("PUT", ("%s/%s/values/%s"):format(KV, answer.result.id, key), "v")
      end
    end
    for _, title in ipairs { "full", "none" } do
      assert.equal(0, run("backup", title, "-o", title .. ".jsonl").code)
    end
  end

  local function times(text, part)
    return select(2, text:gsub(part:gsub("%p", "%%%0"), ""))
  end

  for _, door in ipairs(DOORS) do
    describe(door[1], function()
      local function refused(...)
        start(door, { ... })
        local words = { table.unpack(door, 2) }
        words[#words + 1] = "--json"
        return run(table.unpack(words))
      end

      it("are named once, with the cause, and counted in the end", function()
        local r = refused("a", "c")
        assert.equal(4, r.code, r.err)
        local failed = r.json().failed
        table.sort(failed)
        assert.same({ "a", "c" }, failed)
        for _, key in ipairs { "a", "c" } do
          local line = ("cannot %s key '%s': the store did not take it\n"):format(door.verb, key)
          assert.equal(1, times(r.err, line), r.err)
          assert.equal(1, times(r.err, ("'%s'"):format(key)), r.err)
        end
        assert.matches(("cfkv: 2 keys are not %s\n  hint: run it again to go on\n$"):format(door.done), r.err)
      end)

      it("are the verdict itself when there is one alone", function()
        local r = refused "b"
        assert.equal(4, r.code, r.err)
        assert.same({ "b" }, r.json().failed)
        assert.equal(1, times(r.err, "'b'"), r.err)
        local line = "\ncfkv: key 'b' was not %s: the store did not take it\n  hint: [^\n]*\n$"
        assert.matches(line:format(door.done), r.err)
      end)

      it("fail all of it when there are no others", function()
        local r = refused("a", "b", "c")
        assert.equal(1, r.code, r.err)
        assert.equal(3, #r.json().failed)
        assert.matches(("cfkv: 3 keys are not %s\n"):format(door.done), r.err, 1, true)
      end)
    end)
  end

  it("kv bulk put are named, too, when it is interrupted", function()
    e = emulator.start(p, "--memory", { faults = { rules = {
      { match = { endpoint = "bulk_put", nth = 5 }, fault = "hang" }, -- those before send "a" again and again
      { match = { endpoint = "bulk_put" }, fault = "partial", keys = { "a" } },
    } } })
    local lines = { '{"key":"a","value":"v"}\n' }
    for i = 2, 10003 do
      lines[i] = ('{"key":"b%d","value":"v"}\n'):format(i)
    end
    p:write("pairs.jsonl", table.concat(lines))
    assert.equal(0, run("kv", "namespace", "create", "new").code)
    local r = p:sh([[
      cfkv kv bulk put pairs.jsonl --namespace new --jobs 1 & pid=$!
      until ls .cfkv/resume/*.jsonl >/dev/null 2>&1; do :; done
      kill -INT $pid
      wait $pid]], { env = e:env() })
    assert.equal(130, r.code, r.err)
    assert.equal(1, times(r.err, "cannot put key 'a': the store did not take it\n"), r.err)
    assert.matches("cfkv: interrupted; 9,999 of 10,003 keys are written\n  hint: run it again to go on\n$", r.err)
  end)
end)
