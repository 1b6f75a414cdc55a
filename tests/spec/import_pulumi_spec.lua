-- What Pulumi and SST write, as its reader tells of it: each of tests/import/pulumi, stacks and checkpoints of
-- the same shapes, and what they say when something of them is broken. Made by GOLDEN=write.
local golden = require "support.golden"
local reader = require "support.reader"

local FOLDER = "tests/import/pulumi/"


local function slurp(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read "a"
  f:close()
  return text
end


local function files()
  local list = {}
  for name in io.popen("LC_ALL=C ls " .. FOLDER):lines() do
    local parse = name:find "%.json$" and reader.json or reader.yaml
    list[#list + 1] = { name = name, view = parse(slurp(FOLDER .. name), name) }
  end
  return list
end


describe("import: what Pulumi writes", function()
  it("is read in each shape, with all that is wrong with it", function()
    local parts, count = {}, { stack = 0, checkpoint = 0 }
    for i, file in ipairs(files()) do
      local shape = file.name:match "^%a+"
      count[shape] = (count[shape] or 0) + 1
      parts[i] = ("== %s\n%s"):format(file.name, reader.of("pulumi", file.view))
    end
    assert.is_true(count.stack >= 12 and count.checkpoint >= 12)
    golden.check("import_pulumi", table.concat(parts, "\n"))
  end)

  it("is the same in a stack and in its checkpoint", function()
    local of = {}
    for _, file in ipairs(files()) do
      of[file.name] = file.view
    end
    local function records(view)
      local list = {}
      for _, one in ipairs(reader.tell("pulumi", view)) do
        if one[1] == "namespace" or one[1] == "key" or one[1] == "binding" then
          one[2].line = nil
          list[#list + 1] = one
        end
      end
      return list
    end
    local n = 0
    for name, view in pairs(of) do
      local twin = of[name:gsub("^stack", "checkpoint")]
      if name:find "^stack" and twin then
        assert.same(records(view), records(twin), name)
        n = n + 1
      end
    end
    assert.is_true(n >= 12)
  end)

  it("may hold anything anywhere", function()
    math.randomseed(16)
    local all = files()
    for round = 1, 1500 do
      local file = all[round % #all + 1]
      local document = file.view.documents[1]
      local mutant = { line = 1, number = 1, skipped = 0, value = reader.mutate(math.random, document.value, 12) }
      local ok, why = pcall(reader.tell, "pulumi", { file = file.name, syntax = "json", documents = { mutant } })
      assert.is_true(ok, why)
    end
  end)
end)
