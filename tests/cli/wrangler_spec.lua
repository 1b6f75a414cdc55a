-- Wrangler configs kept in step: by `cfkv wrangler`, and by apply.
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  for _, purpose in ipairs { "config", "cache" } do
    local ns = cfkv.namespace {
      app = "shop", purpose = purpose, env = env, binding = purpose:upper(),
    }
    ns:put("hello", purpose .. " of " .. env)
    cfkv.output(purpose .. "_" .. env, ns.id)
  end
end
cfkv.wrangler { path = "wrangler.toml", top_level = "prod" }
]]

local TOML = [[
# The shop.
name = "shop"
main = "src/index.js"   # entry
compatibility_date = "2026-01-01"

[vars]
GREETING = "hello"
]]

local LIVE, DRAFT = ("1a"):rep(16), ("2b"):rep(16)

describe("wrangler configs:", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG, ["wrangler.toml"] = TOML }
  end)

  after_each(function()
    emulator.cleanup()
    project.cleanup()
    e = nil
  end)


  -- Runs it on the account that an emulator serves.
  local function remote(...)
    e = e or emulator.start(p, "--memory")
    local words = { ... }
    local options = type(words[#words]) == "table" and table.remove(words) or {}
    words[#words + 1] = { env = e:env(options.env) }
    return p:run(table.unpack(words))
  end


  local function outputs(...)
    return ok(p:run("output", "--json", ...)).json()
  end


  -- "[[env.dev.kv_namespaces]] CACHE id" lines of a TOML config, in its order.
  local function bindings(name)
    local list, env, binding = {}, nil, nil
    for line in p:read(name or "wrangler.toml"):gmatch "[^\r\n]+" do
      local header = line:match "^%[%[(.*)%]%]"
      if header then
        env = header:match "^env%.(.*)%.kv_namespaces" or ""
      end
      binding = line:match '^binding = "(.*)"' or binding
      local id = line:match '^id = "(.*)"'
      if id then
        list[#list + 1] = { env, binding, id }
      end
    end
    return list
  end


  local function file_actions(r)
    local list = {}
    for _, action in ipairs(r.json().actions) do
      if action.kind == "file" then
        list[#list + 1] = action
      end
    end
    return list
  end


  describe("apply", function()
    it("writes the bindings of each environment and nothing else", function()
      ok(remote("apply", "--yes"))
      local out = outputs()
      assert.same({
        { "", "CONFIG", out.config_prod },
        { "", "CACHE", out.cache_prod },
        { "dev", "CONFIG", out.config_dev },
        { "dev", "CACHE", out.cache_dev },
      }, bindings())
      local text = p:read "wrangler.toml"
      assert.equal(TOML:match "^(.-)\n%[vars%]", text:sub(1, #TOML:match "^(.-)\n%[vars%]"))
      assert.matches('%[vars%]\nGREETING = "hello"\n', text)
    end)


    it("shows the file as an action, with what is not known yet", function()
      local r = ok(remote("plan", "--json"))
      local actions = file_actions(r)
      assert.equal(1, #actions)
      assert.equal("write", actions[1].action)
      assert.equal("wrangler.toml", actions[1].title)
      assert.equal(1, r.json().summary.write)
      assert.equal(4, #actions[1].after.bindings)
      local text = ok(remote "plan").out
      assert.matches("wrangler.toml\n  ~ write  (4 bindings added)", text, 1, true)
      assert.matches("+ dev CACHE  id (known after apply)", text, 1, true)
      assert.matches("1 file to write", text, 1, true)
    end)


    it("--json shows each binding with the ids before and after", function()
      ok(remote("apply", "--yes", "--env", "dev"))
      local out = outputs()
      p:write("wrangler.toml", (p:read "wrangler.toml":gsub(out.config_dev, ("ab"):rep(16))))
      local actions = file_actions(ok(remote("plan", "--json")))
      assert.equal(1, #actions)
      local null = require("cjson").null
      local a = actions[1]
      assert.equal("write", a.action)
      assert.equal("file", a.kind)
      assert.equal(null, a.id)
      assert.equal("2 bindings added, 1 binding changed", a.reason)
      assert.equal(3, #a.after.bindings)
      local function find(list, env, binding)
        for _, b in ipairs(list) do
          if b.env == env and b.binding == binding then
            return b
          end
        end
      end
      assert.equal(("ab"):rep(16), find(a.before.bindings, "dev", "CONFIG").id)
      assert.equal(out.config_dev, find(a.after.bindings, "dev", "CONFIG").id)
      assert.equal(null, find(a.after.bindings, null, "CACHE").id)
      assert.is_nil(find(a.before.bindings, null, "CACHE"))
    end)


    it("changes nothing the second time, neither file nor state", function()
      ok(remote("apply", "--yes"))
      local file, state = p:read "wrangler.toml", p:read "kv.state.json"
      local r = ok(remote("apply", "--yes"))
      assert.matches("no changes", r.out, 1, true)
      assert.equal(file, p:read "wrangler.toml")
      assert.equal(state, p:read "kv.state.json")
    end)


    it("puts a binding that was changed by hand right, showing both ids", function()
      ok(remote("apply", "--yes"))
      local id = outputs().config_prod
      local file = p:read "wrangler.toml"
      p:write("wrangler.toml", (file:gsub(id, ("ab"):rep(16))))
      local text = ok(remote "plan").out
      assert.matches(("~ CONFIG  id %s -> %s"):format(("ab"):rep(16), id), text, 1, true)
      ok(remote("apply", "--yes"))
      assert.equal(file, p:read "wrangler.toml")
    end)


    it("takes a binding out when its declaration goes, and gives the old bytes back", function()
      ok(remote("apply", "--yes"))
      p:write("kv.lua", (CONFIG:gsub("binding = purpose:upper%(%),", "")))
      local r = ok(remote("apply", "--yes"))
      assert.matches("4 bindings removed", r.out, 1, true)
      assert.equal(TOML, p:read "wrangler.toml")
    end)


    it("leaves a binding that is declared no more and was changed by hand", function()
      ok(remote("apply", "--yes"))
      local mine = p:read "wrangler.toml":gsub(outputs().config_prod, "mine")
      p:write("wrangler.toml", mine)
      p:write("kv.lua", (CONFIG:gsub("binding = purpose:upper%(%),", "")))
      local r = ok(remote("apply", "--yes"))
      assert.matches("was changed by hand; it stays", r.err, 1, true)
      assert.same({ { "", "CONFIG", "mine" } }, bindings())
    end)


    it("takes out what it wrote when all is destroyed", function()
      ok(remote("apply", "--yes"))
      ok(remote("destroy", "--yes", "--allow-data-loss=*"))
      assert.equal(TOML, p:read "wrangler.toml")
    end)


    it("writes only what the filters let through", function()
      ok(remote("apply", "--yes", "--env", "dev"))
      local out = outputs()
      assert.same({ { "dev", "CONFIG", out.config_dev }, { "dev", "CACHE", out.cache_dev } },
        bindings())
    end)


    -- What is left of the files after a filtered run took out all of one environment.
    local function after_destroying(name, text, ...)
      p:write(name, text)
      p:write("kv.lua", (CONFIG:gsub("wrangler%.toml", name)))
      ok(remote("apply", "--yes", "--env", "prod"))
      local before = p:read(name)
      ok(remote("apply", "--yes"))
      local r = ok(remote("destroy", "--yes", "--allow-data-loss=*", ...))
      assert.truthy(r.out:find("      - dev CONFIG  id ", 1, true), r.out)
      assert.equal(before, p:read(name))
      assert.same({ "cache_prod", "config_prod" }, (function()
        local names = {}
        for output in pairs(outputs()) do
          names[#names + 1] = output
        end
        table.sort(names)
        return names
      end)())
    end


    it("takes the bindings of a destroyed environment out, and no others", function()
      after_destroying("wrangler.toml", TOML, "--env", "dev")
      assert.same({}, file_actions(remote("plan", "--json", "--env", "prod")))
    end)


    it("takes out what --only names, of JSON too", function()
      after_destroying("wrangler.jsonc", '{\n  // The shop.\n  "name": "shop"\n}\n', "--only", "*/dev")
    end)


    it("leaves what somebody else has in the environment", function()
      p:write("wrangler.toml", TOML .. '\n[env.dev.vars]\nGREETING = "hi"\n')
      ok(remote("apply", "--yes"))
      ok(remote("destroy", "--yes", "--allow-data-loss=*", "--env", "dev"))
      local left = p:read "wrangler.toml"
      assert.truthy(left:find('[env.dev.vars]\nGREETING = "hi"', 1, true), left)
      assert.falsy(left:find("env.dev.kv_namespaces", 1, true), left)
    end)


    it("makes a config that is missing, with the Worker it finds", function()
      os.remove(p:path "wrangler.toml")
      p:write("src/index.js", "export default {}")
      ok(remote("apply", "--yes"))
      local text = p:read "wrangler.toml"
      assert.matches('^name = "shop"\nmain = "src/index.js"\ncompatibility_date = "%d+%-%d+%-%d+"\n',
        text)
      assert.equal(4, #bindings())
    end)


    it("makes a JSON config too", function()
      p:write("kv.lua", (CONFIG:gsub("wrangler.toml", "wrangler.jsonc")))
      ok(remote("apply", "--yes"))
      local config = require("cjson").decode(p:read "wrangler.jsonc")
      assert.equal(outputs().config_prod, config.kv_namespaces[1].id)
      assert.equal("CONFIG", config.env.dev.kv_namespaces[1].binding)
    end)


    it("keeps the mode of the file and follows a link to it", function()
      p:write("real/shop.toml", TOML)
      ok(p:sh "chmod 640 real/shop.toml; rm wrangler.toml; ln -s real/shop.toml wrangler.toml")
      ok(remote("apply", "--yes"))
      assert.equal("symbolic link\n", p:sh("stat -c %F wrangler.toml").out)
      assert.equal("640\n", p:sh("stat -c %a real/shop.toml").out)
      assert.equal(4, #bindings "real/shop.toml")
      assert.same({ "shop.toml" }, p:files "real")
    end)


    it("refuses a file that does not parse, with the place, and changes nothing", function()
      p:write("wrangler.toml", TOML .. "[vars]\n")
      local r = remote("apply", "--yes")
      assert.equal(1, r.code)
      assert.matches("cannot use 'wrangler.toml': line 8, column", r.err, 1, true)
      for _, request in ipairs(e:requests()) do
        assert.equal("GET", request.method)
      end
    end)


    it("refuses a config that a build tool generated", function()
      p:write("wrangler.json",
        '{"name": "x", "userConfigPath": "../wrangler.jsonc", "topLevelName": "x"}')
      p:write("kv.lua", (CONFIG:gsub("wrangler.toml", "wrangler.json")))
      local r = remote("apply", "--yes")
      assert.equal(1, r.code)
      assert.matches("a build tool generated it from '../wrangler.jsonc'", r.err, 1, true)
    end)


    it("fails the write when the file changed after the plan was shown", function()
      ok(remote("plan", "--out", "p.plan"))
      p:write("wrangler.toml", TOML .. "# edited\n")
      local r = remote("apply", "--yes", "--plan", "p.plan")
      assert.equal(5, r.code)
      assert.matches("a wrangler config changed", r.err, 1, true)
    end)
  end)


  describe("a binding of somebody else's", function()
    local FOREIGN = TOML .. '\n[[kv_namespaces]]\nbinding = "CONFIG"\nid = "%s"\n'

    -- The id of a live namespace that the configuration does not declare.
    local function foreign_id()
      return ok(remote("kv", "namespace", "create", "other", "--json")).json().id
    end


    it("is refused without --take-over, both ids being named", function()
      local id = foreign_id()
      p:write("wrangler.toml", FOREIGN:format(id))
      local r = remote("apply", "--yes")
      assert.equal(5, r.code)
      assert.matches("binding 'CONFIG' in 'wrangler.toml' (line 9) has the id " .. id, r.err, 1, true)
      assert.matches("--take-over", r.err, 1, true)
      assert.equal(FOREIGN:format(id), p:read "wrangler.toml")
    end)


    it("is taken over with --take-over, where it stands", function()
      local id = foreign_id()
      p:write("wrangler.toml", FOREIGN:format(id))
      ok(remote("apply", "--yes", "--take-over"))
      assert.equal(FOREIGN:format(outputs().config_prod),
        p:read("wrangler.toml"):sub(1, #FOREIGN:format(id)))
    end)


    it("is taken over by itself when its id is empty or gone", function()
      for _, id in ipairs { "", ("0f"):rep(16) } do
        p:write("wrangler.toml", FOREIGN:format(id))
        ok(remote("apply", "--yes"))
        assert.equal(outputs().config_prod, bindings()[1][3])
        os.remove(p:path "kv.state.json")
      end
    end)


    it("is cfkv's from then on when it has the declared id already", function()
      ok(remote("apply", "--yes"))
      os.remove(p:path "kv.state.json")
      assert.matches("to adopt", ok(remote("apply", "--yes")).out, 1, true)
      p:write("kv.lua", (CONFIG:gsub("binding = purpose:upper%(%),", "")))
      ok(remote("apply", "--yes"))
      assert.equal(TOML, p:read "wrangler.toml")
    end)
  end)


  describe("ids that are wrong", function()
    it("are told by plan: gone, and of another environment", function()
      ok(remote("apply", "--yes"))
      local id = outputs().cache_dev
      p:write("wrangler.toml", p:read "wrangler.toml" .. ([==[

[[kv_namespaces]]
binding = "GONE"
id = "%s"

[[kv_namespaces]]
binding = "MIXED"
id = "%s"
]==]):format(("0f"):rep(16), id))
      local r = ok(remote "plan")
      assert.matches("binding 'GONE' in 'wrangler.toml' (line 25) has the id 0f0f", r.err, 1, true)
      assert.matches("no namespace of the account has that id", r.err, 1, true)
      assert.matches("binding 'MIXED'", r.err, 1, true)
      assert.matches("the id of namespace 'shop-cache-dev', which belongs to environment 'dev'",
        r.err, 1, true)
    end)


    it("are told when an environment lacks what the top level has", function()
      p:write("wrangler.toml", TOML .. "\n[env.staging]\n")
      local r = ok(remote "plan")
      assert.matches("environment 'staging' of 'wrangler.toml' has no binding CONFIG, CACHE", r.err,
        1, true)
    end)


    it("are told when a new environment does not inherit what else the top level has", function()
      local r = ok(remote("apply", "--yes"))
      assert.matches("'dev' is new in 'wrangler.toml', and environments do not inherit vars of the",
        r.err, 1, true)
      assert.falsy(ok(remote "plan").err:find("inherit", 1, true))
    end)


    it("are told when an environment that cfkv serves lacks somebody else's", function()
      p:write("wrangler.toml", TOML .. [==[

[[kv_namespaces]]
binding = "SESSIONS"
id = "theirs"

[[env.staging.kv_namespaces]]
binding = "OTHER"
id = "theirs"
]==])
      local r = ok(remote "plan")
      assert.matches("environment 'dev' of 'wrangler.toml' has no binding SESSIONS: environments",
        r.err, 1, true)
      assert.matches("environment 'staging' of 'wrangler.toml' has no binding CONFIG, CACHE: env",
        r.err, 1, true)
      ok(remote("apply", "--yes"))
      assert.matches("'dev' of 'wrangler.toml' has no binding SESSIONS:", ok(remote "plan").err, 1,
        true)
    end)
  end)


  describe("cfkv wrangler", function()
    it("writes recorded ids offline", function()
      ok(remote("apply", "--yes"))
      local file = p:read "wrangler.toml"
      p:write("wrangler.toml", TOML)
      local n = #e:requests()
      local r = ok(p:run "wrangler")
      assert.matches("wrote wrangler.toml", r.err, 1, true)
      assert.equal(file, p:read "wrangler.toml")
      assert.equal(n, #e:requests())
      assert.matches("wrangler.toml is as declared", ok(p:run "wrangler").err, 1, true)
    end)


    it("--check exits with 2 and a diff when a config is stale, and writes nothing", function()
      ok(remote("apply", "--yes"))
      assert.equal(0, p:run("wrangler", "--check").code)
      local stale = p:read("wrangler.toml"):gsub(outputs().cache_dev, ("12"):rep(16))
      p:write("wrangler.toml", stale)
      local r = p:run("wrangler", "--check")
      assert.equal(2, r.code, r.err)
      assert.matches("--- wrangler.toml\n+++ wrangler.toml (as declared)\n", r.out, 1, true)
      assert.matches('-id = "' .. ("12"):rep(16) .. '"', r.out, 1, true)
      assert.matches('+id = "' .. outputs().cache_dev .. '"', r.out, 1, true)
      assert.equal(stale, p:read "wrangler.toml")
      local document = p:run("wrangler", "--check", "--json").json()
      assert.is_true(document.files[1].stale)
      assert.equal("wrangler.toml", document.files[1].path)
    end)


    it("--json says of each config whether it was stale, what changes, and whether it was written", function()
      ok(remote("apply", "--yes"))
      local null = require("cjson").null
      assert.same({
        diagnostics = {},
        files = { { diff = null, path = "wrangler.toml", stale = false, written = false } },
        format_version = 1,
      }, ok(p:run("wrangler", "--json")).json())
      p:write("wrangler.toml", TOML .. "\n[env.staging]\n")
      local checked = p:run("wrangler", "--check", "--json")
      assert.equal(2, checked.code)
      local document = checked.json()
      assert.is_false(document.files[1].written)
      assert.matches("--- wrangler.toml\n+++ wrangler.toml (as declared)\n@@", document.files[1].diff, 1, true)
      assert.equal("wrangler.not_inherited", document.diagnostics[1].code)
      assert.equal("warning", document.diagnostics[1].severity)
      assert.equal("kv.lua", document.diagnostics[1].file)
      local r = ok(p:run("wrangler", "--json"))
      assert.is_true(r.json().files[1].stale)
      assert.is_true(r.json().files[1].written)
      assert.equal(document.files[1].diff, r.json().files[1].diff)
      assert.equal(0, p:run("wrangler", "--check").code)
    end)


    it("--json shows a config that is missing as new", function()
      ok(remote("apply", "--yes"))
      os.remove(p:path "wrangler.toml")
      local r = p:run("wrangler", "--check", "--json")
      assert.equal(2, r.code)
      assert.matches("--- /dev/null\n+++ wrangler.toml (as declared)\n", r.json().files[1].diff, 1, true)
      assert.is_false(p:exists "wrangler.toml")
    end)


    it("--stdout prints the config and leaves the file", function()
      ok(remote("apply", "--yes"))
      local file = p:read "wrangler.toml"
      p:write("wrangler.toml", TOML)
      assert.equal(file, ok(p:run("wrangler", "--stdout")).out)
      assert.equal(TOML, p:read "wrangler.toml")
    end)


    it("--env narrows it to one environment", function()
      ok(remote("apply", "--yes"))
      p:write("wrangler.toml", TOML)
      ok(p:run("wrangler", "--env", "dev"))
      assert.equal(2, #bindings())
    end)


    it("says which namespaces have no id yet", function()
      ok(remote("apply", "--yes", "--env", "dev"))
      local r = p:run "wrangler"
      assert.equal(1, r.code)
      assert.matches("namespace 'shop-config-prod' has no recorded id yet", r.err, 1, true)
      assert.equal(2, p:run("wrangler", "--check").code)
      ok(p:run("wrangler", "--env", "dev"))
    end)


    it("needs a state and a declaration", function()
      local r = p:run "wrangler"
      assert.equal(1, r.code)
      assert.matches("there is no state", r.err, 1, true)
      p:write("kv.lua", 'require "cfkv".namespace { title = "a" }')
      r = p:run "wrangler"
      assert.equal(3, r.code)
      assert.matches("declares no wrangler config", r.err, 1, true)
    end)
  end)


  describe("a preview", function()
    it("has a namespace of its own, whose id is written beside", function()
      p:write("kv.lua", [[
local cfkv = require "cfkv"
local ns = cfkv.namespace { title = "a", binding = "A", preview = true }
cfkv.output("a", ns.id)
cfkv.wrangler { path = "wrangler.toml" }
]])
      ok(remote("apply", "--yes"))
      local titles = {}
      for _, ns in ipairs(ok(remote("kv", "namespace", "list", "--json")).json()) do
        titles[ns.title] = ns.id
      end
      assert.equal(outputs().a, titles.a)
      assert.matches(('binding = "A"\nid = "%s"\npreview_id = "%s"\n'):format(titles.a,
        titles.a_preview), p:read "wrangler.toml", 1, true)
      p:write("kv.lua", (p:read("kv.lua"):gsub(", preview = true", "")))
      ok(remote("apply", "--yes", "--allow-mass-delete=*"))
      assert.falsy(p:read("wrangler.toml"):find("preview_id", 1, true))
    end)
  end)


  describe("several apps", function()
    local APPS = [[
local cfkv = require "cfkv"
cfkv.project { name = "mono" }
for _, app in ipairs { "api", "web" } do
  for _, env in ipairs { "staging", "prod" } do
    local ns = cfkv.namespace { app = app, purpose = "data", env = env, binding = "DATA" }
    ns:put("who", app .. " " .. env)
    cfkv.output(app .. "_" .. env, ns.id)
  end
  cfkv.wrangler {
    path = "apps/" .. app .. "/wrangler.toml", app = app,
    top_level = "staging", environments = { prod = "production" },
    bindings = { ["web/*"] = "WEB_DATA" },
  }
end
]]

    before_each(function()
      p:write("kv.lua", APPS)
      p:write("apps/api/wrangler.toml", 'name = "api"\n')
      p:write("apps/web/wrangler.toml", 'name = "web"\n')
    end)


    it("have their bindings each, under the names of their environments", function()
      ok(remote("apply", "--yes"))
      local out = outputs()
      assert.same({ { "", "DATA", out.api_staging }, { "production", "DATA", out.api_prod } },
        bindings "apps/api/wrangler.toml")
      assert.same({ { "", "WEB_DATA", out.web_staging }, { "production", "WEB_DATA", out.web_prod } },
        bindings "apps/web/wrangler.toml")
    end)


    it("are seeded each in its own local store", function()
      ok(p:run("apply", "--local", "--yes"))
      assert.is_true(p:exists "apps/api/.wrangler/state/v3/kv")
      assert.is_true(p:exists "apps/web/.wrangler/state/v3/kv")
      assert.is_false(p:exists ".wrangler/state/v3/kv")
      local r = ok(p:run("kv", "key", "get", "who", "--local", "--namespace", "web-data-prod"))
      assert.equal("web prod", r.out)
      assert.matches("no changes", ok(p:run("plan", "--local")).out, 1, true)
    end)


    it("can be named one by one", function()
      ok(remote("apply", "--yes"))
      p:write("apps/api/wrangler.toml", 'name = "api"\n')
      p:write("apps/web/wrangler.toml", 'name = "web"\n')
      ok(p:run("wrangler", "apps/web/wrangler.toml"))
      assert.equal('name = "api"\n', p:read "apps/api/wrangler.toml")
      assert.equal(2, #bindings "apps/web/wrangler.toml")
      assert.equal(64, p:run("wrangler", "--stdout").code)
      assert.equal(64, p:run("wrangler", "elsewhere.toml").code)
    end)
  end)


  describe("local and remote ids:", function()
    it("a local run gives local ids to what has none", function()
      ok(p:run("apply", "--local", "--yes"))
      local out = outputs "--local"
      assert.same({
        { "", "CONFIG", out.config_prod },
        { "", "CACHE", out.cache_prod },
        { "dev", "CONFIG", out.config_dev },
        { "dev", "CACHE", out.cache_dev },
      }, bindings())
    end)


    it("a remote run replaces local ids, and the local data follows", function()
      ok(p:run("apply", "--local", "--yes"))
      ok(p:run("kv", "key", "put", "mine", "by hand", "--local", "--namespace", "shop-cache-dev"))
      ok(remote("apply", "--yes"))
      local out = outputs()
      assert.equal(out.config_prod, bindings()[1][3])
      local file = p:read "wrangler.toml"
      local plan = ok(p:run("plan", "--local"))
      assert.matches("its local data moves from id", plan.out, 1, true)
      assert.matches("4 to update", plan.out, 1, true)
      assert.falsy(plan.out:find("to put", 1, true))
      ok(p:run("apply", "--local", "--yes"))
      assert.equal(file, p:read "wrangler.toml")
      assert.same(out, outputs "--local")
      local get = ok(p:run("kv", "key", "get", "mine", "--local", "--namespace-id", out.cache_dev))
      assert.equal("by hand", get.out)
      assert.matches("no changes", ok(p:run("plan", "--local")).out, 1, true)
    end)


    it("a local run never puts a local id over a remote one", function()
      ok(remote("apply", "--yes"))
      local file = p:read "wrangler.toml"
      os.remove(p:path "kv.state.json")
      ok(p:run("apply", "--local", "--yes"))
      assert.equal(file, p:read "wrangler.toml")
      local get = ok(p:run("kv", "key", "get", "hello", "--local", "--namespace-id",
        bindings()[1][3]))
      assert.equal("config of prod", get.out)
    end)


    it("a local run seeds under the preview_id, where wrangler dev looks", function()
      p:write("wrangler.toml", TOML ..
        ('\n[[kv_namespaces]]\nbinding = "CONFIG"\nid = "%s"\npreview_id = "%s"\n'):format(LIVE, DRAFT))
      ok(p:run("apply", "--local", "--yes"))
      local get = ok(p:run("kv", "key", "get", "hello", "--local", "--namespace-id", DRAFT))
      assert.equal("config of prod", get.out)
      assert.matches(('id = "%s"\npreview_id = "%s"\n'):format(LIVE, DRAFT), p:read "wrangler.toml")
    end)


    it("a move that was cut short is finished by the next run", function()
      ok(p:run("apply", "--local", "--yes"))
      ok(remote("apply", "--yes"))
      local id = outputs().config_prod
      for n = 1, 40, 3 do
        p:run("apply", "--local", "--yes", { env = { CFKV_FAULT = "kill:" .. n } })
      end
      ok(p:run("apply", "--local", "--yes"))
      local get = ok(p:run("kv", "key", "get", "hello", "--local", "--namespace-id", id))
      assert.equal("config of prod", get.out)
      assert.matches("no changes", ok(p:run("plan", "--local")).out, 1, true)
    end)
  end)


  describe("a path that is not a config's is refused before anything is done:", function()
    local function declare(path)
      p:write("kv.lua", ([[
        local cfkv = require "cfkv"
        cfkv.project { name = "p" }
        cfkv.namespace { title = "n", binding = "N" }
        cfkv.wrangler { path = "%s" }
      ]]):format(path))
      return p:run("apply", "--local", "--yes")
    end

    for path, why in pairs {
      ["kv.state.json"] = "is one of cfkv's own state files",
      [".git/x.toml"] = "has a component that starts with a dot",
      ["kv.lua"] = "is the configuration itself",
      ["link/wrangler.toml"] = "leads through a symbolic link",
      ["out.toml"] = "is a symbolic link out of the project",
    } do
      it(path, function()
        p:sh("mkdir -p ../$(basename $PWD).out && ln -s ../$(basename $PWD).out link && " ..
          "echo mine >link/w.toml && ln -s link/w.toml out.toml")
        local r = declare(path)
        assert.equal(3, r.code, r.err)
        assert.matches("kv.lua:4: error: wrangler path", r.err, 1, true)
        assert.matches(why, r.err, 1, true)
        assert.equal("mine\n",
          p:sh("cat link/w.toml; ls link | grep -v w.toml; rm -r ../$(basename $PWD).out").out)
        assert.is_nil(p:read "kv.state.json")
      end)
    end
  end)
end)
