-- Manifests of Planton, as its reader tells of them: each of tests/import/planton, of all generations, and
-- what they say when something of them is broken. The golden file is made by GOLDEN=write.
local golden = require "support.golden"
local reader = require "support.reader"


local function manifests()
  local list = reader.folder "planton"
  for i, manifest in ipairs(list) do
    list[i] = reader.yaml(manifest.text, manifest.name)
  end
  return list
end


describe("import: manifests of Planton", function()
  it("are read in each generation, with all that is wrong with them", function()
    local parts = {}
    for i, view in ipairs(manifests()) do
      parts[i] = ("== %s\n%s"):format(view.file, reader.of("planton", view))
    end
    golden.check("import_planton", table.concat(parts, "\n"))
  end)

  it("may hold anything anywhere", function()
    math.randomseed(16)
    reader.damage("planton", manifests(), 4000, { 8 })
  end)
end)
