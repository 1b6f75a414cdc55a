-- Sections are renamed, added and given up.
local cfkv = require "cfkv"

for _, env in ipairs { "dev", "prod" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env, binding = "CACHE" }
end
cfkv.wrangler { path = "wrangler.toml", top_level = "prod", environments = { prod = { "live", "dr" } } }
cfkv.wrangler { path = "admin/wrangler.jsonc", environments = { dev = "staging" }, top_level = "dev" }
