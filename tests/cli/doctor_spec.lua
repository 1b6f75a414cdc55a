--- cfkv doctor: what it finds of project, machine and account, and what it says to do. Nothing that it
--- looks at is changed, and no credential is in what it says.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local quote = project.quote

local A, B = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
local DAY = 86400

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  local ns = cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG" }
  ns:put("flags", { limit = 17 })
end
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
]]

local WRANGLER = 'name = "shop"\nmain = "worker.js"\n\n[env.prod]\n'

local seen = {} -- "check.finding" of all that these specs provoked

-- What is found: "check" → { finding, status, message, hint, facts }; of a check that is there several
-- times the last one, and all of them in a list.
local function found(r)
  assert.truthy(r.code == 0 or r.code == 1, r.err)
  local document = r.json()
  local by = { all = document.checks, summary = document.summary, code = r.code }
  for _, check in ipairs(document.checks) do
    seen[check.check .. "." .. check.finding] = true
    by[check.check] = check
  end
  return by
end

local function same(finding, status, check)
  assert.same({ finding, status }, { check and check.finding, check and check.status }, check and check.message)
  return check
end

describe("doctor", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(emulator.cleanup_all)

  local function with_project(config)
    p:write("kv.lua", config or CONFIG)
    p:write("wrangler.toml", WRANGLER)
  end

  local function doctor(...)
    return found(p:run("doctor", "--json", ...))
  end

  -- All files below the folder: names, bytes, modes and times. (SQLite puts files beside a database that
  -- it reads, and takes them away: that is seen in the times of folders.)
  local function snapshot()
    return p:sh("find . -type f -printf '%p %s %T@ %m\\n' -exec sha256sum {} \\; | sort; find . -type d | sort").out
  end

  describe("without anything", function()
    it("says so, is no failure, and points to init", function()
      local r = p:run "doctor"
      assert.equal(0, r.code, r.err)
      assert.matches("warning  configuration  there is no kv.lua here", r.out, 1, true)
      assert.matches("'cfkv init' writes one", r.out, 1, true)
      assert.matches("warning  credentials    there are none in the environment", r.out, 1, true)
      assert.matches("CLOUDFLARE_API_TOKEN", r.out, 1, true)
      assert.matches("\n%d checks: %d ok, 2 warnings, 0 wrong\n$", r.out)
      assert.same({}, p:files())
      local d = doctor()
      same("none", "warning", d.configuration)
      same("none", "ok", d.state)
      same("none", "ok", d.wrangler_config)
      same("none", "ok", d.local_store)
      assert.matches("^Lua 5%.4", d.versions.facts.lua)
      assert.matches("^libcurl/", d.versions.facts.libcurl)
    end)

    it("exits with 1 for warnings under --strict", function()
      assert.equal(1, p:run("doctor", "--strict").code)
    end)

    it("fits 80 columns", function()
      for line in p:run("doctor").out:gmatch "[^\n]+" do
        assert.is_true(utf8.len(line) <= 80, line)
      end
    end)

    it("fails where its result cannot be written", function()
      assert.equal(1, p:run("doctor", { stdout = "/dev/full" }).code)
    end)

    it("names the wrangler beside it, and what .env has", function()
      p:write("node_modules/wrangler/package.json", '{"name":"wrangler","version":"4.86.0"}')
      p:write(".env", "CLOUDFLARE_API_TOKEN=T0ken\n")
      local d = doctor()
      assert.equal("4.86.0", d.versions.facts.wrangler)
      assert.matches(".env is there, and read only with --env-file", d.credentials.hint, 1, true)
    end)
  end)

  describe("of the project", function()
    it("is content with one that was applied, and changes nothing", function()
      with_project()
      project.ok(p:run("apply", "--local", "--yes"))
      local before = snapshot()
      local r = p:run("doctor", "--local")
      assert.equal(0, r.code, r.out)
      assert.matches("all is well\n$", r.out)
      local d = doctor "--local"
      assert.equal(before, snapshot())
      assert.equal(2, same("valid", "ok", d.configuration).facts.namespaces)
      assert.equal(2, same("usable", "ok", d.local_store).facts.namespaces)
      assert.equal(2, d.local_store.facts.version)
      assert.equal("wrangler.toml", same("read", "ok", d.wrangler_config).facts.file)
      assert.is_true(d.wrangler_config.facts.declared)
      same("unasked", "ok", d.credentials)
      assert.is_nil(d.token)
    end)

    it("tells of a configuration that is not valid, with its first problem", function()
      with_project(CONFIG .. "cfkv.namespace { title = 'x', ttl_seconds = 5 }\ncfkv.namespace { title = '' }\n")
      local r = p:run "doctor"
      assert.equal(1, r.code)
      assert.equal("", r.err)
      local c = same("invalid", "wrong", doctor().configuration)
      assert.matches("^'kv.lua' has 2 errors; the first: kv.lua:8: .*ttl_seconds", c.message)
      assert.matches("cfkv validate", c.hint, 1, true)
    end)

    it("tells of one that is no Lua, and of one that is not there", function()
      with_project "local cfkv = \n"
      local c = doctor().configuration
      assert.equal("wrong", c.status)
      assert.matches("kv.lua:", c.message, 1, true)
      same("broken", "wrong", doctor "other.lua".configuration)
    end)

    it("tells of warnings", function()
      with_project(CONFIG .. "cfkv.namespace { title = 'unbound' }\n")
      local c = same("warned", "warning", doctor().configuration)
      assert.matches("declares 3 namespaces in 2 environments; 1 warning, the first: kv.lua:8:", c.message, 1, true)
    end)

    it("refuses a configuration from above that others may write, and looks at the rest", function()
      with_project()
      p:sh "git init -q . && chmod o+w kv.lua && mkdir sub"
      local d = found(p:run("doctor", "--json", { cwd = "sub" }))
      same("refused", "wrong", d.configuration)
      same("none", "ok", d.state)
    end)

    describe("the state", function()
      local e

      before_each(function()
        with_project()
        e = emulator.start(p, "--memory")
        project.ok(e:run(p, "apply", "--yes"))
      end)

      it("is readable, with what it records", function()
        local s = same("readable", "ok", doctor "--local".state)
        assert.matches("'kv.state.json' records 2 namespaces (format version 2)", s.message, 1, true)
        assert.equal("shop", s.facts.project)
      end)

      it("is damaged, or another project's", function()
        p:write("kv.lua", (CONFIG:gsub("shop", "store", 1)))
        assert.matches("belongs to project 'shop'", same("broken", "wrong", doctor "--local".state).message, 1, true)
        p:write("kv.state.json", "{")
        same("broken", "wrong", doctor "--local".state)
      end)

      it("has what a killed apply left beside it", function()
        local line = '{"op":"creating","account":"' .. emulator.ACCOUNT .. '","title":"later"}\n'
        p:write("kv.state.json.journal", line)
        local s = same("unfinished", "warning", doctor "--local".state)
        assert.matches("run 'cfkv apply' again", s.hint, 1, true)
        assert.equal(line, p:read "kv.state.json.journal")
      end)

      it("is held by a run, or was by one that was killed", function()
        p:write("kv.state.json.lock", "4711\nbuild-7\ncfkv apply\n")
        local r = p:sh "flock kv.state.json.lock cfkv doctor --local --json"
        local lock = same("held", "warning", found(r).lock)
        assert.equal("the state is in use by pid 4711 on host build-7 (cfkv apply)", lock.message)
        assert.matches("^free; pid 4711", same("left", "ok", doctor "--local".lock).message)
        assert.equal("4711\nbuild-7\ncfkv apply\n", p:read "kv.state.json.lock")
      end)

      it("is committed, ignored or neither", function()
        p:sh "git init -q . && git config user.email a@b && git config user.name a"
        assert.matches("git add kv.state.json", same("undecided", "warning", doctor "--local".git).hint, 1, true)
        p:write(".gitignore", "*.state.json\n")
        same("ignored", "ok", doctor "--local".git)
        p:write(".gitignore", "")
        p:sh "git add kv.state.json"
        same("committed", "ok", doctor "--local".git)
        p:write(".gitattributes", "*.state.json merge=cfkv\n")
        local git = same("no_driver", "warning", doctor "--local".git)
        assert.equal("git config merge.cfkv.driver 'cfkv state merge %O %A %B'", git.hint)
        p:sh(git.hint)
        assert.is_true(same("committed", "ok", doctor "--local".git).facts.driver)
      end)

      it("is asked of git without running what the repository names", function()
        p:sh [[git init -q . && git config core.fsmonitor 'touch ran; false' && git add kv.state.json
               rm -f ran; printf '#!/bin/sh\ntouch ran\n' >.git/hooks/post-index-change; chmod +x .git/hooks/*]]
        same("committed", "ok", doctor "--local".git)
        assert.is_false(p:exists "ran")
      end)

      it("is not asked of git where there is none", function()
        p:sh "git init -q ."
        local tools = p:path "bin"
        p:sh("mkdir bin && ln -s /bin/sh " .. quote(tools))
        assert.is_nil(found(p:run("doctor", "--local", "--json", { env = { PATH = tools } })).git)
      end)
    end)

    it("tells of a state link that leads nowhere", function()
      with_project()
      p:sh "ln -s nowhere kv.state.json"
      assert.matches("link to a file that does not exist", same("broken", "wrong", doctor().state).message, 1, true)
    end)

    it("tells of files with credentials that others can read", function()
      p:write(".env", "CLOUDFLARE_API_TOKEN=T0ken\n")
      p:sh "chmod 644 .env"
      assert.equal("chmod 600 .env", same("readable", "warning", doctor("--local", "--env-file", ".env").secrets).hint)
      p:sh "chmod 600 .env"
      assert.is_nil(doctor("--local", "--env-file", ".env").secrets)
      p:sh "git init -q . && git add .env"
      local d = doctor("--local", "--env-file", ".env")
      assert.matches("make a new token", same("committed", "wrong", d.secrets).hint, 1, true)
      assert.equal(1, d.code)
      p:write("my token", "T0ken")
      local env = { CLOUDFLARE_API_TOKEN_FILE = "my token" }
      local secret = found(p:run("doctor", "--local", "--json", { env = env })).secrets
      assert.equal("chmod 600 'my token'", same("readable", "warning", secret).hint)
      p:sh(secret.hint)
      assert.is_nil(found(p:run("doctor", "--local", "--json", { env = env })).secrets)
    end)

    it("tells which config wrangler reads", function()
      with_project()
      p:write("wrangler.jsonc", '{ "name": "shop" }')
      local w = same("undeclared", "warning", doctor().wrangler_config)
      assert.equal("wrangler.jsonc", w.facts.file)
      assert.matches('cfkv.wrangler { path = "wrangler.jsonc" }', w.hint, 1, true)
      p:write("wrangler.jsonc", '{ "name": ')
      same("broken", "wrong", doctor().wrangler_config)
      os.remove(p:path "wrangler.jsonc")
      p:write(".wrangler/deploy/config.json", '{ "configPath": "../../dist/wrangler.json" }')
      p:write("dist/wrangler.json", '{ "name": "shop" }')
      assert.matches("build again", doctor().wrangler_config.hint, 1, true)
    end)

    it("tells who uses the local store, or was killed while he did", function()
      with_project()
      project.ok(p:run("apply", "--local", "--yes"))
      local lock = ".wrangler/state/v3/cfkv.kv.state.json.lock"
      p:write(lock, "4711\nbuild-7\ncfkv apply\n")
      local held = found(p:sh("flock " .. lock .. " cfkv doctor --local --json")).local_lock
      assert.equal("the local store is in use by pid 4711 on host build-7 (cfkv apply)",
        same("held", "warning", held).message)
      same("left", "ok", doctor "--local".local_lock)
      p:write(lock, "")
      assert.is_nil(doctor "--local".local_lock)
      held = found(p:sh "flock .wrangler/state/v3/cfkv.store.lock cfkv doctor --local --json").local_lock
      assert.equal("the local store is in use by another cfkv", held.message)
    end)

    it("tells of a local store that cannot be used", function()
      with_project()
      project.ok(p:run("apply", "--local", "--yes"))
      local function sql(file, text)
        return project.ok(p:sh(("sqlite3 %s %s"):format(file, quote(text))))
      end
      local one = ".wrangler/state/v3/kv/miniflare-KVNamespaceObject/*.sqlite"
      p:sh("for db in " .. one .. "; do sqlite3 $db 'ALTER TABLE _mf_entries RENAME COLUMN key TO name'; done")
      same("broken", "wrong", doctor "--local".local_store)
      p:sh("for db in " .. one .. "; do sqlite3 $db 'ALTER TABLE _mf_entries RENAME COLUMN name TO key'; done")
      sql(".wrangler/state/v3/cfkv.sqlite", "INSERT INTO journal (name, lines) VALUES ('kv.state.json', "
        .. [['{"op":"creating","account":"local","title":"later"}' || char(10))]])
      same("unfinished", "warning", doctor "--local".local_store)
      sql(".wrangler/state/v3/cfkv.sqlite", "PRAGMA user_version = 99")
      local s = same("broken", "wrong", doctor "--local".local_store)
      assert.matches("has version 99, newer than", s.message, 1, true)
    end)
  end)

  describe("of the account", function()
    local e

    local function start(faults)
      e = emulator.start(p, "--memory", { faults = faults })
    end

    local function ask(env, ...)
      local words = { "doctor", "--json", ... }
      words[#words + 1] = { env = e:env(env) }
      local r = p:run(table.unpack(words))
      assert.is_nil((r.out .. r.err):find(emulator.TOKEN, 1, true), r.out)
      return found(r)
    end

    -- The verification of the token answers with this result.
    local function token(result)
      return { match = { endpoint = "user_token" }, fault = "body",
        body = cjson.encode { success = true, errors = {}, messages = {}, result = result } }
    end

    local function refuse(endpoint, status, code)
      return { match = { endpoint = endpoint }, fault = "status", status = status or 403, code = code or 10000 }
    end

    local function at(seconds)
      return os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + seconds)
    end

    it("finds all well, by requests that change nothing", function()
      start()
      with_project()
      project.ok(e:run(p, "apply", "--yes"))
      local before, logged = snapshot(), #e:requests()
      local d = ask()
      assert.equal(0, d.code)
      assert.equal(0, d.summary.warning + d.summary.wrong, cjson.encode(d.all))
      assert.equal("CLOUDFLARE_API_TOKEN", same("token", "ok", d.credentials).facts.variable)
      same("other", "ok", d.api)
      same("together", "ok", d.clock)
      same("active", "ok", d.token)
      local a = same("known", "ok", d.account)
      assert.same({ emulator.ACCOUNT, "cfkv serve", "state" }, { a.facts.account, a.facts.title, a.facts.from })
      for _, check in ipairs { "kv_read", "kv_write", "analytics", "r2" } do
        same("may", "ok", d[check])
      end
      assert.equal(2, same("room", "ok", d.namespaces).facts.n)
      assert.equal(before, snapshot())
      for i = logged + 1, #e:requests() do
        local r = e:requests()[i]
        assert.truthy(r.method == "GET" or r.endpoint == "graphql" or r.status == 404, cjson.encode(r))
      end
      assert.is_true(#e:requests() - logged <= 9)
    end)

    it("says that nobody answers, at once and once, and goes on with the rest", function()
      start()
      with_project()
      local env = e:env()
      e:stop()
      local r = p:run("doctor", "--json", { env = env })
      local d = found(r)
      assert.is_true(r.seconds < 4)
      assert.equal(1, d.code)
      local api = same("unreached", "wrong", d.api)
      assert.matches("connection refused", api.message, 1, true)
      assert.matches("CLOUDFLARE_API_BASE_URL", api.hint, 1, true)
      assert.is_nil(d.token)
      same("valid", "ok", d.configuration)
      same("read", "ok", d.wrangler_config)
    end)

    it("says that what answers is not the API", function()
      start { rules = { { fault = "html", status = 200 } } }
      same("odd", "wrong", ask().api)
      assert.is_nil(ask().token)
    end)

    describe("the token", function()
      it("expires soon, has expired, is disabled, is not valid yet", function()
        start { rules = { { match = { nth = 1 }, fault = "delay", ms = 1 },
          token { id = A, status = "active", expires_on = at(3 * DAY + 600) } } }
        local t = same("expiring", "warning", ask().token)
        assert.equal(3, t.facts.days_left)
        assert.matches("active, for 3 days more", t.message, 1, true)
        assert.matches("put it into CLOUDFLARE_API_TOKEN", t.hint, 1, true)
        e:stop()
        start { rules = { token { status = "active", expires_on = at(300 * DAY) } } }
        same("active", "ok", ask().token)
        e:stop()
        start { rules = { token { status = "expired", expires_on = at(-DAY) } } }
        local d = ask()
        same("expired", "wrong", d.token)
        assert.equal(1, d.code)
        e:stop()
        start { rules = { token { status = "disabled" } } }
        assert.matches("'disabled'", same("inactive", "wrong", ask().token).message, 1, true)
        e:stop()
        start { rules = { token { status = "active", not_before = at(DAY) } } }
        same("early", "wrong", ask().token)
      end)

      it("is not known: one line, and nothing more is asked", function()
        start { rules = { refuse("account_list"), refuse("user_token", 401, 1000), refuse("account_token", 401, 1000),
          refuse("namespace_list") } }
        local d = ask { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
        assert.matches("CLOUDFLARE_API_TOKEN holds a whole token", same("refused", "wrong", d.token).hint, 1, true)
        assert.is_nil(d.kv_read)
      end)

      it("is the account's own", function()
        start { rules = { refuse("user_token", 401, 1000), refuse("account_list") } }
        same("active", "ok", ask { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }.token)
      end)

      it("works though it does not verify", function()
        start { rules = { refuse "user_token", refuse "account_token" } }
        local d = ask()
        same("unverified", "ok", d.token)
        same("may", "ok", d.kv_read)
      end)

      it("is no token: unusable before anything is sent", function()
        start()
        for _, env in ipairs {
          { CLOUDFLARE_API_TOKEN = '"T0ken"' },
          { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_KEY = "k" },
          { CLOUDFLARE_ACCOUNT_ID = "mine" },
          { CLOUDFLARE_API_BASE_URL = "http://example.com/" },
        } do
          same("unusable", "wrong", ask(env).credentials)
        end
        assert.equal(0, #e:requests())
      end)

      it("is in no answer's echo", function()
        local said = "you sent " .. emulator.TOKEN
        start { accounts = { { id = A, name = said } }, rules = {
          { match = { endpoint = "namespace_list" }, fault = "status", status = 403, code = 10000, message = said },
          { match = { endpoint = "graphql" }, fault = "body", body = cjson.encode { data = cjson.null,
            errors = { { message = said } } } },
          token { status = said } } }
        local d = ask()
        same("may_not", "wrong", d.kv_read)
        same("may_not", "ok", d.analytics)
      end)
    end)

    it("takes a global key for what it is", function()
      start()
      local d = ask { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_KEY = "k", CLOUDFLARE_EMAIL = "a@b.example" }
      same("key", "warning", d.credentials)
      assert.is_nil(d.token)
      same("may", "ok", d.kv_read)
    end)

    it("says in which line of a file the token stands", function()
      start()
      p:write("my.env", "# mine\nCLOUDFLARE_API_TOKEN=" .. emulator.TOKEN .. "\n")
      p:sh "chmod 600 my.env"
      local c = ask({ CLOUDFLARE_API_TOKEN = false }, "--env-file", "my.env").credentials
      assert.equal("an API token, from CLOUDFLARE_API_TOKEN, my.env:2", c.message)
    end)

    it("says which program printed the token", function()
      start()
      p:write(".config/cfkv/config", 'credentials_command = "cat token"\n')
      p:sh("chmod 644 .config/cfkv/config; printf %s " .. emulator.TOKEN .. " >token")
      local unit = { CLOUDFLARE_API_TOKEN = false, CFKV_WAIT_UNIT_MS = "200" }
      local d = ask(unit)
      assert.equal("printed by the program of credentials_command, " .. p:path ".config/cfkv/config" .. ":1",
        same("command", "ok", d.credentials).message)
      same("active", "ok", d.token)
      unit.CFKV_CREDENTIALS_COMMAND = "cat token"
      assert.equal("CFKV_CREDENTIALS_COMMAND", same("command", "ok", ask(unit).credentials).facts.variable)
    end)

    it("says which credentials the host of a remote state gets, and sends it none", function()
      start()
      local function keep(state)
        p:sh "rm -rf .cfkv"
        p:write("kv.lua", ('require "cfkv".project { name = "shop", account_id = "%s", state = %s }\n')
          :format(A, state))
      end
      keep '"http://127.0.0.1:1/state"'
      local c = same("none", "warning", ask().state_credentials)
      assert.equal("there are none for 127.0.0.1:1", c.message)
      assert.matches("set CFKV_STATE_TOKEN_127_0_0_1, or TF_HTTP_ADDRESS=", c.hint, 1, true)
      c = same("known", "ok", ask({ CFKV_STATE_TOKEN_127_0_0_1_1 = "x" }).state_credentials)
      assert.equal("127.0.0.1:1 gets those of CFKV_STATE_TOKEN_127_0_0_1_1", c.message)
      keep('{ url = "s3://bucket/kv.json", endpoint = "http://127.0.0.1:1" }')
      local keys = { AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b" }
      assert.matches("named by the project alone", same("refused", "wrong", ask(keys).state_credentials).message,
        1, true)
      same("none", "wrong", ask({ AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:1" }).state_credentials)
      keys.AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:1"
      assert.equal("http://127.0.0.1:1 gets those of AWS_ACCESS_KEY_ID",
        same("known", "ok", ask(keys).state_credentials).message)
      assert.is_nil(ask({}, "--local").state_credentials)
    end)

    it("tells what a token lacks, and what for", function()
      start { rules = { refuse "namespace_rename", refuse "graphql", refuse("bucket_list", 403, 10042) } }
      local d = ask()
      assert.equal(0, d.code)
      same("may", "ok", d.kv_read)
      assert.matches("'Workers KV Storage: Edit'", same("may_not", "warning", d.kv_write).hint, 1, true)
      same("may_not", "ok", d.analytics)
      same("may_not", "ok", d.r2)
      e:stop()
      start { rules = { refuse "namespace_list", { match = { endpoint = "namespace_rename" }, fault = "html" } } }
      d = ask()
      assert.equal(1, d.code)
      assert.matches("'Workers KV Storage: Read'", same("may_not", "wrong", d.kv_read).hint, 1, true)
      same("unknown", "warning", d.kv_write)
    end)

    it("lists several accounts where nobody said which", function()
      start { accounts = { { id = A, name = "Eins" }, { id = B, name = "Zwei" } } }
      local a = same("unknown", "wrong", ask().account)
      assert.matches(A .. " 'Eins', " .. B .. " 'Zwei'", a.message, 1, true)
      assert.matches("CLOUDFLARE_ACCOUNT_ID", a.hint, 1, true)
      same("known", "ok", ask { CLOUDFLARE_ACCOUNT_ID = B }.account)
    end)

    it("warns of a config that deploys to another account", function()
      start()
      with_project()
      p:write("wrangler.toml", WRANGLER:gsub("main", 'account_id = "' .. B .. '"\nmain'))
      local a = same("another", "warning", ask { CLOUDFLARE_ACCOUNT_ID = A }.account)
      assert.matches("'wrangler.toml' (line 2) deploys to account " .. B .. ", not to " .. A, a.message, 1, true)
    end)

    it("asks for each account of the project, with its own token", function()
      start { accounts = { { id = A, name = "Eins", token = "T0ken-A" },
        { id = B, name = "Zwei", token = "T0ken-B" } } }
      with_project('local cfkv = require "cfkv"\ncfkv.project { name = "shop", accounts = { eins = "' .. A
        .. '", zwei = "' .. B .. '" } }\nfor _, a in ipairs { "eins", "zwei" } do\n'
        .. 'cfkv.namespace { title = "x", app = "x", env = a, account = a, binding = "X_" .. a }\nend\n'
        .. 'cfkv.wrangler { path = "wrangler.toml" }\n')
      local d = ask { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_TOKEN_EINS = "T0ken-A" }
      same("lacking", "warning", d.credentials)
      assert.matches("set CLOUDFLARE_API_TOKEN_ZWEI", d.credentials.hint, 1, true)
      assert.equal("Eins", d.account.facts.title)
      d = ask { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_TOKEN_EINS = "T0ken-A",
        CLOUDFLARE_API_TOKEN_ZWEI = "T0ken-B" }
      same("own", "ok", d.credentials)
      local names = {}
      for _, check in ipairs(d.all) do
        names[#names + 1] = check.check == "account" and check.facts.title or nil
      end
      assert.same({ "Eins", "Zwei" }, names)
      assert.equal(0, d.summary.wrong, cjson.encode(d.all))
    end)

    it("tells how near the limit of namespaces is", function()
      start()
      with_project((CONFIG:gsub('"shop" }', '"shop", limits = { namespaces = 1001 } }', 1)))
      for i = 1, 3 do
        assert.equal(200, (e:ask("POST", "/accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces",
          ('{"title":"n%d"}'):format(i))))
      end
      local n = same("room", "ok", ask().namespaces)
      assert.equal("3 of the 1001 that an account may have", n.message)
      local function counted(total)
        e:stop()
        start { rules = { { match = { endpoint = "namespace_list" }, fault = "body", body = cjson.encode {
          success = true, result = cjson.null, result_info = { total_count = total } } } } }
        return ask().namespaces
      end
      same("close", "warning", counted(901))
      assert.matches("limits = { namespaces = N }", same("full", "warning", counted(1001)).hint, 1, true)
    end)

    it("tells of a clock that is wrong", function()
      start { date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 600) }
      local c = same("apart", "warning", ask().clock)
      assert.matches("^this machine's is %d+ seconds slow$", c.message)
    end)

    it("prints nothing that a terminal would obey", function()
      start { accounts = { { id = A, name = "evil \27[2J" } } }
      local r = p:run("doctor", { env = e:env() })
      assert.is_nil(r.out:find "\27")
      assert.matches("evil \\x1B[2J", r.out, 1, true)
    end)
  end)

  describe("of a state on a service", function()
    local e

    before_each(function() e = emulator.start(p, "--memory") end)
    after_each(state_server.cleanup)

    -- The looks of a project whose state is there; `apply`: it was applied.
    local function remote(mode, options, apply)
      local s = state_server.start(p, mode, options)
      local how = { env = e:env(s:env()) }
      p:write("kv.lua", ([[
        local cfkv = require "cfkv"
        cfkv.project { name = "shop", account_id = %q, state = %q }
        cfkv.namespace { title = "shop" }
      ]]):format(emulator.ACCOUNT, s.url))
      if apply then
        project.ok(p:run("apply", "--yes", how))
      end
      return s, function() return doctor(how) end
    end

    it("says what it records, and that no writer loses another's", function()
      local s, look = remote("s3", nil, true)
      local n, before = #s:requests(), snapshot()
      local d = look()
      assert.equal(n + 1, #s:requests())
      assert.equal(before, snapshot())
      assert.matches(s.url, same("readable", "ok", d.state).message, 1, true)
      same("compared", "ok", d.state_safety)
      assert.is_nil(d.git)
    end)

    it("says who holds it, and what is still to be written there", function()
      local s, look = remote("s3", nil, true)
      local text = s:text()
      local function leased(ago)
        s:put((text:gsub('"lease": null', function()
          return '"lease": ' .. cjson.encode { id = "11111111-2222-4333-8444-555555555555", who = "anna@build-7",
            host = "build-7", pid = 7, command = "cfkv apply", job = "", taken = os.time() - ago,
            renewed = os.time() - ago, seconds = 60 }
        end)))
      end
      leased(5)
      assert.matches("anna@build-7", same("held", "warning", look().state_lock).message, 1, true)
      leased(300)
      same("over", "ok", look().state_lock)
      s:put(text)
      p:write(p:sh("ls -d .cfkv/state/*/").out:match "[^\n]+" .. "base.json", text)
      assert.matches("state push", same("kept", "warning", look().state_owed).hint, 1, true)
    end)

    it("says what protects it before anything was written", function()
      local _, look = remote "s3"
      local before = snapshot()
      same("unprobed", "ok", look().state_safety)
      assert.equal(before, snapshot())
    end)

    it("says what a service with locks does beside them", function()
      local _, look = remote("http", nil, true)
      same("both", "ok", look().state_safety)
    end)

    it("says that a lock alone protects it", function()
      local _, look = remote("http", { etag = false }, true)
      same("lock_only", "warning", look().state_safety)
      p:sh "rm -r .cfkv"
      _, look = remote("http", { etag = false })
      same("locked", "ok", look().state_safety)
    end)

    it("says that its service is out of reach, and that its address changed", function()
      local s, look = remote("s3", nil, true)
      s:stop()
      same("broken", "wrong", look().state)
      p:write("kv.lua", (p:read "kv.lua":gsub("kv.json", "other.json")))
      assert.matches("state move", same("broken", "wrong", look().state).hint, 1, true)
    end)
  end)

  it("has words for nothing that these specs do not provoke", function()
    local function stub() return setmetatable({}, { __index = function() return stub end }) end
    for _, name in ipairs { "text", "layout", "view" } do
      package.preload[name] = stub
    end
    local words = dofile "lua/host/doctor.lua".words
    for _, name in ipairs { "text", "layout", "view" } do
      package.preload[name], package.loaded[name] = nil, nil
    end
    local unseen = {}
    for check, findings in pairs(words) do
      for finding in pairs(findings) do
        local name = check .. "." .. finding
        unseen[#unseen + 1] = not seen[name] and name or nil
      end
    end
    table.sort(unseen)
    -- Cloudflare's own API, and a machine without libcurl, are out of reach of a test.
    assert.same({ "analytics.unknown", "api.reached", "kv_read.unknown", "libcurl.missing", "r2.unknown" }, unseen)
  end)
end)
