-- Values and options of all shapes.
local cfkv = require "cfkv"

local ns = cfkv.namespace { title = "puts", ttl_seconds = 7200 }
ns:put("text", "plain")
ns:put("empty", "")
ns:put("bytes", "\0\1\255 and \u{1F600}")
ns:put("object", { b = { 1, 2.5, true, cfkv.null }, a = "x", ["ü"] = {} })
ns:put("array", { "a", { n = 1 } })
ns:put("metadata", "v", { metadata = { version = 3, by = "team" } })
ns:put("short", "v", { expiration_ttl = 60 })
ns:put("forever", "v", { expiration_ttl = 0 })
ns:put("until", "v", { expiration = 2147483647 })
ns:put("once", "v", { policy = "once" })
ns:put("secret", cfkv.secret "hush", { metadata = { kind = "secret" } })
