--- Titles from parts, and parts from titles.
---
---     local naming = require "cfkv.naming"
---     naming.render("{app}-{purpose}-{env}", { app = "shop", purpose = "cache", env = "dev" })
---     --> "shop-cache-dev"
---     naming.parse("{app}-{purpose}-{env}", "shop-cache-dev").purpose --> "cache"

local naming = {}

local DEFAULT = "{app}-{purpose}-{env}"

---The template that cfkv.project uses unless it is given one.
---
---    print(require "cfkv.naming".default)  --> {app}-{purpose}-{env}
naming.default = DEFAULT

-- The template as a list: strings are literal, tables name a part. Raises for the caller's caller.
local function tokens_of(template)
  if type(template) ~= "string" then
    error("the template must be a string, got " .. tostring(template), 3)
  end
  local list, at = {}, 1
  while at <= #template do
    local open, close, name = template:find("{([%w_]+)}", at)
    local text = template:sub(at, (open or 0) - 1)
    if text:find "[{}]" then
      error("template '" .. template .. "' has a brace without its other half", 3)
    end
    if text ~= "" then
      list[#list + 1] = text
    end
    if open then
      list[#list + 1] = { name = name }
    end
    at = close and close + 1 or #template + 1
  end
  return list
end

---The title. Raises about a part that is not given.
---
---    local naming = require "cfkv.naming"
---    print(naming.render("{app}-{env}", { app = "shop", env = "dev" }))  --> shop-dev
---@param template string
---@param parts table<string, string>
---@return string
function naming.render(template, parts)
  local list = tokens_of(template)
  if type(parts) ~= "table" then
    error("the parts must be a table, got " .. tostring(parts), 2)
  end
  for i, token in ipairs(list) do
    if type(token) == "table" then
      local part = parts[token.name]
      if type(part) ~= "string" or part == "" then
        error("template '" .. template .. "' needs " .. token.name, 2)
      end
      list[i] = part
    end
  end
  return table.concat(list)
end

local function is_known(known, name, part)
  local names = known and known[name]
  if not names then
    return true
  end
  for _, other in ipairs(names) do
    if other == part then
      return true
    end
  end
  return false
end

-- Adds to `found` each way in which tokens from `i` on make up the title from `at` on. A part is at
-- least one byte; given twice it must be the same.
local function match(list, i, title, at, known, parts, found)
  local token = list[i]
  if not token then
    if at == #title + 1 then
      local copy = {}
      for name, part in pairs(parts) do
        copy[name] = part
      end
      found[#found + 1] = copy
    end
  elseif type(token) == "string" then
    if title:sub(at, at + #token - 1) == token then
      match(list, i + 1, title, at + #token, known, parts, found)
    end
  else
    local before = parts[token.name]
    for last = at, #title do
      local part = title:sub(at, last)
      if (before == nil or before == part) and is_known(known, token.name, part) then
        parts[token.name] = part
        match(list, i + 1, title, last + 1, known, parts, found)
        parts[token.name] = before
      end
      if #found > 1 then
        return
      end
    end
  end
end

---The parts of a title; nil and why when it does not follow the template, or does in several ways
---("my-shop-cache-dev"): `known` lists the names that a part can have, which mostly settles it.
---
---    local naming = require "cfkv.naming"
---    local parts = naming.parse(naming.default, "my-shop-cache-dev", { env = { "dev" }, purpose = { "cache" } })
---    print(parts.app)  --> my-shop
---@param template string
---@param title string
---@param known? table<string, string[]>
---@return table<string, string>?
---@return string? why
---@return true? ambiguous
function naming.parse(template, title, known)
  local list = tokens_of(template)
  if type(title) ~= "string" then
    error("the title must be a string, got " .. tostring(title), 2)
  elseif known ~= nil and type(known) ~= "table" then
    error("what is known must be a table of lists, got " .. tostring(known), 2)
  end
  local found = {}
  match(list, 1, title, 1, known, {}, found)
  if #found == 0 then
    return nil, "title '" .. title .. "' does not follow '" .. template .. "'"
  elseif #found > 1 then
    return nil, "title '" .. title .. "' follows '" .. template .. "' in more than one way", true
  end
  return found[1]
end

return naming
