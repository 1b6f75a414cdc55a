-- Declared configs that wrangler does not read: it takes another, a built one, or a program.
local project = require "support.project"

local OLD, OTHER = ("0a"):rep(16), ("0b"):rep(16)

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "one", binding = "CACHE" }
cfkv.wrangler { path = "%s" }
]]

local TOML = 'name = "shop"\nmain = "src/index.js"\ncompatibility_date = "2026-01-01"\n'
local REDIRECT = ".wrangler/deploy/config.json"

describe("what wrangler reads:", function()
  local p

  after_each(project.cleanup)

  -- A project that declares the config `path`, with these files beside the usual wrangler.toml.
  local function start(path, files)
    files = files or {}
    files["kv.lua"] = CONFIG:format(path)
    files["wrangler.toml"] = files["wrangler.toml"] or TOML
    p = project.quick(files)
  end

  local function warned(pattern, hint, ...)
    local r = p:run(...)
    assert.equal(0, r.code, r.err)
    assert.matches(pattern, r.err, 1, true)
    assert.matches(hint, r.err, 1, true)
  end

  local function silent(pattern, ...)
    local r = p:run(...)
    assert.equal(0, r.code, r.err)
    assert.is_nil(r.err:find(pattern, 1, true), r.err)
  end

  local function refused(code, pattern, hint, ...)
    local before = p:read "wrangler.toml"
    local r = p:run(...)
    assert.equal(code, r.code, r.err)
    assert.matches(pattern, r.err, 1, true)
    assert.matches(hint, r.err, 1, true)
    assert.equal(before, p:read "wrangler.toml")
    assert.is_false(p:exists ".wrangler/state/v3/cfkv.sqlite")
  end


  describe("a config before which wrangler takes another", function()
    it("is a warning wherever it would be edited, which names both and the ways on", function()
      start("wrangler.toml", { ["wrangler.jsonc"] = "{}" })
      for _, command in ipairs { { "validate" }, { "plan", "--local" }, { "apply", "--local", "--yes" },
        { "wrangler", "--local" } } do
        warned("kv.lua:4: warning: wrangler does not read 'wrangler.toml': it takes 'wrangler.jsonc', which comes "
          .. "before it", "hint: declare 'wrangler.jsonc', or delete it; 'wrangler -c wrangler.toml' reads this one",
          table.unpack(command))
      end
    end)

    it("is one also where the other lies in a folder above, as wrangler looks for it", function()
      start("apps/a/wrangler.toml", { ["apps/a/wrangler.toml"] = TOML, ["wrangler.json"] = "{}" })
      warned("wrangler does not read 'apps/a/wrangler.toml': it takes 'wrangler.json'", "declare 'wrangler.json'",
        "validate")
      start("wrangler.jsonc", { ["x"] = "" })
      p:write("kv.lua", p:read "kv.lua" .. 'cfkv.wrangler { path = "wrangler.toml", persist_to = "elsewhere" }\n')
      p:write("wrangler.jsonc", "{}")
      warned("kv.lua:5: warning: wrangler does not read 'wrangler.toml'",
        "take one of the two declarations out; 'wrangler -c wrangler.toml' reads this one", "validate")
    end)

    it("is none where wrangler takes it first, is told of it by name, or finds a folder", function()
      start("wrangler.json", { ["wrangler.json"] = "{}" })
      silent("does not read", "validate")
      start("wrangler.prod.toml", { ["wrangler.json"] = "{}" })
      silent("does not read", "validate")
      start("wrangler.toml", { ["wrangler.jsonc/x"] = "" })
      silent("does not read", "validate")
      start("wrangler.toml")
      p:sh "ln -s wrangler.toml wrangler.json"
      silent("does not read", "validate")
    end)

    it("is the one beside it that wrangler takes now, once a missing one is made", function()
      start "wrangler.jsonc"
      warned("kv.lua:4: warning: once 'wrangler.jsonc' is made wrangler does not read 'wrangler.toml' any more, which "
        .. "it takes now", "hint: declare 'wrangler.toml'", "plan", "--local")
      start("app/wrangler.jsonc", { ["app/x"] = "" })
      silent("any more", "validate") -- a new app's own
    end)

    it("says to move what lies outside of the project", function()
      start("wrangler.toml", { ["sub/x"] = "" })
      p:write("sub/kv.lua", p:read "kv.lua")
      p:write("wrangler.json", "{}")
      local r = p:run("validate", { cwd = "sub" })
      assert.matches("it takes '" .. p:path "wrangler.json" .. "'", r.err, 1, true)
      assert.matches("hint: move '", r.err, 1, true)
    end)
  end)


  describe("a config from which wrangler is redirected", function()
    local BOUND = TOML .. ('\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'):format(OLD)
    local BUILT = '{"name":"shop","userConfigPath":"%s","configPath":"%s",'
      .. '"kv_namespaces":[{"binding":"CACHE","id":"%s"}]}'

    local function built(id, source)
      return { ["wrangler.toml"] = BOUND, [REDIRECT] = '{"configPath":"../../dist/w/wrangler.json"}',
        ["dist/w/wrangler.json"] = BUILT:format(source or "../../wrangler.toml", "../../wrangler.toml", id) }
    end

    local READS_BUILT = "wrangler's dev and deploy do not read 'wrangler.toml': '" .. REDIRECT
      .. "' redirects them to 'dist/w/wrangler.json', which has the ids of before until it is built again"

    it("is a warning when a write leaves the built one with the ids of before", function()
      start("wrangler.toml", built(OLD))
      p:write("wrangler.toml", TOML)
      p:write("dist/w/wrangler.json", BUILT:format("../../wrangler.toml", "x", OTHER):gsub('%b[]', "[]"))
      silent("redirects", "validate") -- both bind nothing
      warned(READS_BUILT, "build again once 'wrangler.toml' is written", "plan", "--local")
      local after = "cfkv: build again: wrangler's dev and deploy read 'dist/w/wrangler.json', which does not "
        .. "have the ids of 'wrangler.toml' yet\n"
      warned(READS_BUILT, after, "apply", "--local", "--yes")
      p:write("wrangler.toml", TOML)
      warned("cfkv: wrote wrangler.toml\n" .. after, after, "wrangler", "--local")
      assert.matches('"kv_namespaces":[]', p:read "dist/w/wrangler.json", 1, true)
    end)

    it("is one while the ids differ, and none when it was built again, for whichever section", function()
      start("wrangler.toml", built(OTHER))
      warned(READS_BUILT, "build again", "validate")
      warned(READS_BUILT, "build again", "apply", "--local", "--yes")
      warned(READS_BUILT, "build again", "wrangler", "--local")
      p:write("dist/w/wrangler.json", '{"userConfigPath":"../../wrangler.toml"}') -- one without any
      warned(READS_BUILT, "build again", "validate")
      p:write("dist/w/wrangler.json", BUILT:format("../../wrangler.toml", "x", OLD))
      silent("redirects", "plan", "--local")
      silent("redirects", "validate")
      p:write("wrangler.toml", BOUND .. ('[[env.b.kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'):format(OTHER))
      p:write("dist/w/wrangler.json", BUILT:format("../../wrangler.toml", "x", OTHER))
      silent("redirects", "validate")
    end)

    it("names the source where the built one was made of another", function()
      start("wrangler.toml", built(OTHER, "../../wrangler.vite.jsonc"))
      p:write("wrangler.vite.jsonc", "{}")
      warned("redirects them to 'dist/w/wrangler.json', which was built from 'wrangler.vite.jsonc'",
        "hint: declare 'wrangler.vite.jsonc'", "validate")
      p:write("kv.lua", CONFIG:format "wrangler.vite.jsonc")
      warned("do not read 'wrangler.vite.jsonc'", "build again", "validate")
    end)

    it("is told to go where the redirection does not lie beside it, which wrangler refuses", function()
      start("sub/wrangler.toml", built(OTHER))
      p:write("sub/wrangler.toml", BOUND)
      p:sh "rm wrangler.toml"
      warned("wrangler's dev and deploy take neither 'sub/wrangler.toml' nor what '" .. REDIRECT .. "' redirects",
        "delete '" .. REDIRECT .. "' if a build left it behind", "validate")
    end)

    it("is none when it leads back, or nothing is there and nothing is written", function()
      start("wrangler.toml", { ["wrangler.toml"] = BOUND, [REDIRECT] = '{"configPath":"../../wrangler.toml"}' })
      silent("redirects", "validate")
      silent("redirects", "plan", "--local")
      p:write(REDIRECT, '{"configPath":"../../dist/gone.json"}')
      silent("redirects", "validate")
    end)

    it("is an error while the redirection is broken, and nothing is written", function()
      start("wrangler.toml", { [REDIRECT] = "{" })
      local function broken(text, pattern)
        p:write(REDIRECT, text)
        for code, command in pairs { [3] = { "validate" }, [1] = { "apply", "--local", "--yes" } } do
          refused(code, "kv.lua:4: error: cannot use 'wrangler.toml': " .. pattern, "",
            table.unpack(command))
        end
      end
      broken("{", "cannot read '")
      broken('{"configPath":"config.json"}', "'" .. REDIRECT .. "' redirects wrangler to itself")
      p:write("a.json", '{"configPath":"b.json"}')
      broken('{"configPath":"../../a.json"}', "'" .. REDIRECT .. "' redirects wrangler to what is no config but a "
        .. "redirection, 'a.json'")
      p:write(REDIRECT, '{"configPath":"' .. ("a/"):rep(100000) .. '"}')
      silent("redirects", "validate") -- nothing is there
      broken('{"configPath":["x"]}', "'" .. REDIRECT .. "' names no config in its configPath")
      p:sh("rm " .. REDIRECT .. "; mkfifo " .. REDIRECT)
      silent("redirect", "validate") -- which wrangler does not take for a file either
    end)
  end)


  describe("a config that a build tool writes", function()
    it("is refused by its folder, naming the config to declare", function()
      for _, path in ipairs { ".output/server/wrangler.json", "dist/_worker.js/wrangler.json",
        "app/.open-next/wrangler.json" } do
        start(path, { [path] = "{}", ["app/x"] = "" })
        refused(3, "wrangler path '" .. path .. "' is what a build tool writes, and writes again",
          "hint: declare the config that you edit yourself, 'wrangler.toml'", "validate")
      end
      start(".output/server/wrangler.json")
      p:sh "rm wrangler.toml"
      assert.matches("that you edit yourself, such as 'wrangler.jsonc'", p:run("validate").err, 1, true)
    end)

    it("is refused by what it says, or by the redirection that leads to it", function()
      start("dist/w.json", { ["dist/w.json"] = '{"userConfigPath":"../wrangler.toml"}' })
      refused(3, "cannot use 'dist/w.json': a build tool generated it from '../wrangler.toml' and will do so again",
        "hint: declare the config that you edit yourself, 'wrangler.toml'", "validate")
      start("dist/w.json", { ["dist/w.json"] = "{}", [REDIRECT] = '{"configPath":"../../dist/w.json"}' })
      refused(1, "a build tool generated it, to which " .. REDIRECT .. " redirects wrangler",
        "hint: declare the config that you edit yourself, 'wrangler.toml'", "apply", "--local", "--yes")
      assert.equal("{}", p:read "dist/w.json")
    end)
  end)


  describe("a program that gives wrangler its config", function()
    it("is refused by name", function()
      for _, name in ipairs { "cloudflare.config.ts", "cf.config.mjs", "app/cloudflare.config.js" } do
        start(name, { [name] = "export default {}" })
        refused(3, "wrangler path '" .. name .. "' is a program, which cfkv does not edit",
          "'cfkv wrangler' prints the lines that go into that file; wrangler reads it with --x-new-config", "validate")
      end
    end)

    local TWO = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  cfkv.output(env, cfkv.namespace { app = "shop", purpose = "x", env = env, binding = "CACHE" }.id)
end
]]
    local SNIPPET = [[
/* environment 'dev' */
env: {
  CACHE: { type: "kv", id: "%s" },
},
/* %s */
env: {
  CACHE: { type: "kv", id: "%s" },
},
]]

    -- What is printed once everything is applied, with the recorded ids.
    local function snippet(section)
      local ids = p:run("output", "--json", "--local").json()
      return SNIPPET:format(ids.dev, section, ids.prod)
    end

    it("is told beside a declared config, with what goes into it, until the ids stand there", function()
      start("wrangler.toml", { ["cloudflare.config.ts"] = "export default {}" })
      p:write("kv.lua", TWO .. 'cfkv.wrangler { path = "wrangler.toml", top_level = "prod" }\n')
      local told = "kv.lua:6: warning: 'cloudflare.config.ts' is what wrangler reads instead of 'wrangler.toml' under "
        .. "--x-new-config, and lacks ids"
      warned(told, 'CACHE: { type: "kv" }, /* its id is known after apply */\n', "apply", "--local", "--yes")
      local lines = snippet "the top level"
      warned(told, "hint: put into its worker:\n" .. lines, "plan", "--local")
      warned(told, lines, "wrangler", "--local", "--check")
      local r = p:run("wrangler", "--local")
      assert.equal("/* cloudflare.config.ts */\n" .. lines, r.out)
      assert.matches("hint: put what is printed into its worker\n", r.err, 1, true)
      p:write("cloudflare.config.ts", "export default { worker: {" .. lines .. "} }")
      silent("cloudflare.config.ts", "plan", "--local")
      assert.equal("", p:run("wrangler", "--local").out)
    end)

    it("is told at the root where no config is declared", function()
      start("wrangler.toml", { ["cf.config.mjs"] = "export default {}" })
      p:write("kv.lua", TWO)
      local told = "warning: 'cf.config.mjs' is what wrangler reads under --x-new-config, and lacks ids"
      warned(told, "hint: put into its worker:\n", "apply", "--local", "--yes")
      assert.equal("/* cf.config.mjs */\n" .. snippet "environment 'prod'", p:run("wrangler", "--local").out)
      p:write("kv.lua", TWO .. 'cfkv.wrangler { path = "app/wrangler.toml", select = { "*/dev" } }\n')
      p:write("app/wrangler.toml", "")
      assert.equal(0, p:run("apply", "--local", "--yes").code)
      local r = p:run("wrangler", "--local")
      assert.matches("/* cf.config.mjs */\n/* environment 'prod' */", r.out, 1, true)
      assert.is_nil(r.out:find("'dev'", 1, true))
      p:write("kv.lua", TWO)
      p:sh "rm cf.config.mjs"
      assert.matches("declares no wrangler config", p:run("wrangler", "--local").err, 1, true)
    end)
  end)
end)
