-- Every fault at the requests of an apply that put keys.
local matrix = require "fault.remote_matrix"

describe("an apply whose", function()
  matrix({ after_each = after_each, describe = describe, it = it, teardown = teardown },
    { "bulk_put", "value_put" })
end)
