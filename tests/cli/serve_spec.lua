-- `cfkv serve`: the program around the emulator. What the emulator answers is in tests/unit.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local OWN_ACCOUNT = emulator.ACCOUNT
local TOKEN = emulator.TOKEN

describe("cfkv serve", function()
  local p

  before_each(function()
    p = project.new()
  end)

  after_each(emulator.cleanup_all)

  local function serve(...)
    return emulator.start(p, ...)
  end

  local function ask(server, ...)
    return server:ask(...)
  end

  local function namespaces(server, account)
    local path = ("/accounts/%s/storage/kv/namespaces"):format(account or OWN_ACCOUNT)
    local status, answer = ask(server, "GET", path)
    assert.equal(200, status)
    return answer.result, path
  end

  local function create(server, title)
    local _, path = namespaces(server)
    local status, answer = ask(server, "POST", path, cjson.encode { title = title })
    assert.equal(200, status)
    return path .. "/" .. answer.result.id
  end

  it("prints the URL on stdout and nothing else, and how to use it on stderr", function()
    local server = serve "--memory"
    assert.truthy(server.url:match "^http://127%.0%.0%.1:%d+/client/v4$")
    local r = server:stop()
    assert.equal("", r.out)
    assert.truthy(r.err:find("export CLOUDFLARE_API_BASE_URL=" .. server.url, 1, true), r.err)
    assert.truthy(r.err:find("export CLOUDFLARE_ACCOUNT_ID=" .. OWN_ACCOUNT, 1, true))
    assert.truthy(r.err:find("any credential is accepted", 1, true))
  end)

  it("answers who has a credential, whichever, and nobody else", function()
    local server = serve "--memory"
    assert.same({}, namespaces(server))
    local status, answer = ask(server, "GET", "/accounts", nil, { Authorization = false })
    assert.same({ 400, 9106 }, { status, answer.errors[1].code })
    status, answer = ask(server, "GET", "/accounts")
    assert.equal(200, status)
    assert.equal(OWN_ACCOUNT, answer.result[1].id)
  end)

  it("refuses foreign Host and Origin headers", function()
    local server = serve "--memory"
    assert.equal(403, (ask(server, "GET", "/accounts", nil, { Host = "evil.example" })))
    assert.equal(403, (ask(server, "GET", "/accounts", nil, { Origin = "http://evil.example" })))
  end)

  describe("ends with 130, as interrupted,", function()
    for _, signal in ipairs { "INT", "TERM", "HUP" } do
      it("by SIG" .. signal, function()
        local server = serve("--memory", "--quiet")
        local r = server:stop(signal)
        assert.equal(130, r.code)
        assert.equal("", r.err)
      end)
    end

    it("while a request hangs", function()
      p:write("faults.json", '{"rules":[{"fault":"hang","ms":600000}]}')
      local server = serve("--memory", "--faults", "faults.json")
      local hanging = assert(io.popen(("curl -q -sS --noproxy '*' -H 'Authorization: Bearer x' %s/user 2>&1")
        :format(server.url)))
      server:wait_for '"fault":"hang"'
      assert.equal(130, server:stop("INT").code)
      hanging:close()
    end)
  end)

  describe("logs", function()
    it("one line of JSON a request on stderr", function()
      local server = serve "--memory"
      local path = create(server, "logged")
      ask(server, "PUT", path .. "/values/k?expiration_ttl=60", "value")
      server:stop()
      local log = server:requests()
      local last = log[#log]
      assert.equal(3, #log)
      assert.same({ "PUT", "value_put", "bearer", 200 },
        { last.method, last.endpoint, last.credential, last.status })
      assert.equal("expiration_ttl=60", last.query)
      assert.equal("/client/v4" .. path .. "/values/k", last.path)
    end)

    it("no credential, no body and no token", function()
      local server = serve("--memory", { env = { CFKV_SERVE_TOKEN = "the-one-token" } })
      ask(server, "GET", "/accounts", nil, { Authorization = "Bearer the-one-token" })
      ask(server, "GET", "/accounts", nil,
        { Authorization = false, ["X-Auth-Key"] = "the-global-key", ["X-Auth-Email"] = "a@b.example" })
      ask(server, "POST", "/accounts/" .. OWN_ACCOUNT .. "/storage/kv/namespaces", "the-body")
      local r = server:stop()
      assert.equal(3, #server:requests())
      for _, secret in ipairs { "the-one-token", "the-global-key", "a@b.example", TOKEN, "the-body" } do
        assert.falsy((server.url .. r.out .. r.err):find(secret, 1, true), secret)
      end
    end)

    it("nothing with --quiet", function()
      local server = serve("--memory", "--quiet")
      namespaces(server)
      assert.equal("", server:stop().err)
    end)
  end)

  describe("with CFKV_SERVE_TOKEN", function()
    it("accepts that token only", function()
      local server = serve("--memory", { env = { CFKV_SERVE_TOKEN = "s3cret" } })
      assert.equal(200, (ask(server, "GET", "/accounts", nil, { Authorization = "Bearer s3cret" })))
      local status, answer = ask(server, "GET", "/accounts")
      assert.equal(403, status)
      assert.equal(10000, answer.errors[1].code)
    end)

    it("listens beyond loopback", function()
      local server = serve("--memory", "--address", "0.0.0.0", { env = { CFKV_SERVE_TOKEN = "s3cret" } })
      assert.truthy(server.url:match "^http://0%.0%.0%.0:%d+/client/v4$")
      assert.equal(200, (ask(server, "GET", "/accounts", nil, { Authorization = "Bearer s3cret" })))
    end)
  end)

  it("--discard keeps namespaces and forgets keys", function()
    local server = serve "--discard"
    local path = create(server, "thrown away")
    assert.equal(200, (ask(server, "PUT", path .. "/values/k", "v")))
    assert.equal(404, (ask(server, "GET", path .. "/values/k")))
    assert.equal("thrown away", namespaces(server)[1].title)
  end)

  it("--memory leaves nothing behind", function()
    local server = serve "--memory"
    ask(server, "PUT", create(server, "in memory") .. "/values/k", "v")
    server:stop()
    assert.falsy(p:exists ".wrangler")
  end)

  it("--rate refuses what is above it", function()
    local server = serve("--memory", "--rate", "2/60")
    namespaces(server)
    namespaces(server)
    assert.equal(429, (ask(server, "GET", "/accounts")))
  end)

  it("--latency delays each answer", function()
    local server = serve("--memory", "--latency", "150")
    namespaces(server)
    local ms = server:stop().err:match '"ms":(%d+)'
    assert.is_true(tonumber(ms) >= 150, ms)
  end)

  it("--faults breaks what the file says", function()
    p:write("faults.json", '{"rules":[{"match":{"nth":1},"fault":"status","status":503,"retry_after":7}]}')
    local server = serve("--memory", "--faults", "faults.json")
    assert.equal(503, (ask(server, "GET", "/accounts")))
    assert.equal(200, (ask(server, "GET", "/accounts")))
  end)

  it("--faults gives listings that are not to be believed", function()
    p:write("faults.json", [[{"rules":[
      {"match":{"endpoint":"namespace_list","nth":1},"fault":"short","missing":1000},
      {"match":{"endpoint":"namespace_list","nth":2},"fault":"stale_list"},
      {"match":{"endpoint":"namespace_list","nth":3},"fault":"endless"}]}]])
    local server = serve("--memory", "--faults", "faults.json")
    local path = ("/accounts/%s/storage/kv/namespaces"):format(OWN_ACCOUNT)
    server:ask("POST", path, '{"title":"a"}')
    server:ask("POST", path, '{"title":"b"}')
    local function list(page)
      local _, answer = server:ask("GET", path .. "?per_page=1&page=" .. page)
      return answer.result[1] and answer.result[1].title, #answer.result, answer.result_info.total_count
    end
    assert.same({ nil, 0, 2 }, { list(1) })
    assert.same({ "a", 1, 1 }, { list(1) })
    assert.same({ 1, 10 }, { select(2, list(9)) })
    assert.same({ 1, 2 }, { select(2, list(2)) })
  end)

  it("--faults names the account that there is then", function()
    p:write("faults.json", ('{"accounts":[{"id":"%s","name":"n"}]}'):format(("ab"):rep(16)))
    local server = serve("--memory", "--faults", "faults.json")
    assert.truthy(server:stop().err:find("CLOUDFLARE_ACCOUNT_ID=" .. ("ab"):rep(16), 1, true))
  end)

  describe("over the local store", function()
    local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "served"%s }
local ns = cfkv.namespace { title = "served", description = "d" }
ns:put("k", "%s", { metadata = { n = 1 } })
cfkv.output("id", ns.id)
]]

    local function apply(account, value, ...)
      p:write("sub/kv.lua", CONFIG:format(account, value))
      local r = p:run("apply", "--local", "--yes", "-f", "sub/kv.lua", ...)
      assert.equal(0, r.code, r.err)
      return p:run("output", "id", "--local", "--file", "sub/kv.lua").out:match "%x+"
    end

    it("serves what apply --local put there, and what it puts there later", function()
      local id = apply("", "first")
      local server = serve("-f", "sub/kv.lua")
      local list, path = namespaces(server)
      assert.same({ { id = id, title = "served", supports_url_encoding = true } }, list)
      local value = path .. "/" .. id .. "/values/k"
      assert.same({ 200, "first" }, { ask(server, "GET", value) })
      local _, metadata = ask(server, "GET", path .. "/" .. id .. "/metadata/k")
      assert.same({ n = 1 }, metadata.result)
      apply("", "second")
      assert.same({ 200, "second" }, { ask(server, "GET", value) })
    end)

    it("puts where plan --local finds it", function()
      local id = apply("", "declared")
      local server = serve("--root", "sub")
      local _, path = namespaces(server)
      assert.equal(200, (ask(server, "PUT", path .. "/" .. id .. "/values/k", "by a client")))
      local plan = p:run("plan", "--local", "--json", "-f", "sub/kv.lua").json()
      assert.equal(1, plan.summary.overwrite)
    end)

    it("shows a project's own account under its id", function()
      local account = ("0a"):rep(16)
      local id = apply((', account_id = "%s"'):format(account), "v")
      local server = serve { cwd = "sub" }
      local _, accounts = ask(server, "GET", "/accounts")
      assert.same({ 1, account }, { accounts.result_info.total_count, accounts.result[1].id })
      assert.same({}, namespaces(server))
      local list, path = namespaces(server, account)
      assert.equal(id, list[1].id)
      assert.same({ 200, "v" }, { ask(server, "GET", path .. "/" .. id .. "/values/k") })
      create(server, "of no account")
      _, accounts = ask(server, "GET", "/accounts")
      assert.equal(2, accounts.result_info.total_count)
      assert.truthy(server:stop().err:find("CLOUDFLARE_ACCOUNT_ID=" .. account, 1, true))
    end)

    it("finds data under the roots that the store remembers", function()
      local id = apply("", "v")
      local r = p:sh(([[
        cd sub && mkdir -p workers/api && cp -r .wrangler workers/api && rm -r .wrangler/state/v3/kv
        sqlite3 .wrangler/state/v3/cfkv.sqlite "INSERT INTO roots VALUES ('%s', 0, 'workers/api', 0)"
      ]]):format(id))
      assert.equal(0, r.code, r.err)
      local server = serve { cwd = "sub" }
      local _, path = namespaces(server)
      assert.same({ 200, "v" }, { ask(server, "GET", path .. "/" .. id .. "/values/k") })
      assert.equal(200, (ask(server, "PUT", path .. "/" .. id .. "/values/more", "w")))
      server:stop()
      assert.falsy(p:exists "sub/.wrangler/state/v3/kv")
      r = p:run("kv", "key", "get", "more", "--namespace-id", id, "--local", "--file", "sub/kv.lua")
      assert.same({ 0, "w" }, { r.code, r.out })
    end)

    it("creates nothing until something is written", function()
      local server = serve()
      assert.same({}, namespaces(server))
      assert.falsy(p:exists ".wrangler")
      create(server, "new")
      assert.truthy(p:exists ".wrangler/state/v3/cfkv.sqlite")
    end)

    it("needs a root that exists", function()
      local r = p:run("serve", "--port", "0", "--root", "nowhere")
      assert.equal(1, r.code)
      assert.truthy(r.err:find("nowhere", 1, true), r.err)
      assert.equal("", r.out)
    end)
  end)

  describe("refuses to start", function()
    local function refused(code, ...)
      local r = p:run("serve", "--port", "0", ...)
      assert.equal(code, r.code, r.err)
      assert.equal("", r.out)
      return r.err
    end

    it("on a port that is taken", function()
      local server = serve "--memory"
      local err = refused(1, "--memory", "--port", server.port)
      assert.truthy(err:find(("cannot listen on 127.0.0.1, port %s: Address already in use\n  hint: ")
        :format(server.port), 1, true), err)
    end)

    it("beyond loopback without a token", function()
      for _, token in ipairs { false, "" } do
        local err = refused(64, "--memory", "--address", "0.0.0.0", { env = { CFKV_SERVE_TOKEN = token } })
        assert.truthy(err:find("'0.0.0.0' is not a loopback address", 1, true), err)
        assert.truthy(err:find("set CFKV_SERVE_TOKEN", 1, true), err)
      end
    end)

    it("on what is no address", function()
      assert.truthy(refused(64, "--memory", "--address", "example.com"):find("'example.com' is not an IP", 1, true))
    end)

    it("with a faults file that is wrong, naming the place", function()
      p:write("faults.json", '{"rules":[{"fault":"hang"},{"fault":"statsu"}]}')
      local err = refused(3, "--memory", "--faults", "faults.json")
      assert.truthy(err:find("faults file 'faults.json': rule 2: unknown fault 'statsu'", 1, true), err)
      assert.truthy(err:find("did you mean 'status'", 1, true), err)
      p:write("faults.json", '{"rules":')
      assert.truthy(refused(3, "--memory", "--faults", "faults.json"):find("faults.json", 1, true))
      assert.truthy(refused(1, "--memory", "--faults", "nowhere.json"):find("nowhere.json", 1, true))
    end)

    it("with options that make no sense", function()
      local cases = {
        { "--port", "65536", "a whole number from 0 to 65535" },
        { "--port", "-1", "a whole number from 0 to 65535" },
        { "--port", "http", "a whole number from 0 to 65535" },
        { "--latency", "-5", "a whole number from 0 to 600000" },
        { "--latency", "0.5", "a whole number from 0 to 600000" },
        { "--latency", "99999999999999999999", "a whole number from 0 to 600000" },
        { "--rate", "1200", "REQUESTS/SECONDS" },
        { "--rate", "0/300", "REQUESTS/SECONDS" },
        { "--rate", "1200/0", "REQUESTS/SECONDS" },
        { "--rate", "-1/1", "REQUESTS/SECONDS" },
        { "--rate", "1200/", "REQUESTS/SECONDS" },
        { "--rate", "1/2/3", "REQUESTS/SECONDS" },
      }
      for _, case in ipairs(cases) do
        local err = refused(64, "--memory", case[1], case[2])
        assert.truthy(err:find(case[1] .. " needs " .. case[3], 1, true), err)
      end
      assert.truthy(refused(64, "--memory", "--discard"):find("exclude each other", 1, true))
      assert.truthy(refused(64, "--memory", "--root", "."):find("--root names the local store", 1, true))
      assert.truthy(refused(64, "--discard", "-f", "kv.lua"):find("--file names the local store", 1, true))
      assert.truthy(refused(64, "--token", "t"):find("unknown option '--token'", 1, true))
    end)

    it("when nobody can read its line", function()
      local r = p:run("serve", "--memory", "--port", "0", { stdout = "/dev/full" })
      assert.equal(1, r.code)
      assert.truthy(r.err:find("cannot write to stdout: No space left", 1, true), r.err)
    end)
  end)
end)
