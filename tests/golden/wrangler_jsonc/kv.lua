-- The same in JSON with comments, of one app among two; then a namespace goes.
local cfkv = require "cfkv"

for _, app in ipairs { "shop", "blog" } do
  cfkv.namespace { app = app, purpose = "cache", env = "prod", binding = app:upper() }
  cfkv.namespace { app = app, purpose = "session", env = "prod", binding = app:upper() .. "_SESSION" }
end
cfkv.wrangler { path = "worker/wrangler.jsonc", top_level = "prod", app = "shop" }
