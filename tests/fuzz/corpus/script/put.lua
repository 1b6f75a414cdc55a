local cfkv = require "cfkv"
local ns = cfkv.namespace { title = "t" }
ns:put("k", { b = { 1, 2.5, cfkv.null }, a = {}, c = cfkv.array {} }, { metadata = { x = "\u{fc}" }, expiration_ttl = 60, policy = "once" })
ns:put("", "\0\xff", { expiration = 1 })
