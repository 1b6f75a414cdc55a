-- Ctrl-C during an apply. The run is held in the middle of its work by a stderr that takes nothing
-- (a full pipe), to which --verbose writes a line after each action.
local project = require "support.project"
local world = require "fault.world"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, purpose in ipairs { "a", "b", "c", "d" } do
  local ns = cfkv.namespace { title = "shop-" .. purpose }
  ns:put("x", "1")
  ns:put("y", "2")
end
]]

-- Starts an apply and waits until it has created the first namespace.
local START = [[
  mkfifo full
  exec 3<>full
  head -c 65536 /dev/zero >&3
  cfkv apply --local --yes --verbose 2>&3 &
  pid=$!
  created() {
    sqlite3 -readonly -cmd '.timeout 5000' .wrangler/state/v3/cfkv.sqlite 'SELECT 1 FROM namespaces LIMIT 1' 2>/dev/null
  }
  until [ "$(created)" = 1 ]; do :; done
]]

describe("an apply that is interrupted", function()
  local p

  before_each(function()
    p = project.new { ["kv.lua"] = CONFIG }
  end)

  after_each(project.cleanup)

  for _, signal in ipairs { "INT", "TERM", "HUP" } do
    it("by SIG" .. signal .. " saves what it did and ends with 130", function()
      local r = p:sh(START .. "kill -" .. signal .. [[ $pid
        cat <&3 >/dev/null &
        wait $pid; echo "code $?"
        kill $!
      ]])
      assert.matches("code 130", r.out, 1, true)
      assert.matches("interrupted", r.out, 1, true)
      local seen = world.look(p)
      assert.is_not_nil(next(seen.titles), "nothing was done before the signal")
      assert.is_nil(seen.keys["shop-d: y"], "all of it was done all the same")
      assert.equal(0, seen.journal)

      local list = p:run("state", "list", "--local", "--json").out
      for title in pairs(seen.titles) do
        assert.matches('"' .. title .. '"', list, 1, true)
      end
      assert.equal(0, p:run("drift", "--local").code)
    end)
  end

  it("is finished by the next one", function()
    p:sh(START .. [[
      kill -INT $pid
      cat <&3 >/dev/null &
      wait $pid
      kill $!
    ]])
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
    local keys = world.look(p).keys
    for _, title in ipairs { "shop-a", "shop-b", "shop-c", "shop-d" } do
      assert.equal("1", keys[title .. ": x"])
      assert.equal("2", keys[title .. ": y"])
    end
  end)

  it("twice ends at once, and the next one finishes its work", function()
    local r = p:sh(START .. [[
      kill -INT $pid
      until ! kill -INT $pid 2>/dev/null; do :; done
      wait $pid; echo "code $?"
    ]])
    assert.matches("code 130", r.out, 1, true)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
    assert.equal(0, p:run("drift", "--local").code)
  end)
end)
