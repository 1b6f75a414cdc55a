-- Inputs of all types, from their defaults.
local cfkv = require "cfkv"

local region = cfkv.var("region", { default = "weur", oneof = { "weur", "enam" }, doc = "where it runs" })
local limit = cfkv.var("limit", { type = "integer", default = 60 })
local ratio = cfkv.var("ratio", { type = "number", default = 0.5 })
local on = cfkv.var("on", { type = "boolean", default = true })
local token = cfkv.var("token", { default = "none" })
local ns = cfkv.namespace { title = "inputs-" .. region }
ns:put("settings", { limit = limit, ratio = ratio, on = on })
ns:put("token", token)
cfkv.output("region", region)
