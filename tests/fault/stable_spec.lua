-- The same input gives the same bytes, every time and everywhere.
local project = require "support.project"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", naming = "{app}-{purpose}-{env}" }
local purposes = {}
for i = 1, 30 do
  purposes["p" .. i * 7919 % 1000] = { ttl_seconds = i * 60, note = { deep = { i, tostring(i) }, z = 1, a = 2 } }
end
for purpose, p in pairs(purposes) do
  local ns = cfkv.namespace { app = "shop", purpose = purpose, env = "dev", ttl_seconds = p.ttl_seconds }
  for k, v in pairs { x = p.note, [1] = "one", y = p, z = "z" } do
    ns:put("k/" .. tostring(k), v)
  end
  cfkv.output(purpose, { id = purpose, note = p.note })
end
]]

describe("six evaluations in a row", function()
  after_each(project.cleanup)


  -- Runs it six times, each with another environment, and gives the one output.
  local function same_bytes(p, ...)
    local first
    for i = 1, 6 do
      local words = { ... }
      words[#words + 1] = {
        env = { CFKV_NOW = "1800000000", NOISE = ("x"):rep(i * 100), LANG = i % 2 == 0 and "C" or "C.UTF-8" },
      }
      local r = p:run(table.unpack(words))
      assert.equal(0, r.code, r.err)
      first = first or r.out
      assert.equal(first, r.out)
    end
    return first
  end


  for _, command in ipairs { "eval", "plan --local --json", "plan --local" } do
    it("print the same bytes for " .. command, function()
      local p = project.new { ["kv.lua"] = CONFIG }
      local words = {}
      for word in command:gmatch "%S+" do
        words[#words + 1] = word
      end
      local before = same_bytes(p, table.unpack(words))
      assert.equal(0, p:run("apply", "--local", "--yes", { env = { CFKV_NOW = "1800000000" } }).code)
      local after = same_bytes(p, table.unpack(words))
      assert.is_true(command == "eval" or before ~= after)
    end)
  end

  it("print the same bytes in another folder", function()
    local outs = {}
    for i = 1, 2 do
      outs[i] = same_bytes(project.new { ["kv.lua"] = CONFIG }, "plan", "--local", "--json")
    end
    assert.equal(outs[1], outs[2])
  end)

  it("print the same plan for the quickstart", function()
    local p = project.new()
    p:copy "examples/quickstart"
    same_bytes(p, "plan", "--local", "--json")
  end)
end)

describe("a second apply", function()
  after_each(project.cleanup)

  it("changes no byte on the disk", function()
    local p = project.new()
    p:copy "examples/quickstart"
    p:sh "rm -rf .wrangler .cfkv"
    assert.equal(0, p:run("apply", "--local", "--yes").code)


    local function digest()
      return p:sh([[
        find . -type f ! -name '*.lock' ! -name '*-shm' ! -name '*-wal' \
          -printf '%p %i %T@ ' -exec sha256sum {} + | sort
      ]]).out
    end


    local before = digest()
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    assert.equal(before, digest())
  end)
end)
