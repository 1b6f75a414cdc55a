-- The state on a service: who may write it, when, and what becomes of what cannot be written.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", state = %q }
cfkv.namespace { title = "cache" }:put("k", "v1")
cfkv.namespace { title = "flags" }
]]

local MORE = 'cfkv.namespace { title = "more" }\n'

describe("a state on a service:", function()
  local p, e, s

  before_each(function()
    p = project.quick {}
    e = emulator.start(p, "--memory")
  end)

  after_each(state_server.cleanup_all)


  local function serve(mode, options)
    s = state_server.start(p, mode or "s3", options)
    p:write("kv.lua", CONFIG:format(s.url))
  end


  local function env(more)
    local all = { CFKV_WAIT_UNIT_MS = "10" }
    for name, value in pairs(more or {}) do
      all[name] = value
    end
    return e:env(s:env(all))
  end


  local function run(...)
    local words = { ... }
    words[#words + 1] = { env = env() }
    return p:run(table.unpack(words))
  end


  local function apply()
    local r = run("apply", "--yes")
    assert.equal(0, r.code, r.err)
    return r
  end


  -- The verbs of what was asked for about the document itself, from the n-th request of all on.
  local function verbs(from)
    local told = {}
    for i, request in ipairs(s:requests()) do
      if i >= (from or 1) and not request.path:find "probe" then
        told[#told + 1] = request.verb
      end
    end
    return table.concat(told, " ")
  end


  local function n()
    return #s:requests()
  end


  -- What this machine keeps of it; nil: nothing.
  local function kept(name)
    local pipe = assert(io.popen(("cat %s/.cfkv/state/*/%s 2>/dev/null"):format(project.quote(p.dir), name)))
    local text = pipe:read "a"
    pipe:close()
    return text ~= "" and text or nil
  end


  local function titles(document)
    local all = {}
    for _, account in pairs((document or s:document()).state.accounts) do
      for _, ns in pairs(account.namespaces) do
        all[#all + 1] = ns.title
      end
    end
    table.sort(all)
    return table.concat(all, " ")
  end


  -- A lease of somebody else in what stands there.
  local function lease(renewed)
    local document = s:document()
    document.lease = { id = "00000000-0000-4000-8000-000000000000", who = "bob@far", host = "far",
      command = "cfkv apply", job = "https://ci.example/runs/7", pid = 7, taken = renewed, renewed = renewed,
      seconds = 60 }
    s:put((cjson.encode(document):gsub('"past":{}', '"past":[]')))
  end


  describe("where nothing goes wrong", function()
    it("a plan reads it once and names it in the first line", function()
      serve()
      local r = run "plan"
      assert.equal(0, r.code, r.err)
      assert.equal("GET", verbs())
      assert.matches("^Target: account [^\n]+, state in s3://bucket/kv.json\n", r.out)
    end)


    it("an apply writes what it is about to do, then what it did", function()
      serve()
      apply()
      assert.equal("GET PUT PUT", verbs())
      local first, last = table.unpack(s:written())
      assert.equal("cfkv apply", first.document.lease.command)
      assert.equal(1, first.document.serial)
      assert.equal("", titles(first.document))
      assert.matches('"creating":%s*%[%s*"cache",%s*"flags"', first.text or cjson.encode(first.document))
      assert.equal(cjson.null, last.document.lease)
      assert.equal(2, last.document.serial)
      assert.equal("cache flags", titles(last.document))
    end)


    it("an apply that has nothing to do reads it once", function()
      serve()
      apply()
      assert.equal(1, s:document().cfkv_state)
      assert.equal("cache flags", titles())
      local before, text = n(), s:text()
      apply()
      assert.equal("GET", verbs(before + 1))
      assert.equal(text, s:text())
    end)


    it("nothing stays behind but what was read last, and no credential is in it", function()
      serve()
      apply()
      assert.is_nil(kept "base.json")
      assert.is_nil(kept "lease")
      assert.is_string(kept "last.json")
      for _, text in ipairs { kept "last.json", s:text() } do
        assert.is_nil(text:find(state_server.SECRET, 1, true))
        assert.is_nil(text:find(state_server.ACCESS, 1, true))
        assert.is_nil(text:find(e.token or "no such", 1, true))
      end
    end)


    it("commands that evaluate nothing read it too", function()
      serve()
      apply()
      local r = run("state", "list")
      assert.equal(0, r.code, r.err)
      assert.matches("cache", r.out, 1, true)
    end)


    it("--local takes the ids that were read last where there are no credentials", function()
      serve()
      apply()
      local before = n()
      local r = p:run("apply", "--local", "--yes", { env = e:env {} })
      assert.equal(0, r.code, r.err)
      assert.equal(before, n())
      assert.matches("what was read of it last is used", r.err, 1, true)
    end)
  end)


  describe("on a service with locks", function()
    -- What of http has no ETag yet is looked at again before it is written.
    for mode, lock in pairs { http = "LOCK GET GET POST POST UNLOCK", leases = "LOCK GET POST POST UNLOCK",
      gitlab = "POST GET POST POST DELETE" } do
      it("it is locked, read, written and unlocked: " .. mode, function()
        serve(mode)
        apply()
        assert.equal(lock, verbs())
        assert.equal("cache flags", titles())
        assert.is_nil(s:lock())
        local before = n()
        assert.equal(0, run("plan").code)
        assert.equal("GET", verbs(before + 1))
      end)
    end


    it("a lock of somebody else is told and nothing is read", function()
      serve "http"
      apply()
      s:hold { ID = "b1", Who = "bob@far", Operation = "OperationTypeApply", Info = "", Version = "1.11.4",
        Created = "2026-11-30T10:00:00Z", Path = "" }
      local before = n()
      local r = run("apply", "--yes")
      assert.equal(75, r.code, r.err)
      assert.matches("is in use by bob@far (OperationTypeApply", r.err, 1, true)
      assert.equal("LOCK", verbs(before + 1))
    end)
  end)


  describe("somebody else's lease", function()
    it("is refused with exit 75, who, since when, the job, and the ways on", function()
      serve()
      apply()
      lease(os.time() - 30)
      p:write("kv.lua", CONFIG:format(s.url) .. MORE)
      local r = run("apply", "--yes")
      assert.equal(75, r.code, r.err)
      assert.matches("s3://bucket/kv.json is in use by bob@far (cfkv apply, pid 7, for 3", r.err, 1, true)
      assert.matches("https://ci.example/runs/7", r.err, 1, true)
      assert.matches("cfkv state unlock", r.err, 1, true)
      assert.equal("cache flags", titles())
    end)


    it("does not hinder a plan", function()
      serve()
      apply()
      lease(os.time() - 30)
      assert.equal(0, run("plan").code)
    end)


    it("is taken over, and that is told, when it is over", function()
      serve()
      apply()
      lease(os.time() - 240)
      p:write("kv.lua", CONFIG:format(s.url) .. MORE)
      local r = apply()
      assert.matches("the lock of bob@far (cfkv apply, pid 7, https://ci.example/runs/7) on s3://bucket/kv.json "
        .. "ended 3 min ago without being freed: it is taken over", r.err, 1, true)
      assert.equal("cache flags more", titles())
      assert.equal(cjson.null, s:document().lease)
    end)


    it("is waited for with --lock-timeout", function()
      serve()
      apply()
      lease(os.time())
      p:write("kv.lua", CONFIG:format(s.url) .. MORE)
      local before = n()
      local waiting = p:start("apply", "--yes", "--lock-timeout", "20", { env = env() })
      s:wait_for('"GET"', before + 2)
      local document = s:document()
      document.lease = cjson.null
      s:put((cjson.encode(document):gsub('"past":{}', '"past":[]')))
      local r = waiting:wait()
      assert.equal(0, r.code, r.err)
      assert.matches("waiting for s3://bucket/kv.json, which is in use by bob@far", r.err, 1, true)
      assert.equal("cache flags more", titles())
    end)
  end)


  describe("somebody else who writes between our reading and our first write", function()
    local function overtake(times)
      serve()
      apply()
      p:write("kv.lua", CONFIG:format(s.url) .. MORE)
      s:faults { { match = { method = "PUT" }, times = times, fault = "other" } }
      return run("apply", "--yes")
    end


    it("is told; nothing was done, and it is planned again with the lease taken first", function()
      local before = 0
      local r = overtake(1)
      assert.equal(0, r.code, r.err)
      assert.matches("s3://bucket/kv.json was written by somebody else meanwhile", r.err, 1, true)
      assert.matches("nothing was changed yet: it is planned again", r.err, 1, true)
      assert.equal("cache flags more", titles())
      assert.equal(1, select(2, r.out:gsub("applied: ", "")))
      assert.equal(2, select(2, r.out:gsub("Plan: 1 namespace to create", "")))
      assert.is_nil(kept "base.json")
      assert.equal(before, 0)
    end)


    it("makes a saved plan stale", function()
      serve()
      apply()
      p:write("kv.lua", CONFIG:format(s.url) .. MORE)
      assert.equal(0, run("plan", "--out", "p.plan").code)
      s:faults { { match = { method = "PUT" }, times = 1, fault = "other" } }
      local r = run("apply", "--plan", "p.plan", "--yes")
      assert.equal(5, r.code, r.err)
      assert.equal("cache flags", titles())
    end)
  end)


  describe("what cannot be written", function()
    -- An apply whose last write finds nobody.
    local function leave_unwritten()
      apply()
      p:write("kv.lua", CONFIG:format(s.url) .. MORE)
      s:faults { { match = { method = "PUT" }, fault = "status", status = 503 } }
      local r = run("apply", "--yes")
      s:faults(nil)
      return r
    end


    it("is finished by the next apply when the service is back", function()
      serve()
      local r = leave_unwritten()
      assert.equal(75, r.code, r.err)
      apply()
      assert.equal("cache flags more", titles())
      assert.is_nil(kept "base.json")
      assert.equal(cjson.null, s:document().lease)
    end)
  end)


  describe("what an apply did and could not write", function()
    -- The last write finds nobody; the intents stood there.
    local function leave()
      serve()
      apply()
      p:write("kv.lua", CONFIG:format(s.url) .. MORE)
      s:faults { { match = { method = "PUT" }, times = 1, fault = "delay", ms = 0 },
        { match = { method = "PUT" }, fault = "status", status = 503 } }
      local r = run("apply", "--yes")
      s:faults(nil)
      return r
    end


    it("is kept, and 'cfkv state push' writes it there", function()
      local r = leave()
      assert.equal(75, r.code, r.err)
      assert.matches("cfkv: what was done could not be written to s3://bucket/kv.json, and is kept here: ", r.err, 1,
        true)
      assert.matches("'cfkv state push' writes it there", r.err, 1, true)
      assert.is_string(kept "base.json")
      assert.equal("cache flags", titles())
      r = run("plan", "--detailed-exitcode")
      assert.equal(0, r.code, r.out .. r.err)
      assert.matches("not yet in s3://bucket/kv.json", r.err, 1, true)
      r = run("state", "push")
      assert.equal(0, r.code, r.err)
      assert.equal("cache flags more", titles())
      assert.is_nil(kept "base.json")
      assert.equal(cjson.null, s:document().lease)
    end)
  end)


  describe("what is no state of cfkv", function()
    it("is never written over", function()
      serve()
      for text, why in pairs {
        ['{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x"}'] = "a state of Terraform's",
        ["<!DOCTYPE html><p>log in</p>"] = "a page (HTML)",
        ['{"accounts":{},"version":2}'] = "without its envelope",
        ['{"hello":1}'] = "something else than a state of cfkv",
        ["{"] = "is damaged",
      } do
        s:put(text)
        local r = run("apply", "--yes")
        assert.equal(3, r.code, r.err)
        assert.matches(why, r.err, 1, true)
        assert.matches("s3://bucket/kv.json", r.err, 1, true)
        assert.equal(text, s:text())
      end
    end)
  end)
end)
