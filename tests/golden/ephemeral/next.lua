local cfkv = require "cfkv"

cfkv.project { name = "ephemeral", ephemeral = { match = "pr-*" } }
for _, env in ipairs { "pr-2", "main" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = env }:put("env", env)
end
