-- Ids inside values and outputs, of other namespaces and of itself.
local cfkv = require "cfkv"

local a = cfkv.namespace { title = "a" }
local b = cfkv.namespace { title = "b" }
a:put("b", b.id)
a:put("both", { a = a.id, list = { b.id, "x" } })
b:put("text", "see " .. a.id .. "!", { metadata = { n = 1 } })
cfkv.output("a", a.id)
cfkv.output("url", "https://example.com/" .. b.id .. "/keys")
cfkv.output("count", 2)
cfkv.output("table", { n = { 1, 2 }, deep = { ok = true } })
