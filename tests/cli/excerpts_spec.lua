-- The line that a problem is about, with a caret below, wherever a Lua file was evaluated.
local project = require "support.project"

local p

before_each(function()
  p = project.quick()
end)

after_each(function()
  p:remove()
end)


describe("a problem of a Lua file", function()
  local function told(expected, ...)
    local r = p:run(...)
    assert.not_equal(0, r.code, r.out)
    assert.truthy(r.err:find(expected, 1, true), r.err)
    return r
  end

  local CALL = [[
local cfkv = require "cfkv"
local ns = cfkv.namespace {
  title = "shop",
	bindin = "SHOP",
}
]]

  it("is shown in the line of the field, not of the call", function()
    p:write("kv.lua", CALL)
    told("kv.lua:4: error: unknown field 'bindin' in cfkv.namespace\n"
      .. '  4 | bindin = "SHOP",\n'
      .. "    | ^~~~~~\n"
      .. "  hint: did you mean 'binding'?\n", "validate")
  end)

  it("has its line and column in JSON", function()
    p:write("kv.lua", CALL)
    local d = p:run("validate", "--json").json().diagnostics[1]
    assert.same({ 4, 2 }, { d.line, d.column })
  end)

  it("is shown in the file that a require loaded", function()
    p:write("lib/ns.lua", 'local ns = require "cfkv".namespace {\n  title = "a",\n  id = "x" }')
    p:write("kv.lua", 'require "lib.ns"')
    told('  3 | id = "x" }\n    |      ^~~\n', "validate")
  end)

  it("is shown where it is a warning, and where a plan found it", function()
    p:write("wrangler.toml", 'name = "w"\n[[kv-namespaces]]\nbinding = "A"\n')
    p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.wrangler {\n  path = "wrangler.toml" }\n')
    for _, words in ipairs { { "validate" }, { "plan", "--local" }, { "wrangler", "--local", "--check" } } do
      local r = p:run(table.unpack(words))
      assert.truthy(r.err:find('  3 | path = "wrangler.toml" }\n    |        ^~~~~~~~~~~~~~~\n', 1, true), r.err)
    end
  end)

  it("is cut to the width of the terminal", function()
    p:write("kv.lua", 'require "cfkv".namespace { title = "' .. ("x"):rep(50) .. '", bad = 1 }')
    local r = p:run("validate", { env = { COLUMNS = "40" } })
    assert.truthy(r.err:find('\n  1 | …xxxxxxxxxxxxxxxxxxxx", bad = 1 }\n', 1, true), r.err)
    r = p:run("validate", { env = { COLUMNS = "20" } })
    assert.truthy(r.err:find("\n    |", 1, true), r.err)
  end)

  it("shows nothing more with --quiet", function()
    p:write("kv.lua", CALL)
    local r = p:run("validate", "--quiet")
    assert.truthy(r.err:find("unknown field", 1, true))
    assert.is_nil(r.err:find("|", 1, true), r.err)
  end)

  it("never shows what looks secret", function()
    p:write("kv.lua", [[
local cfkv = require "cfkv"
local ns = cfkv.namespace { title = "a", bad = cfkv.secret("hunter" .. "2"),
  owner = "ghp_abcdefghijklmnopqrstuvwxyz0123" }
ns:put("", "sk_live_abcdefghijklmnop") ns:put("api_key", "hunter3", { bad = 1 })
]])
    local r = told('secret("…" .. "…"),\n', "validate")
    for _, secret in ipairs { "hunter", "sk_live", "ghp_" } do
      assert.is_nil(r.err:find(secret, 1, true), r.err)
    end
  end)

  it("cannot play tricks on a terminal, nor on a runner", function()
    p:write("kv.lua", 'f { "\27[31m", \n::error::x }')
    local r = p:run("validate", { env = { GITHUB_ACTIONS = "true" } })
    assert.is_nil(r.err:find("\27", 1, true), r.err)
    assert.is_nil(("\n" .. r.err):find("\n%s*::"), r.err)
  end)
end)


describe("an error of a script", function()
  local function told(expected, script)
    p:write("seed.lua", script)
    local r = p:run("run", "seed.lua", "--local")
    assert.equal(1, r.code, r.out)
    assert.truthy(r.err:find(expected, 1, true), r.err)
  end

  it("is shown in its line", function()
    told("seed.lua:2: unknown name 'cfkv.key.putt'\n"
      .. '  2 | cfkv.key.putt("n", "k")\n'
      .. "    |          ^~~~\n"
      .. "  hint: did you mean 'cfkv.key.put'?\n"
      .. "  at seed.lua:2\n", 'local cfkv = require "cfkv"\ncfkv.key.putt("n", "k")')
  end)

  it("is shown where it did not compile, and in the file that it loads", function()
    told("  1 | x = = 1\n    |     ^\n", "x = = 1")
    p:write("lib.lua", "return function()\n  nothing.at.all()\nend")
    told("  2 | nothing.at.all()\n    | ^~~~~~~\n", 'require "lib"()')
  end)

  it("is shown whatever is loaded while it ends", function()
    for i = 1, 20 do
      p:write(("m%d.lua"):format(i), "return 1")
    end
    told("  3 | error 'here'\n    | ^\n", [[
local closing <close> = setmetatable({}, { __close = function() for i = 1, 20 do require("m" .. i) end end })
local x = 1
error 'here'
]])
  end)

  it("is not shown where it is words for a user, without a place", function()
    told("cfkv: give a file\n  at seed.lua:1\n", 'error("give a file", 0)')
  end)
end)
