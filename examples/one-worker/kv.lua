-- One Worker with one namespace, in development and in production.
local cfkv = require "cfkv"

cfkv.project { name = "hello", naming = "{app}-{purpose}-{env}", protected_envs = { "production" } }

for _, env in ipairs { "dev", "production" } do
  local greetings = cfkv.namespace {
    app = "hello", purpose = "greetings", env = env,     -- its title becomes hello-greetings-dev
    binding = "GREETINGS", description = "What the Worker says, by language",
  }
  greetings:put("en", "Hello")
  greetings:put("fr", "Bonjour")
  greetings:put("settings", { default = "en", shout = env == "dev" })
end

-- dev is what a plain `wrangler dev` has, production is [env.production].
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
