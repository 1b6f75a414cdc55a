local cfkv = require "cfkv"

cfkv.namespace { title = "inline" }:bulk {
  { key = "a", value = "2" },
  { key = "c", value = { deep = { 1 } }, expiration_ttl = 90 },
  { key = "e", value = "new" },
}
