-- Protection by env, by word, and taken back.
local cfkv = require "cfkv"

cfkv.project { name = "protected", protected_envs = { "prod", "live" }, guards = { mass_percent = 10, mass_from = 5 } }
cfkv.namespace { app = "a", purpose = "p", env = "prod" }:put("k", "v")
cfkv.namespace { app = "a", purpose = "p", env = "live", protect = false }
cfkv.namespace { app = "a", purpose = "p", env = "dev", protect = true }
