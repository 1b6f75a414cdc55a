-- Namespaces of two accounts and of jurisdictions; on the local target all of them lie side by side.
local cfkv = require "cfkv"

local A, B = "cf000000000000000000000000000001", ("b"):rep(32)
cfkv.project { name = "accounts", account_id = A }
cfkv.namespace { title = "same" }:put("k", "of a")
cfkv.namespace { title = "europe", jurisdiction = "eu" }
cfkv.namespace { title = "theirs", account_id = B }:put("k", "of b")
