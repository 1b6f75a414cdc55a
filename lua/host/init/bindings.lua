-- The KV bindings of wrangler configs as declarations: which namespaces there are, in which of cfkv's
-- environments each is, and how each config says where it is bound.
--
-- Bindings of one id are one namespace, wherever they stand. It keeps its title: the id is all that is
-- known of it. What is no id yet is a namespace to be made, one for each binding, with the title that
-- wrangler's own provisioning would give it. What cannot be said is left to its owner, in `left`.

local text = require "text"

local bindings = {}

local PREVIEWS = "[previews]"
local TITLE_MAX = 512


local function is_id(s)
  return s ~= text.null and #s == 32 and not s:find "[^%x]"
end


-- A name that a Worker can have in env.
local function is_binding(name)
  return name:find "^[%a_$][%w_$]*$" ~= nil
end


-- An account as cfkv writes it; nil where the config names none, or has a placeholder there.
local function account_of(id)
  return is_id(id) and id:lower() or nil
end


-- ---- Sections ------------------------------------------------------------------------------------

-- The Worker that a section is deployed as, as far as titles are concerned.
local function worker_of(config, section, fallback)
  local folder = config.path:match "([^/]+)/[^/]+$" or fallback
  local name = config.name ~= text.null and config.name ~= "" and config.name or folder
  for _, environment in ipairs(config.environments) do
    if environment.name == section then
      local own = environment.worker
      return own ~= text.null and own ~= "" and own or name .. "-" .. section
    end
  end
  return section == PREVIEWS and name .. "-preview" or name
end


local function account_in(config, section)
  for _, environment in ipairs(config.environments) do
    if environment.name == section and account_of(environment.account_id) then
      return account_of(environment.account_id)
    end
  end
  return account_of(config.account_id)
end


-- Why cfkv does not declare what stands in a section; nil: it does.
local function section_fault(section)
  if section ~= text.null and not text.is_plain(section) then
    return "its environment has a name that cfkv does not take"
  end
end


-- ---- Titles --------------------------------------------------------------------------------------

-- What a title is made of: a name as it is, but for what cannot stand in one.
local function part_of(name)
  return text.is_plain(name) and name or name:gsub("[^%w_-]", "-")
end


-- "<worker>-<binding>", in lower case and with dashes, as wrangler makes it; nil: too long.
local function title_of(worker, binding, taken)
  local title = part_of(worker) .. "-" .. binding:lower():gsub("_", "-")
  local free, n = title, 1
  while taken[free] do
    n = n + 1
    free = ("%s-%d"):format(title, n)
  end
  if utf8.len(free) and utf8.len(free) <= TITLE_MAX then
    taken[free] = true
    return free
  end
end


-- ---- Namespaces ----------------------------------------------------------------------------------

