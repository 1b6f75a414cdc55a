-- TOML 1.1 in a config: what the wrangler beside it makes of that.
local project = require "support.project"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "one", binding = "CACHE" }
cfkv.wrangler { path = "wrangler.toml" }
]]
local TOML = 'name = "shop"\nmain = "src/index.js"\ncompatibility_date = "2026-01-01"\n'
local PACKAGE = "node_modules/wrangler/package.json"

describe("TOML 1.1 in a wrangler.toml", function()
  local p

  after_each(project.cleanup)

  local function start(lines, version)
    p = project.quick {
      ["kv.lua"] = CONFIG,
      ["wrangler.toml"] = TOML .. lines,
      [PACKAGE] = version and ('{"name":"wrangler","version":"%s"}'):format(version),
    }
  end

  local LINES = 'kv_namespaces = [{\n  binding = "OTHER",\n  id = "local"\n}]\n'
  local SAYS = "'wrangler.toml' has an inline table over several lines (line 4), which is TOML 1.1: "

  it("is a warning where no wrangler is installed", function()
    start(LINES)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    local r = p:run("wrangler", "--local", "--check")
    assert.equal(0, r.code, r.err)
    assert.matches("kv.lua:4: warning: " .. SAYS .. "wrangler before 4.137.0 refuses the file", r.err, 1, true)
    assert.matches("hint: write it on one line", r.err, 1, true)
  end)

  it("is an error where an older one is", function()
    for _, version in ipairs { "4.86.0", "4.136.9", "3.114.15" } do
      start(LINES, version)
      for code, command in pairs { [3] = { "validate" }, [1] = { "wrangler", "--local", "--check" } } do
        local r = p:run(table.unpack(command))
        assert.equal(code, r.code, r.err)
        assert.matches("error: " .. SAYS .. "the installed wrangler '" .. version .. "' refuses the file", r.err, 1,
          true)
        assert.matches("hint: write it on one line; or install wrangler 4.137.0", r.err, 1, true)
      end
      assert.equal(TOML .. LINES, p:read "wrangler.toml")
    end
  end)

  it("is nothing where one is that reads it, and TOML 1.0 is nothing anywhere", function()
    local taken = { [LINES] = "4.137.0", ['vars = { A = "\\e" }\n'] = "5.0.0", ["a = 07:32:00\n"] = "4.1.0" }
    for lines, version in pairs(taken) do
      start(lines, version)
      local r = p:run("apply", "--local", "--yes")
      assert.equal(0, r.code, r.err)
      assert.is_nil(r.err:find("TOML 1.1", 1, true), r.err)
    end
  end)
end)
