-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

for _, env in ipairs { "dev", "staging", "prod" } do
  for _, purpose in ipairs { "cache", "config", "user-session" } do
    cfkv.namespace { app = "shop", purpose = purpose, env = env }
  end
end
