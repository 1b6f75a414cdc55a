-- How it goes wrong: what is declared depends on who runs cfkv. Where alice runs it, nobody declares
-- bob's namespace, so that her plan deletes it, if both have one state; and his plan deletes hers.
-- `validate` and `plan` warn of it. It is fine on the local store (--local), which is everybody's own,
-- and with a state for each: `cfkv apply -f by_user.lua --state "kv.$USER.state.json"`.
local cfkv = require "cfkv"

cfkv.project { name = "scratch", naming = "{app}-{env}" }

cfkv.namespace { app = "scratch", env = "dev-" .. cfkv.getenv "USER", binding = "CONFIG", ttl_seconds = "5m" }
