--- What a run was billed for, by the emulator's log, and what a plan said of it.
--
--     local cost = require "support.cost"
--
-- cost.of(log)         requests, writes, reads, lists and deletes of the lines of a log
-- cost.total(forecast) the same members of a plan's `cost`

local cost = {}

-- By endpoint of the log; each line has the number of items, where there can be several. Reading
-- metadata alone is not billed.
local BILLED = {
  writes = { bulk_put = true, value_put = true },
  reads = { bulk_get = true, value_get = true },
  lists = { key_list = true },
  deletes = { bulk_delete = true, value_delete = true },
}


function cost.of(log)
  local sum = { requests = #log }
  for name, endpoints in pairs(BILLED) do
    sum[name] = 0
    for _, request in ipairs(log) do
      if endpoints[request.endpoint] then
        local bulk = request.endpoint:find "^bulk"
        sum[name] = sum[name] + (bulk and math.tointeger(request.items) or 1)
      end
    end
  end
  return sum
end


function cost.total(forecast)
  local sum = {}
  for _, name in ipairs { "requests", "writes", "reads", "lists", "deletes" } do
    sum[name] = forecast[name]
  end
  return sum
end


return cost
