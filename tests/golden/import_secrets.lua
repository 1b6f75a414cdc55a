-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project {
  name = "shop",
  account_id = "cf000000000000000000000000000001",
  naming = "{app}-{purpose}-{env}",
}

local secrets = cfkv.file.json "kv.secrets.json"

for _, env in ipairs { "dev", "staging", "prod" } do
  for _, purpose in ipairs { "config", "mail" } do
    local ns = cfkv.namespace { app = "shop", purpose = purpose, env = env }
    ns:put("region", "eu")
    ns:put("api_key", cfkv.secret(secrets[ns.title].api_key))
    ns:put("password", cfkv.secret(secrets[ns.title].password))
  end
end
