-- Environments that come and go.
local cfkv = require "cfkv"

cfkv.project { name = "ephemeral", ephemeral = { match = "pr-*" }, backups = { dir = "kept", keep = 3, days = 7 } }
for _, env in ipairs { "pr-1", "pr-2", "main" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env }:put("env", env)
end
