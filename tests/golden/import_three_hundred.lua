-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

local apps = {
  "service01", "service02", "service03", "service04", "service05", "service06", "service07",
  "service08", "service09", "service10", "service11", "service12", "service13", "service14",
  "service15", "service16", "service17", "service18", "service19", "service20",
}

for _, app in ipairs(apps) do
  for _, env in ipairs { "dev", "staging", "prod" } do
    for _, purpose in ipairs { "cache", "config", "flags", "session", "tokens" } do
      cfkv.namespace {
        app = app, purpose = purpose, env = env, ttl_seconds = purpose == "cache" and "1h" or nil,
      }
    end
  end
end
