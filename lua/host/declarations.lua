-- What every configuration that a program writes has alike: how it begins, and how it names the wrangler
-- configs that are kept in step.

local source = require "lua_source"

local declarations = {}

declarations.TITLE_MAX = 64 -- project.title_max unless given


-- What the longest title needs, those of previews among them; nil: no more than is allowed anyway.
function declarations.title_max(namespaces)
  local longest = declarations.TITLE_MAX
  for _, ns in ipairs(namespaces) do
    local preview = ns.fields and ns.fields.preview and #"_preview" or 0
    longest = math.max(longest, (ns.title and utf8.len(ns.title) or 0) + preview)
  end
  return longest > declarations.TITLE_MAX and longest or nil
end


-- The module behind a comment, and the project: its fields (those with a value, see lua_source), and
-- title_max where these namespaces need it. `locals`: Lua that stands before the project.
function declarations.beginning(comment, fields, namespaces, locals)
  local given = {}
  for _, field in ipairs(fields) do
    given[#given + 1] = field[2] ~= nil and field or nil
  end
  local max = declarations.title_max(namespaces)
  if max then
    given[#given + 1] = { "title_max", max }
  end
  return source.comment(comment) .. '\nlocal cfkv = require "cfkv"\n\n' .. (locals or "")
    .. source.call("cfkv.project", given) .. "\n"
end


local function named_sections(mapping)
  local fields = {}
  for i, env in ipairs(mapping.order) do
    local list = mapping.environments[env]
    fields[i] = { env, #list == 1 and list[1] or source.list(table.move(list, 1, #list, 1, {})) }
  end
  return fields
end


local function other_names(mapping)
  local fields = {}
  for i, address in ipairs(mapping.bindings) do
    fields[i] = { address, mapping.bindings[address] }
  end
  return fields
end


-- The call for a config, `mapping` being what init.bindings makes of it; `select`: a list, or nil.
function declarations.wrangler(path, mapping, select)
  local fields = { { "path", path } }
  local function add(name, value)
    if value and #value > 0 then
      fields[#fields + 1] = { name, value }
    end
  end
  fields[#fields + 1] = select and { "select", select } or nil
  add("top_level", mapping.top_level)
  add("previews", mapping.previews)
  add("environments", named_sections(mapping))
  add("bindings", other_names(mapping))
  return source.call("cfkv.wrangler", fields)
end


return declarations
