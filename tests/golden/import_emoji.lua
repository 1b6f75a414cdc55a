-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
  title_max = 84,
}

for _, env in ipairs { "dev", "prod" } do
  for _, purpose in ipairs { "cache", "config", "users" } do
    cfkv.namespace { app = "🛒", purpose = purpose, env = env }
  end
end

cfkv.namespace {
  title = "Kundenverwaltung für die Außenstelle Köln – Zwischenspeicher (bitte nicht löschen) 🙏",
}
