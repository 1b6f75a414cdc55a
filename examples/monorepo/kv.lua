-- Two Workers in one repository, each with its wrangler.jsonc, and a namespace that both read.
--
--   kv.lua
--   apps/shop/namespaces.lua, wrangler.jsonc, src/index.js
--   apps/blog/namespaces.lua, wrangler.jsonc, src/index.js
--
-- Each app says what it needs in a module of its own; what is common to all stands here. (A file apps/shop/kv.lua
-- would be the configuration that cfkv finds in that folder, instead of this one.)
local cfkv = require "cfkv"

local ENVS = { "staging", "production" }

cfkv.project { name = "acme", naming = "{app}-{purpose}-{env}", environments = ENVS, protected_envs = { "production" } }

for _, env in ipairs(ENVS) do
  local flags = cfkv.namespace { app = "shared", purpose = "flags", env = env, binding = "FLAGS" }
  flags:put("maintenance", "off")
end

for _, app in ipairs { "shop", "blog" } do
  require("apps." .. app .. ".namespaces")(ENVS)
  cfkv.wrangler {
    path = ("apps/%s/wrangler.jsonc"):format(app),
    select = { app .. "/*", "shared/*" },                 -- the app's own namespaces and the common one
    top_level = "staging",                                -- a plain `wrangler dev` has staging's
  }
end
