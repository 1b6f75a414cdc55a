-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

for _, app in ipairs { "blog", "docs", "shop" } do
  for _, env in ipairs { "dev", "staging", "prod" } do
    for _, purpose in ipairs { "cache", "config", "session" } do
      local skipped = (app == "blog" and purpose == "cache" and env == "dev")
        or (app == "docs" and purpose == "session")
      if not skipped then
        cfkv.namespace {
          app = app, purpose = purpose, env = env, ttl_seconds = purpose == "cache" and "1h" or nil,
        }
      end
    end
  end
end

cfkv.namespace {
  app = "blog", purpose = "cache", env = "dev", ttl_seconds = "1h",
  description = "Nobody uses this one",
}
cfkv.namespace { app = "shop", purpose = "orders", env = "prod" }
cfkv.namespace { title = "company-directory", owner = "it", create = false }
