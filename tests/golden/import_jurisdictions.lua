-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

for _, app in ipairs { "shop-eu", "shop-us" } do
  for _, env in ipairs { "dev", "prod" } do
    for _, purpose in ipairs { "cache", "config", "orders", "users" } do
      cfkv.namespace {
        app = app, purpose = purpose, env = env, jurisdiction = app == "shop-eu" and "eu" or nil,
      }
    end
  end
end
