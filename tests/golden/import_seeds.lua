-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

local shop_products = cfkv.namespace { title = "shop-products" }
shop_products:bulk(cfkv.source.json "seed/shop-products.json")

local shop_pages = cfkv.namespace { title = "shop-pages" }
shop_pages:put("version", "7")
shop_pages:bulk(cfkv.source.json "seed/shop-pages.json")

local shop_live = cfkv.namespace { title = "shop-live" }
shop_live:put("terraformed", "yes")
shop_live:bulk(cfkv.source.jsonl "seed/shop-live.jsonl")
