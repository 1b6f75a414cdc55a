-- Sixty namespaces with 2,000 keys in all: what a plan and an apply against the API are measured on.
local cfkv = require "cfkv"

cfkv.project { name = "bench", naming = "{app}-{purpose}-{env}" }

for i = 1, 60 do
  local ns = cfkv.namespace { app = "bench", purpose = "p" .. i, env = "dev", binding = "KV_" .. i }
  for k = 1, i <= 20 and 34 or 33 do
    ns:put("user/" .. k, "the value of user " .. k .. " in namespace " .. i)
  end
end
