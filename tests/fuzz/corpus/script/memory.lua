local t = {} pcall(function() while true do t[#t + 1] = ("x"):rep(1e5) end end)
