-- Names for what gets one: locals, accounts, seed files. Each is given once.

local source = require "lua_source"

local names = {}

local LONGEST = 40

-- What a configuration has in every scope, and what reads badly as a local.
local TAKEN = {}
for word in ([[cfkv secrets by_title skipped ns
    require pairs ipairs string table math utf8 type tostring tonumber error assert
    select next print load app apps env envs purpose purposes p e a title]]):gmatch "%g+" do
  TAKEN[word] = true
end


-- Letters, digits and `joint`, in lower case: "shop_cache_dev" of "shop-cache.DEV"; "" when nothing is left.
function names.slug(s, joint)
  local slug = s:sub(1, 200):gsub("[^%w]+", joint):gsub("^[%d" .. joint .. "]+", ""):lower()
  return (slug:sub(1, LONGEST):gsub(joint .. "+$", ""))
end


-- A function that gives each name once: "x", "x_2", …
function names.once(taken, joint)
  local seen, counts = {}, {}
  return function(name)
    local free = name
    while taken[free] or seen[free] do
      counts[name] = (counts[name] or 1) + 1
      free = name .. joint .. counts[name]
    end
    seen[free] = true
    return free
  end
end


-- What names things of one configuration.
function names.new()
  local once, file = names.once(TAKEN, "_"), names.once({}, "-")
  return {
    handle = function(title)
      local slug = names.slug(title, "_")
      return once(source.is_name(slug) and slug or "namespace")
    end,
    file = file,
  }
end


return names
