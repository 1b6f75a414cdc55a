-- Which namespaces are declared by a loop together: those whose apps, purposes and environments are a full
-- product, or an app's own list of purposes, and whose fields follow from these.
--
-- A block declares its namespaces and no other: what a product has beyond them is skipped by name.

local regular = require "import.regular"

local blocks = {}

local SKIPPED_MAX = 3 -- of a product that is full but for these
local BLOCKS_MAX = 40 -- each with a table or two: Lua allows 200 locals
local RARE = 3        -- times a value is rarer than others, which are looked at without it


-- ---- Sets of values ------------------------------------------------------------------------------

local function set_new()
  return { list = {}, has = {} }
end


local function set_add(set, value)
  if not set.has[value] then
    set.has[value] = true
    set.list[#set.list + 1] = value
  end
end


-- The apps, purposes and environments of namespaces; "" where a title has none.
local function dimensions(list)
  local dims = {}
  for _, part in ipairs(regular.PARTS) do
    local set = set_new()
    for _, ns in ipairs(list) do
      set_add(set, ns.cell[part] or "")
    end
    dims[part] = set.list
  end
  return dims
end


-- ---- A product -----------------------------------------------------------------------------------

local function place_of(app, purpose, env)
  return app .. "\0" .. purpose .. "\0" .. env
end


local function places_of(list)
  local places = {}
  for _, ns in ipairs(list) do
    places[place_of(ns.cell.app or "", ns.cell.purpose or "", ns.cell.env or "")] = true
  end
  return places
end


-- What a product has beyond its namespaces.
local function missing_of(list, dims)
  local places, missing = places_of(list), {}
  for _, app in ipairs(dims.app) do
    for _, purpose in ipairs(dims.purpose) do
      for _, env in ipairs(dims.env) do
        if not places[place_of(app, purpose, env)] then
          missing[#missing + 1] = { app = app, purpose = purpose, env = env }
        end
      end
    end
  end
  return missing
end


-- Those that differ in one part alone, over all its values, are one.
local function merged(missing, dims)
  for _, part in ipairs { "env", "purpose", "app" } do
    local counts, kept = {}, {}
    local function key_of(m)
      local parts = {}
      for i, other in ipairs(regular.PARTS) do
        parts[i] = other == part and "" or m[other] or "*"
      end
      return table.concat(parts, "\0")
    end
    for _, m in ipairs(missing) do
      counts[key_of(m)] = (counts[key_of(m)] or 0) + (m[part] and 1 or 0)
    end
    for _, m in ipairs(missing) do
      local key = key_of(m)
      if counts[key] == #dims[part] and #dims[part] > 1 then
        m[part] = nil
        counts[key] = -1
        kept[#kept + 1] = m
      elseif counts[key] >= 0 then
        kept[#kept + 1] = m
      end
    end
    missing = kept
  end
  return missing
end


-- A block that is full, or nearly so; nil: it is neither.
local function product(list)
  local dims = dimensions(list)
  local n = #dims.app * #dims.purpose * #dims.env - #list
  if n > 0 and n * 5 > #list or n > 4 * SKIPPED_MAX then
    return nil
  end
  local skipped = n > 0 and merged(missing_of(list, dims), dims) or {}
  return #skipped <= SKIPPED_MAX and { list = list, dims = dims, skipped = skipped } or nil
end


-- ---- Apps that are alike -------------------------------------------------------------------------

-- { [app] = { [purpose] = { envs… } } }, and apps in their order.
local function tree_of(list)
  local tree, apps = {}, {}
  for _, ns in ipairs(list) do
    local app, purpose = ns.cell.app or "", ns.cell.purpose or ""
    if not tree[app] then
      tree[app] = { order = {} }
      apps[#apps + 1] = app
    end
    if not tree[app][purpose] then
      tree[app][purpose] = {}
      table.insert(tree[app].order, purpose)
    end
    table.insert(tree[app][purpose], ns)
  end
  return tree, apps
end


local function envs_key(list)
  local envs = {}
  for i, ns in ipairs(list) do
    envs[i] = ns.cell.env or ""
  end
  table.sort(envs)
  return table.concat(envs, "\0")
end


-- What an app has in each set of environments: { { key, purposes = "…", list } … }, by the first.
local function shapes_of(app)
  local shapes, by_key = {}, {}
  table.sort(app.order)
  for _, purpose in ipairs(app.order) do
    local key = envs_key(app[purpose])
    if not by_key[key] then
      by_key[key] = { envs = key, purposes = {}, list = {} }
      shapes[#shapes + 1] = by_key[key]
    end
    local shape = by_key[key]
    table.insert(shape.purposes, purpose)
    table.move(app[purpose], 1, #app[purpose], #shape.list + 1, shape.list)
  end
  return shapes
end


-- Apps that have the same purposes in the same environments are one; those of one set of environments
-- stand together: { { { list }, … }, … }.
local function families_of(list)
  local tree, apps = tree_of(list)
  local families, by_envs, by_key = {}, {}, {}
  for _, app in ipairs(apps) do
    for _, shape in ipairs(shapes_of(tree[app])) do
      local key = shape.envs .. "\1" .. table.concat(shape.purposes, "\0")
      if not by_envs[shape.envs] then
        by_envs[shape.envs] = {}
        families[#families + 1] = by_envs[shape.envs]
      end
      if not by_key[key] then
        by_key[key] = { list = {} }
        table.insert(by_envs[shape.envs], by_key[key])
      end
      local of = by_key[key].list
      table.move(shape.list, 1, #shape.list, #of + 1, of)
    end
  end
  return families
end


local function joined(family)
  local all = {}
  for _, class in ipairs(family) do
    table.move(class.list, 1, #class.list, #all + 1, all)
  end
  return all
end


-- Each app with its own purposes.
local function with_lists(family)
  local list = joined(family)
  local tree, apps = tree_of(list)
  local purposes = {}
  table.sort(apps)
  for _, app in ipairs(apps) do
    table.sort(tree[app].order)
    purposes[app] = tree[app].order
  end
  local dims = dimensions(list)
  dims.app = apps
  return { list = list, dims = dims, skipped = {}, lists = purposes }
end


-- The blocks of one family: each class a product, or one block with a list for each app, whichever is shorter.
local function blocks_of(family, writer)
  local products, cost = {}, 0
  for _, class in ipairs(family) do
    local plain = writer.plain_cost(class.list)
    if #class.list > 1 then
      products[#products + 1] = writer.finish(product(class.list))
      plain = math.min(plain, products[#products].cost)
    end
    cost = cost + plain
  end
  local one = #family > 1 and writer.finish(with_lists(family))
  return one and one.cost < cost and { one } or products
end


-- ---- All -----------------------------------------------------------------------------------------

-- All of an app are irregular together, or none.
local function by_app(list)
  local tree, apps = tree_of(list)
  local parts = {}
  for i, app in ipairs(apps) do
    parts[i] = {}
    for _, purpose in ipairs(tree[app].order) do
      table.move(tree[app][purpose], 1, #tree[app][purpose], #parts[i] + 1, parts[i])
    end
  end
  return parts
end


-- Without what does not follow from the rest; nil: too much does not.
local function regular_of(list)
  for _ = 1, 4 do
    local rules, exceptions, n = regular.rules(list)
    if not rules or n == 0 then
      return rules and list
    end
    local kept = {}
    for _, ns in ipairs(list) do
      kept[#kept + 1] = not exceptions[ns] and ns or nil
    end
    list = kept
    if #list == 0 then
      return nil
    end
  end
end


-- Namespaces without those of an app, a purpose or an environment that is rare beside the others; nil: there
-- are none. Returns both.
local function without_rare(list)
  local rare, kept, others = {}, {}, {}
  for _, part in ipairs(regular.PARTS) do
    local counts, most = {}, 0
    for _, ns in ipairs(list) do
      local value = ns.cell[part] or ""
      counts[value] = (counts[value] or 0) + 1
      most = math.max(most, counts[value])
    end
    rare[part] = function(value)
      return counts[value or ""] * RARE < most
    end
  end
  for _, ns in ipairs(list) do
    local is_rare = rare.app(ns.cell.app) or rare.purpose(ns.cell.purpose) or rare.env(ns.cell.env)
    table.insert(is_rare and others or kept, ns)
  end
  if #others > 0 and #others * RARE < #list then
    return kept, others
  end
end


local function candidates(list, writer)
  local whole = product(list)
  if whole then
    return { writer.finish(whole) }
  end
  local kept, rare = without_rare(list)
  local core = kept and product(kept)
  if core then
    return { writer.finish(core) }, rare
  end
  local found = {}
  for _, family in ipairs(families_of(list)) do
    local some = blocks_of(family, writer)
    table.move(some, 1, #some, #found + 1, found)
  end
  return found
end


-- A loop is worth it where there is clearly less to read; one over a mere list of names, where it is half.
local function is_worth_it(block, plain)
  local loops = 0
  for _, part in ipairs(regular.PARTS) do
    loops = loops + (#block.dims[part] > 1 and 1 or 0)
  end
  return loops > 0 and block.cost * (loops == 1 and 2 or 1.25) < plain
end


-- The blocks of namespaces of one template whose flags are alike.
local function search(list, writer, found)
  local kept = #list > 2 and regular_of(list)
  if not kept then
    local parts = #list > 2 and by_app(list) or {}
    for _, part in ipairs(#parts > 1 and parts or {}) do
      search(part, writer, found)
    end
    return
  end
  local blocks_found, rest = candidates(kept, writer)
  for _, block in ipairs(blocks_found) do
    if is_worth_it(block, writer.plain_cost(block.list)) then
      found[#found + 1] = block
    end
  end
  if rest then
    search(rest, writer, found)
  end
end


local function group_key(ns)
  local parts = { ns.cell.template, tostring(ns.cell.bare_family), tostring(ns.by_naming) }
  for _, part in ipairs(regular.PARTS) do
    parts[#parts + 1] = regular.flag(ns, part)
  end
  return table.concat(parts, "\0")
end


-- The largest of them, in the order of their first namespaces.
local function largest(found)
  table.sort(found, function(a, b)
    return #a.list > #b.list or #a.list == #b.list and a.first < b.first
  end)
  local kept = table.move(found, 1, math.min(#found, BLOCKS_MAX), 1, {})
  table.sort(kept, function(a, b)
    return a.first < b.first
  end)
  return kept
end


-- The blocks, in the order of their first namespaces. `writer.finish(block)` gives a block its `cost` for whoever
-- reads it, `writer.plain_cost(list)` is that of the namespaces one by one.
function blocks.find(namespaces, writer)
  local groups, order, found = {}, {}, {}
  for _, ns in ipairs(namespaces) do
    local key = ns.cell and group_key(ns)
    if key and not groups[key] then
      groups[key] = {}
      order[#order + 1] = key
    end
    if key then
      table.insert(groups[key], ns)
    end
  end
  for _, key in ipairs(order) do
    search(groups[key], writer, found)
  end
  for _, block in ipairs(found) do
    local first = math.huge
    for _, ns in ipairs(block.list) do
      first = math.min(first, ns.number)
    end
    block.first = first
  end
  return largest(found)
end


return blocks
