-- Writes wrangler.toml: the settings in worker.lua, and the ids that `cfkv output --format json` wrote.
--
--   cfkv run --local wrangler.lua outputs.json wrangler.toml
local cfkv = require "cfkv"
local wrangler = require "cfkv.wrangler"

local BINDINGS = { "CACHE", "CONFIG" } -- which the Worker needs in every environment

local from, to = table.unpack(arg)
assert(from and to, "say which outputs to read and which config to write")

local config = require "worker"
local ids = wrangler.bindings(cfkv.file.json(from), "{purpose}_{env}")
for name, env in pairs(config.env) do
  for _, binding in ipairs(BINDINGS) do
    assert(ids[name] and ids[name][binding], ("%s has no id of %s for %s"):format(from, binding, name))
  end
  env.kv = ids[name]
end

local file = assert(io.open(to, "w"))
assert(file:write(wrangler.toml(config)))
assert(file:close())
print(("%s is written"):format(to))
