-- A namespace in several sections of a file, under names of their own, and in two files.
local cfkv = require "cfkv"

for _, env in ipairs { "dev", "prod" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env, binding = "CACHE" }
end
cfkv.wrangler {
  path = "wrangler.toml", top_level = "prod", previews = "dev",
  environments = { prod = { "production", "live" } },
  bindings = { ["shop/cache/*"] = { live = "LIVE_CACHE", previews = "PREVIEW_CACHE" } },
}
cfkv.wrangler { path = "admin/wrangler.jsonc", environments = { dev = "staging" }, ids = "auto" }
