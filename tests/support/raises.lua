--- Asserts that a call is misuse, and that the line which calls is blamed for it.
---
---     local assert_raises = require "support.raises"
---
---     assert_raises("the title must be a string, got 7", naming.parse, "{app}", 7)

local assert = require "luassert"


return function(message, call, ...)
  local args = table.pack(...)
  local ok, err = pcall(function()
    call(table.unpack(args, 1, args.n))
  end)
  assert.is_false(ok)
  assert.matches("^tests/support/raises.lua:%d+: ", err)
  assert.equal(message, (err:gsub("^.-:%d+: ", "")))
end
