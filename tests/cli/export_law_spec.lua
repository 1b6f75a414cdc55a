-- The law of exports, on some configurations (tests/fault has more), and with ids.
local cjson = require "cjson"
local emulator = require "support.emulator"
local law = require "support.export_law"
local project = require "support.project"

local CASES = law.cases({ "examples/account", "examples/matrix", "tests/golden/accounts", "tests/golden/previews",
  "tests/golden/puts" }, 2)
CASES[#CASES + 1] = { name = "what must exist already", files = { ["kv.lua"] = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop", account_id = ("a1"):rep(16) }
cfkv.namespace { title = "theirs", id = ("1"):rep(32), create = false, protect = true, owner = "platform" }
]] } }


-- Title → id.
local function ids(state)
  local found = {}
  for _, account in pairs(cjson.decode(state).accounts) do
    for _, ns in pairs(account.namespaces) do
      found[ns.title] = ns.id
    end
  end
  return found
end


describe("an export to", function()
  after_each(emulator.cleanup_all)

  for _, format in ipairs(law.formats()) do
    it(format .. " and its import is the same", function()
      for _, case in ipairs(CASES) do
        local ok, why = pcall(law.check, case, format)
        assert.is_true(ok, case.name .. ": " .. tostring(why))
      end
    end)

    it(format .. " has the ids: imported, the plan is empty", function()
      local p, e = emulator.quick()
      p:write("kv.lua", law.generated(7):gsub(law.OTHER, law.ACCOUNT):gsub(law.ACCOUNT, emulator.ACCOUNT))
      project.ok(e:run(p, "apply", "--yes"))
      local q, words = law.moved(p, format)
      project.ok(e:run(q, "import", table.unpack(words)))
      local r = e:run(q, "plan", "--detailed-exitcode")
      assert.equal(0, r.code, r.out .. r.err)
      assert.same(ids(p:read "kv.state.json"), ids(q:read "kv.state.json"))
    end)
  end
end)
