-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

for env, suffix in pairs { dev = "-dev", staging = "-staging", production = "" } do
  for _, purpose in ipairs { "cache", "config", "user-session" } do
    cfkv.namespace { title = "shop-" .. purpose .. suffix, env = env }
  end
end
