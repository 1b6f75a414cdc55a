--- A log of GitHub Actions, and whoever may read what CI prints: nothing that came from outside is a
--- command there, and what is wrong is an annotation.
local emulator = require "support.emulator"
local project = require "support.project"
local runner = require "support.runner"

local HOSTILE = { "::add-mask::x", "  ::error::x", "##[group]x", "a##[error]b", ":::stop-commands::x",
  "::stop-commands::x", "\u{a0}::warning::x", "x\n::set-output name=a::b", "x\r::error::y" }
local ACTIONS = { GITHUB_ACTIONS = "true", CI = "true" }

describe("a log of GitHub Actions", function()
  local p

  before_each(function() p = project.quick() end)
  after_each(emulator.cleanup_all)

  -- A configuration with hostile names and values wherever they may be.
  local function declare(value)
    local lines = { [[local cfkv = require "cfkv"
cfkv.project { name = "p" }]] }
    for i, text in ipairs(HOSTILE) do
      local name = text:gsub("[\r\n]", " ")
      lines[#lines + 1] = ([[
do
  local ns = cfkv.namespace { title = %q, description = %q, binding = "B%d" }
  ns:put(%q, %q, { metadata = { m = %q } })
  cfkv.output("o%d", %q)
  print(%q)
end]]):format(name, text, i, text, text .. value, text .. value, i, text .. value, text)
    end
    p:write("kv.lua", table.concat(lines, "\n"))
  end

  -- Every way of reading two streams at once, each in its own order: some of them.
  local function assert_no_command(r)
    local out, err = runner.lines(r.out), runner.lines(r.err)
    for seed = 1, 50 do
      math.randomseed(seed)
      local lines, i, j = {}, 1, 1
      while i <= #out or j <= #err do
        if j > #err or (i <= #out and math.random() < (seed % 5 + 1) / 7) then
          lines[#lines + 1] = out[i]
          i = i + 1
        else
          lines[#lines + 1] = err[j]
          j = j + 1
        end
      end
      for _, found in ipairs(runner.of_lines(lines)) do -- but our own annotations
        assert.matches("^cfkv: ", found.properties.title or "", nil, nil, found.name .. ": " .. found.data)
      end
    end
    return r
  end

  local function run(...)
    local words = { ... }
    words[#words + 1] = { env = ACTIONS }
    return p:run(table.unpack(words))
  end

  it("has no command of titles, keys, values, outputs and what a configuration prints", function()
    declare "1"
    assert_no_command(run "validate")
    assert_no_command(run("plan", "--local"))
    assert.equal(0, assert_no_command(run("apply", "--local", "--yes", "--verbose")).code)
    declare "2"
    assert_no_command(run("plan", "--local", "--verbose"))
    assert_no_command(run("drift", "--local"))
    assert_no_command(run("audit", "--local"))
    assert_no_command(run("destroy", "--local")) -- there is nobody to ask
    assert_no_command(run("apply", "--local", "--yes", "--json"))
    assert_no_command(run("destroy", "--local", "--yes"))
  end)

  it("has text for people between the commands that stop commands", function()
    p:write("kv.lua", 'require "cfkv".namespace { title = "a" }')
    for _, words in ipairs { { "validate" }, { "plan", "--local" }, { "drift", "--local" },
      { "apply", "--local", "--yes" }, { "destroy", "--local", "--yes" } } do
      local r = run(table.unpack(words))
      local token, rest = r.out:match "^::stop%-commands::(%x+)\n(.*)$"
      assert.equal(32, #token, r.out)
      assert.truthy(rest:find("\n::" .. token .. "::\n$"), r.out)
      assert.is_nil(run(table.unpack(words)).out:find(token, 1, true))
    end
  end)

  it("is anybody's elsewhere", function()
    p:write("kv.lua", 'require "cfkv".namespace { title = "::error::x" }')
    for _, env in ipairs { {}, { GITHUB_ACTIONS = "" }, { GITHUB_ACTIONS = "false" } } do
      local r = p:run("plan", "--local", { env = env })
      assert.is_nil(r.out:find "stop%-commands")
      assert.truthy(r.out:find("\n::error::x\n", 1, true))
    end
  end)

  it("has annotations of what is wrong, unasked", function()
    p:write("kv.lua", [[
local cfkv = require "cfkv"
cfkv.namespace { title = "a" }
cfkv.namespace { title = "a" }
cfkv.namespace { titel = "b,c" }
]])
    local found = runner.commands(run("validate").out)
    assert.equal("error", found[1].name)
    assert.equal("kv.lua", found[1].properties.file)
    assert.truthy(found[1].properties.line)
    assert.matches("titel", found[1].data .. found[2].data)
    assert.is_nil(p:run("validate").out:find("::", 1, true))
  end)

  it("has them of what a guard refuses, and of a failure", function()
    p:write("kv.lua", 'local cfkv = require "cfkv" cfkv.namespace { title = "a" }:put("k", "v")')
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    p:write("kv.lua", 'require "cfkv"')
    local found = runner.commands(run("plan", "--local").out)
    assert.matches("^refused: .*\nhint: ", found[1].data)
    found = runner.commands(run("plan").out .. run("plan", "--local", "-f", "none.lua").out)
    assert.matches("none.lua", found[1].data)
  end)

  it("names files from the workspace", function()
    p:write("infra/kv.lua", 'require "cfkv".namespace {}')
    local r = p:run("validate", { cwd = "infra", env = { GITHUB_ACTIONS = "true", GITHUB_WORKSPACE = p.dir } })
    assert.equal("infra/kv.lua", runner.commands(r.out)[1].properties.file)
  end)

  it("is not in documents and data", function()
    declare "1"
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    for _, words in ipairs { { "validate", "--json" }, { "plan", "--local", "--json" }, { "eval" },
      { "output", "--local", "--format", "json" }, { "drift", "--local", "--json" }, { "audit", "--local", "--json" },
      { "kv", "key", "list", "--namespace-id", "", "--local", "--json" } } do
      if words[1] == "kv" then
        words[5] = p:run("state", "list", "--local", "--json").json().namespaces[3].id
      end
      local here, there = p:run(table.unpack(words)), run(table.unpack(words))
      assert.is_nil(there.out:find("##[", 1, true), words[1])
      assert.same(here.json(), there.json())
      assert.same({}, runner.commands(there.out))
    end
  end)

  it("gives raw values as they are", function()
    p:write("kv.lua", [[local cfkv = require "cfkv"
      cfkv.namespace { title = "a" }:put("k", "::error::##[x]") cfkv.output("o", "::error::##[x]")]])
    assert.equal(0, run("apply", "--local", "--yes").code)
    assert.equal("::error::##[x]", run("kv", "key", "get", "k", "--namespace", "a", "--local").out)
    assert.equal("::error::##[x]\n", run("output", "o", "--local").out)
    assert.equal("o='::error::##[x]'\n", (run("output", "--local", "--format", "env").out:gsub("^O", "o")))
  end)
end)

describe("the formats of validate", function()
  local p

  before_each(function() p = project.quick { ["kv.lua"] = 'require "cfkv".namespace { title = 5 }' } end)
  after_each(project.cleanup)

  it("say that a configuration is valid", function()
    p:write("kv.lua", 'require "cfkv".namespace { title = "a" }')
    assert.equal("### cfkv validate: kv.lua\n\n**valid**\n", p:run("validate", "--format", "markdown").out)
    assert.equal("[]\n", p:run("validate", "--format", "gitlab").out)
    assert.equal("kv.lua: 1 namespace, 0 keys: valid\n", p:run("validate", "--format", "text").out)
    assert.equal(p:run("validate", "--json").out, p:run("validate", "--format", "json").out)
  end)

  it("list what is wrong", function()
    local r = p:run("validate", "--format", "markdown")
    assert.equal(3, r.code)
    assert.matches("^### cfkv validate: kv.lua\n\n%*%*not valid%*%*\n\n%- %*%*error%*%* kv.lua:1: ", r.out)
    assert.equal("kv.lua", p:run("validate", "--format", "gitlab").json()[1].location.path)
    assert.equal("kv.lua", runner.commands(p:run("validate", "--format", "github").out)[1].properties.file)
  end)

  it("are documents of a failure too", function()
    local r = p:run("validate", "-f", "none.lua", "--format", "markdown")
    assert.equal(1, r.code)
    assert.matches("^### cfkv validate: none.lua\n\n%*%*failed%*%*\n\n%- %*%*error%*%*: .*none.lua", r.out)
  end)

  it("append to the step summary, and to nothing else", function()
    p:write("summary.md", "before\n")
    local env = { GITHUB_STEP_SUMMARY = p:path "summary.md" }
    p:run("validate", "--format", "github", { env = env })
    assert.matches("^before\n### cfkv validate: kv.lua\n\n%*%*not valid%*%*\n", p:read "summary.md")
    local before = p:read "summary.md"
    p:run("validate", "--format", "markdown", { env = env })
    p:run("validate", { env = { GITHUB_STEP_SUMMARY = env.GITHUB_STEP_SUMMARY, GITHUB_ACTIONS = "true" } })
    assert.equal(before, p:read "summary.md")
  end)

  it("leave a step summary that is full as it is", function()
    p:write("summary.md", ("x"):rep(1024 * 1024 - 100))
    local r = p:run("validate", "--format", "github", { env = { GITHUB_STEP_SUMMARY = p:path "summary.md" } })
    assert.equal(1024 * 1024 - 100, #p:read "summary.md")
    assert.matches("the step summary is full", r.err)
    r = p:run("validate", "--format", "github", { env = { GITHUB_STEP_SUMMARY = p:path "no/such" } })
    assert.matches("GITHUB_STEP_SUMMARY names no file", r.err)
    assert.equal(3, r.code)
  end)

  it("are few, and one at a time", function()
    local r = p:run("validate", "--format", "html")
    assert.equal(64, r.code)
    assert.matches("%-%-format needs text|json|markdown|github|gitlab, not 'html'", r.err)
    r = p:run("validate", "--json", "--format", "markdown")
    assert.equal(64, r.code)
    assert.matches("%-%-json and %-%-format markdown contradict each other", r.err)
  end)
end)
