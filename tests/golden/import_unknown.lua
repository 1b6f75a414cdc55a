-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

local shop_config = cfkv.namespace { title = "shop-config" }
shop_config:put("known", "1")
-- its value is not known (k8s/kv.yaml line 3):
-- shop_config:put('a "b"\n', "…")
-- Terraform keeps it to itself (infra/terraform.tfstate line 112):
-- shop_config:put("stripe", cfkv.secret "…")

-- Not declared: namespace 'old-cache' is gone from the account (infra/terraform.tfstate line 40).

-- A binding of 'KV' in pages/wrangler.toml is not declared:\x0Aits id is a placeholder.
