-- state pull, push, move and unlock: a remote state as a whole.
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local cjson = require "cjson"

after_each(state_server.cleanup)
after_each(project.cleanup)

local account -- one emulator for all; each test has its own namespaces in it
local home
setup(function()
  home = project.new()
  account = emulator.start(home, "--memory")
end)
teardown(emulator.cleanup_all)

local count = 0

-- A project whose state is where `state` says (Lua text), with one namespace, whose name no other has.
local function config(state)
  count = count + 1
  return ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", account_id = %q%s }
cfkv.namespace { title = "shop-%d", ttl_seconds = 3600 }:put("k", "v")
]]):format(emulator.ACCOUNT, state and ", state = " .. state or "", count)
end

local function shop(mode, options)
  local p = project.quick()
  local s = state_server.start(p, mode, options)
  p:write("kv.lua", config(("%q"):format(s.url)))
  return p, s, { env = account:env(s:env()) }
end

local function applied(mode, options)
  local p, s, how = shop(mode, options)
  project.ok(p:run("apply", "--yes", how))
  return p, s, how
end

-- The text of a state with another output.
local function noted(text, word)
  local changed, n = text:gsub('"outputs": {}', ('"outputs": {"note": {"value": "%s"}}'):format(word))
  assert.equal(1, n, text)
  return changed
end

local function refused(r, code, ...)
  assert.equal(code, r.code, r.err)
  for _, words in ipairs { ... } do
    assert.truthy(r.err:find(words, 1, true), words .. "\nis not in\n" .. r.err)
  end
end


for _, mode in ipairs { "s3", "http", "gitlab", "leases" } do
  describe("over " .. mode, function()
    it("pull prints the document without its lease, and push takes it back when it was changed", function()
      local p, s, how = applied(mode)
      local pulled = project.ok(p:run("state", "pull", how))
      local e = cjson.decode(pulled.out)
      assert.equal(s:document().serial, e.serial)
      assert.equal(cjson.null, e.lease)
      assert.is_table(e.state.accounts)
      p:write("state.json", pulled.out)
      local r = project.ok(p:run("state", "push", "state.json", how))
      assert.matches("already", r.err, 1, true)
      p:write("state.json", noted(pulled.out, "by hand"))
      project.ok(p:run("state", "push", "state.json", how))
      assert.equal("by hand", s:document().state.outputs.note.value)
      assert.equal(e.serial + 1, s:document().serial)
      assert.is_nil(s:lock())
      assert.equal("by hand\n", project.ok(p:run("output", "note", how)).out)
    end)

    -- What is compared is not the service's business: one of each kind will do.
    if mode == "s3" or mode == "leases" then
      it("push refuses what does not go on from what stands there, and --force keeps that", function()
        local p, s, how = applied(mode)
        local old = project.ok(p:run("state", "pull", how)).out
        p:write("kv.lua", (p:read "kv.lua":gsub('"v"', '"w"')))
        project.ok(p:run("apply", "--yes", how))
        p:write("state.json", noted(old, "late"))
        local before = s:document()
        refused(p:run("state", "push", "state.json", how), 5, "goes on from writing", "state pull", "--force")
        assert.same(before, s:document())
        refused(p:run("state", "push", "state.json", "--force", how), 5, "no terminal")
        project.ok(p:run("state", "push", "state.json", "--force", "--yes", how))
        assert.equal("late", s:document().state.outputs.note.value)
        local hash = p:sh("ls .cfkv/state/*/replaced-*.json").out:match "[^\n]+"
        assert.same(before.state, cjson.decode(p:read(hash)).state)
      end)

      it("push refuses another history, a bare state, and what is no state", function()
        local p, s, how = applied(mode)
        local pulled = noted(project.ok(p:run("state", "pull", how)).out, "x")
        local bare = pulled:match '"state": (%b{})'
        local before = s:document()
        p:write("state.json", (pulled:gsub('"lineage": "[^"]+"', '"lineage": "00000000-0000-4000-8000-000000000000"')))
        refused(p:run("state", "push", "state.json", how), 5, "another history")
        p:write("state.json", bare)
        refused(p:run("state", "push", "state.json", how), 5, "does not say which writing")
        p:write("state.json", '{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x"}')
        refused(p:run("state", "push", "state.json", how), 3, "Terraform")
        p:write("state.json", "")
        assert.equal(3, p:run("state", "push", "state.json", how).code)
        assert.same(before, s:document())
      end)
    end

    it("unlock finds who holds it, says so, asks, and frees it", function()
      local p, s, how = applied(mode)
      assert.matches("nothing to unlock", project.ok(p:run("state", "unlock", how)).err, 1, true)
      local id = "11111111-2222-4333-8444-555555555555"
      if mode == "s3" then
        local lease = cjson.encode { id = id, who = "anna@build-7", host = "build-7", pid = 4711,
          command = "cfkv apply", job = "https://ci.example/runs/1", taken = os.time() - 200,
          renewed = os.time() - 5, seconds = 60 }
        s:put((s:text():gsub('"lease": null', function() return '"lease": ' .. lease end)))
      else
        s:hold { ID = id, Operation = "apply", Info = "host build-7, pid 4711, https://ci.example/runs/1",
          Who = "anna@build-7", Version = "1", Path = "shop",
          Created = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() - 200) }
      end
      refused(p:run("state", "unlock", how), 5, "anna@build-7", "no terminal")
      local r = project.ok(p:run("state", "unlock", "--yes", how))
      assert.matches("anna@build-7", r.err, 1, true)
      assert.matches("https://ci.example/runs/1", r.err, 1, true)
      assert.matches("3 min", r.err, 1, true)
      assert.matches("is unlocked", r.err, 1, true)
      assert.is_nil(s:lock())
      if mode == "s3" then
        assert.equal(cjson.null, s:document().lease)
      end
      assert.matches("nothing to unlock", project.ok(p:run("state", "unlock", how)).err, 1, true)
    end)

    it("unlock frees a lock that tells nothing of who has it", function()
      local p, s, how = applied(mode)
      if mode == "s3" then
        s:put((s:text():gsub('"lease": null', '"lease": "torn"')))
      else
        s:hold "torn"
      end
      p:write("kv.lua", (p:read "kv.lua":gsub('"v"', '"w"')))
      assert.equal(75, p:run("apply", "--yes", how).code)
      assert.matches("by somebody", project.ok(p:run("state", "unlock", "--yes", how)).err, 1, true)
      project.ok(p:run("apply", "--yes", how))
    end)
  end)
