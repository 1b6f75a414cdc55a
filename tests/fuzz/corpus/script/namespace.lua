local cfkv = require "cfkv"
local ns = cfkv.namespace { app = "a", purpose = "p", env = "dev", ttl_seconds = 3600, binding = "B", protect = true, renamed_from = "old", create = false }
cfkv.output("id", ns.id .. "/x" .. 3)
print(ns, ns.id == ns.id, ns.title, ns.address)
