local cfkv = require "cfkv"
cfkv.namespace { title = "t" }:put("k", "v", { metadata = { a = { 1 } } })
cfkv.policy("p", function(ns) for i, p in pairs(ns.puts) do if p.metadata.a[1] == i then return "warn", ns.title end end end)
cfkv.policy("q", function(ns) return ns.x end)
