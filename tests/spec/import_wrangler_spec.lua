-- Wrangler configs as the importer's reader tells of them: those of tests/import/wrangler and all of
-- tests/wrangler/corpus. The golden file is made by GOLDEN=write.
local golden = require "support.golden"
local project = require "support.project"
local reader = require "support.reader"


describe("import: wrangler configs", function()
  it("are read in each shape, and what cannot be kept in step is told", function()
    local parts = {}
    for i, view in ipairs(reader.configs "tests/import/wrangler") do
      parts[i] = ("== %s\n%s"):format(view.file, view.refused and "refused  " .. view.refused .. "\n"
        or reader.of("wrangler", view))
    end
    golden.check("import_wrangler", table.concat(parts, "\n"))
  end)

  it("tell of each binding once: where it is, or why it stays", function()
    local all = reader.configs "tests/wrangler/corpus"
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

  -- What is no config any more is refused in C; what still is one may say anything anywhere.
  it("may be damaged anywhere", function()
    math.randomseed(16)
    local p, read = project.new(), 0
    for i, view in ipairs(reader.configs "tests/wrangler/corpus") do
      local text = project.slurp("tests/wrangler/corpus/" .. view.file)
      for round = 1, 4 do
        local at, length = math.random(#text + 1), math.random(0, 8)
        local from = math.random(#text + 1)
        p:write(("%d-%d-%s"):format(i, round, view.file), text:sub(1, at - 1) .. text:sub(from, from + 8)
          .. text:sub(at + length))
      end
    end
    for _, view in ipairs(reader.configs(p.dir)) do
      read = read + (view.config and 1 or 0)
      local ok, why = pcall(reader.tell, "wrangler", view.config and view or { documents = {} })
      assert.is_true(ok, view.file .. ": " .. tostring(why))
    end
    assert.is_true(read > 100)
    p:remove()
  end)
end)
