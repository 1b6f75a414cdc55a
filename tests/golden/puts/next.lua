local cfkv = require "cfkv"

local ns = cfkv.namespace { title = "puts", ttl_seconds = 3600 }
ns:put("text", "other")
ns:put("object", { a = "y", c = { 1, 2 } })
ns:put("metadata", "v", { metadata = { version = 4 } })
ns:put("once", "w", { policy = "once" })
ns:put("secret", cfkv.secret "whisper")
