-- Manifests of Planton, as its reader tells of them: each of tests/import/planton, of all generations, and
-- what they say when something of them is broken. The golden file is made by GOLDEN=write.
local golden = require "support.golden"
local reader = require "support.reader"

local FOLDER = "tests/import/planton/"


local function slurp(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read "a"
  f:close()
  return text
end


local function manifests()
  local list = {}
  for name in io.popen("ls " .. FOLDER):lines() do
    list[#list + 1] = { name = name, view = reader.yaml(slurp(FOLDER .. name), name) }
  end
  return list
end


describe("import: manifests of Planton", function()
  it("are read in each generation, with all that is wrong with them", function()
    local parts = {}
    for i, manifest in ipairs(manifests()) do
      parts[i] = ("== %s\n%s"):format(manifest.name, reader.of("planton", manifest.view))
    end
    golden.check("import_planton", table.concat(parts, "\n"))
  end)

  it("may hold anything anywhere", function()
    math.randomseed(16)
    local all = manifests()
    for round = 1, 4000 do
      local manifest = all[round % #all + 1]
      local documents = {}
      for i, document in ipairs(manifest.view.documents) do
        documents[i] = { line = document.line, number = i, skipped = 0,
          value = reader.mutate(math.random, document.value, 8) }
      end
      local ok, why = pcall(reader.tell, "planton", { file = manifest.name, syntax = "yaml", documents = documents })
      assert.is_true(ok, why)
    end
  end)
end)
