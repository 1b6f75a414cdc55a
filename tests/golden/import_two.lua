-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

cfkv.namespace { title = "shop-cache-dev",  env = "dev" }
cfkv.namespace { title = "shop-cache-prod", env = "prod" }
