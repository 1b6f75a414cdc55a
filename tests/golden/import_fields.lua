-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

local purposes = {
  cache            = { ttl_seconds = "1h",  description = "Cached API responses" },
  config           = { ttl_seconds = 0,     description = "Feature flags and configuration" },
  ["user-session"] = { ttl_seconds = "30m", description = "Who is signed in" },
}

for _, env in ipairs { "dev", "staging", "prod" } do
  for purpose, p in pairs(purposes) do
    cfkv.namespace {
      app = "shop", purpose = purpose, env = env, ttl_seconds = p.ttl_seconds,
      description = p.description, owner = "team-shop", binding = purpose:upper():gsub("%W", "_"),
      protect = env == "prod" or nil,
    }
  end
end
