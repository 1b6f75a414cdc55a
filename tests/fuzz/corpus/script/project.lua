local cfkv = require "cfkv"
cfkv.project { name = "p", naming = "{app}-{env}-{purpose}", environments = { "dev" }, protected_envs = "dev", title_max = 80, defaults = { ttl_seconds = 60, on_remove = "keep" } }
