-- What the blog keeps: rendered pages, for an hour.
local cfkv = require "cfkv"

return function(envs)
  for _, env in ipairs(envs) do
    cfkv.namespace { app = "blog", purpose = "pages", env = env, binding = "PAGES", ttl_seconds = "1h" }
  end
end