local function leave(reader, config, entry, why)
  reader.left[#reader.left + 1] = { config = config, entry = entry, why = why }
end


local function add(reader, namespace)
  reader.namespaces[#reader.namespaces + 1] = namespace
  return namespace
end


-- The namespace that a binding stands for: one that was there, or a new one; nil and why when none can.
local function namespace_of(reader, config, entry, account)
  if is_id(entry.id) then
    local id = entry.id:lower()
    local ns = reader.by_id[id]
    if ns and ns.account ~= account then
      return nil, "its id is that of a namespace in another account"
    end
    reader.by_id[id] = ns or add(reader, { id = id, address = id, account = account, places = {} })
    return reader.by_id[id]
  end
  local section = entry.env
  local title = title_of(worker_of(config, section, reader.fallback), entry.binding, reader.titles)
  if not title then
    return nil, "the title that is made of it would be too long"
  end
  local preview = entry.preview_id ~= text.null and not is_id(entry.preview_id)
  return add(reader, { title = title, address = title, account = account, preview = preview, places = {} })
end


local function read_entry(reader, config, entry)
  local why = section_fault(entry.env)
  if not is_binding(entry.binding) then
    why = "its name has other characters than ASCII letters, digits, $ and _"
  elseif is_id(entry.id) and entry.id ~= entry.id:lower() then
    why = "its id is written in capitals"
  end
  if why then
    return leave(reader, config, entry, why)
  end
  local ns, fault = namespace_of(reader, config, entry, account_in(config, entry.env))
  if not ns then
    return leave(reader, config, entry, fault)
  end
  for _, place in ipairs(ns.places) do
    if place.config == config and place.section == entry.env then
      return leave(reader, config, entry, ("binding %s has the same id"):format(place.binding))
    end
  end
  ns.places[#ns.places + 1] = { config = config, section = entry.env, binding = entry.binding, entry = entry }
end


-- ---- Environments --------------------------------------------------------------------------------
--
-- A namespace of one section, whichever config it stands in, has the environment of that name; at the
-- top level none. One of several sections needs a name of its own, which the configs then map.

-- "1:top 1:staging": where a namespace is bound.
local function signature(ns)
  local words = {}
  for i, place in ipairs(ns.places) do
    words[i] = ("%d\0%s"):format(place.config.number, tostring(place.section))
  end
  return table.concat(words, "\0")
end


local function single_section(ns)
  local section = ns.places[1].section
  for _, place in ipairs(ns.places) do
    if place.section ~= section then
      return nil
    end
  end
  return section
end


-- The first free one of NAME, NAME-1, NAME-2 …; it is taken then.
local function free_name(taken, name)
  local free, n = name, 1
  while taken[free] do
    n = n + 1
    free = ("%s-%d"):format(name, n)
  end
  taken[free] = true
  return free
end


-- The one env whose bindings stand in a place of which a config has one (its top level, [previews]).
local function claim(mapping, word, env)
  mapping[word] = mapping[word] or env
  return mapping[word] == env
end


-- Puts the environment of a namespace where one of its bindings stands; false: another one has the place.
local function map_place(reader, ns, place)
  local mapping = reader.mappings[place.config.number]
  if place.section == text.null then
    return ns.env == nil or claim(mapping, "top_level", ns.env)
  elseif place.section == PREVIEWS then
    return claim(mapping, "previews", ns.env)
  elseif place.section ~= ns.env then
    local list = mapping.environments[ns.env] or {}
    if not list[place.section] then
      list[#list + 1], list[place.section] = place.section, true
    end
    if not mapping.environments[ns.env] then
      mapping.environments[ns.env] = list
      mapping.order[#mapping.order + 1] = ns.env
    end
  end
  return true
end


local function choose_environment(reader, ns)
  local section = single_section(ns)
  if section == text.null then
    return
  elseif section and section ~= PREVIEWS then
    ns.env = section
    return
  end
  local sig = signature(ns)
  reader.by_signature[sig] = reader.by_signature[sig]
    or free_name(reader.sections, section == PREVIEWS and "previews" or "shared")
  ns.env = reader.by_signature[sig]
end


local function map_environments(reader)
  for _, ns in ipairs(reader.namespaces) do
    choose_environment(reader, ns)
    local kept = {}
    for _, place in ipairs(ns.places) do
      if map_place(reader, ns, place) then
        kept[#kept + 1] = place
      else
        leave(reader, place.config, place.entry, "another namespace has the environment of its section")
      end
    end
    ns.places = kept
  end
end


-- ---- Names of bindings ---------------------------------------------------------------------------

-- The binding that most places have, and for each config the others by section.
local function name_bindings(reader, ns)
  local first = ns.places[1]
  ns.binding = first and first.binding
  for _, place in ipairs(ns.places) do
    if place.binding ~= ns.binding then
      local others = reader.mappings[place.config.number].bindings
      if not others[ns.address] then
        others[ns.address] = {}
        others[#others + 1] = ns.address
      end
      local word = place.section == text.null and "top_level" or place.section == PREVIEWS and "previews"
        or place.section
      table.insert(others[ns.address], { word, place.binding })
    end
  end
end


-- ---- All -----------------------------------------------------------------------------------------

local function sections_of(configs)
  local names = {}
  for _, config in ipairs(configs) do
    for _, environment in ipairs(config.environments) do
      names[environment.name] = true
    end
  end
  return names
end


-- What configs bind: { namespaces, mappings (by config), left }. `fallback`: the folder, for a Worker without
-- a name.
function bindings.read(configs, fallback)
  local reader = {
    fallback = fallback, namespaces = {}, left = {}, mappings = {}, by_id = {}, by_signature = {}, titles = {},
    sections = sections_of(configs),
  }
  for i, config in ipairs(configs) do
    reader.mappings[i] = { environments = {}, order = {}, bindings = {} }
    for _, entry in ipairs(config.bindings) do
      read_entry(reader, config, entry)
    end
  end
  map_environments(reader)
  local bound = {}
  for _, ns in ipairs(reader.namespaces) do
    if #ns.places > 0 then
      bound[#bound + 1] = ns
      name_bindings(reader, ns)
    end
  end
  reader.namespaces = bound
  return reader
end


bindings.PREVIEWS = PREVIEWS
bindings.account_in = account_in
bindings.free_name = free_name
bindings.is_binding = is_binding
bindings.is_id = is_id
bindings.title_of = title_of
bindings.worker_of = worker_of

return bindings
