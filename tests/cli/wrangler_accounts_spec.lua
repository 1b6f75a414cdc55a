-- Wrangler configs of another account than the namespaces whose ids would go into them.

local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local OURS = emulator.ACCOUNT
local OTHER = ("b"):rep(32)

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop"%s }
for _, env in ipairs { "dev", "prod" } do
  for _, purpose in ipairs { "config", "cache" } do
    cfkv.namespace { app = "shop", purpose = purpose, env = env, binding = purpose:upper() }
  end
end
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
]]

local TOML = 'name = "shop"\nmain = "src/index.js"\n'

describe("a wrangler config of another account", function()
  local p, e

  after_each(emulator.cleanup_all)

  local function begin(toml, fields)
    p = project.quick { ["kv.lua"] = CONFIG:format(fields or ""), ["wrangler.toml"] = toml }
    e = emulator.start(p, "--memory")
  end

  local function refused(r, ...)
    assert.equal(5, r.code, r.err .. r.out)
    for _, text in ipairs { ... } do
      assert.matches(text, r.err, 1, true)
    end
    return r
  end

  local function count_of(text, part)
    local n = 0
    for _ in text:gmatch(part) do
      n = n + 1
    end
    return n
  end


  it("is refused before anything is done, both accounts being named, and what to do", function()
    begin(TOML .. ('account_id = "%s"\n'):format(OTHER),
      (', account_id = "%s", accounts = { live = "%s", old = "%s" }'):format(OURS, OURS, OTHER))
    refused(e:run(p, "apply", "--yes"),
      ("'wrangler.toml' (line 3) gives the top level account_id %s (old), but the namespaces of "):format(OTHER) ..
      ("bindings CONFIG, CACHE are in account %s (live)"):format(OURS),
      ('correct the file: account_id = "%s" in line 3; or account = "old" on the declarations'):format(OURS),
      "select leaves them out of this file",
      ("'wrangler.toml' (line 3) gives account_id %s (old), also to environment 'prod', but"):format(OTHER))
    assert.same({}, e:requests "namespace.create")
    assert.falsy(p:exists "kv.state.json")
  end)


  it("is told by plan, a paragraph a section", function()
    begin(TOML .. ('account_id = "%s"\n\n[env.prod]\naccount_id = "%s"\n'):format(OURS, OTHER))
    local r = ok(e:run(p, "plan"))
    assert.equal(1, count_of(r.err, "account_id " .. OTHER .. ", but"))
    assert.matches(("'wrangler.toml' (line 6) gives environment 'prod' account_id %s, but the"):format(OTHER), r.err, 1,
      true)
    local codes = {}
    for _, d in ipairs(ok(e:run(p, "plan", "--json")).json().diagnostics) do
      codes[#codes + 1] = d.code
    end
    assert.same({ "guard.account" }, codes)
  end)


  it("is told by audit, in text and JSON, which goes on", function()
    begin(TOML .. ('account_id = "%s"\n'):format(OTHER))
    assert.matches("warning: 'wrangler.toml' (line 3) gives the top level account_id " .. OTHER,
      ok(e:run(p, "audit")).err, 1, true)
    local d = ok(e:run(p, "audit", "--json")).json().diagnostics[1]
    assert.same({ "guard.account", "warning" }, { d.code, d.severity })
  end)


  it("is what refuses a placeholder id there, and nothing else does", function()
    begin(TOML .. ('account_id = "%s"\n\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "<YOUR_ID>"\n'):format(OTHER))
    local r = refused(e:run(p, "apply", "--yes"), "gives the top level account_id " .. OTHER)
    assert.falsy(r.err:find("which cfkv did not write", 1, true))
  end)


  it("is none when it is a placeholder", function()
    for _, account in ipairs { "", "<YOUR_ACCOUNT_ID>", "0123" } do
      begin(TOML .. ('account_id = "%s"\n'):format(account))
      ok(e:run(p, "apply", "--yes"))
      emulator.cleanup_all()
    end
  end)


  it("is the same account in capital letters", function()
    begin(TOML .. ('account_id = "%s"\n'):format(OURS:upper()))
    ok(e:run(p, "apply", "--yes"))
  end)


  it("counts where the filters take something for it", function()
    begin(TOML .. ('\n[env.prod]\naccount_id = "%s"\n'):format(OTHER))
    ok(e:run(p, "apply", "--yes", "--env", "dev"))
    refused(e:run(p, "apply", "--yes"), "environment 'prod'")
  end)


  it("is nobody's business locally", function()
    begin(TOML .. ('account_id = "%s"\n'):format(OTHER))
    local r = ok(p:run("apply", "--yes", "--local"))
    assert.falsy(r.err:find(OTHER, 1, true))
  end)


  it("stops neither a destroy nor a binding that goes", function()
    begin(TOML)
    ok(e:run(p, "apply", "--yes"))
    p:write("wrangler.toml", ('account_id = "%s"\n'):format(OTHER) .. p:read "wrangler.toml")
    ok(e:run(p, "destroy", "--yes"))
    assert.equal(('account_id = "%s"\n'):format(OTHER) .. TOML, p:read "wrangler.toml")
  end)


  describe("by CLOUDFLARE_ACCOUNT_ID,", function()
    it("which a project that says another does not follow, is refused", function()
      begin(TOML, (', account_id = "%s"'):format(OURS))
      refused(p:run("apply", "--yes", { env = e:env { CLOUDFLARE_ACCOUNT_ID = OTHER } }),
        "'wrangler.toml' gives the top level no account_id, so wrangler deploys it to that of " ..
        "CLOUDFLARE_ACCOUNT_ID, " .. OTHER,
        ('correct the file: account_id = "%s" for the top level'):format(OURS))
    end)


    it("is not asked where the file says it", function()
      begin(TOML .. ('account_id = "%s"\n'):format(OURS), (', account_id = "%s"'):format(OURS))
      ok(p:run("apply", "--yes", { env = e:env { CLOUDFLARE_ACCOUNT_ID = OTHER } }))
    end)


    it("and a file that contradicts it is refused", function()
      begin(TOML .. ('account_id = "%s"\n'):format(OTHER))
      refused(p:run("apply", "--yes", { env = e:env { CLOUDFLARE_ACCOUNT_ID = OURS } }),
        "gives the top level account_id " .. OTHER, "are in account " .. OURS)
    end)
  end)


  describe("and cfkv wrangler:", function()
    before_each(function()
      begin(TOML)
      ok(e:run(p, "apply", "--yes"))
      p:write("wrangler.toml", ('account_id = "%s"\n'):format(OTHER) .. TOML)
    end)

    it("nothing is written", function()
      refused(p:run "wrangler", "(line 1) gives the top level account_id " .. OTHER,
        "nothing was written: a config is for another account")
      assert.equal(('account_id = "%s"\n'):format(OTHER) .. TOML, p:read "wrangler.toml")
    end)


    it("--check says so and exits with 2", function()
      local r = p:run("wrangler", "--check")
      assert.equal(2, r.code)
      assert.matches("(line 1) gives the top level account_id " .. OTHER, r.err, 1, true)
    end)


    it("what is recorded in the account that the file names is written", function()
      p:write("wrangler.toml", ('account_id = "%s"\n'):format(OURS) .. TOML)
      ok(p:run "wrangler")
      ok(p:run("wrangler", "--check"))
    end)
  end)


  it("is none of its business that a project has two accounts with a config each", function()
    local both = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", accounts = { a = "%s", b = "%s" } }
cfkv.namespace { title = "cache", binding = "CACHE", account = "a", app = "a" }
cfkv.namespace { title = "cache", binding = "CACHE", account = "b", app = "b" }
cfkv.wrangler { path = "a/wrangler.toml", app = "a" }
cfkv.wrangler { path = "b/wrangler.jsonc", app = "b" }
]]
    p = project.quick { ["kv.lua"] = both:format(OURS, OTHER),
      ["a/wrangler.toml"] = ('account_id = "%s"\n'):format(OURS) .. TOML,
      ["b/wrangler.jsonc"] = ('{ "name": "b", "account_id": "%s" }\n'):format(OTHER) }
    e = emulator.start(p, "--memory")
    ok(e:run(p, "apply", "--yes"))
    ok(p:run("wrangler", "--check"))
    p:write("b/wrangler.jsonc", '{ "name": "b" }\n')
    refused(p:run("apply", "--yes", { env = e:env { CLOUDFLARE_ACCOUNT_ID = OURS } }),
      "'b/wrangler.jsonc' gives the top level no account_id", ('"account_id": "%s" for the top level'):format(OTHER))
  end)
