--- What `require "cfkv"` gives to plain Lua in the benchmark: the declarations as tables, no more.

local cfkv = { namespaces = {} }

local namespace = {}
namespace.__index = namespace


function cfkv.project(t)
  cfkv.declared_project = t
end


function cfkv.wrangler(t)
  cfkv.declared_wrangler = t
end


function cfkv.namespace(t)
  t.puts = {}
  cfkv.namespaces[#cfkv.namespaces + 1] = t
  return setmetatable(t, namespace)
end


function namespace:put(key, value, options)
  self.puts[#self.puts + 1] = { key = key, value = value, options = options }
end


return cfkv
