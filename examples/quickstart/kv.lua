-- One app, three purposes, three environments: nine namespaces from one loop.
local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  naming = "{app}-{purpose}-{env}",
  environments = { "dev", "staging", "prod" }, ephemeral = { match = "pr-*" },
  protected_envs = { "prod" },
}

local purposes = {
  config  = { ttl_seconds = 0,     description = "Feature flags and configuration" },
  cache   = { ttl_seconds = "1h",  description = "Cached API responses" },
  session = { ttl_seconds = "30m", description = "User sessions" },
}

for _, env in ipairs { "dev", "staging", "prod" } do
  for purpose, p in pairs(purposes) do
    local ns = cfkv.namespace {
      app = "shop", purpose = purpose, env = env,      -- its title becomes shop-config-prod
      ttl_seconds = p.ttl_seconds, description = p.description,
      binding = purpose:upper(),
    }

    if purpose == "config" then
      -- One key, its value as canonical JSON …
      ns:put("feature_flags", { dark_mode = env ~= "prod", new_checkout = env == "dev" })
      -- … and a file of them, in the format of `wrangler kv bulk put`.
      ns:bulk(cfkv.source.json("seed/" .. env .. ".json"))
    end

    cfkv.output(purpose .. "_" .. env, ns.id)
  end
end

-- The file that needs the ids: dev owns its top level, which `wrangler dev` reads; staging and prod
-- are [env.*], as in `wrangler deploy --env prod`.
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
