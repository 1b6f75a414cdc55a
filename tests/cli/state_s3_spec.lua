-- The state in an object of an S3 service: what is asked of the service, which services are refused,
-- and what is said of what it answers.
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", state = %q }
cfkv.namespace { title = "cache" }
]]

local function refusal(code, more)
  return ("<Error><Code>%s</Code><Message>so it is</Message>%s</Error>"):format(code, more or "")
end


describe("a state in an object of S3:", function()
  local p, e, s

  before_each(function()
    p = project.quick {}
    e = emulator.start(p, "--memory")
  end)

  after_each(state_server.cleanup_all)


  local function serve(options)
    s = state_server.start(p, "s3", options)
    p:write("kv.lua", CONFIG:format(s.url))
  end


  local function run(...)
    local words = { ... }
    words[#words + 1] = { env = e:env(s:env()) }
    local r = p:run(table.unpack(words))
    for _, text in ipairs { r.out, r.err } do
      assert.is_nil(text:find(state_server.SECRET, 1, true))
    end
    return r
  end


  local function apply(...)
    local r = run("apply", "--yes", ...)
    assert.equal(0, r.code, r.err)
    return r
  end


  local function add(title)
    p:write("kv.lua", p:read "kv.lua" .. ('cfkv.namespace { title = %q }\n'):format(title))
  end


  local function titles()
    local all = {}
    for _, account in pairs(s:document().state.accounts) do
      for _, ns in pairs(account.namespaces) do
        all[#all + 1] = ns.title
      end
    end
    table.sort(all)
    return table.concat(all, " ")
  end


  local function namespaces()
    local _, answer = e:ask("GET", ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT))
    return answer.result
  end


  -- "GET 404, PUT 200": what was asked from the n-th request on, and answered.
  local function asked(from)
    local told = {}
    for i, request in ipairs(s:requests()) do
      if i >= (from or 1) then
        local what = request.path:find ".probe-" and "probe " or ""
        told[#told + 1] = ("%s%s %d"):format(what, request.verb, request.status)
      end
    end
    return table.concat(told, ", ")
  end


  local function next_n()
    return #s:requests() + 1
  end


  local function refused(code, message, hint, ...)
    local r = run(...)
    assert.equal(code, r.code, r.err)
    assert.is_truthy(r.err:find(message, 1, true), r.err)
    assert.is_truthy(r.err:find(hint, 1, true), r.err)
    return r
  end


  describe("the service", function()
    it("is probed before the first write, on an object that goes again", function()
      serve()
      apply()
      assert.equal("GET 404, probe PUT 200, probe PUT 412, probe PUT 200, probe PUT 412, probe DELETE 204, " ..
        "PUT 200, PUT 200", asked())
      assert.same({ bucket = "bucket", conditions = "quoted", endpoint = s.endpoint }, s:document().service)
      assert.is_nil(s:text(s:requests()[2].path:sub(2)))
    end)


    it("is not probed again: a change costs three requests", function()
      serve()
      apply()
      local n = next_n()
      add "flags"
      apply()
      assert.equal("GET 200, PUT 200, PUT 200", asked(n))
      assert.equal("cache flags", titles())
    end)


    it("is not probed by who only reads", function()
      serve()
      assert.equal(0, run("plan").code)
      assert.equal(0, run("state", "list").code)
      assert.equal("GET 404, GET 404", asked())
    end)


    it("is probed again when the verdict is another's", function()
      serve()
      apply()
      s:put((s:text():gsub("http://127%.0%.0%.1:%d+", "https://elsewhere.example")))
      local n = next_n()
      add "flags"
      apply()
      assert.matches("^GET 200, probe PUT 200, ", asked(n))
      assert.equal(s.endpoint, s:document().service.endpoint)
    end)


    it("that ignores conditions is refused before anything is done", function()
      serve { conditions = "ignored" }
      refused(1, "it takes 'If-None-Match: *' and writes all the same", "overwrite each other's state", "apply",
        "--yes")
      assert.is_nil(s:text())
      assert.same({}, namespaces())
      assert.equal("GET 404, probe PUT 200, probe PUT 200, probe DELETE 204", asked())
    end)


    it("that gives no ETags is refused before anything is done", function()
      serve { etag = false }
      refused(1, "the service gives no ETag", "nothing can be replaced safely", "apply", "--yes")
      assert.is_nil(s:text())
      assert.same({}, namespaces())
    end)


    it("that misses its own ETag in quotes gets it without, from then on at once", function()
      serve { conditions = "unquoted" }
      apply()
      assert.equal("unquoted", s:document().service.conditions)
      local n = next_n()
      add "flags"
      apply()
      assert.equal("GET 200, PUT 200, PUT 200", asked(n))
      assert.is_nil(s:requests()[n + 1].headers["if-match"]:find '"')
    end)


    it("whose verdict no longer holds gets the other form", function()
      serve()
      apply()
      s:put((s:text():gsub('"quoted"', '"unquoted"')))
      add "flags"
      apply()
      assert.equal("cache flags", titles())
    end)


    it("that allows one write a second has it wait, and all is done", function()
      serve { pace_ms = 60 }
      apply()
      add "flags"
      apply()
      assert.equal("cache flags", titles())
      assert.matches("PUT 429", asked())
    end)
  end)


  describe("a write", function()
    it("carries a condition, its length and its hash, and nothing that services break on", function()
      serve()
      apply()
      add "flags"
      apply()
      for _, request in ipairs(s:requests "PUT") do
        local h = request.headers
        assert.is_truthy(h["if-match"] or h["if-none-match"] == "*")
        assert.is_truthy(h["x-amz-content-sha256"]:find "^%x+$")
        assert.is_string(h["content-length"])
        for name in pairs(h) do
          assert.is_nil(name:find "checksum" or name:find "trailer" or name:find "encoding" or name:find "expect")
        end
      end
    end)


    it("whose answer is lost is recognised", function()
      serve()
      apply()
      s:faults { { match = { method = "PUT", nth = 1 }, fault = "drop", after = true } }
      add "flags"
      apply()
      assert.equal("cache flags", titles())
      assert.equal(4, s:document().serial)
    end)


    it("that meets another writer's is tried again", function()
      serve()
      apply()
      s:faults { { match = { method = "PUT" }, times = 2, fault = "status", status = 409,
        body = refusal "ConditionalRequestConflict" } }
      add "flags"
      local n = next_n()
      apply()
      assert.equal("GET 200, PUT 409, PUT 409, PUT 200, PUT 200", asked(n))
    end)


    it("finds what another one wrote meanwhile, and begins anew upon that", function()
      serve()
      apply()
      s:faults { { match = { method = "PUT", nth = 1 }, fault = "other" } }
      add "flags"
      local r = apply()
      assert.matches("changed", r.err .. r.out)
      assert.equal("cache flags", titles())
    end)
  end)


  describe("a refusal", function()
    local said = {
      { 404, refusal "NoSuchBucket", 1, "HTTP 404, NoSuchBucket: so it is", "cfkv makes no buckets" },
      { 404, "<html>", 1, "HTTP 404", "the endpoint of an S3 service?" },
      { 403, refusal("AccessDenied", "<HostId>AKID</HostId>"), 1, "HTTP 403, AccessDenied", "AWS_ACCESS_KEY_ID" },
      { 403, refusal("SignatureDoesNotMatch", "<StringToSign>" .. state_server.SECRET .. "</StringToSign>"), 1,
        "SignatureDoesNotMatch: so it is", "go together" },
      { 400, refusal("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"), 1, "HTTP 400",
        "is in the region 'eu-west-1', and 'auto' was asked" },
      { 301, refusal "PermanentRedirect", 1, "HTTP 301", "say its region" },
      { 503, refusal "SlowDown", 75, "HTTP 503, SlowDown", "later" },
    }

    it("names the state, the status, the code and the message, and what to do", function()
      serve()
      for _, case in ipairs(said) do
        s:faults { { match = { method = "GET" }, fault = "status", status = case[1], body = case[2] } }
        refused(case[3], case[4], case[5], "plan", "--verbose")
      end
      assert.is_nil(s:text())
    end)


    it("for the time says how far this machine's clock is off", function()
      serve()
      s:advance(3600)
      s:faults { { match = { method = "GET" }, fault = "status", status = 403,
        body = refusal "RequestTimeTooSkewed" } }
      local r = refused(1, "RequestTimeTooSkewed", "s behind the service's: set it", "plan")
      assert.matches("clock is 3[56]%d%d s behind", r.err)
    end)
  end)
end)
