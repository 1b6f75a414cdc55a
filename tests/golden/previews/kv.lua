-- Previews, which the local target needs none of.
local cfkv = require "cfkv"

for _, env in ipairs { "dev", "prod" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env, binding = "CACHE", preview = env == "dev" }
end
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
