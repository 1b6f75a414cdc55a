-- Items of an inline bulk; then one goes, one changes, one comes.
local cfkv = require "cfkv"

cfkv.namespace { title = "inline" }:bulk {
  { key = "a", value = "1" },
  { key = "b", value = "Yg==", base64 = true, metadata = { kind = "bytes" } },
  { key = "c", value = { deep = { 1 } }, expiration_ttl = 90 },
  { key = "d", value = "x", expiration = 2147483647 },
}
