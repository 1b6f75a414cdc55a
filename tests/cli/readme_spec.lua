-- Every shell example of the README is run, in order, in one project that holds its Lua examples.
local project = require "support.project"

local function blocks(language)
  local f = assert(io.open "README.md")
  local text = f:read "a"
  f:close()
  local list = {}
  for body in text:gmatch("\n```" .. language .. "\n(.-)\n```") do
    list[#list + 1] = body
  end
  return list
end

describe("the README", function()
  after_each(project.cleanup)

  it("has a configuration, a config of an app and a script in Lua, and its commands work on them", function()
    local lua = blocks "lua"
    assert.equal(3, #lua)
    local p = project.new {
      ["kv.lua"] = lua[1],
      ["seed.lua"] = lua[3],
      ["app.lua"] = [[
local cfkv = require "cfkv"
cfkv.namespace { app = "api", purpose = "config", env = "prod", binding = "CONFIG" }
]] .. lua[2],
    }
    local app = p:run("plan", "--local", "app.lua")
    assert.equal(0, app.code, app.err)
    assert.matches("+ production CFG  id", app.out, 1, true)
    local ran = 0
    for _, block in ipairs(blocks "sh") do
      if not block:find "^make" then
        local r = p:sh("set -eo pipefail; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" .. block)
        assert.equal(0, r.code, block .. "\n" .. r.out .. r.err)
        if block:find "cfkv serve" then
          assert.truthy(r.out:find('"title": "shop-config-dev"', 1, true), r.out)
        end
        ran = ran + 1
      end
    end
    assert.equal(8, ran)
  end)

  it("names only make targets that there are", function()
    for target in table.concat(blocks "sh", "\n"):gmatch "make (%l+)" do
      assert.is_true(os.execute("make -n " .. target .. " >/dev/null 2>&1"), target)
    end
  end)

  it("lists the commands and exit codes that the help lists", function()
    local f = assert(io.open "README.md")
    local text = f:read "a"
    f:close()
    local p = project.new()
    local help = p:run("help").out
    for line in help:gmatch "[^\n]+" do
      local name, code = line:match "^  (%l+)", line:match "^  (%d+) "
      local family, verb = line:match "^  (kv %l+) (%l+)"
      assert.is_true(not name or text:find("`" .. name .. "[` ]") ~= nil, line)
      assert.is_true(not verb or text:match("| `" .. family .. "[^|]*`" .. verb .. "`") ~= nil
        or text:find("`" .. family .. " " .. verb .. "`", 1, true) ~= nil, line)
      assert.is_true(not code or text:find("\n| " .. code .. " |", 1, true) ~= nil, line)
    end
  end)
end)
