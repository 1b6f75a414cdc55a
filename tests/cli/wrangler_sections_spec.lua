-- Which sections of a wrangler config bind a namespace: the top level, environments, [previews].
local cjson = require "cjson"
local emulator = require "support.emulator"
local ok = require("support.project").ok

local TOML = [[
name = "shop"
compatibility_date = "2026-01-01"
]]

-- One namespace for each env, and what cfkv.wrangler is given besides the path.
local function config(fields, envs)
  local lines = { 'local cfkv = require "cfkv"', 'cfkv.project { name = "shop" }' }
  for _, env in ipairs(envs or { "prod" }) do
    lines[#lines + 1] = ('cfkv.namespace { title = "cache-%s", env = "%s", binding = "CACHE" }'):format(env, env)
  end
  lines[#lines + 1] = ('cfkv.wrangler { path = "wrangler.toml", %s }'):format(fields)
  return table.concat(lines, "\n") .. "\n"
end


describe("sections of a wrangler config:", function()
  local p, e

  before_each(function()
    p, e = emulator.quick()
    p:write("wrangler.toml", TOML)
  end)

  after_each(emulator.cleanup_all)


  -- "SECTION NAME" of each binding of the file, in its order, and their ids.
  local function bindings(name)
    local list, ids, section, binding = {}, {}, nil, nil
    for line in p:read(name or "wrangler.toml"):gmatch "[^\r\n]+" do
      section = line:match "^%[%[(.-)%.?kv_namespaces%]%]" or section
      binding = line:match '^binding = "(.*)"' or binding
      local id = line:match '^id = "(.*)"'
      if id then
        list[#list + 1] = (section == "" and "top_level" or section) .. " " .. binding
        ids[#ids + 1] = id
      end
    end
    return list, ids
  end


  -- Declares, applies to the account and expects these bindings, all of one id; and that all is done.
  local function applied(fields, expected, envs)
    p:write("kv.lua", config(fields, envs))
    ok(e:run(p, "apply", "--yes", "--allow-data-loss"))
    local list, ids = bindings()
    assert.same(expected, list)
    ok(e:run(p, "plan", "--detailed-exitcode"))
    ok(p:run("wrangler", "--check"))
    return ids
  end


  describe("an env is bound", function()
    it("at the top level and in its environment, when both are said", function()
      local ids = applied('top_level = "prod", environments = { prod = "production" }',
        { "top_level CACHE", "env.production CACHE" })
      assert.equal(ids[1], ids[2])
    end)


    it("in each environment of a list, once", function()
      local ids = applied('environments = { prod = { "production", "live", "production" } }',
        { "env.production CACHE", "env.live CACHE" })
      assert.equal(ids[1], ids[2])
    end)


    it("in [previews], and in its own environment only when environments says so", function()
      applied('previews = "prod"', { "previews CACHE" })
      applied('previews = "prod", environments = { prod = "prod" }', { "previews CACHE", "env.prod CACHE" })
    end)


    it("under the name that bindings has for the section", function()
      applied('top_level = "prod", previews = "prod", environments = { prod = "production" },'
        .. ' bindings = { ["cache-*"] = { production = "PROD_CACHE", previews = "PREVIEW_CACHE" } }',
        { "top_level CACHE", "previews PREVIEW_CACHE", "env.production PROD_CACHE" })
    end)


    it("in several files, in several sections of each", function()
      p:write("admin/wrangler.toml", TOML)
      p:write("kv.lua", config 'top_level = "prod", environments = { prod = "production" }'
        .. 'cfkv.wrangler { path = "admin/wrangler.toml", environments = { prod = { "a", "b" } } }\n')
      ok(e:run(p, "apply", "--yes"))
      local here, ids = bindings()
      local there, others = bindings "admin/wrangler.toml"
      assert.same({ "top_level CACHE", "env.production CACHE" }, here)
      assert.same({ "env.a CACHE", "env.b CACHE" }, there)
      assert.same(ids, others)
    end)


    it("in a config that is made, too", function()
      os.remove(p.dir .. "/wrangler.toml")
      applied('top_level = "prod", environments = { prod = "production" }, previews = "prod"',
        { "top_level CACHE", "previews CACHE", "env.production CACHE" })
    end)


    it("locally in the same sections, with one id", function()
      p:write("kv.lua", config 'top_level = "prod", environments = { prod = "production" }, previews = "prod"')
      ok(p:run("apply", "--yes", "--local"))
      local list, ids = bindings()
      assert.same({ "top_level CACHE", "previews CACHE", "env.production CACHE" }, list)
      assert.equal(ids[1], ids[2])
      assert.equal(ids[1], ids[3])
      ok(p:run("plan", "--local", "--detailed-exitcode"))
      ok(p:run("wrangler", "--local", "--check"))
    end)
  end)


  describe("what is recorded", function()
    local BOTH = 'top_level = "prod", environments = { prod = "production" }'

    it("gains the binding of a section that is added, which is all that the plan says", function()
      applied('top_level = "prod"', { "top_level CACHE" })
      p:write("kv.lua", config(BOTH))
      local actions = ok(e:run(p, "plan", "--json")).json().actions
      assert.equal(1, #actions)
      assert.equal("1 binding added", actions[1].reason)
      applied(BOTH, { "top_level CACHE", "env.production CACHE" })
    end)


    it("loses the binding of a section that is given up, and that one only", function()
      applied(BOTH, { "top_level CACHE", "env.production CACHE" })
      applied('environments = { prod = "production" }', { "env.production CACHE" })
      applied('environments = { prod = "live" }', { "env.live CACHE" })
    end)


    it("follows a name that changes in one section", function()
      applied(BOTH, { "top_level CACHE", "env.production CACHE" })
      applied(BOTH .. ', bindings = { ["*"] = { production = "PROD" } }',
        { "top_level CACHE", "env.production PROD" })
    end)


    it("gives the old bytes back when all is destroyed", function()
      applied(BOTH .. ', previews = "prod"', { "top_level CACHE", "previews CACHE", "env.production CACHE" })
      ok(e:run(p, "destroy", "--yes"))
      assert.equal(TOML, p:read "wrangler.toml")
    end)


    it("takes each env's sections out by itself", function()
      local envs = { "prod", "dev" }
      local fields = 'top_level = "dev", environments = { dev = "dev", prod = { "production", "live" } }'
      p:write("kv.lua", config(fields, envs))
      ok(e:run(p, "apply", "--yes"))
      ok(e:run(p, "destroy", "--yes", "--env", "prod"))
      assert.same({ "top_level CACHE", "env.dev CACHE" }, (bindings()))
    end)


    it("leaves what somebody else has in a section that is given up", function()
      applied(BOTH, { "top_level CACHE", "env.production CACHE" })
      p:write("wrangler.toml", p:read "wrangler.toml"
        .. '\n[[env.production.kv_namespaces]]\nbinding = "THEIRS"\nid = "' .. ("7"):rep(32) .. '"\n')
      p:write("kv.lua", config 'top_level = "prod"')
      ok(e:run(p, "apply", "--yes"))
      assert.same({ "top_level CACHE", "env.production THEIRS" }, (bindings()))
    end)
  end)


  describe("people are told", function()
    it("that two namespaces have one binding in one section", function()
      p:write("kv.lua", config('top_level = "dev", environments = { dev = "live", prod = { "prod", "live" } }',
        { "prod", "dev" }))
      local r = p:run("validate")
      assert.equal(3, r.code)
      assert.matches("kv.lua:4: error: binding 'CACHE' is declared twice: at kv.lua:3 and kv.lua:4", r.err, 1, true)
      assert.matches("both go into environment 'live' of 'wrangler.toml'", r.err, 1, true)
    end)


    it("by audit, of each section that binds a namespace", function()
      applied('top_level = "prod", environments = { prod = "production" }, previews = "prod"',
        { "top_level CACHE", "previews CACHE", "env.production CACHE" })
      local rows = ok(e:run(p, "audit", "--json")).json().namespaces
      local sections = {}
      for _, binding in ipairs(rows[1].bindings) do
        sections[#sections + 1] = binding.env == cjson.null and "top_level" or binding.env
      end
      table.sort(sections)
      assert.same({ "[previews]", "production", "top_level" }, sections)
    end)


    it("that [previews] lacks what the top level has", function()
      p:write("kv.lua", config('top_level = "prod", previews = "dev",'
        .. ' bindings = { ["*"] = { previews = "PREVIEW" } }', { "prod", "dev" }))
      local r = ok(e:run(p, "plan"))
      assert.matches("[previews] of 'wrangler.toml' has no binding CACHE: it does not inherit those of the top level",
        r.err, 1, true)
      p:write("kv.lua", config('top_level = "prod", previews = "dev"', { "prod", "dev" }))
      assert.no.matches("inherit", ok(e:run(p, "plan")).err)
    end)


    it("once that a namespace has no id for any of its sections", function()
      p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n')
      ok(e:run(p, "apply", "--yes"))
      p:write("kv.lua", config 'top_level = "prod", environments = { prod = "production" }')
      local r = p:run("wrangler", "--check")
      assert.equal(2, r.code)
      local _, times = r.err:gsub("namespace 'cache%-prod' has no recorded id yet", "")
      assert.equal(1, times, r.err)
    end)


    it("that an id belongs to the sections of another namespace", function()
      local ids = applied('top_level = "prod", environments = { prod = "live" }',
        { "top_level CACHE", "env.live CACHE" })
      p:write("wrangler.toml", p:read "wrangler.toml"
        .. '\n[[env.staging.kv_namespaces]]\nbinding = "CACHE"\nid = "' .. ids[1] .. '"\n')
      local r = ok(e:run(p, "plan"))
      assert.matches("has the id of namespace 'cache-prod', which belongs to the top level and environment 'live'",
        r.err, 1, true)
    end)
  end)


  describe("a Pages project", function()
    local PAGES = 'name = "shop"\npages_build_output_dir = "dist"\n'

    -- Each command that reads the configuration says the same, once.
    local function refused(expected, hint)
      for _, words in ipairs { { "validate" }, { "plan" }, { "apply", "--yes" }, { "wrangler" },
        { "wrangler", "--types", "kv.d.ts" } } do
        local r = e:run(p, table.unpack(words))
        assert.not_equal(0, r.code)
        local _, times = r.err:gsub("Pages project", "")
        assert.equal(1, times, r.err)
        assert.matches("kv.lua:5: error: 'wrangler.toml' is of a Pages project (pages_build_output_dir, line 2), "
          .. expected, r.err, 1, true)
        assert.matches("hint: " .. hint, r.err, 1, true)
      end
      assert.equal(PAGES, p:read "wrangler.toml")
    end


    before_each(function()
      p:write("wrangler.toml", PAGES)
      -- A state for `cfkv wrangler` to read.
      p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
        .. 'cfkv.namespace { title = "first" }\n')
      ok(e:run(p, "apply", "--yes"))
    end)


    it("has no other environment than preview and production", function()
      p:write("kv.lua", config('top_level = "prod"', { "prod", "staging" }))
      refused("which has no environment 'staging': only the environments 'preview' and 'production'",
        'environments = { ["staging"] = "preview" } puts its bindings there, select leaves them out')
    end)


    it("has no [previews]", function()
      p:write("kv.lua", config('top_level = "prod", previews = "dev"', { "prod", "dev" }))
      refused("which has no [previews]: only the environments 'preview' and 'production'",
        'environments = { ["dev"] = "preview" } instead of previews')
    end)


    it("has a top level and these two", function()
      p:write("kv.lua", config('top_level = "prod", environments = { prod = "production", dev = "preview" }',
        { "prod", "dev" }))
      assert.equal("", ok(e:run(p, "validate")).err)
      ok(e:run(p, "apply", "--yes", "--allow-data-loss"))
      assert.same({ "top_level CACHE", "env.production CACHE", "env.preview CACHE" }, (bindings()))
    end)


    it("is audited all the same", function()
      p:write("kv.lua", config('top_level = "prod"', { "prod", "staging" }))
      local r = ok(e:run(p, "audit"))
      assert.matches("kv.lua:5: warning: 'wrangler.toml' is of a Pages project", r.err, 1, true)
      assert.matches("missing", r.out, 1, true)
    end)


    it("is told of sections that its file has, with their lines", function()
      p:write("wrangler.toml", PAGES .. "\n[env.staging]\n\n[previews]\n")
      p:write("kv.lua", config 'top_level = "prod"')
      local err = ok(e:run(p, "validate")).told()
      assert.matches("warning: 'wrangler.toml' has environment 'staging' (line 4), which no Pages project has: "
        .. "wrangler refuses the file\n  hint: take it out or call it 'preview' or 'production'; "
        .. "or, of a Worker, pages_build_output_dir (line 2)", err, 1, true)
      assert.matches("warning: 'wrangler.toml' has [previews] (line 6), which no Pages project has: "
        .. "wrangler refuses the file\n  hint: take it out; or, of a Worker", err, 1, true)
    end)
  end)


  describe("a list of bindings that wrangler does not read", function()
    local function warned(name, text, expected)
      os.remove(p.dir .. "/wrangler.toml")
      p:write(name, text)
      p:write("kv.lua", (config('top_level = "prod"'):gsub("wrangler%.toml", name)))
      for _, words in ipairs { { "validate" }, { "plan", "--local" }, { "wrangler", "--local", "--check" } } do
        local err = p:run(table.unpack(words)).told()
        local _, times = err:gsub(expected:gsub("%p", "%%%0"), "")
        assert.equal(1, times, err)
      end
    end


    it("is told as wrangler 1 had it, with what to write", function()
      warned("wrangler.toml", TOML .. '\n[[kv-namespaces]]\nbinding = "OLD"\nid = "x"\n',
        "kv.lua:4: warning: 'wrangler.toml' has 'kv-namespaces' (line 4), as wrangler 1 had it: today's wrangler "
        .. "ignores it\n  hint: write kv_namespaces, with an underscore\n")
    end)


    it("is told where it fell into the table above it", function()
      warned("wrangler.toml", TOML .. '[env.prod.vars]\nA = "b"\nkv_namespaces = [{ binding = "X", id = "y" }]\n',
        "kv.lua:4: warning: 'wrangler.toml' has 'env.prod.vars.kv_namespaces' (line 5), where wrangler reads no "
        .. "bindings\n  hint: a key belongs to the [table] above it: write [[kv_namespaces]], for an environment "
        .. "[[env.NAME.kv_namespaces]]\n")
    end)


    it("is told in JSON", function()
      warned("wrangler.jsonc", '{\n  "name": "shop",\n  "vars": {\n    "kv_namespaces": [{ "binding": "X" }]\n  }\n}\n',
        "kv.lua:4: warning: 'wrangler.jsonc' has 'vars.kv_namespaces' (line 4), where wrangler reads no bindings\n"
        .. "  hint: move it to the top level, or into an environment of \"env\"\n")
    end)
  end)
end)
