print(load("return 1 + ...")(2), load("x ="), load("\27Lua"), load(function() return nil end))
xpcall(function() error("a", 2) end, function(m) print(m) return m end) load("io = 1")()
