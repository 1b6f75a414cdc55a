local co = coroutine.wrap(function(...) local ok, e = pcall(function() coroutine.yield(1) error "x" end) return ok, e end)
print(co(), co()) print(select(2, coroutine.resume(coroutine.create(error), "m")))
local c <close> = setmetatable({}, { __close = function(_, e) print(e) end }) error({})
