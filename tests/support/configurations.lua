--- What `cfkv import` writes of inventories, and what that declares: many at once, without a run of the
--- program for each.
---
---     local configurations = require "support.configurations"
---
--- configurations.texts(inventories)  the text for each (lua/host/import/configuration.lua)
--- configurations.declared(text)      what it declares, read by Lua alone: a list of { title, account, env, …,
---                                    keys = { [key] = { value, options } } }, and the project

local sorted = require "support.sorted"
local views = require "support.views"

local configurations = {}


-- ---- Writing -------------------------------------------------------------------------------------

-- The project of the n-th is "case-n": by its first line the texts are told apart.
function configurations.texts(inventories, view)
  local calls = {}
  for i, inventory in ipairs(inventories) do
    inventory.project = { name = "case-" .. i }
    inventory.view = view
    calls[i] = { "text", inventory }
  end
  local texts, n = {}, 0
  for line in views.call("import.configuration", calls):gmatch "[^\n]*\n" do
    if line:find "^%-%- The KV namespaces of case%-%d+, as" then
      n = n + 1
      texts[n] = {}
    end
    table.insert(texts[n], line)
  end
  for i, lines in ipairs(texts) do
    texts[i] = table.concat(lines)
  end
  return texts
end


-- ---- Reading -------------------------------------------------------------------------------------

-- secrets.title.key, without a file: a table that knows the way to it.
local function way(path)
  return setmetatable({ path = path }, { __index = function(t, name)
    return way { t.path, name }
  end })
end


local Namespace = {}
Namespace.__index = Namespace

function Namespace:put(key, value, options)
  assert(not self.keys[key], "a key is put twice")
  self.keys[key] = { value = value, options = options }
end

function Namespace:bulk(path)
  self.bulks[#self.bulks + 1] = path
end


local function module_of(found, project)
  local function namespace(fields)
    local ns = setmetatable({ keys = {}, bulks = {} }, Namespace)
    for name, value in pairs(fields) do
      ns[name] = value
    end
    ns.title = fields.title or fields.id
      or (project.naming or "{app}-{purpose}-{env}"):gsub("{(%a+)}", fields)
    found[#found + 1] = ns
    return ns
  end
  local function same(value)
    return value
  end
  return {
    namespace = namespace, null = "null", array = same, json = { decode = same },
    project = function(fields)
      for name, value in pairs(fields) do
        project[name] = value
      end
    end,
    wrangler = function() end,
    secret = function(at)
      return { secret = at.path }
    end,
    file = { json = function()
      return way "secrets"
    end },
    source = { json = same, jsonl = same },
  }
end


function configurations.declared(lua)
  local found, project = {}, {}
  local module = module_of(found, project)
  local env = { pairs = sorted.pairs, ipairs = ipairs, require = function()
    return module
  end }
  assert(load(lua, "=written", "t", env))()
  table.sort(found, function(a, b)
    return a.title < b.title
  end)
  return found, project
end


return configurations
