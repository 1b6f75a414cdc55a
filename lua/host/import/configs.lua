-- The calls of cfkv.wrangler that an imported configuration ends with, so that each config that was read
-- is kept in step, and stays as it is until something changes.
--
-- Namespaces are those of import/configuration.lua: `fields` is what they are declared with, `raw.bindings`
-- where they are bound; a place in a wrangler config has its path in `config`. A config binds by
-- environments: all namespaces of one have to stand in the same of its sections. What does not fit, and
-- is the smaller part, is left to its owner, in a comment.

local bindings = require "init.bindings"
local source = require "lua_source"
local text = require "text"

local configs = {}

local TOP = "" -- the section that is none


-- ---- Names ---------------------------------------------------------------------------------------

local function bound(ns)
  return ns.raw.bindings or {}
end


local function section_of(place)
  return (place.env == nil or place.env == text.null) and TOP or place.env
end


-- What most places call it, of several the first.
local function most(places, wanted)
  local counts, best = {}, nil
  for _, place in ipairs(places) do
    if wanted(place) and bindings.is_binding(place.name or "") then
      counts[place.name] = (counts[place.name] or 0) + 1
    end
  end
  for _, place in ipairs(places) do
    local n = wanted(place) and counts[place.name]
    if n and (not best or n > counts[best]) then
      best = place.name
    end
  end
  return best
end


local function is_config(place)
  return place.config ~= nil
end


local function is_any()
  return true
end


-- Gives each namespace the binding by which it is known: in configs, else in what another tool deploys.
function configs.name(namespaces)
  for _, ns in ipairs(namespaces) do
    if not ns.fields.binding then
      ns.fields.binding = most(bound(ns), is_config) or most(bound(ns), is_any)
    end
  end
end


-- ---- Environments --------------------------------------------------------------------------------

