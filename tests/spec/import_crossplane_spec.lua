--- Manifests of Crossplane and of operators, from the file to what is collected of them: each of
--- tests/import/crossplane through the program's own readers. The golden file is made by GOLDEN=write.
local cjson = require "cjson"
local golden = require "support.golden"
local reader = require "support.reader"
local views = require "support.views"

local FOLDER = "tests/import/crossplane/"


-- As the program itself sees them.
local function manifests()
  local list = reader.folder "crossplane"
  for i, manifest in ipairs(list) do
    list[i] = reader.view(reader.seen(FOLDER, manifest.name))
  end
  return list
end


describe("import: manifests of Crossplane and operators", function()
  it("are read of each group, with all that is wrong with them", function()
    local parts = {}
    for i, view in ipairs(manifests()) do
      parts[i] = ("== %s, %d documents left out\n%s"):format(view.file, view.skipped, reader.of("crossplane", view))
    end
    assert.is_true(#parts >= 12)
    golden.check("import_crossplane", table.concat(parts, "\n"))
  end)

  it("come to namespaces and keys", function()
    local all = cjson.decode(views.call("import", {
      { "input", reader.seen(FOLDER, "upjet-cluster.yaml") }, { "input", reader.seen(FOLDER, "helm.yaml") },
      { "inventory", {} } }))
    local found = {}
    for i, ns in ipairs(all.namespaces) do
      found[i] = ("%s %s %d"):format(ns.title, ns.id or "-", #ns.keys)
    end
    assert.same({ "edge-cache-staging - 0", "shop-cache-prod 0f2ac74b498b48028cb68387c421e279 1",
      "shop-config-prod - 1" }, found)
    assert.same({}, all.problems)
  end)

  it("may hold anything anywhere", function()
    math.randomseed(16)
    reader.damage("crossplane", manifests(), 1500, { 8 })
  end)
end)
