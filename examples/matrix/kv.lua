-- Namespaces of two apps in two environments, declared by their matrix.
local cfkv = require "cfkv"
local matrix = require "cfkv.matrix"

cfkv.project { name = "platform" }

for fields in matrix {
  app = { "shop", "blog" },
  purpose = {
    cache = { ttl_seconds = "1h", description = "Cached API responses" },
    config = { description = "Feature flags and configuration" },
    session = { ttl_seconds = "30m", description = "User sessions" },
  },
  env = { "dev", "prod" },
  exclude = { { app = "blog", purpose = "session" } },       -- the blog has no users
  override = {
    { env = "prod", set = { protect = true } },
    { purpose = "cache", env = "dev", set = { ttl_seconds = "1m" } },
  },
} do
  fields.binding = fields.purpose:upper()
  local ns = cfkv.namespace(fields)
  cfkv.output(("%s_%s_%s"):format(fields.app, fields.purpose, fields.env), ns.id)
end
