-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

cfkv.namespace { title = "shop-empty" }

local shop_config = cfkv.namespace { title = "shop-config" }
shop_config:put("env", "prod")
shop_config:put("features", {
  checkout = { express = true, limits = { 1, 2.5, cfkv.null } },
  dark_mode = false,
})
shop_config:put("greeting", 'Hello, "world"!\n')
shop_config:put("motd", "", { expiration_ttl = "1d" })
shop_config:put("promo", "<p>Ünïcode ☕</p>", {
  metadata = { by = "ann", v = 2 },
  expiration = "2033-05-18T03:33:20Z",
})
shop_config:put("unsorted", '{"b":1,"a":2}')

local shop_session = cfkv.namespace { title = "shop-session", ttl_seconds = "30m" }
shop_session:put("as-long", "2")
shop_session:put("forever", "1", { expiration_ttl = 0 })
shop_session:put("once", "3", { expiration_ttl = "1h", policy = "once" })
