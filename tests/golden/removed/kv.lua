-- Namespaces whose declaration goes: deleted, kept, and said to go.
local cfkv = require "cfkv"

cfkv.namespace { title = "deleted" }:put("a", "1")
cfkv.namespace { title = "kept", on_remove = "keep" }:put("b", "2")
cfkv.namespace { title = "said" }:put("c", "3")
