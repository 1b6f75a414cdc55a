-- Each item at every door that can express it.
local items = require "support.items"
local project = require "support.project"


describe("an item:", function()
  teardown(project.cleanup)

  for _, item in ipairs(items.all) do
    it(item.name, function()
      items.check(item)
    end)
  end
end)
