--- Manifests of Crossplane and of operators, from the file to what is collected of them: each of
--- tests/import/crossplane through the program's own readers. The golden file is made by GOLDEN=write.
local cjson = require "cjson"
local golden = require "support.golden"
local project = require "support.project"
local reader = require "support.reader"
local views = require "support.views"

local FOLDER = "tests/import/crossplane/"
local HELPER = project.program:match "^(.*)/" .. "/support/foreign_view"


local function view_of(name)
  local pipe = assert(io.popen(("cd %s && %s %s 2>&1"):format(FOLDER, project.quote(HELPER), name)))
  local out = pipe:read "a"
  assert(pipe:close(), out)
  return out
end


local function names()
  local list = {}
  for name in io.popen("ls " .. FOLDER):lines() do
    list[#list + 1] = name
  end
  return list
end


describe("import: manifests of Crossplane and operators", function()
  it("are read of each group, with all that is wrong with them", function()
    local parts = {}
    for i, name in ipairs(names()) do
      local view = reader.view(cjson.decode(view_of(name)))
      parts[i] = ("== %s, %d documents left out\n%s"):format(name, view.skipped, reader.of("crossplane", view))
    end
    assert.is_true(#parts >= 12)
    golden.check("import_crossplane", table.concat(parts, "\n"))
  end)

  it("come to namespaces and keys", function()
    local all = cjson.decode(views.call("import", {
      { "input", cjson.decode(view_of "upjet-cluster.yaml") }, { "input", cjson.decode(view_of "helm.yaml") },
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
    local all = {}
    for i, name in ipairs(names()) do
      all[i] = reader.view(cjson.decode(view_of(name)))
    end
    for round = 1, 1500 do
      local documents = {}
      for i, document in ipairs(all[round % #all + 1].documents) do
        documents[i] = { line = document.line, number = i, skipped = 0,
          value = reader.mutate(math.random, document.value, 8) }
      end
      local ok, why = pcall(reader.tell, "crossplane", { file = "x", syntax = "yaml", documents = documents })
      assert.is_true(ok, why)
    end
  end)
end)
