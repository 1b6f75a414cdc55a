-- Two apps in one account: their namespaces, what they start with, and a namespace that exists
-- already and is only looked up.
local cfkv = require "cfkv"

cfkv.project {
  name = "platform",
  naming = "{app}-{purpose}-{env}",
  protected_envs = { "prod" },
}

-- Made by another team; it must be there, and is never deleted.
local shared = cfkv.namespace { title = "company-directory", binding = "DIRECTORY", create = false }

for _, app in ipairs { "shop", "blog" } do
  for _, env in ipairs { "staging", "prod" } do
    local config = cfkv.namespace {
      app = app, purpose = "config", env = env, binding = "CONFIG",
      description = "Feature flags and configuration",
    }
    config:put("directory_namespace", shared.id)             -- known once it is applied
    config:put("limits", { per_minute = env == "prod" and 600 or 60 })
    config:bulk(cfkv.source.jsonl("seed/redirects.jsonl"))
    config:prune "redirect/"                                 -- redirects that are not in the file go
    cfkv.output(app .. "_config_" .. env, config.id)

    cfkv.namespace { app = app, purpose = "session", env = env, binding = "SESSION", ttl_seconds = "30m" }
  end
end
