-- Every fault at the requests of an apply that read values, and look at a namespace before its delete.
local matrix = require "fault.remote_matrix"

describe("an apply whose", function()
  matrix({ after_each = after_each, describe = describe, it = it, teardown = teardown },
    { "bulk_get", "value_get", "metadata_get", "namespace_get" })
end)
