-- kill -9, or an error of the system, at each fault point of `kv key rename --prefix`: whatever was there
-- is there at any instant, under its old name or its new one, or in a backup; and the same command
-- finishes it.

local project = require "support.project"

local ok = project.ok

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "n", binding = "N" }
]]

local PAIRS = [=[[{"key":"a/1","value":"one","metadata":{"m":"x"},"expiration":2147483000},
  {"key":"a/2","value":"/wA=","base64":true},{"key":"a/3","value":"three"},
  {"key":"k/3","value":"before"},{"key":"k/4","value":"4"}]
]=]

local RENAME = { "kv", "key", "rename", "--prefix", "a/", "k/", "--yes", "--local", "--namespace", "n" }


describe("kv key rename, broken at any instant", function()
  after_each(project.cleanup)


  local function prepared()
    local p = project.quick { ["kv.lua"] = CONFIG, ["put.json"] = PAIRS }
    ok(p:run("apply", "--local", "--yes"))
    ok(p:run("kv", "bulk", "put", "put.json", "--local", "--namespace", "n"))
    return p
  end


  -- What kv bulk put would take, by key, of all there is.
  local function content(p)
    return p:sh [[
      cfkv kv key list --local --namespace n --json >keys.json
      cfkv kv bulk get keys.json --local --namespace n --format jsonl]].out
  end


  local function rename(p, fault)
    local words = table.move(RENAME, 1, #RENAME, 1, {})
    words[#words + 1] = { env = { CFKV_FAULT = fault or false } }
    return p:run(table.unpack(words))
  end


  local function whole()
    local p = prepared()
    ok(rename(p))
    return content(p)
  end


  -- A pair, whatever it is called.
  local function holds(all, rest)
    return all:find(rest, 1, true) ~= nil
  end


  -- At the first fault point, and so on, up to `upto`, or the last one there is: how many there are.
  local function assert_whole_after(fault, upto)
    local wanted, n, done = whole(), 0, false
    assert.is_nil(wanted:find("before", 1, true))
    while not done do
      n = n + 1
      local p = prepared()
      local r = rename(p, fault .. ":" .. n)
      done = upto and n == upto or not upto and r.code == 0
      local all = content(p)
      for line in (wanted .. "\n"):gmatch "([^\n]+)\n" do
        assert.is_true(holds(all, line:gsub('^.-"key":"[^"]*"', "") .. ""), ("%s is not in\n%s"):format(line, all))
      end
      if not all:find("before", 1, true) then
        assert.matches('"before"', p:sh("cat .cfkv/backups/*.jsonl").out, 1, true)
      end
      ok(rename(p))
      assert.equal(wanted, content(p))
      p:remove()
    end
    return n
  end


  it("by a kill, or by a disk that fails, loses nothing, and is finished by the same command", function()
    local points = assert_whole_after "kill"
    assert.is_true(points > 10, "fault points: " .. points)
    assert_whole_after("fail", points)
  end)


  it("by a temporary folder that is full or missing has done nothing", function()
    local p = prepared()
    local before = content(p)
    local r = p:run("kv", "key", "rename", "a/1", "b", "--local", "--namespace", "n", { env = { TMPDIR = "/nowhere" } })
    assert.equal(1, r.code)
    assert.matches("/nowhere", r.err, 1, true)
    assert.equal(before, content(p))
  end)
end)