end


describe("state push without a file", function()
  it("writes what an earlier run could not, and then has nothing to do", function()
    local p, s, how = applied "s3"
    p:write("kv.lua", (p:read "kv.lua":gsub('"v"', '"w"')))
    local put = { method = "PUT" }
    s:faults { { fault = "delay", ms = 0, match = { method = "PUT", nth = 1 } },
      { fault = "status", status = 503, match = put, times = 1000000 } }
    local r = p:run("apply", "--yes", how)
    assert.is_true(r.code == 4 or r.code == 75, r.err)
    assert.matches("cfkv state push", r.err, 1, true)
    local before = s:document().serial
    s:faults(nil)
    assert.matches("what an earlier run did", project.ok(p:run("state", "push", how)).err, 1, true)
    assert.is_true(s:document().serial > before)
    assert.equal(cjson.null, s:document().lease)
    assert.matches("nothing is kept here", project.ok(p:run("state", "push", how)).err, 1, true)
    assert.equal(0, p:run("plan", "--detailed-exitcode", how).code)
  end)

  it("says so where the service is out of reach, and where the state is a file", function()
    local p, s, how = applied "s3"
    p:write(p:sh("ls -d .cfkv/state/*/").out:match "[^\n]+" .. "base.json", s:text())
    s:faults { { fault = "drop", match = { every = 1 }, times = 1000000 } }
    assert.equal(75, p:run("state", "push", how).code)
    refused(p:run("state", "push", "state.json", how), 5, "cfkv state push")
    s:faults(nil)
    project.ok(p:run("state", "push", how))
    assert.is_nil(p:sh("ls .cfkv/state/*/base.json").out:match "base")
    local other = project.quick { ["kv.lua"] = config() }
    assert.matches("nothing to push", project.ok(other:run("state", "push", how)).err, 1, true)
    assert.matches("nothing to unlock", project.ok(other:run("state", "unlock", how)).err, 1, true)
    refused(other:run("state", "push", "state.json", how), 64, "state move")
    refused(other:run("state", "unlock", "--local", how), 64, "--local")
  end)
end)
