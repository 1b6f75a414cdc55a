-- A namespace that gets another title, and one that gets another address.
local cfkv = require "cfkv"

cfkv.namespace { title = "old" }:put("k", "v")
cfkv.namespace { app = "a", purpose = "p", env = "dev" }
