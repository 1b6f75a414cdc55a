-- A namespace for each developer beside the one of production: myapp-dev-alice, myapp-dev-bob.
--
-- Everybody's are declared here, whoever runs cfkv, and everybody applies the own ones: `cfkv apply
-- --env dev-alice`. The tempting `env = "dev-" .. cfkv.getenv "USER"` (by_user.lua) is a trap.
local cfkv = require "cfkv"

local DEVELOPERS = { "alice", "bob" }

cfkv.project { name = "myapp", naming = "{app}-{env}", protected_envs = { "prod" } }

for _, name in ipairs(DEVELOPERS) do
  local config = cfkv.namespace {
    app = "myapp", env = "dev-" .. name, binding = "CONFIG", owner = name,
    ttl_seconds = "5m",                                   -- what is tried out goes by itself
    description = ("%s's dev environment for MyApp"):format(name),
  }
  config:put("flags", { debug = true }, { expiration_ttl = 0 })
end

local prod = cfkv.namespace { app = "myapp", env = "prod", binding = "CONFIG", description = "MyApp" }
prod:put("flags", { debug = false })

cfkv.wrangler { path = "wrangler.toml" }                 -- [env.dev-alice], [env.dev-bob], [env.prod]
