local cfkv = require "cfkv"

cfkv.project { name = "protected", protected_envs = { "live" } }
cfkv.namespace { app = "a", purpose = "p", env = "prod" }:put("k", "w")
cfkv.namespace { app = "a", purpose = "p", env = "live" }
cfkv.namespace { app = "a", purpose = "p", env = "dev" }
