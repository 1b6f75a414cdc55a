-- --binding: the namespace that a wrangler config binds to a name.
local emulator = require "support.emulator"
local project = require "support.project"

local ELSEWHERE = ("0a"):rep(16)
local UNKNOWN = ("0b"):rep(16)

describe("--binding", function()
  local p

  after_each(project.cleanup)

  local function refused(code, pattern, ...)
    local r = p:run("kv", "key", ...)
    assert.equal(code, r.code, r.err)
    assert.equal("", r.out)
    assert.matches(pattern, r.err, 1, true)
    return r
  end

  describe("on the local store", function()
    local one, two

    -- Makes a namespace whose key k has its title as the value, and returns its id.
    local function namespace(title)
      assert.equal(0, p:run("kv", "namespace", "create", title, "--local").code)
      assert.equal(0, p:run("kv", "key", "put", "k", title, "--local", "--namespace", title).code)
      return p:run("kv", "namespace", "get", title, "--local", "--json").json().id
    end

    local function toml(text)
      p:write("wrangler.toml", (text:gsub("ONE", one):gsub("TWO", two)))
    end

    local function get(...)
      local r = p:run("kv", "key", "get", "k", "--local", ...)
      assert.equal(0, r.code, r.err)
      return r.out
    end

    before_each(function()
      p = project.quick()
      one, two = namespace "one", namespace "two"
    end)

    it("is the namespace of the id that wrangler.toml gives", function()
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      assert.equal("one", get("--binding", "CACHE"))
    end)

    it("is the one of preview_id where there is one, as wrangler dev reads it", function()
      toml 'kv_namespaces = [{ binding = "CACHE", id = "ONE", preview_id = "TWO" }]\n'
      assert.equal("two", get("--binding", "CACHE"))
      assert.equal("two", get("--binding", "CACHE", "--preview"))
      toml 'kv_namespaces = [{ binding = "CACHE", id = "ONE", preview_id = "" }]\n'
      assert.equal("one", get("--binding", "CACHE"))
      local r = refused(1, "binding 'CACHE' in the top level of 'wrangler.toml' has no preview_id", "get", "k",
        "--local", "--binding", "CACHE", "--preview")
      assert.matches("without --preview it is what 'wrangler dev' reads", r.err, 1, true)
    end)

    it("has the binding's own name as the id when the config gives none", function()
      for _, id in ipairs { "", 'id = ""\n' } do
        toml('[[kv_namespaces]]\nbinding = "BARE"\n' .. id)
        refused(1, "there is no key 'k' in namespace 'BARE'", "get", "k", "--local", "--binding", "BARE")
        local r = p:run("kv", "namespace", "get", "--local", "--binding", "BARE")
        assert.equal(1, r.code)
        assert.matches("the local store has no namespace for binding 'BARE' yet; its id there is 'BARE'", r.err, 1,
          true)
        assert.matches("hint: 'cfkv apply --local' makes it, or a first key", r.err, 1, true)
      end
    end)

    it("is as one that is empty until its first key makes it, under whatever word the config has", function()
      for _, given in ipairs { "", 'id = "<YOUR_ID>"\n', 'id = "a/b"\n', 'preview_id = "DEV WORD"\n',
        'id = "' .. ("0c"):rep(16) .. '"\n' } do
        toml('[[kv_namespaces]]\nbinding = "NEW"\n' .. given)
        p:write("keys.json", '["k"]')
        local function new(...)
          local r = p:run("kv", ...)
          return r.code .. " " .. r.out
        end
        assert.equal("0 []\n", new("key", "list", "--json", "--local", "--binding", "NEW"))
        assert.equal("1 []\n", new("bulk", "get", "keys.json", "--local", "--binding", "NEW"))
        assert.equal("0 ", new("key", "delete", "k", "--local", "--binding", "NEW"))
        assert.equal("0 ", new("key", "put", "k", "of " .. given, "--local", "--binding", "NEW"))
        assert.equal("of " .. given, get("--binding", "NEW"))
        p:sh "rm -r .wrangler"
      end
      namespace "three" -- and it is in nobody's list
      assert.is_nil(p:run("kv", "namespace", "list", "--local").out:find "NEW")
    end)

    it("keeps its data when apply --local comes to the binding", function()
      p:write("wrangler.toml", 'name = "w"\n[[kv_namespaces]]\nbinding = "NEW"\nid = "<YOUR_ID>"\n')
      assert.equal(0, p:run("kv", "key", "put", "k", "before", "--local", "--binding", "NEW").code)
      p:write("kv.lua", [[
local cfkv = require "cfkv"
cfkv.project { name = "p" }
cfkv.namespace { title = "declared", binding = "NEW" }
cfkv.wrangler { path = "wrangler.toml" }
]])
      local r = p:run("apply", "--local", "--yes")
      assert.equal(0, r.code, r.err)
      assert.equal("before", get("--binding", "NEW"))
    end)

    it("says which of two ids it is of where both are there", function()
      toml 'kv_namespaces = [{ binding = "CACHE", id = "ONE", preview_id = "TWO" }]\n'
      local r = p:run("kv", "key", "get", "k", "--local", "--binding", "CACHE")
      assert.matches("binding 'CACHE' has an id and a preview_id: this is of its preview_id, where 'wrangler dev' "
        .. "looks; --namespace-id reaches the other", r.err, 1, true)
      assert.equal("", p:run("kv", "key", "get", "k", "--local", "--binding", "CACHE", "--preview").err)
      assert.equal("", p:run("kv", "key", "get", "k", "--local", "--binding", "CACHE", "--quiet").err)
      toml 'kv_namespaces = [{ binding = "CACHE", id = "ONE", preview_id = "ONE" }]\n'
      assert.equal("", p:run("kv", "key", "get", "k", "--local", "--binding", "CACHE").err)
    end)

    it("is what the config of the folder says that -C and --cwd name", function()
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      p:write("elsewhere/x", "")
      assert.equal("one", get("--binding", "CACHE", "-C", "..", { cwd = "elsewhere" }))
      assert.equal("one", get("--binding", "CACHE", "--cwd", p:path ".", { cwd = "elsewhere" }))
    end)

    it("says that wrangler dev reads the account when the binding is a remote one", function()
      toml 'kv_namespaces = [{ binding = "CACHE", id = "ONE", remote = true }]\n'
      local r = p:run("kv", "key", "get", "k", "--local", "--binding", "CACHE")
      assert.equal("one", r.out)
      assert.matches("'wrangler dev' reads the account, not the local store", r.err, 1, true)
    end)

    it("is looked for in the environment of --env, else of CLOUDFLARE_ENV, else at the top level", function()
      toml [=[
kv_namespaces = [{ binding = "CACHE", id = "ONE" }]
[[env.prod.kv_namespaces]]
binding = "CACHE"
id = "TWO"
]=]
      assert.equal("one", get("--binding", "CACHE"))
      assert.equal("two", get("--binding", "CACHE", "--env", "prod"))
      assert.equal("two", get("--binding=CACHE", "-eprod"))
      local inherited = { env = { CLOUDFLARE_ENV = "prod" } }
      assert.equal("two", get("--binding", "CACHE", inherited))
      assert.equal("one", get("--binding", "CACHE", "--env", "", inherited))
      local r = refused(1, "'wrangler.toml' has no environment 'prd'; it has 'prod'", "get", "k", "--local",
        "--binding", "CACHE", "-e", "prd")
      assert.matches("did you mean 'prod'?", r.err, 1, true)
    end)

    it("is refused by the names that are there", function()
      toml [[
kv_namespaces = [{ binding = "CACHE", id = "ONE" }, { binding = "USERS", id = "TWO" }]
[env.prod]
kv_namespaces = [{ binding = "ONLY", id = "ONE" }]
[env.test]
name = "t"
[previews]
kv_namespaces = [{ binding = "EARLY", id = "TWO" }]
]]
      local function hint(text, pattern, ...)
        local r = refused(1, pattern, "get", "k", "--local", "--binding", ...)
        assert.matches("hint: " .. text, r.err, 1, true)
      end
      hint("did you mean 'CACHE'?", "the top level of 'wrangler.toml' has no binding 'CASHE'; it has 'CACHE', 'USERS'",
        "CASHE")
      hint("environment 'prod' has it: add --env", "has no binding 'ONLY'", "ONLY")
      hint("the top level has it, but environments do not inherit bindings",
        "environment 'test' of 'wrangler.toml' has no binding 'CACHE'; it has none", "CACHE", "-e", "test")
      hint("[previews] has it: give the id of that with --namespace-id", "has no binding 'EARLY'", "EARLY")
    end)

    it("finds the config above the current folder, and the store beside it", function()
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      p:write("src/deep/x", "")
      assert.equal("one", get("--binding", "CACHE", { cwd = "src/deep" }))
      p:write("src/wrangler.jsonc", '{ // two\n  "kv_namespaces": [{ "binding": "CACHE", "id": "' .. two .. '" },] }')
      local r = p:run("kv", "key", "get", "k", "--local", "--binding", "CACHE", { cwd = "src/deep" })
      assert.equal(1, r.code)
      assert.matches(two, r.err, 1, true)
      assert.equal("two", get("--binding", "CACHE", "--root", "../..", { cwd = "src/deep" }))
      assert.equal("two", get("--binding", "CACHE", "--file", "../../kv.lua", { cwd = "src/deep" }))
    end)

    it("takes wrangler.json before wrangler.jsonc before wrangler.toml, wherever they are, as wrangler does", function()
      toml '[[kv_namespaces]]\nbinding = "TOML"\nid = "ONE"\n'
      assert.equal("one", get("--binding", "TOML"))
      p:write("wrangler.jsonc", '{"kv_namespaces":[{"binding":"JSONC","id":"' .. one .. '"}]}')
      assert.equal("one", get("--binding", "JSONC"))
      p:write("wrangler.json", '{"kv_namespaces":[{"binding":"JSON","id":"' .. one .. '"}]}')
      assert.equal("one", get("--binding", "JSON"))
      p:write("src/wrangler.toml", "")
      assert.equal("one", get("--binding", "JSON", { cwd = "src" }))
    end)

    it("reads the config that --config names, and the store beside that one", function()
      p:write("elsewhere/x", "")
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      assert.equal("one", get("--binding", "CACHE", "--config", "../wrangler.toml", { cwd = "elsewhere" }))
      assert.equal("one", get("--binding", "CACHE", "-c", p:path "wrangler.toml", { cwd = "elsewhere" }))
      refused(64, "config 'wrangler.yml' is neither .toml nor .json nor .jsonc", "get", "k", "--local", "--binding",
        "CACHE", "-c", "wrangler.yml")
      refused(1, "cannot open 'nowhere.toml'", "get", "k", "--local", "--binding", "CACHE", "-c", "nowhere.toml")
    end)

    it("says file, line and column where the config does not parse", function()
      p:write("wrangler.toml", 'name = "x"\nid == 1\n')
      refused(3, "cannot read 'wrangler.toml': line 2, column 5", "get", "k", "--local", "--binding", "CACHE")
      p:write("wrangler.json", '{"kv_namespaces": [\n  {"binding": 1}]}')
      refused(3, "cannot read 'wrangler.json': line 2, column ", "get", "k", "--local", "--binding", "CACHE")
    end)

    it("asks which config is meant where a build tool has redirected wrangler", function()
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      p:write("dist/wrangler.json", '{"userConfigPath":"../wrangler.toml","kv_namespaces":[{"binding":"CACHE","id":"'
        .. two .. '"}]}')
      p:write(".wrangler/deploy/config.json", '{"configPath":"../../dist/wrangler.json"}')
      local r = refused(64, "'.wrangler/deploy/config.json' redirects wrangler to another config, 'dist/wrangler.json'",
        "get", "k", "--local", "--binding", "CACHE")
      assert.matches("--config 'dist/wrangler.json', or --config 'wrangler.toml'", r.err, 1, true)
      assert.equal("one", get("--binding", "CACHE", "-c", "wrangler.toml"))
      assert.equal("two", get("--binding", "CACHE", "-c", "dist/wrangler.json", "--root", "."))
      r = refused(64, "redirects wrangler to another config, 'dist/wrangler.json'", "get", "k", "--local", "--binding",
        "CACHE", "-c", ".wrangler/deploy/config.json")
      assert.matches("name that one: --config 'dist/wrangler.json'", r.err, 1, true)
      p:write("dist/wrangler.json", '{"kv_namespaces":[{"binding":"CACHE","id":"' .. one .. '"}]}')
      assert.equal("one", get("--binding", "CACHE")) -- it was built again
    end)

    it("tells what is wrong with a redirection, which --config does without", function()
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      local function broken(code, pattern, text)
        p:write(".wrangler/deploy/config.json", text)
        local r = refused(code, pattern, "get", "k", "--local", "--binding", "CACHE")
        assert.matches("--config 'wrangler.toml' needs neither", r.err, 1, true)
        assert.equal("one", get("--binding", "CACHE", "--config", "wrangler.toml"))
      end
      p:write("dist/other.json", '{"configPath":"../wrangler.toml"}')
      local names_none = "'.wrangler/deploy/config.json' names no config in its configPath"
      broken(3, "cannot read '.wrangler/deploy/config.json': line 1, column ", "{")
      broken(3, names_none, "{}")
      broken(3, names_none, '{"configPath":7}')
      broken(3, names_none, '{"configPath":"../../wrangler.toml\\u0000.json"}')
      broken(1, "redirects wrangler to a file that is not there, 'out/gone.json'",
        '{"configPath":"../../out/gone.json"}')
      broken(3, "redirects wrangler to itself", '{"configPath":"config.json"}')
      broken(3, "redirects wrangler to what is no config but a redirection, 'dist/other.json'",
        '{"configPath":"../../dist/other.json"}')
    end)

    it("takes no redirection for one that leads to the config itself, nor a folder for a config", function()
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      p:write("wrangler.json/x", "")
      p:write(".wrangler/deploy/config.json", '{"configPath":"../../wrangler.toml"}')
      assert.equal("one", get("--binding", "CACHE"))
    end)

    it("is refused where there is no config", function()
      local r = refused(1, "there is no wrangler config here or above that could bind 'CACHE'", "get", "k", "--local",
        "--binding", "CACHE")
      assert.matches("name it with --config PATH", r.err, 1, true)
    end)

    it("names the namespace for every verb", function()
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      local function ok(...)
        local r = p:run("kv", ...)
        assert.equal(0, r.code, r.err)
        return r
      end
      local local_cache = { "--local", "--binding", "CACHE" }
      local function cache(words)
        return ok(table.unpack(table.move(local_cache, 1, 3, #words + 1, words)))
      end
      p:write("pairs.json", '[{"key":"a","value":"1"},{"key":"b","value":"2"}]')
      p:write("keys.json", '["a"]')
      cache { "key", "put", "new", "v" }
      assert.equal("k\nnew\n", cache({ "key", "list" }).out)
      cache { "key", "delete", "new" }
      cache { "bulk", "put", "pairs.json" }
      assert.same({ { key = "a", value = "1" } }, cache({ "bulk", "get", "keys.json" }).json())
      cache { "bulk", "delete", "keys.json", "--yes" }
      assert.equal("b\nk\n", cache({ "key", "list" }).out)
      assert.equal("one", cache({ "namespace", "get", "--json" }).json().title)
      cache { "namespace", "rename", "uno" }
      assert.equal("uno", cache({ "namespace", "get", "--json" }).json().title)
      cache { "namespace", "delete", "--yes", "--allow-data-loss" }
      assert.equal("", cache({ "key", "list" }).out)
    end)

    it("is one of three ways to name a namespace, and --env, --preview and --config are of it", function()
      refused(64, "--binding and --namespace exclude each other", "list", "--local", "--binding", "A", "--namespace",
        "one")
      refused(64, "--binding and --namespace-id exclude each other", "list", "--local", "--binding", "A",
        "--namespace-id", one)
      refused(64, "--env goes with --binding", "list", "--local", "--namespace", "one", "--env", "prod")
      refused(64, "--preview goes with --binding", "list", "--local", "--namespace", "one", "--preview")
      refused(64, "--config goes with --binding", "list", "--local", "-c", "wrangler.toml")
      refused(64, "--binding takes one --env, and 2 were given", "list", "--local", "--binding", "A", "-e", "a", "-e",
        "b")
      toml '[[kv_namespaces]]\nbinding = "CACHE"\nid = "ONE"\n'
      local r = p:run("kv", "namespace", "get", "one", "--local", "--binding", "CACHE")
      assert.equal(64, r.code)
      assert.matches("the namespace is named twice: 'one' and --binding", r.err, 1, true)
    end)
  end)

  describe("on the account", function()
    local e

    after_each(emulator.cleanup)

    local function start(files, options)
      p = project.quick(files)
      e = emulator.start(p, "--memory", options or {})
    end

    local function run(...)
      local words = { ... }
      local options = type(words[#words]) == "table" and table.remove(words) or {}
      options.env = e:env { CLOUDFLARE_ACCOUNT_ID = options.account or emulator.ACCOUNT }
      words[#words + 1] = options
      return p:run(table.unpack(words))
    end

    local function namespace(title, account)
      local r = run("kv", "namespace", "create", title, "--json", { account = account })
      assert.equal(0, r.code, r.err)
      local id = r.json().id
      assert.equal(0, run("kv", "key", "put", "k", title, "--namespace-id", id, { account = account }).code)
      return id
    end

    it("is the namespace of the id, or with --preview of the preview_id, and nothing else is sent", function()
      start()
      local one, two = namespace "one", namespace "two"
      local config = 'kv_namespaces = [{ binding = "CACHE", id = "%s", preview_id = "%s" }]'
      p:write("wrangler.toml", config:format(one, two))
      local before = #e:requests()
      local r = run("kv", "key", "get", "k", "--binding", "CACHE")
      assert.equal("one", r.out)
      assert.matches("has an id and a preview_id: this is of its id; --preview takes the other", r.err, 1, true)
      r = run("kv", "key", "get", "k", "--binding", "CACHE", "--preview")
      assert.equal("two", r.out)
      assert.equal("", r.err)
      assert.equal(before + 2, #e:requests())
    end)

    it("is of the account that the config names, as for wrangler", function()
      start({}, { faults = { accounts = { { id = emulator.ACCOUNT, name = "A" }, { id = ELSEWHERE, name = "B" } } } })
      local id = namespace("one", ELSEWHERE)
      local config = 'account_id = "%s"\n[[kv_namespaces]]\nbinding = "C"\nid = "%s"\n'
      p:write("wrangler.toml", config:format(ELSEWHERE, id))
      assert.equal("one", run("kv", "key", "get", "k", "--binding", "C").out)
      config = 'account_id = "%s"\n[env.b]\naccount_id = "%s"\n[[env.b.kv_namespaces]]\nbinding = "C"\nid = "%s"\n'
      p:write("wrangler.toml", config:format(UNKNOWN, ELSEWHERE, id))
      assert.equal("one", run("kv", "key", "get", "k", "--binding", "C", "-e", "b").out)
    end)

    it("is of the usual account where the config has a placeholder for one", function()
      start()
      local config = 'account_id = "%s"\n[[kv_namespaces]]\nbinding = "C"\nid = "%s"\n'
      p:write("wrangler.toml", config:format("<YOUR_ACCOUNT_ID>", namespace "one"))
      assert.equal("one", run("kv", "key", "get", "k", "--binding", "C").out)
    end)

    it("needs an id in the config, for which it sends nothing", function()
      start { ["wrangler.toml"] = [[
kv_namespaces = [{ binding = "BARE" }, { binding = "EMPTY", id = "" }, { binding = "DEV", preview_id = "x" }]
]] }
      local function lacks(what, hint, ...)
        local r = run("kv", "key", "get", "k", "--binding", ...)
        assert.equal(1, r.code)
        assert.matches("in the top level of 'wrangler.toml' has no " .. what .. "\n", r.err, 1, true)
        assert.matches(hint, r.err, 1, true)
      end
      lacks("id", "'cfkv apply' makes the namespace, and 'cfkv wrangler' writes its id", "BARE")
      lacks("id", "'cfkv wrangler' writes its id", "EMPTY")
      lacks("id", "its preview_id is read with --preview", "DEV")
      lacks("preview_id", "declared with preview = true", "BARE", "--preview")
      assert.same({}, e:requests())
    end)

    it("is protected by the state beside the config that was found above", function()
      start { ["kv.lua"] = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "one", protect = true }:put("k", "v")
]], ["src/x"] = "" }
      local applied = run("apply", "--yes")
      assert.equal(0, applied.code, applied.err)
      local id = run("kv", "namespace", "get", "one", "--json").json().id
      p:write("wrangler.toml", ('[[kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'):format(id))
      local r = run("kv", "key", "delete", "--prefix", "k", "--yes", "--binding", "CACHE", { cwd = "src" })
      assert.equal(5, r.code, r.err)
      assert.matches("is protected", r.err, 1, true)
    end)
  end)

  it("is explained by help where it is an option", function()
    p = project.new()
    local r = p:run("help", "kv", "key", "get")
    assert.equal(0, r.code)
    for _, option in ipairs { "--binding NAME", "-e, --env NAME", "--preview ", "-c, --config PATH" } do
      assert.matches("\n  " .. option, r.out, 1, true)
    end
    r = p:run("help", "restore")
    assert.is_nil(r.out:find("--binding", 1, true))
  end)
end)
