-- How far the work is, and what it waits for: on a terminal a line that is drawn anew, elsewhere now
-- and then. CFKV_TOLD_UNIT_MS = 0 makes every line due.
local emulator = require "support.emulator"
local project = require "support.project"

local CONFIG = [[
  local cfkv = require "cfkv"
  cfkv.project { name = "shop" }
  for i = 1, 3 do
    local ns = cfkv.namespace { title = "n" .. i }
    ns:put("k", "v" .. cfkv.var("value", { default = "1" }))
    ns:put("l", "v")
  end
]]

describe("progress", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG }
    e = emulator.start(p, "--memory")
    assert.equal(0, e:run(p, "apply", "--yes").code)
  end)

  after_each(emulator.cleanup_all)


  local function due(more)
    local env = e:env { CFKV_TOLD_UNIT_MS = "0", CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
    for name, value in pairs(more or {}) do
      env[name] = value
    end
    return env
  end


  local function run(...)
    local words = { ... }
    words[#words + 1] = { env = due() }
    return p:run(table.unpack(words))
  end


  local function on_terminal(command, env)
    env = due(env)
    env.TERM = env.TERM or "xterm"
    return p:sh("script -qec '" .. command .. "' /dev/null", { env = env }).out
  end


  local function restarted(faults, ...)
    e:stop()
    e = emulator.start(p, "--memory", ..., { faults = faults and { rules = faults } })
  end

  -- Each command that may take long, and the line that tells how far it is.
  local COMMANDS = {
    { "plan", "looking at 3 of 3 namespaces %(100 %%%), 6 keys, 6 values, %d+ requests, [%d,]+ of 1,200 left" },
    { "drift", "looking at 3 of 3 namespaces %(100 %%%), 6 keys, 6 values, %d+ requests, [%d,]+ of 1,200 left" },
    { "apply --yes --var value=2", "applying [23] of 3 keys %(%d+ %%%), %d+ bytes, .*%d+ requests?, [%d,]+ of 1,200" },
    { "destroy --yes --allow-data-loss=*", "looking at 3 of 3 namespaces" },
    { "audit", "looking at 3 namespaces, %d requests?, [%d,]+ of 1,200 left" },
    { "backup n1 -o b.jsonl", "reading 2 keys, %d bytes, .*%d requests?, [%d,]+ of 1,200 left" },
    { "copy n1 n2 --yes", "copying 2 keys, %d bytes, .*%d requests?, [%d,]+ of 1,200 left" },
  }

  for _, case in ipairs(COMMANDS) do
    local words, line = table.unpack(case)
    it("is told by " .. words:match "%a+", function()
      local list = {}
      for word in words:gmatch "%S+" do
        list[#list + 1] = word
      end
      local r = run(table.unpack(list))
      assert.equal(0, r.code, r.err)
      assert.matches("cfkv: " .. line, r.err)
    end)
  end

  it("is told by restore", function()
    assert.equal(0, run("backup", "n1", "-o", "b.jsonl").code)
    assert.matches("cfkv: restoring 2 of 2 keys", run("restore", "b.jsonl", "--namespace", "n2", "--yes").err)
  end)

  it("is not shown of quick work", function()
    for _, words in ipairs { { "plan" }, { "drift" }, { "apply", "--yes" } } do
      assert.equal("", e:run(p, table.unpack(words)).err)
    end
    assert.is_nil(on_terminal("cfkv plan", { CFKV_TOLD_UNIT_MS = "1000" }):find("looking", 1, true))
  end)

  it("is not shown with --quiet", function()
    assert.equal("", run("plan", "--quiet").err)
    assert.is_nil(on_terminal "cfkv plan --quiet":find("looking", 1, true))
  end)

  it("is one line on a terminal, which goes before anything else is printed", function()
    local out = on_terminal "cfkv plan"
    assert.matches("^\rlooking at 3 namespaces[^\n]*\rlooking at 1 of 3 namespaces[^\n]*\27%[K\r", out)
    local _, last = out:find("looking.*looking[^\r]*\r\27%[K")
    assert.equal("Target:", out:sub(last + 1, last + 7))
    assert.is_nil(out:find("\27[K", last + 1, true))
  end)

  it("is a line of text where the terminal cannot draw one anew", function()
    local out = on_terminal("cfkv plan", { TERM = "dumb" })
    assert.matches("cfkv: looking at 3 of 3 namespaces[^\r\n]*\r\n", out)
    assert.is_nil(out:find("\27", 1, true))
  end)

  it("is cut to the width of the terminal", function()
    for line in on_terminal "stty cols 30; cfkv plan":gmatch "\r(looking[^\r\27]*)" do
      assert.is_true(#line <= 29, line)
    end
  end)

  describe("of what is waited for", function()
    local BUSY = { match = { endpoint = "namespace_list" }, fault = "status", status = 503, times = 3 }
    local RETRY = "HTTP 503: trying again in [%d.]+ s, attempt %d of 8, until %d%d:%d%d:%d%d UTC at the latest "
      .. "%(GET /accounts/%x+/storage/kv/namespaces"


    local function plan(...)
      local words = { "plan", ... }
      words[#words + 1] = { env = e:env() }
      return p:run(table.unpack(words))
    end


    local function told(text)
      local _, n = text:gsub("trying again", "")
      return n
    end

    it("is told once a cause", function()
      restarted { BUSY }
      local r = plan()
      assert.equal(0, r.code, r.err)
      assert.matches("^cfkv: " .. RETRY, r.err)
      assert.equal(1, told(r.err))
    end)

    it("is told again later, and each other cause at once", function()
      local other = { match = { endpoint = "namespace_list" }, fault = "status", status = 502, times = 2 }
      restarted { BUSY, other }
      assert.equal(2, told(plan().err))
      restarted { BUSY, other }
      assert.equal(5, told(run("plan").err))
    end)

    it("is no line of its own on a terminal", function()
      restarted { BUSY }
      local out = on_terminal("cfkv plan", { CFKV_TOLD_UNIT_MS = "1000" })
      assert.equal(3, told(out))
      assert.matches("^\rHTTP 503: trying again[^\n]*\r\27%[KTarget:", out)
      assert.is_nil(out:find("UTC", 1, true))
    end)

    it("is not told with --quiet, and by each attempt with --verbose", function()
      restarted { BUSY }
      assert.equal("", plan("--quiet").err)
      restarted { BUSY }
      local r = plan("--verbose")
      assert.equal(0, told(r.err))
      assert.matches("attempt 3 of 8", r.err)
    end)

    it("is a budget that is nearly spent", function()
      local r = plan("--rate", "4/5")
      assert.equal(0, r.code, r.err)
      local line = "cfkv: requests wait for their turn: %d are left of 4 in 0:05, and what is left has to last; "
        .. "the next goes out in %d+ s\n"
      assert.matches("^" .. line .. "$", r.err)
    end)
  end)

  describe("is no waiting", function()
    local function fails(env, why, hint)
      env.CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT
      local r = p:run("plan", { env = e:env(env) })
      assert.equal(1, r.code, r.err)
      assert.matches(why, r.err)
      assert.truthy(r.err:find(hint, 1, true), r.err)
      local _, n = r.err:gsub("no connection", "")
      return r, n
    end

    it("where nobody listens: the base URL is named at once", function()
      local r, n = fails({ CLOUDFLARE_API_BASE_URL = "http://127.0.0.1:1" },
        "no connection to 127.0.0.1:1: connection refused", "CLOUDFLARE_API_BASE_URL names that address")
      assert.equal(1, n, r.err)
      assert.is_nil(r.err:find("trying again", 1, true))
    end)

    it("where a proxy does not listen: it is named", function()
      local r = fails({ CLOUDFLARE_API_BASE_URL = "https://api.example.com/", https_proxy = "http://127.0.0.1:1" },
        "no connection to api.example.com: .*127.0.0.1", "HTTPS_PROXY")
      assert.is_nil(r.err:find("trying again", 1, true))
    end)
  end)

  it("hints at names that do not resolve, and at what speaks no TLS", function()
    for url, hint in pairs {
      ["https://cfkv.invalid/"] = "CLOUDFLARE_API_BASE_URL names that address: check its spelling",
      [e.url:gsub("^http:", "https:")] = "what answers there speaks no TLS",
    } do
      local env = e:env { CLOUDFLARE_API_BASE_URL = url, CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
      local r = p:run("plan", { env = env })
      assert.equal(1, r.code, r.err)
      assert.truthy(r.err:find(hint, 1, true), r.err)
      assert.matches("^cfkv: no connection to [^\n]*: trying again in 0.%d s, attempt 2 of 5, until", r.err)
    end
  end)
end)
