local cfkv = require "cfkv"

cfkv.namespace { title = "new", renamed_from = "old" }:put("k", "w")
cfkv.namespace { app = "a", purpose = "q", env = "dev", renamed_from = "a/p/dev" }
