--- How a plan is shown: formats, what others may read, and what to type next.
local emulator = require "support.emulator"
local project = require "support.project"
local runner = require "support.runner"

describe("the formats of plan", function()
  local p

  before_each(function()
    p = project.quick { ["kv.lua"] = [[
local cfkv = require "cfkv"
for _, env in ipairs { "dev", "prod" } do
  cfkv.namespace { app = "shop", purpose = "config", env = env }:put("flags", { limit = 17 })
end
]] }
  end)
  after_each(emulator.cleanup_all)

  local function plan(...)
    return p:run("plan", "--local", ...)
  end

  local function apply()
    assert.equal(0, p:run("apply", "--local", "--yes").code)
  end

  it("are text, JSON, a comment, annotations and a report", function()
    assert.equal(plan().out, plan("--format", "text").out)
    assert.equal(plan("--json").out, plan("--format", "json").out)
    assert.matches("^### cfkv plan: the local store\n", plan("--format", "markdown").out)
    assert.equal('{"create":4,"delete":0,"update":0}\n', plan("--format", "gitlab").out)
    assert.same({ 64, "" }, { plan("--format", "xml").code, plan("--format", "xml").out })
    assert.matches("needs text|json|markdown|github|gitlab, not 'xml'", plan("--format", "xml").err)
  end)

  it("put the markdown into the step summary", function()
    p:write("summary.md", "")
    local env = { GITHUB_STEP_SUMMARY = p:path "summary.md" }
    local r = p:run("plan", "--local", "--format", "github", { env = env })
    assert.equal(0, r.code, r.err)
    assert.matches("\nPlan: 2 namespaces to create, 2 keys to put.\n", r.out)
    assert.equal(plan("--format", "markdown").out, p:read "summary.md")
    assert.same({}, runner.commands(r.out))
  end)

  it("can be a line an environment", function()
    assert.matches("\ndev: 1 namespace to create, 1 key to put\nprod: 1 namespace to create, 1 key to put\nPlan: ",
      plan("--summary").out)
    local markdown = plan("--summary", "--format", "markdown").out
    assert.truthy(markdown:find("| dev | 1 | 1 | 0 |", 1, true))
    assert.is_nil(markdown:find("<details>", 1, true))
  end)

  describe("that others may read", function()
    local function overwritten(...)
      return plan("--only", "*dev", ...).out
    end

    before_each(function()
      apply()
      for _, env in ipairs { "dev", "prod" } do
        p:run("kv", "key", "put", "flags", '{"limit":17,"of":"a colleague"}', "--namespace", "shop-config-" .. env,
          "--local")
      end
    end)

    it("show what cfkv did not write by size and hash", function()
      local inside = { env = { CI = "true" } }
      assert.truthy(overwritten():find('- of: "a colleague"', 1, true))
      for _, out in ipairs { overwritten(inside), overwritten("--format", "markdown"),
        overwritten("--format", "github"), overwritten { env = { GITHUB_ACTIONS = "true" } } } do
        assert.is_nil(out:find("colleague", 1, true))
        assert.matches("%(value%): 31 bytes, sha256 %x+\n", out)
      end
    end)

    it("show it when that is asked for, and where CI is false", function()
      for _, out in ipairs { overwritten("--show-values", { env = { CI = "true" } }),
        overwritten("--show-values", "--format", "markdown"), overwritten { env = { CI = "false" } } } do
        assert.truthy(out:find('of: "a colleague"', 1, true), out)
      end
    end)

    it("show what cfkv wrote", function()
      for _, env in ipairs { "dev", "prod" } do
        p:run("kv", "key", "put", "flags", '{"limit":17}', "--namespace", "shop-config-" .. env, "--local")
      end
      p:write("kv.lua", (p:read("kv.lua"):gsub("17", "18")))
      assert.truthy(overwritten("--format", "markdown"):find("limit: 17 -> 18", 1, true))
    end)

    it("show no secret", function()
      p:write("kv.lua", [[
        local cfkv = require "cfkv"
        cfkv.namespace { app = "shop", purpose = "config", env = "dev" }:put("api_token", "hunter2hunter2hunter2")
        cfkv.namespace { app = "shop", purpose = "config", env = "prod" }]])
      for _, words in ipairs { {}, { "--format", "markdown" }, { "--json" }, { "--show-values", "--verbose" } } do
        assert.is_nil(overwritten(table.unpack(words)):find("hunter2", 1, true))
      end
    end)
  end)

  it("say how to apply what was saved", function()
    local function next_of(...)
      return plan(...).err:match "cfkv: the plan is saved; to apply it: ([^\n]*)"
    end
    assert.equal("cfkv apply --plan p.json --local", next_of("--out", "p.json"))
    assert.equal("cfkv apply --plan 'my plan' -f kv.lua --state s.json --local",
      next_of("kv.lua", "--out", "my plan", "--state", "s.json"))
    assert.equal("cfkv apply --plan p.json -C . --local", next_of("-C", ".", "--out", "p.json", "--json"))
    assert.is_nil(next_of())
    assert.is_nil(next_of("--out", "no/such/p.json"))
    assert.equal(0, p:sh("cfkv plan --local --out p.json 2>&1 | sed -n 's/.*to apply it: //p' >next; sh next; " ..
      "yes yes | sh -c \"$(cat next) --yes\"").code)
  end)

  it("tell times in UTC where there is no terminal", function()
    p:write("kv.lua", 'require "cfkv".namespace { title = "a" }:put("k", "v", { expiration = 2000000000 })')
    assert.matches("expires: in %d+ days %(2033%-05%-18 03:33 UTC%)", p:run("plan", "--local",
      { env = { TZ = "Asia/Tokyo" } }).out)
  end)

  it("wrap lists of names to the width that COLUMNS says", function()
    local lines = { 'local cfkv = require "cfkv"', 'for i = 1, 20 do cfkv.namespace { title = "namespace-" .. i } end' }
    p:write("kv.lua", table.concat(lines, "\n"))
    local r = p:run("plan", "--local", { env = { COLUMNS = "40" } })
    for line in r.out:gmatch "\n(    namespace[^\n]*)" do
      assert.is_true(#line <= 40, line)
    end
    assert.matches("\n    namespace%-1, namespace%-2,\n", r.out)
  end)
end)
