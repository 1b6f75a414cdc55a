-- What Pulumi and SST write, as its reader tells of it: each of tests/import/pulumi, stacks and checkpoints of
-- the same shapes, and what they say when something of them is broken. Made by GOLDEN=write.
local golden = require "support.golden"
local reader = require "support.reader"


local function files()
  local list = reader.folder "pulumi"
  for i, file in ipairs(list) do
    list[i] = (file.name:find "%.json$" and reader.json or reader.yaml)(file.text, file.name)
  end
  return list
end


describe("import: what Pulumi writes", function()
  it("is read in each shape, with all that is wrong with it", function()
    local parts, count = {}, { stack = 0, checkpoint = 0 }
    for i, view in ipairs(files()) do
      local shape = view.file:match "^%a+"
      count[shape] = (count[shape] or 0) + 1
      parts[i] = ("== %s\n%s"):format(view.file, reader.of("pulumi", view))
    end
    assert.is_true(count.stack >= 12 and count.checkpoint >= 12)
    golden.check("import_pulumi", table.concat(parts, "\n"))
  end)

  it("is the same in a stack and in its checkpoint", function()
    local of = {}
    for _, view in ipairs(files()) do
      of[view.file] = view
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
    reader.damage("pulumi", files(), 1500, { 12 })
  end)
end)
