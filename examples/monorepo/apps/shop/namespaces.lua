-- What the shop keeps: carts for two days, and its settings.
local cfkv = require "cfkv"

return function(envs)
  for _, env in ipairs(envs) do
    cfkv.namespace { app = "shop", purpose = "carts", env = env, binding = "CARTS", ttl_seconds = "2d" }
    local settings = cfkv.namespace { app = "shop", purpose = "settings", env = env, binding = "SETTINGS" }
    settings:put("currency", "EUR")
    settings:put("free_shipping_from", env == "production" and "50" or "0")
  end
end
