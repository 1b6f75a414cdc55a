--- Tables in the order of their names.
local sorted = {}


function sorted.names(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end


--- As pairs.
function sorted.pairs(map)
  local names, i = sorted.names(map), 0
  return function()
    i = i + 1
    return names[i], map[names[i]]
  end
end


return sorted
