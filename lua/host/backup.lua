-- `cfkv backup list`, for people: a file a line, the newest first.

local layout = require "layout"
local text = require "text"

local backup = {}


-- "shop-config, shop-cache".
local function titles(namespaces)
  local names = {}
  for i, ns in ipairs(namespaces) do
    names[i] = text.name(ns.title ~= "" and ns.title or ns.id)
  end
  return table.concat(names, ", ")
end


local function line(file)
  local what
  if file.damaged or #file.namespaces == 0 then
    what = "damaged    " .. layout.count(file.size, "byte")
  else
    what = ("%s  %s, %s, of %s"):format(layout.pad(file.namespaces[1].reason, 9),
      layout.count(file.keys, "key"), layout.count(file.size, "byte"), titles(file.namespaces))
  end
  return file.created .. "  " .. what .. "  " .. text.name(file.path) .. "\n"
end


function backup.list(all)
  local lines = {}
  for i, file in ipairs(all.backups) do
    lines[i] = line(file)
  end
  return table.concat(lines)
end


return backup
