-- A thousand namespaces with a hundred keys each. run evaluates it with cfkv, and with plain Lua,
-- where `require "cfkv"` gives plain.lua.
local cfkv = require "cfkv"

cfkv.project { name = "bench", naming = "{app}-{purpose}-{env}" }

for i = 1, 1000 do
  local ns = cfkv.namespace { app = "bench", purpose = "p" .. i, env = "dev", ttl_seconds = 3600, binding = "KV_" .. i }
  for k = 1, 100 do
    ns:put("user/" .. k, "the value of user " .. k .. " in namespace " .. i)
  end
end

cfkv.wrangler { path = "wrangler.toml", environments = { dev = "dev" } }
