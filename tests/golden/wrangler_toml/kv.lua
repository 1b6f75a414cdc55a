-- A config with a section for each environment, and a binding of its own name.
local cfkv = require "cfkv"

for _, env in ipairs { "dev", "staging", "prod" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env, binding = "CACHE" }
  cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG" }
end
cfkv.wrangler {
  path = "wrangler.toml", top_level = "dev", environments = { prod = "production" },
  bindings = { ["shop/config/*"] = "SETTINGS" },
}
