-- The account as the target: how it is named, with which credentials, and how it is worked on.
local emulator = require "support.emulator"
local project = require "support.project"

local OTHER = ("0a"):rep(16)
local THIRD = ("0b"):rep(16)

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop"%s }
for i = 1, 6 do
  cfkv.namespace { title = "n" .. i }:put("k", "v" .. i)
end
]]

describe("the account as the target:", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG:format "" }
    e = emulator.start(p, "--memory")
  end)

  after_each(emulator.cleanup_all)


  -- Another emulator instead.
  local function serve(...)
    e:stop()
    e = emulator.start(p, "--memory", ...)
  end


  -- Runs it with the emulator as the target, and the variables of `env` besides.
  local function run(env, ...)
    local words = { ... }
    words[#words + 1] = { env = e:env(env) }
    return p:run(table.unpack(words))
  end


  local function assert_refused(code, pattern, env, ...)
    local words = { ... }
    local r = run(env, table.unpack(#words > 0 and words or { "plan" }))
    assert.equal(code, r.code, r.err)
    assert.equal("", r.out)
    assert.matches(pattern, r.err, 1, true)
    assert.same({}, e:requests())
    return r
  end


  -- The accounts whose namespaces were asked for, in order.
  local function accounts()
    local list = {}
    for _, request in ipairs(e:requests()) do
      local id = request.path:match "/accounts/([^/]+)/storage"
      if id and list[#list] ~= id then
        list[#list + 1] = id
      end
    end
    return list
  end


  describe("credentials", function()
    local function kinds()
      local seen = {}
      for _, request in ipairs(e:requests()) do
        seen[request.credential] = true
      end
      return seen
    end


    it("are a token", function()
      assert.equal(0, run({}, "plan").code)
      assert.same({ bearer = true }, kinds())
    end)

    it("are a token in a file, whatever blanks stand around it", function()
      serve { env = { CFKV_SERVE_TOKEN = emulator.TOKEN } }
      for _, text in ipairs { "%s", "%s\n", "  %s\r\n\n", "\t%s " } do
        p:write("token", text:format(emulator.TOKEN))
        local r = run({ CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_TOKEN_FILE = "token" }, "plan")
        assert.equal(0, r.code, r.err)
      end
    end)

    it("are not in a file that is missing, empty or too long", function()
      local env = { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_TOKEN_FILE = "token" }
      assert_refused(1, "CLOUDFLARE_API_TOKEN_FILE", env)
      for _, text in ipairs { "", "\n", " \t\r\n" } do
        p:write("token", text)
        assert_refused(64, "CLOUDFLARE_API_TOKEN_FILE names 'token', which holds no token", env)
      end
      p:write("token", ("t"):rep(5000))
      assert_refused(1, "CLOUDFLARE_API_TOKEN_FILE", env)
      p:write("token", "a\nb")
      assert_refused(64, "holds a character that no header may carry", env)
    end)

    it("are not both a token and a file of one", function()
      p:write("token", "another")
      assert_refused(64, "CLOUDFLARE_API_TOKEN and CLOUDFLARE_API_TOKEN_FILE are both set",
        { CLOUDFLARE_API_TOKEN_FILE = "token" })
    end)

    it("are a key and an email", function()
      local env = { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_KEY = "k", CLOUDFLARE_EMAIL = "a@b.example" }
      local r = run(env, "plan")
      assert.equal(0, r.code, r.err)
      assert.same({ key = true }, kinds())
    end)

    it("are not half of that", function()
      assert_refused(64, "CLOUDFLARE_API_KEY is set, but not CLOUDFLARE_EMAIL",
        { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_KEY = "k" })
      assert_refused(64, "CLOUDFLARE_EMAIL is set, but not CLOUDFLARE_API_KEY",
        { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_EMAIL = "a@b.example" })
    end)

    it("are needed, or --local: both ways are named", function()
      for _, token in ipairs { false, "" } do
        for _, command in ipairs { "plan", "apply", "drift", "destroy" } do
          local r = assert_refused(64, "needs a target, and none was given", { CLOUDFLARE_API_TOKEN = token }, command)
          assert.matches("CLOUDFLARE_API_TOKEN", r.err, 1, true)
          assert.matches("--local", r.err, 1, true)
        end
      end
    end)

    it("do not matter to --local", function()
      assert.equal(0, run({}, "apply", "--local", "--yes").code)
      assert.same({}, e:requests())
      assert.is_false(p:exists "kv.state.json")
    end)
  end)

  describe("a credential in quotation marks", function()
    it("is told as such, whichever it is, and not shown", function()
      p:write("token", "'s3cr3t'\n")
      for name, env in pairs {
        ["CLOUDFLARE_API_TOKEN begins"] = { CLOUDFLARE_API_TOKEN = '"s3cr3t"' },
        ["CLOUDFLARE_API_TOKEN_FILE begins"] = { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_TOKEN_FILE = "token" },
        ["CLOUDFLARE_API_KEY begins"] =
          { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_KEY = "'s3cr3t'", CLOUDFLARE_EMAIL = "a@b.example" },
        ["CLOUDFLARE_EMAIL begins"] =
          { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_KEY = "s3cr3t", CLOUDFLARE_EMAIL = '"a@b.example"' },
      } do
        local r = assert_refused(64, name .. " with a quotation mark", env)
        assert.falsy(r.err:find("s3cr3t", 1, true), r.err)
      end
    end)
  end)

  describe("the base URL", function()
    it("is named when nobody listens there, at once", function()
      local url = "http://127.0.0.1:1/client/v4"
      local r = assert_refused(1, "no connection to 127.0.0.1:1: connection refused", { CLOUDFLARE_API_BASE_URL = url })
      assert.matches("CLOUDFLARE_API_BASE_URL names that address", r.err, 1, true)
      assert.falsy(r.err:find("attempt 2", 1, true), r.err)
    end)

    it("is not reached by whoever may open no file more: that is told, with the way on", function()
      local r = p:sh("for n in {3..30}; do eval \"exec $n>&-\"; done; ulimit -n 4; exec cfkv plan", { env = e:env() })
      assert.equal(1, r.code, r.err)
      assert.matches("Too many open files", r.err, 1, true)
      assert.matches("ulimit -n", r.err, 1, true)
    end)

    it("is refused where it would show the credentials, and nothing is sent", function()
      local at = "127.0.0.1:" .. e.port
      for url, why in pairs {
        ["http://example.com/client/v4"] = "plain http to 'example.com'",
        ["http://10.0.0.1/client/v4"] = "plain http to '10.0.0.1'",
        ["http://127.0.0.1.example.com/client/v4"] = "plain http to '127.0.0.1.example.com'",
        ["http://[::2]/client/v4"] = "plain http to",
        ["http://0.0.0.0:" .. e.port .. "/client/v4"] = "plain http to",
        ["http://user:secret@" .. at .. "/client/v4"] = "holds a user or a password",
        ["http://user@" .. at .. "/client/v4"] = "holds a user or a password",
        ["http://" .. at .. "@example.com/"] = "holds a user or a password",
        ["http://" .. at .. "/client/v4?token=secret"] = "has a query or a fragment",
        ["http://" .. at .. "/client/v4#secret"] = "has a query or a fragment",
        ["http://" .. at .. "\\@example.com/"] = "base URL",
        ["http://" .. at .. "/client/v4 x"] = "a character that no URL may",
        ["ftp://" .. at .. "/client/v4"] = "neither https nor http",
        ["file:///etc/passwd"] = "base URL",
        [at] = "does not begin with https://",
        ["http://"] = "no valid host",
      } do
        local r = assert_refused(64, why, { CLOUDFLARE_API_BASE_URL = url })
        assert.falsy(r.err:find("user:secret", 1, true), r.err)
      end
    end)

    it("may end with slashes, and name loopback in any way", function()
      for _, url in ipairs { e.url .. "/", e.url .. "//", ("http://localhost:%s/client/v4"):format(e.port) } do
        local r = run({ CLOUDFLARE_API_BASE_URL = url }, "plan")
        assert.equal(0, r.code, r.err)
      end
    end)

    it("is not reached through a proxy when it is loopback", function()
      local proxy = "http://127.0.0.1:1"
      local r = run({ http_proxy = proxy, HTTP_PROXY = proxy, all_proxy = proxy, ALL_PROXY = proxy }, "plan")
      assert.equal(0, r.code, r.err)
    end)

    it("gets no credentials from a netrc", function()
      p:write(".netrc", "machine 127.0.0.1 login somebody password secret\n")
      assert.equal(0, run({}, "plan").code)
      for _, request in ipairs(e:requests()) do
        assert.equal("bearer", request.credential)
      end
    end)
  end)

  describe("the account", function()
    it("is asked for when nobody says which", function()
      assert.equal(0, run({}, "apply", "--yes").code)
      assert.equal(1, #e:requests "account_list")
      assert.same({ emulator.ACCOUNT }, accounts())
      assert.matches(emulator.ACCOUNT, p:read "kv.state.json", 1, true)
    end)

    it("comes from the environment", function()
      assert.equal(0, run({ CLOUDFLARE_ACCOUNT_ID = OTHER }, "apply", "--yes").code)
      assert.same({}, e:requests "account_list")
      assert.same({ OTHER }, accounts())
    end)

    it("comes from the project, whatever the environment says", function()
      p:write("kv.lua", CONFIG:format((', account_id = "%s"'):format(THIRD)))
      assert.equal(0, run({ CLOUDFLARE_ACCOUNT_ID = OTHER }, "apply", "--yes").code)
      assert.same({}, e:requests "account_list")
      assert.same({ THIRD }, accounts())
    end)

    it("comes from a namespace, beside the others", function()
      p:write("kv.lua", CONFIG:format "" .. ('cfkv.namespace { title = "far", account_id = "%s" }'):format(THIRD))
      local r = run({ CLOUDFLARE_ACCOUNT_ID = OTHER }, "apply", "--yes")
      assert.equal(0, r.code, r.err)
      local seen = {}
      for _, id in ipairs(accounts()) do
        seen[id] = true
      end
      assert.same({ [OTHER] = true, [THIRD] = true }, seen)
      assert.equal(0, run({ CLOUDFLARE_ACCOUNT_ID = OTHER }, "plan", "--detailed-exitcode").code)
    end)

    it("must be said when there are several, and they are listed", function()
      serve { faults = { accounts = { { id = OTHER, name = "Work" }, { id = THIRD, name = "Home" } } } }
      local r = run({}, "plan")
      assert.equal(64, r.code, r.err)
      for _, text in ipairs { OTHER .. " 'Work'", THIRD .. " 'Home'", "CLOUDFLARE_ACCOUNT_ID", "account_id" } do
        assert.matches(text, r.err, 1, true)
      end
      assert.same({}, accounts())
      assert.equal(0, run({ CLOUDFLARE_ACCOUNT_ID = OTHER }, "plan").code)
    end)

    it("must be said when the credentials show none", function()
      serve { faults = '{"accounts":[]}' }
      local r = run({}, "plan")
      assert.equal(64, r.code, r.err)
      assert.matches("the credentials show no account", r.err, 1, true)
      assert.matches("CLOUDFLARE_ACCOUNT_ID", r.err, 1, true)
    end)

    it("that is somebody else's is named, with where it is said, and where to look", function()
      serve { faults = ('{"accounts":[{"id":"%s","name":"Mine"}]}'):format(emulator.ACCOUNT) }
      local r = run({ CLOUDFLARE_ACCOUNT_ID = OTHER }, "plan")
      assert.equal(1, r.code, r.err)
      assert.matches(("hint: check that account '%s' is the one meant (CLOUDFLARE_ACCOUNT_ID, or account_id in "
        .. "cfkv.project)"):format(OTHER), r.err, 1, true)
      assert.matches("'cfkv doctor'", r.err, 1, true)
    end)

    it("is named beside an id of a namespace that it does not have, or that is none", function()
      local function refusal(id)
        local r = e:run(p, "kv", "key", "list", "--namespace-id", id)
        assert.equal(1, r.code)
        return r.err
      end
      assert.matches(("^cfkv: account '%s' has no namespace of the id '%s': GET /"):format(emulator.ACCOUNT, OTHER),
        refusal(OTHER))
      assert.matches("^cfkv: 'shop%-cache' is no namespace id: GET /.*\n  hint: an id is 32 hex", refusal "shop-cache")
    end)

    it("that is none is refused by name, with what an id looks like, and nothing is sent", function()
      for _, id in ipairs { "shop", "../../../user", ("A"):rep(32), OTHER .. "0", OTHER:sub(2) } do
        for _, words in ipairs { { "plan" }, { "kv", "namespace", "list" } } do
          local r = run({ CLOUDFLARE_ACCOUNT_ID = id }, table.unpack(words))
          assert.equal(64, r.code, r.err)
          assert.matches("CLOUDFLARE_ACCOUNT_ID is '" .. id .. "', which is no account id", r.err, 1, true)
          assert.matches("32 hex", r.err, 1, true)
        end
      end
      assert.same({}, e:requests())
    end)
  end)

  describe("--jobs", function()
    -- The most requests that were in work at a time.
    local function most_at_once()
      local log, most = e:requests(), 0
      for _, a in ipairs(log) do
        local n = 0
        for _, b in ipairs(log) do
          n = n + (b.at <= a.at and a.at < b.at + b.ms and 1 or 0)
        end
        most = math.max(most, n)
      end
      return most
    end


    for _, jobs in ipairs { 1, 3 } do
      it(("%d is the most that is in flight"):format(jobs), function()
        serve("--latency", "40")
        assert.equal(0, run({}, "apply", "--yes", "--jobs", tostring(jobs)).code)
        assert.equal(jobs, most_at_once())
      end)
    end

    it("is 8 at first without it, and grows to 32 while answers are quick", function()
      p:write("kv.lua", (CONFIG:format "":gsub("1, 6", "1, 100")))
      serve("--latency", "40")
      assert.equal(0, run({}, "apply", "--yes").code)
      local most = most_at_once()
      assert.is_true(most > 16 and most <= 32, most)
      p:write("kv.lua", (CONFIG:format "":gsub("1, 6", "1, 8"))) -- too few to grow by
      e:stop()
      os.remove(p:path "kv.state.json")
      serve("--latency", "40")
      assert.equal(0, run({}, "apply", "--yes").code)
      assert.is_true(most_at_once() <= 9)
    end)

    it("falls where the service refuses", function()
      p:write("kv.lua", (CONFIG:format "":gsub("1, 6", "1, 60")))
      serve("--latency", "10", { faults = { rules = {
        { match = { endpoint = "namespace_create", every = 5 }, fault = "status", status = 429 },
      } } })
      local r = run({}, "apply", "--yes")
      assert.equal(0, r.code, r.err)
      assert.is_true(most_at_once() <= 16, most_at_once())
    end)

    it("is 1 to 64", function()
      for _, jobs in ipairs { "0", "65", "-1", "many", "1.5", "" } do
        assert_refused(64, "--jobs needs", {}, "plan", "--jobs", jobs)
      end
      assert.equal(0, run({}, "plan", "--jobs", "64").code)
    end)
  end)

  describe("--rate", function()
    it("slows down before the service refuses", function()
      serve("--rate", "10/1")
      local r = run({ CFKV_WAIT_UNIT_MS = "1000" }, "apply", "--yes", "--rate", "10/1")
      assert.equal(0, r.code, r.err)
      local log = e:requests()
      for _, request in ipairs(log) do
        assert.equal(200, request.status)
      end
      assert.is_true(#log > 10)
      assert.is_true(log[#log].at - log[1].at > 200, "it did not slow down")
    end)

    it("is REQUESTS/SECONDS", function()
      for _, rate in ipairs { "0/1", "1/0", "10", "10/", "/10", "-1/5", "1/2/3", "many" } do
        assert_refused(64, "--rate needs REQUESTS/SECONDS", {}, "plan", "--rate", rate)
      end
    end)
  end)

  describe("Ctrl-C", function()
    -- Holds the apply in its first put, while others are done, and sends it the signals.
    local function interrupt(ms, signals)
      serve { faults = { rules = { { match = { endpoint = "bulk_put", nth = 2 }, fault = "hang", ms = ms } } } }
      local apply = p:start("apply", "--yes", { env = e:env() })
      e:wait_for '"fault":"hang"'
      os.execute(("kill -INT %d"):format(apply.pid()))
      if signals == 2 then -- the second must not come together with the first
        os.execute(("until ! kill -INT %d 2>/dev/null; do :; done"):format(apply.pid()))
      end
      return apply.wait()
    end


    -- What it created is in the state, and the next apply does the rest.
    local function assert_goes_on()
      local done = 0
      for _ in p:read "kv.state.json":gmatch '"title"' do
        done = done + 1
      end
      assert.equal(6, done)
      local r = run({}, "apply", "--yes")
      assert.equal(0, r.code, r.err)
      assert.equal(6, #e:requests "namespace_create")
      assert.equal(0, run({}, "plan", "--detailed-exitcode").code)
    end


    it("waits a moment for what is in flight, saves what is done, and ends with 130", function()
      local r = interrupt(300)
      assert.equal(130, r.code, r.err)
      assert.matches("interrupted", r.out .. r.err, 1, true)
      assert.is_true(r.seconds < 10)
      assert_goes_on()
    end)

    it("does not wait for what never comes", function()
      local r = interrupt(600000)
      assert.equal(130, r.code, r.err)
      assert.is_true(r.seconds < 10)
      assert_goes_on()
    end)

    it("twice ends at once", function()
      local r = interrupt(600000, 2)
      assert.equal(130, r.code, r.err)
      assert.equal(0, run({}, "apply", "--yes").code)
      assert.equal(0, run({}, "plan", "--detailed-exitcode").code)
    end)

    it("while it plans changes nothing", function()
      serve { faults = { rules = { { match = { endpoint = "namespace_list" }, fault = "hang", ms = 600000 } } } }
      local apply = p:start("apply", "--yes", { env = e:env() })
      e:wait_for '"fault":"hang"'
      os.execute(("kill -INT %d"):format(apply.pid()))
      local r = apply.wait()
      assert.equal(130, r.code, r.err)
      assert.is_true(r.seconds < 10)
      assert.same({}, e:requests "namespace_create")
    end)
  end)
end)
