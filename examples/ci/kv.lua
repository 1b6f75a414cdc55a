-- The namespaces of a Worker in staging and production. Their ids are outputs, config_staging and so
-- on: the pipeline hands them to the Worker's config.
local cfkv = require "cfkv"

cfkv.project { name = "shop", protected_envs = { "production" }, ephemeral = { match = "pr-*", days = 7 } }

local envs = { "staging", "production" }
-- One more for a pull request that somebody tries out, by its number or branch (`cfkv help pull-requests`):
--   cfkv apply --var pr=12 --env pr-12
local pr = cfkv.var("pr", { default = "" })
if pr ~= "" then
  envs[#envs + 1] = "pr-" .. cfkv.naming.slug(pr, 24)
end

for _, env in ipairs(envs) do
  local config = cfkv.namespace { app = "shop", purpose = "config", env = env, description = "Feature flags" }
  config:put("flags", { dark_mode = env ~= "production" })
  cfkv.output("config_" .. env:gsub("-", "_"), config.id)

  local cache = cfkv.namespace { app = "shop", purpose = "cache", env = env, ttl_seconds = "1h",
    description = "Cached API responses" }
  cfkv.output("cache_" .. env:gsub("-", "_"), cache.id)
end
