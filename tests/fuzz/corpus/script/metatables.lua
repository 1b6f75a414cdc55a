local m = { __index = function(t, k) return k end, __call = print, __concat = function() return "c" end, __tostring = function() return "t" end }
local t = setmetatable({}, m) print(t.x, t .. 1, tostring(t)) t() setmetatable(t, nil) setmetatable({}, { __gc = print })
