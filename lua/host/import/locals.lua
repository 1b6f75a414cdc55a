-- The local tables of a configuration: what several loops go through, or what is too long to stand in one.

local names = require "import.names"
local source = require "lua_source"

local locals = {}

local INLINE_MAX = 72 -- columns of a list that stands in the loop


-- `uses`: how often each list is gone through, of a run before this one.
function locals.new(uses)
  return { uses = uses or {}, seen = {}, by_text = {}, once = names.once({}, "_"), parts = {} }
end


local function define(registry, name, text)
  if not registry.by_text[text] then
    local free = registry.once(name)
    registry.by_text[text] = free
    registry.parts[#registry.parts + 1] = "local " .. free .. " = " .. text .. "\n"
  end
  return registry.by_text[text]
end


-- A list of strings, as Lua: a local, or itself.
function locals.list(registry, name, list)
  local text = source.inline(source.list(list))
  registry.seen[text] = (registry.seen[text] or 0) + 1
  if (registry.uses[text] or 1) < 2 and #text <= INLINE_MAX then
    return text
  end
  return define(registry, name, source.value(source.list(list), "", #"local  = " + #name))
end


-- A table of rows, { { key, fields }, … }, below each other.
function locals.rows(registry, name, rows, columns)
  return define(registry, name, source.rows(rows, columns))
end


-- A table that is always a local.
function locals.fields(registry, name, fields)
  return define(registry, name, source.value(fields, "", math.huge))
end


function locals.text(registry)
  return table.concat(registry.parts)
end


return locals
