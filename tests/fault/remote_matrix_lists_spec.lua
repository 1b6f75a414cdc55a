-- Every fault at the requests of an apply that list what is live.
local matrix = require "fault.remote_matrix"

describe("an apply whose", function()
  matrix({ after_each = after_each, describe = describe, it = it, teardown = teardown },
    { "account_list", "namespace_list", "key_list" })
end)
