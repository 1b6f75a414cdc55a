local cfkv = require "cfkv"

cfkv.project { name = "one", protected_envs = { "prod" } }
cfkv.namespace {
  title = "cache", app = "shop", purpose = "cache", env = "prod", binding = "CACHE",
  description = "Cached API responses – für alle", ttl_seconds = 3600, on_remove = "keep",
  fingerprint = true,
}
