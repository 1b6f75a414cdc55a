-- The namespaces of a Worker in staging and production. Their ids are outputs, config_staging and so
-- on: the pipeline hands them to the Worker's config.
local cfkv = require "cfkv"

cfkv.project { name = "shop", protected_envs = { "production" } }

for _, env in ipairs { "staging", "production" } do
  local config = cfkv.namespace { app = "shop", purpose = "config", env = env, description = "Feature flags" }
  config:put("flags", { dark_mode = env == "staging" })
  cfkv.output("config_" .. env, config.id)

  local cache = cfkv.namespace { app = "shop", purpose = "cache", env = env, ttl_seconds = "1h",
    description = "Cached API responses" }
  cfkv.output("cache_" .. env, cache.id)
end
