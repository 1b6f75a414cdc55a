-- More KV namespaces, as `cfkv import` found them: `require 'more'` in the configuration declares
-- them.

local cfkv = require "cfkv"

local secrets = cfkv.file.json "more.secrets.json"

for _, env in ipairs { "test", "qa" } do
  for _, purpose in ipairs { "cache", "config", "jobs" } do
    local ns = cfkv.namespace { title = "shop-" .. purpose .. "-" .. env, env = env }
    if purpose == "jobs" then
      ns:put("token", cfkv.secret(secrets[ns.title].token))
    end
  end
end

cfkv.namespace { title = "theirs", account_id = "cf000000000000000000000000000002" }
