-- What is allowed and told.
local cfkv = require "cfkv"

local ns = cfkv.namespace { title = "warnings", ttl_seconds = 90 }
ns:put("past", "v", { expiration = 1000000000 })
ns:put("__special", "v")
cfkv.namespace { title = "Warnings" }
