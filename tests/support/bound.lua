--- A project whose one namespace is bound as CACHE in a wrangler.toml that holds what a test says.
--
--     local bound = require "support.bound"
--
--     local p, e = bound.start()           -- a quick project with bound.CONFIG, and an emulator
--     local b = bound.of(function()        -- its helpers, for specs that start one before each test
--       return p, e
--     end)
--
-- b.holds(id?, preview_id?)   writes the config with these, whatever text they are
-- b.ids()                     the id and the preview_id that stand in it
-- b.dev_put(key, binding?)    puts a key as `wrangler dev` leaves it: cfkv's registry knows nothing of it
-- b.keys(id)                  the keys of the local store under that id
-- b.apply(target, words...)   applies to "local" or to "account", and sees that the next plan is empty

local emulator = require "support.emulator"
local ok = require("support.project").ok

local bound = {
  CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "cache", binding = "CACHE" }:put("seed", "v")
cfkv.wrangler { path = "wrangler.toml" }
]],
  TOML = 'name = "shop"\n\n[[kv_namespaces]]\nbinding = "CACHE"\n',
}


function bound.start()
  local p, e = emulator.quick()
  p:write("kv.lua", bound.CONFIG)
  return p, e
end


function bound.of(both)
  local b = {}


  function b.holds(id, preview)
    both():write("wrangler.toml", bound.TOML .. (id and ('id = "%s"\n'):format(id) or "")
      .. (preview and ('preview_id = "%s"\n'):format(preview) or ""))
  end


  function b.ids()
    local text = both():read "wrangler.toml"
    return text:match '\nid = "(.-)"', text:match 'preview_id = "(.-)"'
  end


  function b.dev_put(key, binding)
    local p = both()
    local preview = p:read("wrangler.toml"):find("preview_id", 1, true) and "--preview" or nil
    ok(p:run("kv", "key", "put", key, "dev's", "--local", "-c", "wrangler.toml", "--binding", binding or "CACHE",
      preview))
  end


  function b.keys(id)
    local r = both():run("kv", "key", "list", "--json", "--local", "--namespace-id", id)
    local names = {}
    for _, key in ipairs(r.code == 0 and r.json() or {}) do
      names[#names + 1] = key.name
    end
    return names
  end


  function b.apply(target, ...)
    local p, e = both()
    local words = target == "local" and { "--local", ... } or { ... }
    local r = ok(e:run(p, "apply", "--yes", table.unpack(words)))
    local plan = e:run(p, "plan", "--detailed-exitcode", target == "local" and "--local" or nil)
    assert(plan.code == 0, plan.out .. plan.err)
    return r
  end


  return b
end


return bound
