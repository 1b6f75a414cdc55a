-- Every format of a source.
local cfkv = require "cfkv"

local ns = cfkv.namespace { title = "files" }
ns:bulk(cfkv.source.json "seed/items.json")
ns:bulk(cfkv.source.jsonl "seed/items.jsonl")
ns:bulk(cfkv.source.csv "seed/items.csv")
ns:bulk(cfkv.source.dir "seed/folder")
