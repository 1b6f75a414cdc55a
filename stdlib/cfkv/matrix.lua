--- Every combination of app, purpose and env, in a stable order.
---
---     local matrix = require "cfkv.matrix"
---
---     for fields in matrix {
---       app = { "shop", "blog" },
---       purpose = { config = { ttl_seconds = 0 }, cache = { ttl_seconds = "1h" } },
---       env = { "dev", "prod" },
---       exclude = { { app = "blog", purpose = "cache" } },
---       override = { { env = "prod", set = { protect = true } } },
---     } do
---       cfkv.namespace(fields)
---     end
---
--- Apps vary slowest, environments fastest. A list keeps its order; a table of names with the fields
--- they bring goes by name. Each combination is a table of its own, with app, purpose, env and the
--- fields; later overrides win. A name in `exclude` or `override` that is on no axis is an error.

local AXES = { "app", "purpose", "env" }
local AXIS = { app = true, purpose = true, env = true }

---@alias cfkv.axis string[]|table<string, table>

---@class cfkv.matrix_pattern
---@field app? string|string[]
---@field purpose? string|string[]
---@field env? string|string[]

---@class cfkv.matrix_override: cfkv.matrix_pattern
---@field set table fields that these combinations get

---@class cfkv.matrix_fields
---@field app? cfkv.axis
---@field purpose? cfkv.axis
---@field env? cfkv.axis
---@field exclude? cfkv.matrix_pattern[]
---@field override? cfkv.matrix_override[]

-- Caught by matrix, which raises it where it was called.
local function complain(message)
  error("cfkv.matrix: " .. message, 0)
end

-- An axis as a list of { name = …, fields = … }.
local function read_axis(name, axis)
  if type(axis) ~= "table" then
    complain(name .. " must be a list of names, or a table from names to fields")
  end
  local points = {}
  if #axis > 0 then
    for i, point in pairs(axis) do
      if math.type(i) ~= "integer" or i > #axis then
        complain(name .. " is a list, and has '" .. tostring(i) .. "' beside")
      end
      points[i] = { name = point, fields = {} }
    end
  else
    for point, fields in pairs(axis) do
      if type(fields) ~= "table" then
        complain(name .. " '" .. tostring(point) .. "' must have a table of fields")
      end
      points[#points + 1] = { name = point, fields = fields }
    end
    table.sort(points, function(a, b) return tostring(a.name) < tostring(b.name) end)
  end
  for _, point in ipairs(points) do
    if type(point.name) ~= "string" then
      complain(name .. " holds " .. tostring(point.name) .. ", which is no name")
    elseif points[point.name] then
      complain(name .. " holds '" .. point.name .. "' twice")
    end
    points[point.name] = true
  end
  return points
end

-- The names that a pattern allows on an axis, as a set.
local function read_choice(what, name, choice, points)
  local list = type(choice) == "table" and choice or { choice }
  local set = {}
  for _, word in ipairs(list) do
    if not points or not points[word] then
      complain(what .. ": there is no " .. name .. " '" .. tostring(word) .. "'")
    end
    set[word] = true
  end
  return set
end

local function read_patterns(what, patterns, axes)
  local list = {}
  if patterns ~= nil and type(patterns) ~= "table" then
    complain(what .. " must be a list of tables")
  end
  for i, pattern in ipairs(patterns or {}) do
    local place = what .. " " .. i
    if type(pattern) ~= "table" then
      complain(place .. " must be a table, got " .. tostring(pattern))
    end
    local read = { set = pattern.set, choices = {} }
    for name, choice in pairs(pattern) do
      if AXIS[name] then
        read.choices[name] = read_choice(place, name, choice, axes[name])
      elseif name ~= "set" or what ~= "override" then
        complain(place .. " has an unknown field '" .. tostring(name) .. "'")
      end
    end
    if what == "override" and type(read.set) ~= "table" then
      complain(place .. " needs `set`, a table of fields")
    end
    list[i] = read
  end
  return list
end

local function matches(pattern, fields)
  for name, choice in pairs(pattern.choices) do
    if not choice[fields[name]] then
      return false
    end
  end
  return true
end

local function copy_into(fields, more)
  for name, value in pairs(more) do
    fields[name] = value
  end
end

-- The combination at position `at`, counted from 0; nil when it is excluded.
local function combination(plan, at)
  local fields, names = {}, {}
  for i = #AXES, 1, -1 do
    local points = plan.axes[AXES[i]]
    if points then
      names[i] = points[at % #points + 1]
      at = at // #points
    end
  end
  for i = 1, #AXES do
    if names[i] then
      copy_into(fields, names[i].fields)
    end
  end
  for i = 1, #AXES do
    fields[AXES[i]] = names[i] and names[i].name
  end
  for _, pattern in ipairs(plan.exclude) do
    if matches(pattern, fields) then
      return nil
    end
  end
  local set = {}
  for _, pattern in ipairs(plan.override) do
    if matches(pattern, fields) then
      copy_into(set, pattern.set)
    end
  end
  copy_into(fields, set)
  return fields
end

local function read_plan(spec)
  if type(spec) ~= "table" then
    complain("it takes a table, got " .. tostring(spec))
  end
  local plan, count = { axes = {} }, 1
  for name in pairs(spec) do
    if not AXIS[name] and name ~= "exclude" and name ~= "override" then
      complain("unknown field '" .. tostring(name) .. "'")
    end
  end
  for _, name in ipairs(AXES) do
    if spec[name] ~= nil then
      plan.axes[name] = read_axis(name, spec[name])
      count = count * #plan.axes[name]
    end
  end
  plan.exclude = read_patterns("exclude", spec.exclude, plan.axes)
  plan.override = read_patterns("override", spec.override, plan.axes)
  plan.count = next(plan.axes) and count or 0
  return plan
end

---Iterates over the combinations.
---
---    local matrix = require "cfkv.matrix"
---    for fields in matrix { app = { "shop" }, env = { "dev", "prod" } } do
---      print(fields.app, fields.env)
---    end
---@param spec cfkv.matrix_fields
---@return fun(): table? fields
local function matrix(spec)
  local ok, plan = pcall(read_plan, spec)
  if not ok then
    error(plan, 2)
  end
  local at = 0
  return function()
    while at < plan.count do
      local fields = combination(plan, at)
      at = at + 1
      if fields then
        return fields
      end
    end
  end
end

return matrix
