-- Every fault at the requests of an apply that create, rename and delete namespaces.
local matrix = require "fault.remote_matrix"

describe("an apply whose", function()
  matrix({ after_each = after_each, describe = describe, it = it, teardown = teardown },
    { "namespace_create", "namespace_rename", "namespace_delete" })
end)
