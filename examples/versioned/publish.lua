-- Publishes feature flags under a version that counts up, and tells a stale read from a fresh one.
--
--   cfkv run --local publish.lua dark_mode=true
local cfkv = require "cfkv"
local versioned = require "cfkv.versioned"

local KEY = "flags"


local function namespace(title)
  local ns, err = cfkv.namespace.create(title)
  if not ns and err.code == "exists" then
    ns, err = cfkv.namespace.get(title)
  end
  return assert(ns, err)
end


local ns = namespace "shop-config-dev"
local flags, version = versioned.unwrap(cfkv.key.get(ns, KEY))
if not flags then -- then the second value is the error
  assert(version.code == "not_found", version)
  flags, version = {}, 0
end

for _, word in ipairs(arg) do
  local name, value = word:match "^([%w_]+)=(%a+)$"
  assert(name, "write NAME=true or NAME=false, not " .. word)
  flags[name] = value == "true"
end
assert(cfkv.key.put(ns, KEY, versioned.wrap(flags, version + 1, os.time())))

-- Elsewhere the old value may be read for a minute or more. Who knows the version notices.
local read = cfkv.key.get(ns, KEY)
print(("version %d is written, and %s"):format(version + 1,
  versioned.is_stale(read, version + 1) and "not seen yet" or "seen"))
