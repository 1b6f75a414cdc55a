local cfkv = require "cfkv"

local shop = {}

local function one(purpose, env)
  return cfkv.namespace { app = "shop", purpose = purpose, env = env }
end

function shop.declare(env)
  one("cache", env)
  one("session", env):put("started", "false")
end

return shop
