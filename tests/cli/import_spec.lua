--- `cfkv import`: the account, and files of other tools, as a configuration and in the state. What is asked for
--- is held against three laws: a plan behind it is empty, doing it twice changes nothing, and nothing in the
--- account is ever changed.
local emulator = require "support.emulator"
local project = require "support.project"

local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

describe("cfkv import", function()
  local p, e

  before_each(function()
    p, e = emulator.quick()
  end)
  after_each(emulator.cleanup_all)


  local function cfkv(...)
    return e:run_in_account(p, ...)
  end


  local function ok(...)
    return project.ok(cfkv(...))
  end


  local function create(title)
    local _, answer = e:ask("POST", NAMESPACES, ('{"title":"%s"}'):format(title))
    return answer.result.id
  end


  local function put(title, key, value, ...)
    p:write("value", value)
    ok("kv", "key", "put", key, "--path", "value", "--namespace", title, ...)
    os.remove(p:path "value")
  end


  -- What an import sends: nothing but questions.
  local function import(...)
    local before = #e:requests()
    local r = cfkv("import", ...)
    for i = before + 1, #e:requests() do
      local request = e:requests()[i]
      assert.truthy(request.method == "GET" or request.endpoint == "bulk_get", request.endpoint)
    end
    return r, #e:requests() - before
  end


  local function files()
    local all = {}
    for _, path in ipairs(p:files()) do
      all[path] = p:read(path)
    end
    return all
  end


  -- The laws.
  local function assert_imports(...)
    local r = project.ok(import(...))
    assert.equal("no changes", ok("plan", "--summary").out:match "Plan: (no changes)")
    local before = files()
    project.ok(import(...))
    assert.same(before, files())
    return r
  end


  describe("of the account", function()
    it("declares and records all of it, by one request", function()
      create "shop-config-dev"
      create "odd title: ¿qué? \\\"x"
      local r, requests = import "--all"
      project.ok(r)
      assert.equal(1, requests)
      assert.matches("found 2 namespaces\nwrote kv.lua\nrecorded 2 namespaces in the state\n", r.out, 1, true)
      assert_imports "--all"
      assert.matches("2 namespaces", ok("validate").out, 1, true)
    end)

    it("declares and records where namespaces are, and of which mode", function()
      ok("kv", "namespace", "create", "euro", "--jurisdiction", "eu")
      ok("kv", "namespace", "create", "quick", "--mode", "instant")
      assert_imports "--all"
      assert.matches('jurisdiction = "eu"', p:read "kv.lua", 1, true)
      assert.matches('mode = "instant"', p:read "kv.lua", 1, true)
    end)

    it("begins a project where -o says", function()
      create "shop"
      put("shop", "k", "v")
      assert.equal(1, (import("--all", "-o", "infra/kv.lua")).code)
      p:write("infra/x", "")
      project.ok(import("--all", "--keys", "-o", "infra/kv.lua"))
      assert.same({ "kv.lua", "kv.state.json", "kv.state.json.lock", "seed/shop.jsonl", "x" }, p:files "infra")
      assert.matches('name = "infra"', p:read "infra/kv.lua", 1, true)
      assert.equal("no changes", ok("plan", "-f", "infra/kv.lua").out:match "Plan: (no changes)")
      assert.is_nil(p:read "kv.lua")
    end)

    it("takes what matches", function()
      create "shop-a"
      create "other"
      create "shop-b"
      local document = project.ok(import("--match", "shop-*", "--json")).json()
      assert.equal(2, #document.namespaces)
      assert.equal("shop-a", document.namespaces[1].title)
      assert.same({ keys = 0, namespaces = 2 }, document.recorded)
      assert.equal("no changes", ok("plan").out:match "Plan: (no changes)")
    end)

    it("says so when there is nothing, and writes nothing", function()
      local r = import "--all"
      assert.equal(3, r.code)
      assert.matches("account " .. emulator.ACCOUNT .. " has no KV namespace", r.err, 1, true)
      assert.is_nil(p:read "kv.lua")
      assert.is_nil(p:read "kv.state.json")
    end)

    it("needs credentials", function()
      local r = p:run("import", "--all")
      assert.equal(64, r.code)
      assert.matches("--all needs the account, and there are no credentials\n  hint: set CLOUDFLARE_API_TOKEN", r.err,
        1, true)
    end)

    it("needs to be told what", function()
      local r = cfkv "import"
      assert.equal(64, r.code)
      assert.matches("'import' needs files, --all or --match GLOB", r.err, 1, true)
    end)
  end)


  it("declares regular titles by a loop, with the configs that bind them", function()
    local sections = {}
    for _, env in ipairs { "dev", "staging", "prod" } do
      sections[#sections + 1] = ("[env.%s]\nkv_namespaces = ["):format(env)
      for _, purpose in ipairs { "cache", "config", "user-session" } do
        local id = create("shop-" .. purpose .. "-" .. env)
        sections[#sections + 1] = ('  { binding = "%s", id = "%s" },'):format(purpose:upper():gsub("-", "_"), id)
      end
      sections[#sections + 1] = "]"
    end
    local config = 'name = "shop"\nmain = "src/index.js"\n' .. table.concat(sections, "\n") .. "\n"
    p:write("wrangler.toml", config)
    put("shop-config-dev", "flags", '{"beta":true}')
    assert_imports("wrangler.toml", "--all", "--keys")
    local lua = p:read "kv.lua"
    assert.matches('for _, purpose in ipairs { "cache", "config", "user-session" } do', lua, 1, true)
    assert.matches('binding = purpose:upper():gsub("%W", "_")', lua, 1, true)
    assert.matches('cfkv.wrangler { path = "wrangler.toml" }', lua, 1, true)
    project.ok(cfkv("validate", "--strict"))
    ok("apply", "--yes")
    assert.equal(config, p:read "wrangler.toml")
  end)

  describe("with keys", function()
    it("seeds them as they are: bytes, metadata, expiration", function()
      create "shop"
      put("shop", "text", "hello")
      put("shop", "bytes", "\0\255\1")
      put("shop", "rich", "x", "--metadata", '{"a":1}', "--expiration", "2000000000")
      create "empty"
      local r = assert_imports("--all", "--keys")
      assert.matches("found 2 namespaces, 3 keys in seed files", r.out, 1, true)
      assert.equal('{"base64":true,"key":"bytes","value":"AP8B"}\n'
        .. '{"expiration":2000000000,"key":"rich","metadata":{"a":1},"value":"x"}\n'
        .. '{"key":"text","value":"hello"}\n', p:read "seed/shop.jsonl")
      assert.same({ "kv.lua", "kv.state.json", "kv.state.json.lock", "seed/shop.jsonl" }, p:files())
    end)

    it("finds file names that are safe, and none twice", function()
      for _, title in ipairs { "../../etc/passwd", "..", ".hidden", "Shop", "shop", "a/b", "a-b", "ä" } do
        create(title)
        put(title, "k", title)
      end
      assert_imports("--all", "--keys")
      local seen, n = {}, 0
      for _, path in ipairs(p:files "seed") do
        assert.matches("^[%w_-][%w._-]*%.jsonl$", path)
        assert.is_nil(seen[path:lower()])
        seen[path:lower()], n = true, n + 1
      end
      assert.equal(8, n)
    end)

    it("goes through no link, neither of the folder nor of a file", function()
      create "shop"
      put("shop", "k", "v")
      p:write("elsewhere/shop.jsonl", "theirs")
      p:sh "ln -s elsewhere seed"
      local r = import("--all", "--keys", "--yes")
      assert.equal(3, r.code)
      assert.is_nil(p:read "kv.lua")
      p:sh "rm seed && mkdir seed && ln -s ../elsewhere/shop.jsonl seed/shop.jsonl"
      project.ok(import("--all", "--keys", "--yes"))
      assert.equal("theirs", p:read "elsewhere/shop.jsonl")
      assert.equal('{"key":"k","value":"v"}\n', p:read "seed/shop.jsonl")
    end)

    it("asks before a seed file that was changed is written over", function()
      create "shop"
      put("shop", "k", "1")
      project.ok(import("--all", "--keys"))
      put("shop", "k", "2")
      local r = import("--all", "--keys")
      assert.equal(5, r.code)
      assert.matches("seed/shop.jsonl' is there already", r.err, 1, true)
      assert.equal('{"key":"k","value":"1"}\n', p:read "seed/shop.jsonl")
      project.ok(import("--all", "--keys", "--yes"))
      assert.equal('{"key":"k","value":"2"}\n', p:read "seed/shop.jsonl")
      assert.equal('{"key":"k","value":"1"}\n', p:read "seed/shop.jsonl.old")
    end)
  end)


  describe("beside a configuration", function()
    local CONFIG = 'local cfkv = require "cfkv"\ncfkv.project { name = "mine" }\ncfkv.namespace { title = "shop" }\n'

    it("that declares all of it records, and so brings back a lost state", function()
      create "shop"
      p:write("kv.lua", CONFIG)
      local r = project.ok(import "--all")
      assert.matches("left  kv.lua, which declares all of it\nrecorded 1 namespace in the state", r.out, 1, true)
      assert.equal(CONFIG, p:read "kv.lua")
      local state = p:read "kv.state.json"
      os.remove(p:path "kv.state.json")
      project.ok(import("--match", "sh*"))
      local function salted(text)
        return (text:gsub('"salt": "%x+"', ""))
      end
      assert.equal(salted(state), salted(p:read "kv.state.json"))
    end)

    it("that lacks something needs a word to be written over", function()
      create "shop"
      create "more"
      p:write("kv.lua", CONFIG)
      local r = import "--all"
      assert.equal(5, r.code)
      assert.equal(CONFIG, p:read "kv.lua")
      assert.is_nil(p:read "kv.state.json")
      assert_imports("--all", "--yes")
      assert.equal(CONFIG, p:read "kv.lua.old")
      assert.matches('name = "mine"', p:read "kv.lua", 1, true)
    end)

    describe("on a terminal", function()
      local QUESTION = "'kv.lua' is there already and holds something else. Write over it, and keep what is there as "
        .. "'kv.lua.old'?%s Only 'yes' is accepted: "

      local function answered(answer, words)
        return p:on_terminal(answer, "import " .. words, { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } })
      end

      before_each(function()
        create "shop"
        create "more"
        p:write("kv.lua", CONFIG)
      end)

      it("is written over after 'yes', and kept beside", function()
        local r = project.ok(answered("yes\\n", "--all"))
        assert.matches(QUESTION:format "", r.out, 1, true)
        assert.matches("wrote kv.lua; what was there is kv.lua.old now", r.out, 1, true)
        assert.equal(CONFIG, p:read "kv.lua.old")
        assert.equal("no changes", ok("plan").out:match "Plan: (no changes)")
      end)

      for name, answer in pairs { no = "no\\n", y = "y\\n", ["Ctrl-D"] = "\\004" } do
        it("stays as it is after " .. name, function()
          local r = answered(answer, "--all")
          assert.equal(5, r.code, r.out)
          assert.matches(QUESTION:format "", r.out, 1, true)
          assert.same({ "kv.lua", "kv.state.json.lock" }, p:files())
          assert.equal(CONFIG, p:read "kv.lua")
        end)
      end

      it("is one question for all files", function()
        for _, title in ipairs { "more", "shop" } do
          put(title, "k", "v")
          p:write("seed/" .. title .. ".jsonl", "mine")
        end
        local r = project.ok(answered("yes\\n", "--all --keys"))
        local _, questions = r.out:gsub("is accepted", "")
        assert.equal(1, questions)
        assert.matches(" And so with 2 more files? Only 'yes' is accepted: ", r.out, 1, true)
        for _, path in ipairs { "seed/more.jsonl", "seed/shop.jsonl" } do
          assert.equal("mine", p:read(path .. ".old"))
          assert.equal('{"key":"k","value":"v"}\n', p:read(path))
        end
        assert.equal(CONFIG, p:read "kv.lua.old")
      end)
    end)

    it("gets a part that it can require", function()
      create "shop"
      create "more"
      p:write("kv.lua", CONFIG)
      local r = project.ok(import("--all", "-o", "parts/more.lua"))
      assert.matches('add require "parts.more" to the configuration', r.out, 1, true)
      assert.is_nil(p:read "parts/more.lua":find("cfkv.project", 1, true))
      assert.is_nil(p:read "parts/more.lua":find('"shop"', 1, true))
      p:write("kv.lua", CONFIG .. 'require "parts.more"\n')
      assert_imports "--all"
    end)

    it("keeps what a part has when that is written anew", function()
      create "shop"
      create "more"
      p:write("kv.lua", CONFIG)
      project.ok(import("--all", "-o", "more.lua"))
      p:write("kv.lua", CONFIG .. 'require "more"\n')
      create "again"
      project.ok(import("--all", "-o", "more.lua", "--yes"))
      assert.matches('title = "more"', p:read "more.lua", 1, true)
      assert.matches('title = "again"', p:read "more.lua", 1, true)
      assert_imports("--all", "-o", "more.lua")
    end)

    it("that is not valid is not touched", function()
      create "shop"
      p:write("kv.lua", "local x = \n")
      local r = import("--all", "--yes")
      assert.equal(3, r.code)
      assert.equal("local x = \n", p:read "kv.lua")
      assert.is_nil(p:read "kv.state.json")
    end)

    it("writes nothing while another run holds the state", function()
      create "shop"
      p:write("kv.lua", CONFIG)
      create "more"
      local r = p:sh(("exec 9>kv.state.json.lock; flock 9; %s import --all --yes"):format(
        project.quote(project.program)), { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } })
      assert.equal(75, r.code, r.err)
      assert.equal(CONFIG, p:read "kv.lua")
      assert.is_nil(p:read "kv.lua.old")
    end)

    it("that is found above is not written over without being named", function()
      create "shop"
      p:write("kv.lua", CONFIG)
      p:write("below/x", "")
      local env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
      assert.equal(5, p:run("import", "--all", "--yes", { cwd = "below", env = env }).code)
      project.ok(p:run("import", "--all", { cwd = "below", env = env }))
      assert.matches('"shop"', p:read "kv.state.json", 1, true)
    end)
  end)


  describe("of wrangler configs", function()
    it("looks titles up, and keeps the config in step", function()
      local id = create "worker-cache"
      local config = ('name = "worker"\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'):format(id)
      p:write("wrangler.toml", config)
      assert_imports "wrangler.toml"
      assert.matches('title = "worker-cache"', p:read "kv.lua", 1, true)
      assert.equal(config, p:read "wrangler.toml")
    end)

    it("tells what is gone", function()
      create "other"
      p:write("wrangler.toml", 'name = "w"\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "' .. ("a"):rep(32) .. '"\n')
      local r = import("wrangler.toml", "--all")
      project.ok(r)
      assert.matches("wrangler.toml:3: warning: namespace a+ is gone: account", r.err)
      assert.matches("found 1 namespace, 1 gone from 1 file", r.out, 1, true)
    end)

    it("works without credentials, and says what that means", function()
      p:write("wrangler.toml", 'name = "w"\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "' .. ("a"):rep(32) .. '"\n')
      local r = project.ok(p:run("import", "wrangler.toml"))
      assert.matches("cfkv: no credentials: files are taken at their word", r.err, 1, true)
      project.ok(p:run("validate"))
    end)
  end)


  describe("of several inputs", function()
    local function state_of(id, title, more)
      return ([[{ "version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "x", "resources": [
        { "mode": "managed", "type": "cloudflare_workers_kv_namespace", "name": "cache", "provider": "p",
          "instances": [ { "schema_version": 500, "attributes":
            { "account_id": "%s", "id": "%s", "title": "%s" } } ] }%s ] }]]):format(emulator.ACCOUNT, id, title,
              more or "")
    end

    local function key_of(id, key, value, sensitive)
      return ([[, { "mode": "managed", "type": "cloudflare_workers_kv", "name": "%s", "provider": "p",
        "instances": [ { "schema_version": 500, "attributes":
          { "account_id": "%s", "id": "%s", "key_name": "%s", "namespace_id": "%s", "value": "%s" },
          "sensitive_attributes": [%s] } ] }]]):format(key, emulator.ACCOUNT, key, key, id, value,
          sensitive and '[{"type":"get_attr","value":"value"}]' or "")
    end

    local function config_of(id)
      return ('name = "w"\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'):format(id)
    end


    it("declares what is in all of them once, with what each knows", function()
      local id = create "shop-cache"
      put("shop-cache", "flag", "on")
      p:write("infra.tfstate", state_of(id, "shop-cache", key_of(id, "flag", "on")))
      p:write("wrangler.toml", config_of(id))
      local r, requests = import("infra.tfstate", "wrangler.toml")
      project.ok(r)
      assert.equal(1, requests)
      assert.matches("found 1 namespace, 1 key from 2 files (terraform, wrangler)", r.out, 1, true)
      assert.matches("recorded 1 namespace and 1 key in the state", r.out, 1, true)
      local text = p:read "kv.lua"
      assert.matches('title = "shop-cache"', text, 1, true)
      assert.matches('binding = "CACHE"', text, 1, true)
      assert.matches(':put("flag", "on")', text, 1, true)
      assert_imports("infra.tfstate", "wrangler.toml")
      assert_imports("wrangler.toml", "infra.tfstate")
    end)

    it("records puts as found: taken out of the configuration they are not deleted", function()
      local id = create "shop-cache"
      put("shop-cache", "flag", "on")
      p:write("infra.tfstate", state_of(id, "shop-cache", key_of(id, "flag", "on")))
      project.ok(import "infra.tfstate")
      p:write("kv.lua", (p:read "kv.lua":gsub('[^\n]*:put%b()\n', "")))
      local r = ok("apply", "--yes")
      assert.matches("was there before cfkv ever wrote it; it stays and is forgotten", r.err, 1, true)
      assert.equal("on", ok("kv", "key", "get", "flag", "--namespace", "shop-cache").out)
    end)

    it("shows a put whose value is another one in the account, and writes over nothing", function()
      local id = create "shop-cache"
      put("shop-cache", "flag", "off")
      p:write("infra.tfstate", state_of(id, "shop-cache", key_of(id, "flag", "on")))
      project.ok(import "infra.tfstate")
      assert.equal("off", ok("kv", "key", "get", "flag", "--namespace", "shop-cache").out)
      assert.matches("overwrites a value that cfkv did not write", ok "plan".out, 1, true)
    end)

    it("leaves keys that are puts out of the seed file", function()
      local id = create "shop-cache"
      put("shop-cache", "flag", "on")
      put("shop-cache", "user/1", "Ada")
      p:write("infra.tfstate", state_of(id, "shop-cache", key_of(id, "flag", "on")))
      assert_imports("infra.tfstate", "--keys")
      assert.equal('{"key":"user/1","value":"Ada"}\n', p:read "seed/shop-cache.jsonl")
      assert.matches(':put("flag", "on")', p:read "kv.lua", 1, true)
    end)

    it("leaves a put out of the seed file whose key holds a NUL", function()
      local id = create "shop-cache"
      for _, key in ipairs { "a%00b", "a" } do
        e:ask("PUT", NAMESPACES .. "/" .. id .. "/values/" .. key, "on")
      end
      p:write("infra.tfstate", state_of(id, "shop-cache", key_of(id, "a\\u0000b", "on")))
      assert_imports("infra.tfstate", "--keys")
      assert.equal('{"key":"a","value":"on"}\n', p:read "seed/shop-cache.jsonl")
      assert.matches([[:put("a\x00b", "on")]], p:read "kv.lua", 1, true)
    end)

    it("keeps secrets in a file of their own, and out of all that is printed", function()
      local id = create "shop-cache"
      put("shop-cache", "token", "s3cret-of-the-state")
      p:write("infra.tfstate", state_of(id, "shop-cache", key_of(id, "token", "s3cret-of-the-state", true)))
      local r = import("infra.tfstate", "--json")
      project.ok(r)
      assert.is_nil((r.out .. r.err):find("s3cret", 1, true))
      assert.is_nil(p:read "kv.lua":find("s3cret", 1, true))
      assert.is_nil(p:read "kv.state.json":find("s3cret", 1, true))
      assert.equal("600\n", p:sh "stat -c %a kv.secrets.json".out)
      assert.matches("kv.secrets.json", p:read ".gitignore", 1, true)
      assert.equal("no changes", ok("plan").out:match "Plan: (no changes)")
    end)

    it("tells a title that is another one in the account, and declares the account's", function()
      local id = create "shop-cache"
      p:write("infra.tfstate", state_of(id, "shop-old"))
      local r = assert_imports "infra.tfstate"
      assert.matches("infra.tfstate:2: warning: the title is 'shop-old' here, and 'shop-cache' in the account", r.err,
        1, true)
    end)

    it("tells what contradicts, with both places, and keeps what was read first", function()
      p:write("a.tfstate", state_of(("a"):rep(32), "one"))
      p:write("b.tfstate", state_of(("a"):rep(32), "two"))
      local r = project.ok(p:run("import", "a.tfstate", "b.tfstate"))
      assert.matches("b.tfstate:2: warning: title of namespace 'one' is 'two' here, and 'one' in a.tfstate:2", r.err,
        1, true)
      assert.matches('title = "one"', p:read "kv.lua", 1, true)
    end)

    it("finds a namespace again that has another id now", function()
      local id = create "shop-cache"
      p:write("infra.tfstate", state_of(("a"):rep(32), "shop-cache"))
      local r = assert_imports "infra.tfstate"
      assert.matches("namespace a+ is gone; 'shop%-cache' has the id " .. id .. " now", r.err)
    end)

    it("asks each account that is named once", function()
      local other = "cf000000000000000000000000000002"
      p:write("infra.tfstate", (state_of(("a"):rep(32), "elsewhere"):gsub(emulator.ACCOUNT, other)))
      create "here"
      local before = #e:requests()
      local r = cfkv("import", "infra.tfstate", "--all")
      local asked = {}
      for i = before + 1, #e:requests() do
        asked[#asked + 1] = e:requests()[i].path:match "/accounts/(%x+)/"
      end
      assert.same({ emulator.ACCOUNT, other }, asked)
      project.ok(r)
      assert.matches("found 1 namespace, 1 gone", r.out, 1, true)
    end)
  end)


  describe("of what Workers KV refuses", function()
    -- Manifests of a namespace, with `fields` in its metadata or spec, and of pairs: { key, value, annotations }.
    local function manifests(metadata, pairs_of)
      local texts = { ("apiVersion: cloudflare.planton.dev/v1\nkind: CloudflareKvNamespace\n"
        .. "metadata: { name: shop%s }\nspec: { accountId: %s, namespaceName: shop }\n"):format(metadata,
          emulator.ACCOUNT) }
      for i, pair in ipairs(pairs_of) do
        texts[i + 1] = ("apiVersion: cloudflare.planton.dev/v1\nkind: CloudflareWorkersKvPair\n"
          .. "metadata: { name: p%d, annotations: { %s } }\nspec: { accountId: %s, keyName: %q, value: %q%s,\n"
          .. "  namespaceId: { valueFrom: { kind: CloudflareKvNamespace, name: shop } } }\n"):format(i, pair[3] or "",
            emulator.ACCOUNT, pair[1], pair[2], pair[4] or "")
      end
      p:write("kv.yaml", table.concat(texts, "---\n"))
    end

    local LONG = ("k"):rep(513)

    it("tells it with its line, has it as a comment, and takes the rest", function()
      manifests("", {
        { "..", "dots" },
        { LONG, "long" },
        { "big", "v", nil, ', metadata: "\\"' .. ("m"):rep(1023) .. '\\""' },
        { "odd", "v", nil, ", metadata: hello" },
        { "past", "v", 'cfkv/expiration: "1000000000"' },
        { "soon", "v", 'cfkv/expiration-ttl: "59"' },
        { "password", "hunter2", 'cfkv/expiration-ttl: "59"' },
        { "good", "v" },
      })
      create "shop"
      put("shop", "good", "v")
      local r = assert_imports "kv.yaml"
      local lua = p:read "kv.lua"
      local comments = lua:gsub("\n%-%- ", " ")
      for line, message in pairs {
        [5] = "key '..' is refused by Workers KV",
        [11] = "has 513 bytes, more than 512",
        [17] = "metadata of key 'big' has 1025 bytes as JSON, more than 1024",
        [23] = "the metadata of key 'odd' is not JSON: ",
        [29] = "expiration '1000000000 (2001-09-09T01:46:40Z)' of key 'past' is past, so the key is absent",
        [35] = "expiration_ttl '59 s' of key 'soon' is too short",
      } do
        local told = r.err:match(("kv.yaml:%d: warning: ([^\n]*)"):format(line))
        assert.matches(message, told, 1, true)
        assert.matches(message, comments, 1, true)
      end
      assert.matches("hint: the configuration has it as a comment; call it something else", r.err, 1, true)
      assert.matches("found 1 namespace, 1 key, 7 keys that Workers KV does not keep from", r.out, 1, true)
      assert.matches('-- shop:put("..", "dots")\n', lua, 1, true)
      assert.matches('\nshop:put("good", "v")\n', lua, 1, true)
      assert.is_nil((lua .. r.err):find("hunter2", 1, true))
      ok "validate"
    end)

    it("asks no more of a key than its namespace's mode does", function()
      manifests(", annotations: { cfkv/mode: instant }", { { "k", "v", nil, ', metadata: "1"' }, { "l", "v" } })
      local r = project.ok(p:run("import", "kv.yaml"))
      assert.matches("kv.yaml:5: warning: .*metadata", r.err)
      assert.matches('shop:put("l", "v")', p:read "kv.lua", 1, true)
    end)

    it("is told by the configuration where cfkv had exported it, with how to go on", function()
      manifests(', annotations: { cfkv/exported: "true" }', { { "..", "x" } })
      local r = import "kv.yaml"
      assert.equal(3, r.code, r.out .. r.err)
      assert.matches("error: .*%.%.", r.err)
      assert.matches("is written, and nothing is recorded yet: mend it, and import again", r.err, 1, true)
      assert.is_nil(p:read "kv.state.json")
    end)
  end)


  it("takes an account of 1,000 namespaces in a request, and the plan is empty", function()
    p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.project { name = "big" }\n'
      .. 'for i = 1, 1000 do cfkv.namespace { title = ("app%d-cache-dev"):format(i) } end\n')
    ok("apply", "--yes")
    os.remove(p:path "kv.lua")
    os.remove(p:path "kv.state.json")
    local r, requests = import "--all"
    project.ok(r)
    assert.equal(1, requests)
    assert.is_true(r.seconds < 2, r.seconds)
    assert.equal("no changes", ok("plan").out:match "Plan: (no changes)")
  end)
end)
