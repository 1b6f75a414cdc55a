-- Each item at a third of the doors that can express it, another third for the next one.
local items = require "support.items"
local project = require "support.project"


describe("an item:", function()
  teardown(project.cleanup)

  for n, item in ipairs(items.all) do
    it(item.name, function()
      items.check(item, 3, n)
    end)
  end
end)