end)


describe("where several accounts are seen and none is named", function()
  local p, e

  before_each(function()
    local both = [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", accounts = { a = "%s", b = "%s" } }
      cfkv.namespace { title = "t", account = "a" }
      cfkv.namespace { title = "t", account = "b" }]]
    p = project.new { ["kv.lua"] = both:format(OURS, OTHER) }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    e = emulator.start(p)
    p:write("kv.lua", CONFIG:format "")
    p:write("wrangler.toml", TOML .. ('account_id = "%s"\n'):format(OTHER))
  end)

  after_each(emulator.cleanup_all)

  local OFFER = ("hint: 'wrangler.toml' (line 3) is for account %s; set CLOUDFLARE_ACCOUNT_ID=%s, or write " ..
    'cfkv.project { account_id = "%s" }'):format(OTHER, OTHER, OTHER)


  it("the one that the config names is offered, and what is typed works", function()
    for _, command in ipairs { "plan", "audit" } do
      local r = e:run(p, command)
      assert.equal(64, r.code)
      assert.matches("the credentials show several accounts", r.err, 1, true)
      assert.matches(OFFER, r.err, 1, true)
    end
    local r = p:run("plan", { env = e:env { CLOUDFLARE_ACCOUNT_ID = OTHER } })
    assert.equal(0, r.code, r.err)
    p:write("kv.lua", CONFIG:format((', account_id = "%s"'):format(OTHER)))
    assert.equal(0, e:run(p, "plan").code)
  end)


  it("the one of the config that wrangler takes is offered where none is declared", function()
    p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.namespace { title = "t" }\n')
    assert.matches(OFFER, e:run(p, "plan").err, 1, true)
    assert.matches(OFFER, e:run(p, "kv", "namespace", "list").err, 1, true)
  end)


  it("all are told that configs name, and a placeholder is none", function()
    local sections = '[env.dev]\naccount_id = "%s"\n[env.prod]\naccount_id = "%s"\n'
    p:write("wrangler.toml", TOML .. sections:format(OTHER, OURS))
    assert.matches(("'wrangler.toml' (line 4) is for account %s; 'wrangler.toml' (line 6) is for account %s; set")
      :format(OTHER, OURS), e:run(p, "plan").err, 1, true)
    p:write("wrangler.toml", TOML .. 'account_id = "<YOURS>"\n')
    assert.matches("hint: set CLOUDFLARE_ACCOUNT_ID, or account_id in cfkv.project", e:run(p, "plan").err, 1, true)
  end)
end)
