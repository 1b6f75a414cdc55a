local cfkv = require "cfkv"
local ns = cfkv.namespace { titel = 1, app = {}, ttl_seconds = "60", on_remove = 3, 1, [true] = 2 }
ns:put(1) ns:put("k", 1, 2) ns:bulk(3) ns:bulk { a = 1 } ns:prune() cfkv.output() cfkv.project() cfkv.wrangler { environments = { 1 } }
