--- What is created while something like it goes is likely a rename, and told as one.

local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\n'


describe("what goes and comes under another name", function()
  local p
  before_each(function() p = project.new() end)
  after_each(project.cleanup)

  local function configure(text)
    p:write("kv.lua", HEAD .. text)
  end

  local function plan(...)
    return p:run("plan", "--local", ...)
  end

  local function apply(...)
    local r = p:run("apply", "--local", "--yes", ...)
    assert.equal(0, r.code, r.err)
  end

  local function note(...)
    for _, d in ipairs(plan("--json", ...).json().diagnostics) do
      if d.code == "namespace.likely_rename" then
        return d
      end
    end
  end

  local function titles(...)
    return 'cfkv.project { name = "p" }\nfor _, t in ipairs { "' .. table.concat({ ... }, '", "') ..
      '" } do cfkv.namespace { title = t } end'
  end

  local function app(name, more)
    return ([[
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  for _, purpose in ipairs { "config", "session" } do
    cfkv.namespace { app = %q, purpose = purpose, env = env, binding = purpose:upper() %s}:put("k", "v")
  end
end
]]):format(name, more or "")
  end

  describe("is paired", function()
    it("where app changed, by purpose and environment, before the guards, in one paragraph", function()
      configure(app "shop")
      apply()
      configure(app "store")
      local r = plan()
      local told = "namespaces go and some like them are created without their keys; they look like renames: " ..
        "'shop-config-dev' -> 'store-config-dev', 'shop-config-prod' -> 'store-config-prod', " ..
        "'shop-session-dev' -> 'store-session-dev' and 1 more\n  hint: to keep the keys, declare the new one with " ..
        "renamed_from = 'shop/config/dev', or run cfkv state mv --local 'shop/config/dev' 'store/config/dev', " ..
        "and so on\n"
      local err = r.told()
      local at = err:find(told, 1, true)
      assert.truthy(at, err)
      assert.is_true(at < err:find("--allow-data-loss", 1, true))
      assert.is_true(at < err:find("--allow-mass-delete", 1, true))
    end)

    it("where the title of the only one changed altogether", function()
      configure(titles "main")
      apply()
      configure(titles "primary")
      assert.equal("a namespace goes and one like it is created without its keys; it looks like a rename: " ..
        "'main' -> 'primary'", note().message)
    end)

    it("where a title was mended", function()
      configure(titles("sesions", "x"))
      apply()
      configure(titles("sessions", "y"))
      assert.matches(": 'sesions' %-> 'sessions'$", note().message)
    end)

    it("where the naming of namespaces without environments changed", function()
      local text = 'cfkv.project { name = "p", naming = "%s" }\nfor _, purpose in ipairs { "a", "b" } do\n' ..
        'cfkv.namespace { app = "shop", purpose = purpose } end'
      configure(text:format "{app}-{purpose}")
      apply()
      configure(text:format "kv-{app}-{purpose}")
      assert.matches("'shop%-a' %-> 'kv%-shop%-a', 'shop%-b' %-> 'kv%-shop%-b'$", note().message)
    end)
  end)

  it("keeps its keys by either way of the hint", function()
    configure(app "shop")
    apply()
    configure(app("store", ', renamed_from = "shop/" .. purpose .. "/" .. env '))
    assert.is_nil(note())
    assert.equal(4, plan("--json").json().summary.rename)
    configure(app "store")
    for _, env in ipairs { "dev", "prod" } do
      for _, purpose in ipairs { "config", "session" } do
        local at = "/" .. purpose .. "/" .. env
        assert.equal(0, p:run("state", "mv", "--local", "shop" .. at, "store" .. at).code)
      end
    end
    assert.is_nil(note())
    apply()
    assert.equal("v", p:run("kv", "key", "get", "k", "--namespace", "store-config-prod", "--local").out)
  end)

  describe("is not paired", function()
    it("where one environment goes and another comes", function()
      local text = 'cfkv.project { name = "p", ephemeral = { match = "pr-*" } }\n' ..
        'for _, purpose in ipairs { "a", "b" } do cfkv.namespace { app = "x", purpose = purpose, env = "%s" } end'
      configure(text:format "pr-1")
      apply()
      configure(text:format "pr-2")
      assert.is_nil(note())
    end)

    it("where nothing is like it", function()
      configure(titles("alpha", "beta"))
      apply()
      configure(titles("users", "x"))
      assert.is_nil(note())
    end)

    it("where nothing is created, or all is destroyed", function()
      configure(app "shop")
      apply()
      configure 'cfkv.project { name = "shop" }'
      assert.is_nil(note())
      configure(app "store")
      assert.is_nil(p:run("destroy", "--local", "--yes").err:find("renames", 1, true))
    end)
  end)
end)
