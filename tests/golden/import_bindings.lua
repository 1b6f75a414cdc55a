-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

for _, app in ipairs { "blog", "shop" } do
  for _, env in ipairs { "staging", "production" } do
    for _, purpose in ipairs { "cache", "config" } do
      cfkv.namespace { app = app, purpose = purpose, env = env, binding = purpose:upper() }
    end
  end
end

cfkv.namespace { title = "shared-flags", binding = "FLAGS" }

-- No id of these is known: an apply makes them, or adopts what has that title.
cfkv.namespace { title = "blog-kv", binding = "KV" }

cfkv.wrangler {
  path = "apps/blog/wrangler.toml",
  select = { "blog/*", "shared-flags", "blog-kv" },
  bindings = { ["shared-flags"] = "SHARED_FLAGS" },
}
cfkv.wrangler { path = "apps/shop/wrangler.toml", select = { "shop/*", "shared-flags" } }
