local cfkv = require "cfkv"

local some = cfkv.namespace { title = "some" }
some:put("redirect/b", "2")
some:prune "redirect/"
cfkv.namespace { title = "all" }:prune ""
