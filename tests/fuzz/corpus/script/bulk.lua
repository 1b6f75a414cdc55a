local cfkv = require "cfkv"
cfkv.namespace { title = "t" }:bulk({ { key = "a", value = "1", base64 = true }, { key = "b", value = { 1 } }, 3, {} }, { policy = "managed" })
