local cfkv = require "cfkv"
local t = cfkv.json.decode [[{"a":[1,-2.5e3,null,true,"\u0000\ud83d\ude00"],"b":{}}]]
for k, v in pairs(t) do print(k, cfkv.json.encode(v)) end
cfkv.json.decode "[[[[" cfkv.json.encode(t.a)
