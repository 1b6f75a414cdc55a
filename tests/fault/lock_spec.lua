-- Two runs at once, and two configurations in one folder.
--
-- A run is held while it has the lock by a stdout that takes nothing: a pipe that is full. Nothing
-- here waits for time to pass; every wait is for something that can be seen.
local project = require "support.project"
local world = require "fault.world"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "%s" }
for _, purpose in ipairs { "a", "b", "c" } do
  local ns = cfkv.namespace { app = "%s", purpose = purpose, env = "dev", title = "%s-" .. purpose }
  ns:put("x", "1")
  ns:bulk { { key = "y", value = "2" }, { key = "z", value = "3" } }
end
]]


local function config(name)
  return CONFIG:format(name, name, name)
end


-- The prelude of a script in which "hold" starts an apply that has the lock and stays there until
-- "release", and $holder is its process id.
local HOLD = [[
  mkfifo full
  exec 3<>full
  head -c 65536 /dev/zero >&3
  lock=.wrangler/state/v3/cfkv.kv.state.json.lock

  hold() {
    cfkv apply --local --yes >&3 2>holder.err &
    holder=$!
    until grep -qsw $holder $lock; do :; done
  }

  # has_open PID: waits until that process has opened the lock.
  has_open() {
    until ls -l /proc/$1/fd 2>/dev/null | grep -q "$lock"; do :; done
  }

  release() {
    cat <&3 >/dev/null &
    reader=$!
    wait $holder
    held=$?
    kill $reader
  }
]]

describe("a second apply", function()
  local p

  before_each(function()
    p = project.new { ["kv.lua"] = config "one" }
  end)

  after_each(project.cleanup)

  it("refuses while the first has the lock, and names its process and host", function()
    local r = p:sh(HOLD .. [[
      hold
      cfkv apply --local --yes; echo "second $?"
      release
      echo "pid $holder, held $held, host $(uname -n)"
    ]])
    local pid, held, host = r.out:match "pid (%d+), held (%d+), host (%S+)"
    assert.equal("0", held, r.err)
    assert.matches("second 75\n", r.out, 1, true)
    assert.matches("is in use by pid " .. pid, r.err, 1, true)
    assert.matches("host " .. host, r.err, 1, true)
    assert.matches("--lock-timeout", r.err, 1, true)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)

  it("waits for it with --lock-timeout, and then has nothing to do", function()
    local r = p:sh(HOLD .. [[
      hold
      cfkv apply --local --yes --lock-timeout 25 &
      waiter=$!
      has_open $waiter
      release
      wait $waiter
      echo "held $held, waiter $?"
    ]])
    assert.matches("held 0, waiter 0", r.out, 1, true, r.err)
    assert.matches("no changes", r.out, 1, true)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)

  it("gives up after --lock-timeout", function()
    local r = p:sh(HOLD .. [[
      hold
      cfkv apply --local --yes --lock-timeout 0.05; echo "second $?"
      release
    ]])
    assert.matches("second 75\n", r.out, 1, true)
    assert.matches("in use by pid", r.err, 1, true)
  end)

  it("is not stopped by the lock of a run that was killed", function()
    local r = p:sh(HOLD .. [[
      hold
      kill -9 $holder
      wait $holder
      cfkv apply --local --yes
    ]])
    assert.equal(0, r.code, r.err)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)

  it("ends with 130 when it is interrupted while it waits, and has changed nothing", function()
    local r = p:sh(HOLD .. [[
      hold
      cfkv apply --local --yes --lock-timeout 25 &
      waiter=$!
      has_open $waiter
      kill -INT $waiter
      wait $waiter
      echo "waiter $?"
      kill -9 $holder
    ]])
    assert.matches("waiter 130", r.out, 1, true, r.err)
    assert.same({}, world.look(p).titles)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
  end)

  it("and a plan do not wait for each other", function()
    local r = p:sh(HOLD .. [[
      hold
      cfkv plan --local --detailed-exitcode >/dev/null; echo "plan $?"
      release
    ]])
    assert.matches("plan 2", r.out, 1, true, r.err)
  end)
end)

