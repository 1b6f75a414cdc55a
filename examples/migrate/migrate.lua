-- Brings the users of a namespace into the shape that today's Worker reads, in named steps, once each.
--
--   cfkv run --local --dry-run migrate.lua     # what would change
--   cfkv run --local migrate.lua
--
-- What was done is recorded in the namespace. A run that was killed is run again: it goes on with the step
-- that was not finished. New steps go to the end; steps that are everywhere done may lose their `rewrite`.
local cfkv = require "cfkv"

local SEATS = { free = 1, pro = 10 }

local result = assert(cfkv.migrate(arg[1] or "shop-users-dev", {
  {
    name = "2026-10 users/ID/profile",
    prefix = "user:",
    rewrite = function(key) -- value, metadata and expiry stay as they are
      return "users/" .. key:match "^user:(.+)$" .. "/profile"
    end,
    allow_mass_delete = true, -- every old key goes, once all of the new ones are there
  },
  {
    name = "2026-11 plans are seats",
    prefix = "users/",
    rewrite = function(key, value)
      local user = cfkv.json.decode(value)
      if not user.plan then
        return nil -- it has the new shape: a run before this one was killed
      end
      user.seats, user.plan = SEATS[user.plan], nil
      return key, user
    end,
  },
  {
    name = "2026-11 count",
    run = function(ns)
      local n = 0
      for _ in cfkv.key.list(ns, { prefix = "users/" }) do
        n = n + 1
      end
      cfkv.key.put(ns, "stats/users", tostring(n))
    end,
  },
}))
print(("%d of %d steps were left to do"):format(#result.ran, result.done))
