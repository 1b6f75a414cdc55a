-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

for _, app in ipairs { "blog", "shop" } do
  for _, env in ipairs { "dev", "staging", "prod" } do
    for _, purpose in ipairs { "cache", "config" } do
      cfkv.namespace { title = app .. "-" .. purpose .. "-" .. env, env = env }
    end
  end
end

for _, env in ipairs { "Dev", "Test", "Prod" } do
  for _, purpose in ipairs { "Items", "Orders", "Users" } do
    cfkv.namespace { title = env .. "/Legacy." .. purpose, env = env }
  end
end
