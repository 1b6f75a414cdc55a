-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

local apps = {
  blog = { "cache", "posts" },
  docs = { "search" },
  shop = { "cache", "config", "user-session" },
}

for app, names in pairs(apps) do
  for _, env in ipairs { "dev", "staging", "prod" } do
    for _, purpose in ipairs(names) do
      cfkv.namespace { app = app, purpose = purpose, env = env }
    end
  end
end
