local cfkv = require "cfkv"

cfkv.namespace { app = "shop", purpose = "cache", env = "prod", binding = "SHOP" }
cfkv.wrangler { path = "worker/wrangler.jsonc", top_level = "prod", app = "shop" }
