local cfkv = require "cfkv"
local s = cfkv.secret("a" .. cfkv.secret { x = 1 })
cfkv.namespace { title = "t" }:put("k", { s, "x" .. s }) cfkv.output("s", s) error(s)
