-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

for _, env in ipairs { "dev", "staging", "prod" } do
  for _, purpose in ipairs { "cache", "config", "jobs" } do
    local ns = cfkv.namespace { app = "shop", purpose = purpose, env = env }
    if purpose == "config" then
      ns:put("flags", { beta = false })
      ns:put("schema", "3")
    end
    if purpose == "jobs" and env == "staging" then
      ns:put("workers", "2")
    end
    if purpose == "jobs" and env == "prod" then
      ns:put("workers", "8")
    end
  end
end
