for k, v in pairs { 3, 2, 1, b = 1, a = 2, [2.5] = 1, [-1] = 0, [true] = 1, [false] = 2 } do print(k, v, next({ x = 1, y = 2 }, "x")) end
local t = { 3, 1, 2 } table.sort(t, function(a, b) return a > b end) pairs { [{}] = 1 }
