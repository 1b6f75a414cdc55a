-- The law of exports on all examples, golden configurations, and many that are made by chance.
local law = require "support.export_law"
local project = require "support.project"

local FOLDERS = { "examples/account", "examples/ci", "examples/matrix", "examples/monorepo", "examples/one-worker",
  "examples/per-developer", "examples/quickstart" }
for _, name in ipairs { "accounts", "bulk_inline", "ids", "one_namespace", "previews", "protected", "puts", "renamed",
  "titles", "wrangler_toml" } do
  FOLDERS[#FOLDERS + 1] = "tests/golden/" .. name
end


describe("an export to", function()
  after_each(project.cleanup)

  for _, format in ipairs(law.formats()) do
    for _, case in ipairs(law.cases(FOLDERS, 15)) do
      it(format .. " and its import is the same: " .. case.name, function()
        law.check(case, format)
      end)
    end
  end
end)