describe("two applies that start together", function()
  after_each(project.cleanup)

  for i = 1, 10 do
    it("leave what one would have (try " .. i .. ")", function()
      local p = project.new { ["kv.lua"] = config "one" }
      local r = p:sh [[
        cfkv apply --local --yes >/dev/null 2>first.err &
        first=$!
        cfkv apply --local --yes >/dev/null 2>second.err &
        second=$!
        wait $first; echo "first $?"
        wait $second; echo "second $?"
      ]]
      local first, second = r.out:match "first (%d+)\nsecond (%d+)"
      for name, code in pairs { first = first, second = second } do
        local err = p:read(name .. ".err")
        assert.is_true(code == "0" or (code == "75" and err:find("in use by pid", 1, true) ~= nil), err)
      end
      assert.is_true(first == "0" or second == "0", "both refused")
      assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
      assert.equal(0, p:run("drift", "--local").code)
      local seen = world.look(p)
      assert.equal(0, seen.journal)
      assert.same({}, seen.orphans)
    end)

    it("both finish when they may wait (try " .. i .. ")", function()
      local p = project.new { ["kv.lua"] = config "one" }
      local r = p:sh [[
        cfkv apply --local --yes --lock-timeout 25 >/dev/null &
        first=$!
        cfkv apply --local --yes --lock-timeout 25 >/dev/null &
        second=$!
        wait $first && wait $second
      ]]
      assert.equal(0, r.code, r.err)
      assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
    end)
  end
end)

describe("two configurations in one folder", function()
  local p

  before_each(function()
    p = project.new { ["a.lua"] = config "one", ["b.lua"] = config "two" }
  end)

  after_each(project.cleanup)


  -- What is stored and recorded of the other one.
  local function part(name, file)
    local seen = world.look(p)
    local mine = { document = seen.documents[file] }
    for title, id in pairs(seen.titles) do
      mine[title] = title:find("^" .. name .. "%-") and id or nil
    end
    for key, blob in pairs(seen.blobs) do
      mine[key] = key:find("^" .. name .. "%-") and blob or nil
    end
    return mine
  end


  it("are applied at the same time", function()
    for _ = 1, 5 do
      local r = p:sh [[
        cfkv apply --local --yes -f a.lua >/dev/null &
        first=$!
        cfkv apply --local --yes -f b.lua >/dev/null &
        second=$!
        wait $first && wait $second
      ]]
      assert.equal(0, r.code, r.err)
      assert.equal(0, p:run("plan", "--local", "--detailed-exitcode", "-f", "a.lua").code)
      assert.equal(0, p:run("plan", "--local", "--detailed-exitcode", "-f", "b.lua").code)
      p:sh "rm -rf .wrangler"
    end
  end)

  it("are destroyed one by one", function()
    assert.equal(0, p:run("apply", "--local", "--yes", "-f", "a.lua").code)
    local a = part("one", "a.state.json")
    assert.equal(0, p:run("apply", "--local", "--yes", "-f", "b.lua").code)
    assert.same(a, part("one", "a.state.json"))

    local r = p:run("destroy", "--local", "--yes", "--allow-data-loss=*", "-f", "b.lua")
    assert.equal(0, r.code, r.err)
    assert.same(a, part("one", "a.state.json"))
    assert.is_nil(world.look(p).titles["two-a"])
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode", "-f", "a.lua").code)
  end)

  it("never delete what the other created, though they declare it too", function()
    p:write("b.lua", config("one"):gsub('name = "one"', 'name = "two"', 1))
    assert.equal(0, p:run("apply", "--local", "--yes", "-f", "a.lua").code)
    local a = part("one", "a.state.json")
    assert.equal(0, p:run("apply", "--local", "--yes", "-f", "b.lua").code)
    local r = p:run("destroy", "--local", "--yes", "--allow-data-loss=*", "-f", "b.lua")
    assert.equal(0, r.code, r.err)
    assert.same(a, part("one", "a.state.json"))
  end)

  it("have their own locks", function()
    p:write("kv.lua", config "one")
    local r = p:sh(HOLD .. [[
      hold
      cfkv apply --local --yes -f b.lua >/dev/null; echo "other $?"
      release
    ]])
    assert.matches("other 0", r.out, 1, true, r.err)
  end)
end)
