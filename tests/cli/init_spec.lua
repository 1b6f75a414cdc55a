-- cfkv init: what a project begins with.

local project = require "support.project"

local CORPUS = "tests/wrangler/corpus"
local STATE = "kv.state.json"

local function listing(folder)
  local names = {}
  local pipe = assert(io.popen("ls " .. folder))
  for name in pipe:lines() do
    names[#names + 1] = name
  end
  pipe:close()
  return names
end

local function read(path)
  local f = assert(io.open(path, "rb"))
  local bytes = f:read "a"
  f:close()
  return bytes
end

local function has(text, what)
  assert.truthy(text:find(what, 1, true), ("no %q in\n%s"):format(what, text))
end

-- The bytes of every file below a project, by name.
local function contents(p)
  local all = {}
  for _, name in ipairs(p:files()) do
    all[name] = p:read(name)
  end
  return all
end

-- A project of a config alone, begun.
local function begun(config, text, options)
  local p = project.quick { [config] = text }
  project.ok(p:run("init", options or {}))
  return p
end

local FILES = { ".gitattributes", ".gitignore", ".luacheckrc", ".luarc.json", "kv.lua" }

describe("cfkv init in an empty folder", function()
  after_each(project.cleanup)

  it("begins with a Worker and a key that work locally at once", function()
    local p = project.new()
    local r = project.ok(p:run "init")
    has(r.out, "made  kv.lua\n")
    has(r.out, "cfkv plan --local")
    assert.equal("", r.err)
    assert.same({ ".gitattributes", ".gitignore", ".luacheckrc", ".luarc.json", "kv.lua", "src/index.js",
      "wrangler.toml" }, p:files())
    project.ok(p:run("validate", "--strict"))
    project.ok(p:run("apply", "--local", "--yes"))
    has(project.ok(p:run("kv", "key", "get", "greeting", "--local", "--binding", "KV")).out, "hello from ")
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)

  it("changes nothing when it is run again", function()
    local p = project.new()
    project.ok(p:run "init")
    local before = contents(p)
    local r = project.ok(p:run "init")
    has(r.out, "left  kv.lua, which is there\n")
    has(r.out, "left  .gitignore, which has all lines\n")
    has(r.out, "\nnothing to do\n")
    assert.same(before, contents(p))
  end)

  it("makes the folder that is named, whatever it is called", function()
    for _, name in ipairs { "app", "a/b/c", "My Shop!", 'quo"te', "back\\slash", "-dash", "ü☕", "new\nline", "'",
      "$(touch x)", ("long"):rep(60), "]]", "--" } do
      local p = project.quick()
      local r = project.ok(p:run("init", "--", name))
      project.ok(p:run("-C", "./" .. name, "validate", "--strict"))
      project.ok(p:run("-C", "./" .. name, "apply", "--local", "--yes"))
      assert.equal(name ~= "new\nline", r.out:find("\n  cd ", 1, true) ~= nil, name)
      assert.is_nil(r.out:find("new\nline", 1, true))
      assert.is_false(p:exists "x")
      p:remove()
    end
  end)

  it("takes a Worker that is there", function()
    local p = project.new { ["src/index.ts"] = "export default {}\n" }
    project.ok(p:run "init")
    has(p:read "wrangler.toml", 'main = "src/index.ts"')
    assert.is_false(p:exists "src/index.js")
  end)

  it("writes down what evaluated files may use, and nothing else", function()
    local p = project.new()
    project.ok(p:run "init")
    local function globals_of(bytes)
      local env = { stds = {}, files = setmetatable({}, { __index = function() return {} end }) }
      assert(load(bytes, "luacheckrc", "t", env))()
      return env.stds
    end
    local ours = globals_of(read ".luacheckrc").sandbox.read_globals
    assert.same(ours, globals_of(p:read ".luacheckrc").cfkv.read_globals)
    p:write("seen.lua", [[
      require("cfkv")
      for name, value in pairs(_G) do
        print(name)
        if type(value) == "table" and name ~= "_G" then
          for field in pairs(value) do print(name .. "." .. field) end
        end
      end]])
    local seen, told = {}, {}
    for word in project.ok(p:run("validate", "seen.lua")).err:gmatch "[%w_.]+" do
      seen[word] = true
    end
    for name, value in pairs(ours) do
      told[#told + 1] = type(name) == "number" and value or name
      for _, field in ipairs(type(value) == "table" and value.fields or {}) do
        told[#told + 1] = name .. "." .. field
      end
    end
    for _, name in ipairs(told) do
      assert.is_true(seen[name] or name == "_G", name)
    end
  end)

  it("is what a command hints at that finds no configuration, with the config that it would read", function()
    local p = project.new()
    for _, words in ipairs { { "validate" }, { "eval" }, { "plan", "--local" }, { "apply", "--local" }, { "inputs" },
      { "destroy", "--local" }, { "drift", "--local" }, { "wrangler" } } do
      local r = p:run(table.unpack(words))
      assert.equal(1, r.code)
      has(r.err, "cannot open 'kv.lua'")
      has(r.err, "hint: 'cfkv init' begins a project here; -f FILE names another configuration")
    end
    p:write("wrangler.toml", 'name = "x"\n')
    p:write("sub/x", "")
    has(p:run("validate").err, "hint: 'cfkv init' makes one of the bindings in wrangler.toml; -f FILE names another")
    has(p:run("validate", { cwd = "sub" }).err, "hint: 'cfkv init ..' makes one of the bindings in ../wrangler.toml")
    has(p:run("validate", "other.lua").err, "hint: name the configuration with -f FILE")
  end)

  it("has an editor find the description of the module", function()
    local p = project.new()
    project.ok(p:run "init")
    local luarc = require("cjson").decode(p:read ".luarc.json")
    assert.equal("Lua 5.4", luarc["runtime.version"])
    assert.truthy(luarc["workspace.library"][1]:find "/share/cfkv/stdlib$")
  end)

  it("has git merge states and keep what is of this machine out", function()
    local p = project.new()
    project.ok(p:run "init")
    project.ok(p:sh [[git init -q . && mkdir -p .cfkv/backups .wrangler &&
      touch .cfkv/backups/x .wrangler/x kv.state.json kv.state.json.journal kv.state.json.lock .env .dev.vars]])
    local added = project.ok(p:sh "git add -A && git ls-files").out
    has(added, STATE)
    for _, out in ipairs { ".cfkv", ".wrangler/", "journal", "lock", ".env", ".dev.vars" } do
      assert.is_nil(added:find(out, 1, true), added)
    end
    has(project.ok(p:sh "git check-attr merge kv.state.json").out, "merge: cfkv")
  end)
end)

describe("cfkv init beside files that are there", function()
  after_each(project.cleanup)

  it("overwrites none of them", function()
    for _, name in ipairs(FILES) do
      local p = project.quick { [name] = "# mine\n" }
      project.ok(p:run "init")
      assert.equal("# mine\n", p:read(name):sub(1, 7))
      if name ~= ".gitignore" and name ~= ".gitattributes" then
        assert.equal("# mine\n", p:read(name))
      end
    end
  end)

  it("adds to .gitignore and .gitattributes what they lack, in their line ends", function()
    local p = project.new {
      [".gitignore"] = "node_modules\r\n.wrangler/\r\n.cfkv/", [".gitattributes"] = "*.state.json merge=cfkv",
    }
    local r = project.ok(p:run "init")
    has(r.out, "added 5 lines to .gitignore\n")
    has(r.out, "left  .gitattributes, which has all lines\n")
    local text = p:read ".gitignore"
    assert.equal("node_modules\r\n.wrangler/\r\n.cfkv/\r\n\r\n# cfkv:", text:sub(1, 43))
    assert.is_nil(text:gsub("\r\n", ""):find "[\r\n]")
    assert.equal("*.state.json merge=cfkv", p:read ".gitattributes")
  end)

  it("keeps bytes that are no text, modes and links", function()
    local p = project.new { ["real"] = "\xff\xfe\n", [".gitattributes"] = "x\n" }
    project.ok(p:sh "ln -s real .gitignore; chmod 640 .gitattributes")
    project.ok(p:run "init")
    assert.equal("\xff\xfe\n", p:read("real"):sub(1, 3))
    assert.equal("640\nreal\n", project.ok(p:sh "stat -c %a .gitattributes; readlink .gitignore").out)
  end)

  it("leaves a kv.lua with what is beside it, and a link to nowhere, too", function()
    local p = project.new { ["kv.lua"] = "-- mine\n" }
    project.ok(p:run "init")
    assert.equal("-- mine\n", p:read "kv.lua")
    assert.is_false(p:exists "wrangler.toml")
    local q = project.new()
    project.ok(q:sh "ln -s nowhere kv.lua")
    has(project.ok(q:run "init").out, "left  kv.lua, which is there")
    assert.is_false(q:exists "nowhere")
  end)

  it("refuses a file in the place of a folder, with nothing written", function()
    local p = project.new { app = "x", src = "x" }
    local r = p:run("init", "app")
    assert.equal(64, r.code)
    has(r.err, "'app' is not a folder")
    has(r.err, "hint: name a folder, or one that is to be made")
    r = p:run "init"
    assert.equal(1, r.code)
    has(r.err, "src")
    assert.same({ "app", "src" }, p:files())
  end)

  it("says which project a folder belongs to, unless the folder is named", function()
    local p = project.new { ["kv.lua"] = "", ["apps/api/x"] = "", [".git/x"] = "" }
    local r = p:run("init", { cwd = "apps/api" })
    assert.equal(1, r.code)
    has(r.err, "this folder belongs to the project of '../../kv.lua'")
    has(r.err, "'cfkv init .'")
    project.ok(p:run("init", ".", { cwd = "apps/api" }))
    assert.is_true(p:exists "apps/api/kv.lua")
  end)

  it("says beside which config above a kv.lua belongs, and begins below it where that is named", function()
    for config, text in pairs { ["wrangler.toml"] = 'name = "above"\n', ["wrangler.jsonc"] = '{"name":"above"}\n' } do
      local p = project.quick { [config] = text, ["src/x"] = "" }
      local r = p:run("init", { cwd = "src" })
      assert.equal(1, r.code)
      has(r.err, ("wrangler reads '../%s' here"):format(config))
      has(r.err, "'cfkv init ..'")
      project.ok(p:run("init", ".", { cwd = "src" }))
      assert.equal("", project.ok(p:run("-C", "src", "validate")).err)
      project.ok(p:run("init", "..", { cwd = "src" }))
      has(p:read "kv.lua", '{ name = "above" }')
    end
  end)
end)

describe("cfkv init on a disk that is full", function()
  after_each(project.cleanup)

  local function start()
    return project.quick { [".gitignore"] = "mine\n", [".gitattributes"] = "mine\n" }
  end

  it("leaves nothing, whatever write is the one that fails", function()
    local p = start()
    project.ok(p:run("init", "--ci", "github", { env = { CFKV_FAULT_LOG = p:path "log" } }))
    local points = select(2, p:read("log"):gsub("\n", "\n"))
    assert.is_true(points > 20)
    local failed = 0
    for n = 1, points do
      local q = start()
      local before = contents(q)
      local r = q:run("init", "--ci", "github", { env = { CFKV_FAULT = "fail:" .. n } })
      if r.code ~= 0 then
        failed = failed + 1
        assert.equal(1, r.code)
        assert.same(before, contents(q), "fault " .. n)
        assert.same({}, listing(q:path "src" .. " 2>/dev/null"))
        project.ok(q:run("init", "--ci", "github"))
      end
      q:remove()
    end
    assert.is_true(failed > 20)
  end)

  it("is finished by the next run when it was killed", function()
    local whole = start()
    project.ok(whole:run "init")
    local wanted = whole:files()
    for n = 1, 40 do
      local q = start()
      q:run("init", { env = { CFKV_FAULT = "kill:" .. n } })
      project.ok(q:run "init")
      project.ok(q:run "validate")
      assert.same(wanted, q:files(), "kill " .. n)
      q:remove()
    end
  end)
end)

describe("cfkv init beside any wrangler config", function()
  -- Files that a build tool wrote.
  local GENERATED = { ["generated.json"] = true, ["vite-generated.json"] = true }

  local shapes = {}

  setup(function()
    for _, name in ipairs(listing(CORPUS)) do
      if not GENERATED[name] then
        local config, text = "wrangler." .. name:match "%.(%w+)$", read(CORPUS .. "/" .. name)
        shapes[#shapes + 1] = { name = name, config = config, text = text, p = begun(config, text) }
      end
    end
    assert.is_true(#shapes > 150)
  end)

  teardown(project.cleanup)

  -- What validate says, but for the places: of a config alone, and of ours.
  local function said(r)
    return r.err:gsub("%w+%.lua:%d+", "LUA"):gsub("\n +%d* |[^\n]*", "")
  end

  it("leaves the config as it is, and says no more of it than of the config alone", function()
    for _, shape in ipairs(shapes) do
      local p = shape.p
      assert.equal(shape.text, p:read(shape.config), shape.name)
      local r = project.ok(p:run "validate")
      if r.err ~= "" then
        p:write("bare.lua", ('require("cfkv").wrangler { path = "%s" }'):format(shape.config))
        assert.equal(said(p:run("validate", "bare.lua")), said(r), shape.name)
      end
    end
  end)

  it("writes Lua that luacheck finds nothing in", function()
    local all = project.quick { [".luacheckrc"] = shapes[1].p:read ".luacheckrc" .. "max_line_length = 120\n" }
    for _, shape in ipairs(shapes) do
      all:write(shape.name .. "/kv.lua", shape.p:read "kv.lua")
    end
    local r = all:sh "luacheck -q --no-color ."
    assert.equal(0, r.code, r.out)
  end)

  it("makes by the first apply what it declares, fills what has no id, and nothing else", function()
    for _, shape in ipairs(shapes) do
      local p, kv = shape.p, shape.p:read "kv.lua"
      local _, declared = kv:gsub("cfkv%.namespace {", "")
      local fills = kv:find "title =" ~= nil
      local applied = project.ok(p:run("apply", "--local", "--yes", "--json")).json().applied
      assert.equal(declared, applied.create, shape.name)
      assert.equal(fills and 1 or 0, applied.write, shape.name)
      if not fills then
        assert.equal(shape.text, p:read(shape.config), shape.name)
      end
      assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code, shape.name)
    end
  end)
end)

describe("cfkv init beside a wrangler config", function()
  after_each(project.cleanup)

  it("declares each id once, in all sections that have it", function()
    local p = begun("wrangler.jsonc", [[{
      "name": "shop",
      "kv_namespaces": [
        { "binding": "FLAGS", "id": "55556666777788889999000011112222" },
        { "binding": "AGAIN", "id": "55556666777788889999000011112222" }
      ],
      "env": {
        "staging": { "kv_namespaces": [{ "binding": "OTHER", "id": "55556666777788889999000011112222" }] },
        "prod": { "kv_namespaces": [{ "binding": "OWN", "id": "66666666777788889999000011112222" }] }
      }
    }]])
    assert.equal([[
cfkv.project { name = "shop" }

-- Each of these has an id already: it keeps its title and its keys, and the config stays as it is.
cfkv.namespace { id = "55556666777788889999000011112222", env = "shared", binding = "FLAGS" }
cfkv.namespace { id = "66666666777788889999000011112222", env = "prod",   binding = "OWN" }

-- Left as it is: binding 'AGAIN' in the top level of 'wrangler.jsonc' (line 5): binding FLAGS has
-- the same id.

cfkv.wrangler {
  path = "wrangler.jsonc",
  top_level = "shared",
  environments = { shared = "staging" },
  bindings = { ["55556666777788889999000011112222"] = { staging = "OTHER" } },
}
]], p:read("kv.lua"):match "\n(cfkv%.project.*)")
  end)

  it("gives what has no id the titles that wrangler's provisioning gives", function()
    local p = begun("wrangler.toml", [[
name = "shop"
kv_namespaces = [{ binding = "USER_SESSIONS", id = "<ID>", preview_id = "<PREVIEW>" }, { binding = "user_sessions" }]
[env.staging]
kv_namespaces = [{ binding = "USER_SESSIONS" }]
[env.prod]
name = "live"
kv_namespaces = [{ binding = "USER_SESSIONS", id = "" }]
]])
    assert.equal([[
-- No id yet: `cfkv apply` makes these, and writes their ids into the config.
cfkv.namespace { title = "shop-user-sessions",                          binding = "USER_SESSIONS", preview = true }
cfkv.namespace { title = "shop-user-sessions-2",                        binding = "user_sessions" }
cfkv.namespace { title = "shop-staging-user-sessions", env = "staging", binding = "USER_SESSIONS" }
cfkv.namespace { title = "live-user-sessions",         env = "prod",    binding = "USER_SESSIONS" }
]], p:read("kv.lua"):match "\n(%-%- No id yet.*)\ncfkv%.wrangler")
  end)

  it("calls a Worker without a name by its folder", function()
    local one = 'kv_namespaces = [{ binding = "A" }]\n'
    local p = project.quick { [".git/x"] = "", ["apps/web/wrangler.toml"] = one, ["apps/api/wrangler.toml"] = one }
    project.ok(p:run "init")
    has(p:read "kv.lua", 'title = "api-a"')
    has(p:read "kv.lua", 'title = "web-a"')
  end)

  it("says what it found, and that something is left out", function()
    local function said(files)
      files["package.json"] = "{}"
      return project.ok(project.quick(files):run "init").out:match "made  kv.lua([^\n]*)\n"
    end
    local one = 'kv_namespaces = [{ binding = "A" }, { binding = "B" }]\n'
    assert.equal(": 2 namespaces of wrangler.toml", said { ["wrangler.toml"] = one })
    assert.equal("", said { ["wrangler.toml"] = "" })
    assert.equal(": 2 namespaces of wrangler.toml; one thing is left out, as a comment in it says",
      said { ["wrangler.toml"] = "kv-namespaces = [{ binding = 'X' }]\n" .. one })
    assert.equal(": 4 namespaces of 2 wrangler configs; 2 things are left out, as a comment in it says", said {
      ["a/wrangler.toml"] = one, ["b/wrangler.toml"] = one, ["c/wrangler.toml"] = "=", ["d/wrangler.json"] = "",
    })
  end)

  it("takes the config that wrangler takes", function()
    local p = begun("wrangler.toml", 'name = "toml"\n')
    assert.is_false(p:exists "wrangler.json")
    local q = project.quick { ["wrangler.toml"] = 'name = "toml"\n', ["wrangler.jsonc"] = '{"name":"jsonc"}' }
    project.ok(q:run "init")
    has(q:read "kv.lua", 'path = "wrangler.jsonc"')
  end)

  it("declares all configs of a monorepo, and what they share once", function()
    local shared = '"id": "55556666777788889999000011112222"'
    local api = '{"name":"api","kv_namespaces":[{"binding":"FLAGS",%s},{"binding":"OWN"}]}'
    local web = 'name = "web"\nkv_namespaces = [{ binding = "F", id = "55556666777788889999000011112222" }]\n'
    local p = project.quick {
      ["apps/api/wrangler.jsonc"] = api:format(shared),
      ["apps/web/wrangler.toml"] = web,
      ["apps/none/wrangler.toml"] = 'name = "none"\n',
      ["package.json"] = "{}",
      ["node_modules/x/wrangler.toml"] = 'name = "x"\n',
      ["clone/.git"] = "gitdir: elsewhere\n",
      ["clone/wrangler.toml"] = 'name = "clone"\n',
      ["apps/own/kv.lua"] = "",
      ["apps/own/wrangler.toml"] = 'name = "own"\n',
      ["apps/web/.output/wrangler.json"] = '{"name":"built"}',
    }
    project.ok(p:run "init")
    assert.equal([[
-- Each of these has an id already: it keeps its title and its keys, and the config stays as it is.
cfkv.namespace { id = "55556666777788889999000011112222", binding = "FLAGS" }

-- No id yet: `cfkv apply` makes these, and writes their ids into the config.
cfkv.namespace { title = "api-own", binding = "OWN" }

cfkv.wrangler {
  path = "apps/api/wrangler.jsonc",
  select = { "55556666777788889999000011112222", "api-own" },
}
cfkv.wrangler {
  path = "apps/web/wrangler.toml",
  select = { "55556666777788889999000011112222" },
  bindings = { ["55556666777788889999000011112222"] = { top_level = "F" } },
}
]], p:read("kv.lua"):match "\n(%-%- Each.*)")
    assert.equal("", project.ok(p:run "validate").err)
    project.ok(p:run("apply", "--local", "--yes"))
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)

  it("looks below the top of a repository or a package only, not below home", function()
    local p = project.quick { ["other/wrangler.toml"] = 'name = "other"\n' }
    project.ok(p:run "init")
    assert.is_nil(p:read("kv.lua"):find("other", 1, true))
    has(p:read "kv.lua", 'path = "wrangler.toml"')
  end)

  it("passes over what is built or broken below a monorepo, and names what is broken", function()
    local p = project.quick {
      [".git/x"] = "",
      ["apps/api/wrangler.toml"] = 'name = "api"\nkv_namespaces = [{ binding = "A" }]\n',
      ["dist/api/wrangler.json"] = read(CORPUS .. "/vite-generated.json"),
      ["tests/broken/wrangler.json"] = "{",
    }
    project.ok(p:run "init")
    local kv = p:read "kv.lua"
    has(kv, "-- Not declared: 'tests/broken/wrangler.json'. cannot read")
    assert.is_nil(kv:find("dist", 1, true))
    has(kv, 'cfkv.wrangler { path = "apps/api/wrangler.toml" }')
    project.ok(p:run "validate")
  end)

  it("takes the config of the folder where wrangler takes another one, which validate tells", function()
    local p = project.quick { ["wrangler.json"] = '{"name":"above"}', ["app/wrangler.toml"] = 'name = "own"\n' }
    project.ok(p:run("init", { cwd = "app" }))
    has(p:read "app/kv.lua", '{ name = "own" }')
    has(project.ok(p:run("validate", { cwd = "app" })).err, "wrangler does not read 'wrangler.toml'")
  end)

  it("writes what others called things as text, and nothing more", function()
    for _, name in ipairs { "]]--\nerror 'x'", '"; os.exit() --', "a\\", "${x}", "%s@TITLE@", "\u{202E}abc", "日本", "'",
      "\0", ("n"):rep(200) } do
      local json = require("cjson").encode {
        name = name,
        kv_namespaces = { { binding = "A" }, { binding = "B", id = ("ab"):rep(16) }, { binding = name, id = name } },
        env = { [name] = { kv_namespaces = { { binding = "A" }, { binding = "OTHER", id = ("ab"):rep(16) } } } },
      }
      local p = begun("wrangler.json", json)
      local ids = {}
      for _, ns in ipairs(project.ok(p:run "eval").json().namespaces) do
        ids[#ids + 1] = ns.id ~= require("cjson").null and ns.id or nil
      end
      assert.same({ ("ab"):rep(16) }, ids)
      project.ok(p:run("apply", "--local", "--yes"))
      assert.is_nil(project.ok(p:sh "luacheck -q --no-color kv.lua").out:find "warning:")
      p:remove()
    end
  end)

  it("leaves all to one of two that run at once", function()
    for _ = 1, 10 do
      local p = project.quick()
      local r = p:sh [[cfkv init >1 2>&1 & cfkv init >2 2>&1 & wait; cat 1 2; rm 1 2; ls -A]]
      assert.is_nil(r.out:find("cfkv-tmp", 1, true), r.out)
      project.ok(p:run "init")
      project.ok(p:run "validate")
      p:remove()
    end
  end)

  it("refuses what a build tool wrote, and what it cannot read, with nothing written", function()
    for name, says in pairs {
      ["generated.json"] = "is no config to edit: a build tool made it from",
      ["broken"] = "cannot read 'wrangler.json': line 1",
    } do
      local text = name == "broken" and "{" or read(CORPUS .. "/" .. name)
      local p = project.quick { ["wrangler.json"] = text }
      local r = p:run "init"
      assert.equal(3, r.code)
      has(r.err, says)
      has(r.err, "hint: ")
      assert.same({ "wrangler.json" }, p:files())
    end
    local p = project.quick { [".gitignore/x"] = "" }
    local r = p:run "init"
    assert.equal(1, r.code)
    has(r.err, "hint: git reads a file of that name: move away what is there")
    assert.same({ ".gitignore/x" }, p:files())
  end)

  it("begins no namespace where somebody took other lists for bindings, and names them", function()
    local p = begun("wrangler.toml", read(CORPUS .. "/legacy-list.toml"))
    local kv = p:read "kv.lua"
    has(kv, "-- Not read by wrangler, and not declared here: 'kv-namespaces' of 'wrangler.toml' (line 9).")
    assert.is_nil(kv:find "cfkv.namespace {")
    project.ok(p:run "validate")
  end)

  it("gives a first binding a name that no other binding of the config has", function()
    local p = begun("wrangler.toml", 'name = "x"\n[[d1_databases]]\nbinding = "KV"\n[vars]\nCACHE = "KV_CACHES"\n')
    has(p:read "kv.lua", 'binding = "KV_CACHE", ttl_seconds')
    has(begun("wrangler.toml", 'name = "KVS"\n[vars]\nMY_KV = ""\n'):read "kv.lua", 'binding = "KV", ttl_seconds')
  end)

  it("says how wrangler is started on it", function()
    local function next_of(config, text)
      return project.ok(project.quick { [config] = text, ["package.json"] = "{}" }:run "init").out
    end
    has(next_of("wrangler.toml", 'name = "x"\n'), "\n  npx wrangler dev  ")
    has(next_of("wrangler.toml", 'name = "x"\npages_build_output_dir = "dist"\n'), "\n  npx wrangler pages dev  ")
    has(next_of("apps/a b/wrangler.toml", 'name = "x"\n'), "\n  npx wrangler dev -c 'apps/a b/wrangler.toml'  ")
    assert.is_nil(next_of("cf.config.ts", ""):find("npx", 1, true))
  end)

  it("leaves a config that is a program to its owner", function()
    local p = project.quick { ["cloudflare.config.ts"] = "export default {}" }
    project.ok(p:run "init")
    has(p:read "kv.lua", "'cloudflare.config.ts' is a program")
    assert.is_false(p:exists "wrangler.toml")
    project.ok(p:run "validate")
  end)
end)
