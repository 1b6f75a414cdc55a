-- Policies that warn; what a policy refuses is told by eval.
local cfkv = require "cfkv"

cfkv.policy("has a description", function(ns)
  if not ns.description then
    return "warn", ns.title .. " has no description"
  end
end)
cfkv.policy("small", function(ns)
  for _, put in ipairs(ns.puts) do
    if (put.bytes or 0) > 3 then
      return "warn", put.key .. " is large"
    end
  end
end)
cfkv.namespace { title = "a", description = "told" }:put("k", "four")
cfkv.namespace { title = "b" }
