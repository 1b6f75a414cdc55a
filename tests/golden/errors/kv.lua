-- What is not: nothing of it is planned.
local cfkv = require "cfkv"

cfkv.namespace { app = "shop", purpose = "cache" }
cfkv.namespace { title = ("x"):rep(600), binding = "not a binding", descripton = "typo" }
cfkv.namespace { title = "twice" }
cfkv.namespace { title = "twice" }
local ns = cfkv.namespace { title = "keys", jurisdiction = "mars", id = "short" }
ns:put("", "v")
ns:put("..", "v")
ns:put(("k"):rep(600), "v")
ns:put("k", "v", { expiration_ttl = 10, metadata = { long = ("m"):rep(1100) } })
