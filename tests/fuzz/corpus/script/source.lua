local cfkv = require "cfkv"
local ns = cfkv.namespace { title = "t" }
ns:bulk(cfkv.source.json "seed.json") ns:bulk(cfkv.source.jsonl "../x") ns:prune "p/"
