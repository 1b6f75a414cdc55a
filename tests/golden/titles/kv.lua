-- Titles that are given, built, and spelt in unusual ways.
local cfkv = require "cfkv"

cfkv.project { name = "titles", naming = "{env}_{app}.{purpose}", environments = { "dev", "prod" } }
cfkv.namespace { app = "shop", purpose = "cache", env = "dev" }
cfkv.namespace { app = "shop", purpose = "cache", env = "prod", title = "given: shop cache" }
cfkv.namespace { title = "quotes ' and \" and \\ and ü" }
cfkv.namespace { namespace_name = "wrangler's word" }
