-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

cfkv.namespace { title = "GITHUB_TOKENS" }
cfkv.namespace { title = "analytics" }
cfkv.namespace { title = "shop sessions" }
cfkv.namespace { title = "users:2024" }
cfkv.namespace { title = "__feature" }
