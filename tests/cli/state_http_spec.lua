-- A state on services that speak Terraform's http protocol: which requests they get, in which order,
-- and what is done with what they answer.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", state = %q }
cfkv.namespace { title = "cache" }:put("k", "v1")
]]

local MORE = 'cfkv.namespace { title = "more" }\n'

local HOLDER = {
  ID = "00000000-0000-4000-8000-000000000000",
  Operation = "OperationTypeApply",
  Info = "",
  Who = "bob@far",
  Version = "1.11.4",
  Created = "2026-11-30T10:00:00Z",
  Path = "",
}

local SEVEN = { "Created", "ID", "Info", "Operation", "Path", "Version", "Who" }

describe("a state by Terraform's http protocol", function()
  local p, e, s

  after_each(state_server.cleanup_all)


  local function serve(mode, options)
    p = project.quick {}
    e = emulator.start(p, "--memory")
    s = state_server.start(p, mode, options)
    p:write("kv.lua", CONFIG:format(s.url))
  end


  local function run(...)
    local words = { ... }
    words[#words + 1] = { env = e:env(s:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }) }
    local r = p:run(table.unpack(words))
    for _, secret in ipairs { state_server.TOKEN, state_server.PASSWORD } do
      assert.not_matches(secret, r.out .. r.err, 1, true)
    end
    return r
  end


  local function apply()
    local r = run("apply", "--yes")
    assert.equal(0, r.code, r.err)
    return r
  end


  local function change()
    p:write("kv.lua", CONFIG:format(s.url) .. MORE)
  end


  -- "VERB path" of what was asked for from the n-th request of all on, paths behind the state's own.
  local function asked(from)
    local told = {}
    for i, r in ipairs(s:requests()) do
      if i >= (from or 1) then
        told[#told + 1] = r.verb .. r.path:sub(#s.name + 2)
      end
    end
    return table.concat(told, " ")
  end


  local function n()
    return #s:requests()
  end


  describe("that locks by LOCK and UNLOCK", function()
    it("is read once by a plan, and not locked", function()
      serve("http", { etag = true })
      assert.equal(0, run("plan").code)
      assert.equal("GET", asked())
    end)


    -- The service never answers, and the listing was sent all the same.
    it("is waited for together with the listing of a plan, and by itself before an apply", function()
      serve("http", { etag = true })
      apply()
      assert.equal(0, run("plan").code)
      local before = #e:requests()
      local state_before = n()
      assert.equal(0, run("plan").code)
      assert.equal("GET", asked(state_before + 1))
      local told = #e:requests() - before
      s:faults { { match = { method = "GET" }, fault = "drop" } }
      before = #e:requests()
      assert.equal(75, run("plan").code)
      assert.equal(1, #e:requests() - before)
      assert.equal(75, run("apply", "--yes").code)
      assert.equal(1, #e:requests() - before)
      assert.is_true(told > 1) -- nothing was asked twice: a listing, and what is in the namespace
    end)


    -- Before there is a document nobody can tell whether the service looks at conditions: it is read again.
    it("is locked, read, written twice and unlocked by an apply", function()
      serve("http", { etag = true })
      apply()
      assert.equal("LOCK GET GET POST POST UNLOCK", asked())
      assert.equal("*", s:requests()[4].headers["if-none-match"])
      local before = n()
      change()
      apply()
      assert.equal("LOCK GET POST POST UNLOCK", asked(before + 1))
      local r = { table.unpack(s:requests(), before + 1) }
      local lock = cjson.decode(r[1].body)
      for _, name in ipairs(SEVEN) do
        assert.is_string(lock[name], name)
      end
      assert.equal(60, lock.Lease)
      assert.equal("apply", lock.Operation)
      for i = 3, 4 do
        assert.equal("ID=" .. lock.ID, r[i].query)
        assert.matches('^"%x+"$', r[i].headers["if-match"])
      end
      assert.equal(r[1].body, r[5].body)
      for i = 1, #r do
        local has_body = i ~= 2
        assert.equal(has_body, r[i].headers["content-type"] == "application/json")
        assert.equal(has_body, r[i].headers["content-md5"] ~= nil)
        assert.equal("Bearer " .. state_server.TOKEN, r[i].headers.authorization)
      end
      assert.is_nil(s:lock())
      assert.equal(4, s:document().serial)
    end)


    it("is neither written nor kept locked by an apply that has nothing to do", function()
      serve("http", { etag = true })
      apply()
      local before, text = n(), s:text()
      apply()
      assert.equal("LOCK GET UNLOCK", asked(before + 1))
      assert.equal(text, s:text())
    end)


    it("is read before each write where answers have no ETag", function()
      serve("http", { etag = false })
      apply()
      assert.equal("LOCK GET GET POST GET POST UNLOCK", asked())
      for _, r in ipairs(s:requests()) do
        assert.is_nil(r.headers["if-match"])
      end
    end)


    it("is not written over what was written beside the lock", function()
      serve("http", { etag = true })
      apply()
      s:faults { { match = { method = "POST" }, times = 1, fault = "other" } }
      change()
      local r = run("apply", "--yes")
      assert.equal(412, s:requests("POST")[3].status)
      assert.is_nil(s:lock())
      assert.equal(0, r.code, r.err) -- it read again, planned again, and wrote on top
      assert.is_true(s:document().serial > 4)
    end)


    it("is left alone while somebody else holds it, who is named", function()
      serve("http", { etag = true })
      s:hold(HOLDER)
      local r = run("apply", "--yes")
      assert.equal(75, r.code)
      assert.matches("bob@far", r.err, 1, true)
      assert.matches("cfkv state unlock", r.err, 1, true)
      assert.equal("LOCK", asked())
      assert.same({}, e:requests "create")
      assert.equal(0, run("plan").code) -- a plan only reads
    end)


    it("is left alone while it is locked by who knows whom", function()
      serve("http", { etag = true })
      s:faults { { match = { method = "LOCK" }, fault = "status", status = 423, body = "<html>no</html>" } }
      local r = run("apply", "--yes")
      assert.equal(75, r.code)
      assert.not_matches("html", r.err, 1, true)
      assert.equal("LOCK", asked())
    end)


    it("is not written to without a lock", function()
      serve("http", { locks = false })
      local r = run("apply", "--yes")
      assert.equal(64, r.code)
      assert.matches("a lock is required", r.err, 1, true)
      assert.equal("LOCK", asked())
      assert.equal(0, #e:requests "create")
    end)


    it("is locked in an instant when the answer to the first LOCK is lost", function()
      serve("http", { etag = true })
      s:faults { { match = { method = "LOCK" }, times = 1, fault = "drop", after = true } }
      apply()
      assert.matches("^LOCK LOCK GET ", asked())
      assert.is_nil(s:lock())
    end)


    it("is written once though the answer to a write is lost", function()
      serve("http", { etag = true })
      s:faults { { match = { method = "POST" }, times = 1, fault = "drop", after = true } }
      apply()
      assert.equal(2, s:document().serial)
      assert.is_nil(s:lock())
      assert.equal(0, run("plan", "--detailed-exitcode").code)
    end)


    it("is not believed when it sends half of an answer, a page, or us elsewhere", function()
      serve("http", { etag = true })
      apply()
      local text = s:text()
      local hostile = {
        { code = 75, words = "cut short", { fault = "truncate" } },
        { code = 3, words = "HTML", { fault = "status", status = 200, body = "<!doctype html><p>log in" } },
        { code = 1, words = "HTTP 302", { fault = "status", status = 302, body = "" } },
        { code = 1, words = "HTTP 403", { fault = "status", status = 403, body = "no" } },
        { code = 75, words = "HTTP 502", { fault = "status", status = 502, body = "<html>bad</html>" } },
      }
      for _, case in ipairs(hostile) do
        case[1].match = { method = "GET" }
        s:faults { case[1] }
        for _, words in ipairs { { "plan" }, { "apply", "--yes" } } do
          local r = run(table.unpack(words))
          assert.equal(case.code, r.code, case.words .. r.err)
          assert.matches(case.words, r.err, 1, true)
          assert.is_nil(s:lock())
        end
      end
      assert.equal(text, s:text())
    end)
  end)


  describe("of GitLab's shape", function()
    it("is locked by POST and DELETE, and asked with user and password", function()
      serve "gitlab"
      apply()
      assert.equal("POST/lock GET POST POST DELETE/lock", asked())
      local r = s:requests()
      local lock = cjson.decode(r[1].body)
      for _, name in ipairs(SEVEN) do
        assert.is_string(lock[name], name)
      end
      assert.is_nil(lock.Lease)
      assert.equal("ID=" .. lock.ID, r[3].query)
      assert.equal(lock.ID, cjson.decode(r[5].body).ID)
      for _, request in ipairs(r) do
        assert.matches("^Basic ", request.headers.authorization)
      end
      assert.is_nil(s:lock())
    end)


    it("refuses a serial that somebody else took, and nothing is lost", function()
      serve "gitlab"
      apply()
      s:faults { { match = { method = "POST", path = "*/shop" }, times = 1, fault = "status", status = 422,
        body = '{"message":{"version":["has already been taken"]}}' } }
      change()
      local r = run("apply", "--yes")
      assert.equal(0, r.code, r.err)
      assert.is_nil(s:lock())
      assert.equal(0, run("plan", "--detailed-exitcode").code)
    end)


    it("names the holder of its 409", function()
      serve "gitlab"
      s:hold(HOLDER)
      local r = run("apply", "--yes")
      assert.equal(75, r.code)
      assert.matches("bob@far", r.err, 1, true)
    end)


    it("is unlocked by the id of the holder alone", function()
      serve "gitlab"
      apply()
      s:hold(HOLDER)
      local before = n()
      local r = run("state", "unlock", "--yes")
      assert.equal(0, r.code, r.err)
      assert.is_nil(s:lock())
      local sent = s:requests()
      assert.equal(HOLDER.ID, cjson.decode(sent[#sent].body).ID)
      assert.equal("DELETE", sent[#sent].verb)
      assert.is_true(#sent > before)
    end)
  end)


  describe("with locks that end by themselves", function()
    it("says until when, and is freed at the end", function()
      serve "leases"
      apply()
      assert.equal("LOCK GET POST POST UNLOCK", asked())
      assert.is_nil(s:lock())
    end)


    it("lets the lock of one who is gone be taken over", function()
      serve "leases"
      apply()
      local held = cjson.decode(cjson.encode(HOLDER))
      held.Lease = 60
      assert.equal(200, (s:ask("LOCK", "/" .. s.name, cjson.encode(held))))
      local before = n()
      assert.equal(75, run("apply", "--yes").code)
      s:advance(61)
      change()
      apply()
      assert.equal("LOCK LOCK GET POST POST UNLOCK", asked(before + 1))
    end)


    it("leaves a lock of Terraform's own alone, however old", function()
      serve "leases"
      assert.equal(200, (s:ask("LOCK", "/" .. s.name, cjson.encode(HOLDER))))
      s:advance(86400)
      assert.equal(75, run("apply", "--yes").code)
      assert.equal(HOLDER.ID, s:lock().ID)
    end)
  end)


  it("may have a query of its own, which the lock's id joins", function()
    serve("http", { etag = true })
    p:write("kv.lua", CONFIG:format(s.url .. "?tenant=7"))
    apply()
    local r = s:requests()
    assert.equal("tenant=7", r[1].query)
    assert.matches("^tenant=7&ID=[%x-]+$", r[4].query)
  end)


  it("is locked where and how the project says", function()
    serve("leases", {})
    p:write("kv.lua", (CONFIG:gsub("state = %%q", "state = " .. ([[{ url = %q, lock_address = %q,
      lock_method = "POST", unlock_method = "DELETE" }]]):format(s.url, s.url .. "/lock"))))
    apply()
    assert.equal("POST/lock GET POST POST DELETE/lock", asked())
  end)
end)
