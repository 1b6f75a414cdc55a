-- state move: from a file to a service, from one to another, and back.
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

after_each(state_server.cleanup)
after_each(project.cleanup)

local account
setup(function()
  account = emulator.start(project.new(), "--memory")
end)
teardown(emulator.cleanup_all)

local count = 0

local function config(state)
  return ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", account_id = %q%s }
cfkv.namespace { title = "shop-%d" }:put("k", "v")
]]):format(emulator.ACCOUNT, state and (", state = %q"):format(state) or "", count)
end

local function declare(p, state)
  p:write("kv.lua", config(state))
end

local function begin()
  count = count + 1
  local p = project.quick()
  declare(p)
  return p
end

local function refused(r, code, ...)
  assert.equal(code, r.code, r.err)
  for _, words in ipairs { ... } do
    assert.truthy(r.err:find(words, 1, true), words .. "\nis not in\n" .. r.err)
  end
end

-- The state is whole, and nothing is to be done.
local function assert_settled(p, how)
  assert.same(0, p:run("plan", "--detailed-exitcode", how).code)
end


describe("a state in a file", function()
  for _, mode in ipairs { "s3", "gitlab" } do
    it("goes to a service over " .. mode, function()
      local p = begin()
      local s = state_server.start(p, mode)
      local how = { env = account:env(s:env()) }
      project.ok(p:run("apply", "--yes", how))
      local before = p:read "kv.state.json"
      declare(p, s.url)
      refused(p:run("plan", how), 5, "kv.state.json", "cfkv state move")
      refused(p:run("state", "move", s.url, how), 5, "no terminal")
      assert.is_nil(s:text())
      project.ok(p:run("state", "move", s.url, "--yes", how))
      assert.is_nil(p:read "kv.state.json")
      assert.equal(before, p:read "kv.state.json.moved")
      assert.truthy(s:text():find(before:sub(1, -2), 1, true))
      assert.is_nil(s:lock())
      assert_settled(p, how)
      project.ok(p:run("state", "move", s.url, "--yes", how))
    end)
  end

  it("does not go where another state is", function()
    local p = begin()
    local s = state_server.start(p, "s3")
    local how = { env = account:env(s:env()) }
    declare(p, s.url)
    project.ok(p:run("apply", "--yes", how))
    local other = begin()
    project.ok(other:run("apply", "--yes", how))
    local there = s:text()
    refused(other:run("state", "move", s.url, "--yes", how), 5, "another state", "state pull", "state push")
    assert.equal(there, s:text())
    assert.is_true(other:exists "kv.state.json")
  end)
end)


describe("a state on a service", function()
  it("goes to another one and comes back; the old address is told to who still has it", function()
    local p = begin()
    local a, b = state_server.start(p, "s3"), state_server.start(p, "leases")
    local how = { env = account:env(a:env(b:env())) }
    declare(p, a.url)
    project.ok(p:run("apply", "--yes", how))
    project.ok(p:run("state", "move", b.url, "--yes", how))
    assert.equal(a:document().lineage, b:document().lineage)
    assert.same(a:document().state, b:document().state)
    assert.equal(b.url, a:document().moved_to)
    refused(p:run("plan", how), 5, a.url, b.url) -- kv.lua has the old one
    p:sh "rm -r .cfkv"
    refused(p:run("apply", "--yes", how), 1, "moved to " .. b.url)
    declare(p, b.url)
    assert_settled(p, how)
    project.ok(p:run("state", "move", a.url, "--yes", how))
    assert.is_nil(a:document().moved_to)
    assert.equal(a.url, b:document().moved_to)
    declare(p, a.url)
    assert_settled(p, how)
  end)

  it("goes to a file", function()
    local p = begin()
    local s = state_server.start(p, "s3")
    local how = { env = account:env(s:env()) }
    declare(p, s.url)
    project.ok(p:run("apply", "--yes", how))
    project.ok(p:run("state", "move", "kv.state.json", "--yes", how))
    assert.truthy(s:text():find(p:read "kv.state.json":sub(1, -2), 1, true))
    assert.equal("kv.state.json", s:document().moved_to)
    declare(p)
    assert_settled(p, how)
  end)
end)
