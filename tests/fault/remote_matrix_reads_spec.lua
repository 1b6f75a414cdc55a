-- Every fault at the requests of an apply that read what is live.
local matrix = require "fault.remote_matrix"

describe("an apply whose", function()
  matrix({ after_each = after_each, describe = describe, it = it, teardown = teardown },
    { "account_list", "namespace_list", "key_list", "bulk_get", "value_get", "metadata_get", "namespace_get" })
end)
