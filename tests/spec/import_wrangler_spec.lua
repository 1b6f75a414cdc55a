-- Wrangler configs as the importer's reader tells of them: those of tests/import/wrangler and all of
-- tests/wrangler/corpus. The golden file is made by GOLDEN=write.
local cjson = require "cjson"
local golden = require "support.golden"
local project = require "support.project"
local reader = require "support.reader"

local HELPER = project.program:match "^(.*)/" .. "/support/config_view"


-- The views of all configs of a folder.
local function configs(folder)
  local list = {}
  for line in io.popen(("cd %s && %s *.toml *.json *.jsonc"):format(folder, HELPER)):lines() do
    local view = cjson.decode(line)
    view.config = view.config and reader.view(view.config)
    list[#list + 1] = view
  end
  return list
end


describe("import: wrangler configs", function()
  it("are read in each shape, and what cannot be kept in step is told", function()
    local parts = {}
    for i, view in ipairs(configs "tests/import/wrangler") do
      parts[i] = ("== %s\n%s"):format(view.file, view.refused and "refused  " .. view.refused .. "\n"
        or reader.of("wrangler", view))
    end
    golden.check("import_wrangler", table.concat(parts, "\n"))
  end)

  it("tell of each binding once: where it is, or why it stays", function()
    local all = configs "tests/wrangler/corpus"
    assert.is_true(#all > 100)
    for _, view in ipairs(all) do
      local told = 0
      for _, one in ipairs(view.config and reader.tell("wrangler", view) or {}) do
        local stays = one[1] == "warn" and (one[2].code == "import.binding"
          or one[2].code == "import.placeholder" and one[2].message:find "too long")
        told = told + ((one[1] == "binding" or stays) and 1 or 0)
      end
      assert.equal(view.config and #view.config.bindings or 0, told, view.file)
    end
  end)
end)