-- Where it is bound, over all configs: { "apps/api/wrangler.toml\0staging", … } as one text; and whether
-- that is one section, which one, and none but the top level.
local function whole_signature(ns)
  local words, section, single = {}, nil, true
  for _, place in ipairs(bound(ns)) do
    if is_config(place) then
      words[#words + 1] = place.config .. "\0" .. section_of(place)
      single = single and (section == nil or section == section_of(place))
      section = section or section_of(place)
    end
  end
  table.sort(words)
  return table.concat(words, "\n"), single and section or nil
end


-- An environment for each namespace that has none and stands elsewhere than at the top level.
function configs.place(namespaces)
  local taken, by_signature = {}, {}
  for _, ns in ipairs(namespaces) do
    taken[ns.fields.env or TOP] = true
    for _, place in ipairs(bound(ns)) do
      taken[section_of(place)] = true
    end
  end
  for _, ns in ipairs(namespaces) do
    local signature, section = whole_signature(ns)
    if not ns.fields.env and signature ~= "" and section ~= TOP then
      if section and section ~= bindings.PREVIEWS then
        ns.fields.env = section
      else
        by_signature[signature] = by_signature[signature]
          or bindings.free_name(taken, section and "previews" or "shared")
        ns.fields.env = by_signature[signature]
      end
    end
  end
end


-- ---- One config ----------------------------------------------------------------------------------

local function address_of(ns)
  return ns.title or ns.id
end


-- The namespaces that a config binds: { ns, places, sections (in order), signature }.
local function members_of(namespaces, path)
  local members = {}
  for _, ns in ipairs(namespaces) do
    local member = { ns = ns, places = {}, sections = {} }
    for _, place in ipairs(bound(ns)) do
      if place.config == path then
        member.places[#member.places + 1] = place
        member.sections[#member.sections + 1] = section_of(place)
      end
    end
    if #member.places > 0 then
      table.sort(member.sections)
      member.signature = table.concat(member.sections, "\0")
      members[#members + 1] = member
    end
  end
  return members
end


local function leave(left, member, why)
  for _, place in ipairs(member.places) do
    left[#left + 1] = { place = place, why = why }
  end
end


-- Of the sections in which namespaces of an environment stand, those in which most do.
local function signatures_of(members)
  local counts, best = {}, {}
  for _, member in ipairs(members) do
    local env = member.ns.fields.env or TOP
    counts[env] = counts[env] or {}
    counts[env][member.signature] = (counts[env][member.signature] or 0) + 1
  end
  for _, member in ipairs(members) do
    local env = member.ns.fields.env or TOP
    local n = counts[env][member.signature]
    if not best[env] or n > counts[env][best[env].signature] then
      best[env] = { env = env, signature = member.signature, sections = member.sections, n = n }
    end
  end
  return best
end


-- The environment that has a place of which a config has one: that of most namespaces.
local function claimed_by(best, section)
  local winner
  for env, of in pairs(best) do
    for _, name in ipairs(env ~= TOP and of.sections or {}) do
      if name == section and (not winner or of.n > best[winner].n or of.n == best[winner].n and env < winner) then
        winner = env
      end
    end
  end
  return winner
end


local function holds(sections, name)
  for _, section in ipairs(sections) do
    if section == name then
      return true
    end
  end
  return false
end


-- Why a config cannot have a namespace where it is bound; nil: it can.
local function fault_of(member, best, claims)
  local env = member.ns.fields.env or TOP
  if best[env].signature ~= member.signature then
    return "the others of its environment stand elsewhere"
  end
  for section, winner in pairs(claims) do
    if env ~= TOP and holds(member.sections, section) and winner ~= env then
      return "another environment has that place"
    end
  end
end


local function accepted(members, claims, best, left)
  local kept = {}
  for _, member in ipairs(members) do
    local why = fault_of(member, best, claims)
    if why then
      leave(left, member, why)
    else
      kept[#kept + 1] = member
    end
  end
  return kept
end


-- ---- What it says --------------------------------------------------------------------------------

-- { prod = { "production", "live" } }: where an environment is called otherwise.
local function renamed(best, used)
  local names, fields = {}, {}
  for env in pairs(best) do
    names[#names + 1] = env
  end
  table.sort(names)
  for _, env in ipairs(names) do
    local sections = {}
    for _, section in ipairs(best[env].sections) do
      if section ~= TOP and section ~= bindings.PREVIEWS then
        sections[#sections + 1] = section
      end
    end
    local own = #sections == 1 and sections[1] == env and #best[env].sections == 1
    if used[env] and env ~= TOP and #sections > 0 and not own then
      fields[#fields + 1] = { env, #sections == 1 and sections[1] or source.list(sections) }
    end
  end
  return fields
end


-- The names by which a config knows a namespace, where they are not its own.
local function other_names(kept)
  local fields = {}
  for _, member in ipairs(kept) do
    local names, first, one = {}, member.places[1].name, true
    for _, place in ipairs(member.places) do
      one = one and place.name == first
      if place.name ~= member.ns.fields.binding then
        names[#names + 1] = { section_of(place) == TOP and "top_level" or section_of(place) == bindings.PREVIEWS
          and "previews" or section_of(place), place.name }
      end
    end
    if #names > 0 then
      fields[#fields + 1] = { address_of(member.ns), one and first or names }
    end
  end
  return fields
end


-- The app whose namespaces are bound here, and no others.
local function app_of(namespaces, here)
  local app
  for ns in pairs(here) do
    if not ns.fields.app or app and app ~= ns.fields.app then
      return nil
    end
    app = ns.fields.app
  end
  for _, ns in ipairs(namespaces) do
    if ns.fields.app == app and ns.fields.binding and not here[ns] then
      return nil
    end
  end
  return app
end


-- "shop/*" for each app all of whose namespaces are bound here, and no title begins so: { [app] = glob }.
local function app_globs(namespaces, here)
  local globs = {}
  local function beside(name)
    local head = name and name:match "^([^/]+)/"
    if head then
      globs[head] = false
    end
  end
  for _, ns in ipairs(namespaces) do
    local of = ns.fields
    local app = of.app and of.purpose and of.env and not of.app:find "[/*?]" and of.app
    beside(ns.title)
    if app and globs[app] ~= false then
      globs[app] = (here[ns] or not of.binding) and app .. "/*"
    end
  end
  return globs
end


-- What is bound here, where without a word more would be: an app, or a list; nothing when that need not be said.
local function selection(namespaces, kept, view)
  local here, list, all, seen = {}, {}, true, {}
  for _, member in ipairs(kept) do
    here[member.ns] = true
  end
  for _, ns in ipairs(namespaces) do
    all = all and (here[ns] or not ns.fields.binding)
  end
  if all and view.standalone ~= false then
    return nil
  end
  local app = view.standalone ~= false and app_of(namespaces, here) or nil
  local globs = view.standalone ~= false and app_globs(namespaces, here) or {}
  for _, member in ipairs(kept) do
    local of = member.ns.fields
    local name = of.purpose and of.env and globs[of.app] or address_of(member.ns)
    list[#list + 1] = not seen[name] and name or nil
    seen[name] = true
  end
  return app, not app and source.list(list) or nil
end


local function call_of(namespaces, path, view, left)
  local members = members_of(namespaces, path)
  local best = signatures_of(members)
  local claims = { [TOP] = claimed_by(best, TOP), [bindings.PREVIEWS] = claimed_by(best, bindings.PREVIEWS) }
  local kept, used = accepted(members, claims, best, left), {}
  for _, member in ipairs(kept) do
    used[member.ns.fields.env or TOP] = true
  end
  if #kept == 0 then
    return ""
  end
  local fields = { { "path", path } }
  local function add(name, value)
    if value and (type(value) ~= "table" or value.kind or #value > 0) then
      fields[#fields + 1] = { name, value }
    end
  end
  local app, select = selection(namespaces, kept, view)
  add("app", app)
  add("select", select)
  add("top_level", used[claims[TOP]] and claims[TOP] or nil)
  add("previews", used[claims[bindings.PREVIEWS]] and claims[bindings.PREVIEWS] or nil)
  add("environments", renamed(best, used))
  add("bindings", other_names(kept))
  return source.call("cfkv.wrangler", fields)
end


local function left_words(left)
  local lines = {}
  for i, l in ipairs(left) do
    local section = section_of(l.place)
    lines[i] = source.comment(("Left as it is: binding %s in %s of %s (line %d): %s."):format(text.quoted(l.place.name),
      section == TOP and "the top level" or section == bindings.PREVIEWS and section
        or "environment " .. text.quoted(section), text.quoted(l.place.config), l.place.line or 0, l.why))
  end
  return table.concat(lines)
end


-- What a configuration names that requires this text: it is not named twice.
local function named(view)
  local paths = {}
  local project = view.standalone == false and type(view.project) == "table" and view.project.configs
  for _, path in ipairs(type(project) == "table" and project or {}) do
    paths[path] = true
  end
  return paths
end


-- A config that cfkv.wrangler can name: one below the project.
local function is_below(path)
  return path:sub(1, 1) ~= "/" and path ~= ".." and path:sub(1, 3) ~= "../"
end


local function paths_of(namespaces, outside)
  local seen, paths = {}, {}
  for _, ns in ipairs(namespaces) do
    for _, place in ipairs(bound(ns)) do
      if is_config(place) and not seen[place.config] then
        seen[place.config] = true
        table.insert(is_below(place.config) and paths or outside, place.config)
      end
    end
  end
  table.sort(paths)
  table.sort(outside)
  return paths
end


-- The calls, and comments on what they leave out; "" when no config was read. All fields are as they are
-- declared by then.
function configs.text(namespaces, view)
  local left, outside, parts, there = {}, {}, {}, named(view)
  local paths = paths_of(namespaces, outside)
  for i, path in ipairs(paths) do
    parts[i] = there[path] and source.comment(("%s has a cfkv.wrangler in the configuration already: see that it "
      .. "selects these, and binds their environments."):format(text.quoted(path)))
      or call_of(namespaces, path, view, left)
  end
  for _, path in ipairs(outside) do
    parts[#parts + 1] = source.comment(("Not kept in step: %s is not below this folder, where cfkv edits nothing.")
      :format(text.quoted(path)))
  end
  return left_words(left) .. table.concat(parts)
end


return configs
