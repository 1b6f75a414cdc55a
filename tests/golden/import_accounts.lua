-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  accounts = {
    acme_development = "cf000000000000000000000000000001",
    acme_production = "cf000000000000000000000000000002",
  },
  naming = "{app}-{purpose}-{env}",
}

for _, app in ipairs { "blog", "shop" } do
  for _, env in ipairs { "dev", "staging", "prod" } do
    for _, purpose in ipairs { "cache", "config", "session" } do
      cfkv.namespace {
        app = app, purpose = purpose, env = env,
        account = env == "prod" and "acme_production" or nil,
      }
    end
  end
end

cfkv.namespace { title = "shared", account = "acme_production" }
cfkv.namespace { title = "shared", account_id = "cf000000000000000000000000000003" }
