-- Users as an old version of the Worker wrote them: "user:ID", a plan by name. Once: what is there stays.
local cfkv = require "cfkv"

local ns, err = cfkv.namespace.create "shop-users-dev"
if ns then
  cfkv.strict()
  cfkv.bulk.put(ns, {
    { key = "user:17", value = { name = "Ann", plan = "pro" }, metadata = { source = "import" } },
    { key = "user:42", value = { name = "Bob", plan = "free" }, expiration_ttl = "30d" },
    { key = "settings", value = { theme = "dark" } },
  })
else
  assert(err.code == "exists", err)
end
