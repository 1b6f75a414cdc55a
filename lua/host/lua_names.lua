-- `cfkv help lua [NAME]`: what configurations and scripts have in Lua, out of the annotations that
-- stdlib has for editors.

local annotations = require "annotations"
local layout = require "layout"
local text = require "text"
local view = require "view"

local lua_names = {}

local ABOUT = 'What there is in Lua, behind local cfkv = require "cfkv" (ns is what cfkv.namespace gives).'
local PLACES = { "configurations", "scripts", "configurations and scripts" }


-- All there is: modules ({ name =, about =, names = }; "cfkv" first), names, and types by name.
function lua_names.read(all)
  local found = { modules = {}, names = {}, types = {} }
  for name, source in view.sorted(all.sources) do
    local module = annotations.read(source, name)
    module.name = name == "cfkv" and name or "cfkv." .. name
    table.insert(found.modules, name == "cfkv" and 1 or #found.modules + 1, module)
    for _, kind in ipairs(module.types) do
      found.types[kind.name] = kind
    end
  end
  for _, module in ipairs(found.modules) do
    for _, name in ipairs(module.names) do
      name.module = module.name
      found.names[#found.names + 1] = name
    end
  end
  return found
end


-- The fields of a type, and those of what it is based on that it does not have itself.
function lua_names.fields(found, kind)
  local fields, known = {}, {}
  while kind do
    for _, field in ipairs(kind.fields or {}) do
      fields[#fields + 1] = not known[field.name] and field or nil
      known[field.name] = true
    end
    kind = found.types[kind.base]
  end
  return fields
end


-- "Seeds one key." of all that is said.
local function first_sentence(doc)
  doc = doc:gsub("%s+", " ")
  return (doc:match "^(.-[%.:;]) " or doc):gsub("[:;]$", "")
end


local function describe(left, right, indent, width)
  left = (" "):rep(indent) .. left
  if right == "" then
    return left .. "\n"
  end
  local column = math.max(indent + 4, 28)
  if width < 60 or text.columns(left) + 2 > column then
    return left .. "\n" .. (" "):rep(indent + 4) .. layout.wrap(right, indent + 4, width)
  end
  return layout.pad(left, column) .. layout.wrap(right, column, width)
end


-- Of a member: "options?  cfkv.put_options".
local function typed(member)
  return (member.name and member.name .. (member.optional and "?" or "") .. "  " or "") .. member.type
end


-- The types of ours that a type names, each once: their fields, or what an alias stands for.
local function expand(found, member, width)
  local parts, done = {}, {}
  for name in member.type:gmatch "cfkv[%w_%.]+" do
    local kind = not done[name] and found.types[name] or nil
    done[name] = true
    if kind and kind.doc ~= "" then
      parts[#parts + 1] = "    " .. layout.wrap(kind.doc:gsub("\n", " "), 4, width)
    end
    for _, field in ipairs(kind and lua_names.fields(found, kind) or {}) do
      parts[#parts + 1] = describe(typed(field), field.doc, 4, width)
    end
  end
  return table.concat(parts)
end


local function members(found, title, list, width)
  local parts = { #list > 0 and "\n" .. title .. ":\n" or "" }
  for _, member in ipairs(list) do
    parts[#parts + 1] = describe(typed(member), member.doc, 2, width)
    parts[#parts + 1] = expand(found, member, width)
  end
  return table.concat(parts)
end


local function paragraphs(doc, width)
  local parts = {}
  for paragraph in (doc .. "\n\n"):gmatch "(.-)\n\n+" do
    if paragraph ~= "" then
      parts[#parts + 1] = layout.wrap(paragraph:gsub("\n", " "), 0, width)
    end
  end
  return table.concat(parts, "\n")
end


local function example(code)
  return code and "\nexample:\n    " .. code:gsub("\n", "\n    "):gsub("\n +\n", "\n\n") .. "\n" or ""
end


-- "in scripts (cfkv run)"
local function place(name)
  local where = name.place == "scripts" and "scripts (cfkv run)" or name.place
  return name.module == "cfkv" and "in " .. where or ('local %s = require "%s"'):format(
    name.module:match "[^.]+$", name.module)
end


local function page(found, name, width)
  local below = {}
  for _, other in ipairs(found.names) do
    if other.name:sub(1, #name.name + 1):find("^" .. name.name:gsub("%.", "%%.") .. "%.") then
      below[#below + 1] = describe(other.call or other.name, first_sentence(other.doc), 2, width)
    end
  end
  return ("%s\n  %s\n\n%s"):format(name.call or name.name, place(name), paragraphs(name.doc, width))
    .. members(found, "takes", name.params, width) .. members(found, "gives", name.returns, width)
    .. example(name.example) .. (#below > 0 and "\nbelow it:\n" .. table.concat(below) or "")
end


local function module_page(module, width)
  local rows = {}
  for _, name in ipairs(module.names) do
    rows[#rows + 1] = describe(name.call or name.name, first_sentence(name.doc), 2, width)
  end
  return ('require "%s"\n\n%s%s\nit has:\n%s'):format(module.name, paragraphs(module.about, width),
    example(module.example), table.concat(rows))
end


local function type_page(found, kind, width)
  local parts = { kind.name .. "\n" .. (kind.doc ~= "" and "\n" .. paragraphs(kind.doc, width) or "") }
  parts[#parts + 1] = kind.type and "\nit is: " .. kind.type .. "\n" or ""
  parts[#parts + 1] = members(found, "fields", lua_names.fields(found, kind), width)
  return table.concat(parts)
end


-- Where a field of that name is, by the functions that take it; nil: nowhere.
local function field_page(found, asked, width)
  local rows, done = {}, {}
  for _, name in ipairs(found.names) do
    for _, param in ipairs(name.params) do
      for type_name in param.type:gmatch "cfkv[%w_%.]+" do
        local kind = found.types[type_name]
        for _, field in ipairs(kind and lua_names.fields(found, kind) or {}) do
          local below = found.types[field.type]
          for _, inner in ipairs(below and lua_names.fields(found, below) or {}) do
            if inner.name == asked and not done[name.name .. field.name] then
              done[name.name .. field.name] = true
              rows[#rows + 1] = describe(("%s, in %s"):format(name.call or name.name, field.name), inner.doc, 2, width)
            end
          end
          if field.name == asked and not done[name.name] then
            done[name.name] = true
            rows[#rows + 1] = describe(name.call or name.name, field.doc, 2, width)
          end
        end
      end
    end
  end
  return #rows > 0 and ("%s is a field of what these take:\n"):format(asked) .. table.concat(rows) or nil
end


local function overview(found, width)
  local parts = { layout.wrap(ABOUT, 0, width) }
  for _, where in ipairs(PLACES) do
    parts[#parts + 1] = ("\nin %s:\n"):format(where)
    for _, name in ipairs(found.names) do
      if name.module == "cfkv" and name.place == where and (name.call or name.example) then
        parts[#parts + 1] = describe(name.call or name.name, first_sentence(name.doc), 2, width)
      end
    end
  end
  parts[#parts + 1] = "\nmodules:\n"
  for i = 2, #found.modules do
    local module = found.modules[i]
    parts[#parts + 1] = describe(module.name, first_sentence(module.about), 2, width)
  end
  return table.concat(parts) .. "\n" .. layout.wrap("'cfkv help lua NAME' explains one of them, with an example.", 0,
    width)
end


local function is_exact(name, asked)
  return name == asked
end


-- true for "bulk.put", "put" and "cfkv.bulk.put(ns, …)" of "cfkv.bulk.put".
local function is_meant(name, asked)
  local short = asked:gsub("%s*[%({].*$", "")
  local tail = name:sub(-#short)
  return name == short or tail == short and name:sub(-#short - 1, -#short - 1):find "[.:]" ~= nil
end


-- The page of what is asked for, or of each that may be meant; "" when there is none. Without a name: the
-- list.
function lua_names.text(all)
  local found, pages, matching = lua_names.read(all), {}, {}
  if all.asked == text.null then
    return overview(found, all.width)
  end
  for _, module in ipairs(found.modules) do
    if module.name == all.asked and module.about ~= "" then
      pages[#pages + 1] = module_page(module, all.width)
    end
  end
  for _, fits in ipairs { is_exact, is_meant } do
    for _, name in ipairs((fits == is_exact or #pages == 0) and found.names or {}) do
      matching[#matching + 1] = fits(name.name, all.asked) and page(found, name, all.width) or nil
    end
    table.move(matching, 1, #matching, #pages + 1, pages)
    matching = {}
  end
  if #pages == 0 and found.types[all.asked] then
    pages[1] = type_page(found, found.types[all.asked], all.width)
  elseif #pages == 0 then
    pages[1] = field_page(found, all.asked, all.width)
  end
  return table.concat(pages, "\n")
end


-- All that may be asked for, a line each.
function lua_names.list(all)
  local found, lines = lua_names.read(all), {}
  for _, name in ipairs(found.names) do
    lines[#lines + 1] = name.name .. "\n"
    lines[#lines + 1] = name.name:gsub("^cfkv%.", "") .. "\n"
  end
  return table.concat(lines)
end


-- ---- As data --------------------------------------------------------------------------------------

local function members_as_data(list)
  local out = {}
  for i, member in ipairs(list) do
    out[i] = { doc = member.doc, name = member.name or text.null, optional = member.optional, type = member.type }
  end
  return view.array(out)
end


-- What functions and values there are.
function lua_names.document(found)
  local list = {}
  for i, name in ipairs(found.names) do
    list[i] = {
      call = name.call or text.null, doc = name.doc, example = name.example or text.null, module = name.module,
      name = name.name, params = members_as_data(name.params), place = name.place,
      returns = members_as_data(name.returns),
    }
  end
  return view.array(list)
end


-- The types that they name, by name.
function lua_names.types(found)
  local out = {}
  for name, kind in pairs(found.types) do
    out[name] = {
      base = kind.base or text.null, doc = kind.doc, fields = kind.fields and members_as_data(kind.fields) or text.null,
      type = kind.type or text.null,
    }
  end
  return out
end


return lua_names
