-- Keys that nobody declares go, below a prefix and everywhere.
local cfkv = require "cfkv"

local some = cfkv.namespace { title = "some" }
some:put("keep/a", "1")
some:put("redirect/a", "1")
some:put("redirect/b", "2")
some:prune "redirect/"
local all = cfkv.namespace { title = "all" }
all:put("a", "1")
all:prune ""
