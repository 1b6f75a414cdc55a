-- The least there is, then with everything a namespace can say.
local cfkv = require "cfkv"

cfkv.namespace { title = "cache" }
