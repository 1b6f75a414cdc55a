--- A wrangler config from outputs, for whoever generates it: in CI, with ids that are not in git.
---
---     local cfkv = require "cfkv"                                     -- in a script of `cfkv run`
---     local wrangler = require "cfkv.wrangler"
---
---     -- what `cfkv output --format json` wrote: { "config_prod": "0f2a…", "config_staging": … }
---     local ids = wrangler.bindings(cfkv.file.json "outputs.json", "{purpose}_{env}")
---     io.open("wrangler.toml", "w"):write(wrangler.toml {
---       name = "shop", main = "src/index.js", compatibility_date = "2026-04-01",
---       kv = ids.prod,                                                -- { CONFIG = "0f2a…" }
---       env = { staging = { kv = ids.staging } },
---     }):close()
---
--- The text depends on the config alone: members go by name, and in TOML whatever makes a table of
--- its own stands behind what does not, so that nothing lands in another table. It is pure Lua, and
--- works without cfkv, too. (To keep a config that is in git in step, declare cfkv.wrangler.)

local naming = require "cfkv.naming"

local wrangler = {}

---@class cfkv.wrangler_binding
---@field id string
---@field preview_id? string
---@field remote? boolean

---@class cfkv.wrangler_env: table<string, any>
---@field kv? table<string, string|cfkv.wrangler_binding> ids by binding; {} says that there are none

---Members besides kv and env are written as they are.
---@class cfkv.wrangler_config: cfkv.wrangler_env
---@field env? table<string, cfkv.wrangler_env>

-- What getmetatable says of an array that cfkv marked, which may be empty. Nil without cfkv: then an
-- empty table is one without members.
local has_cfkv, cfkv = pcall(require, "cfkv")
local ARRAY
if has_cfkv and cfkv.array then
  ARRAY = getmetatable(cfkv.array {})
end

-- What a binding takes; wrangler refuses an empty id.
local BINDING_FIELDS = {
  id = "string, and not an empty one",
  preview_id = "string, and not an empty one",
  remote = "boolean",
}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t" }

-- TOML and JSON have these escapes in common; DEL has to be escaped in TOML only.
local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c)
    return ESCAPES[c] or ("\\u%04X"):format(c:byte())
  end) .. '"'
end

-- Caught by the functions of the module, which raise it where they were called.
local function complain(path, problem)
  error("cfkv.wrangler: " .. (path == "" and "the config" or path) .. " " .. problem, 0)
end

-- A value for messages. An id that is not known yet refuses to be read.
local function shown(value)
  local ok, text = pcall(tostring, value)
  return ok and text or "what is known only at apply"
end

local function is_bare(name)
  return name:find "^[%w_-]+$" ~= nil
end

-- The place of a member, for messages.
local function below(path, name)
  local word = is_bare(name) and name or quoted(name)
  return path == "" and word or path .. "." .. word
end

local function sorted_names(members)
  local names = {}
  for name in pairs(members) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- ---- What a config may hold ----------------------------------------------------------------------
--
-- It is read into nodes: { kind = "text", value = string }, { kind = "word", value = what both formats
-- write }, { kind = "list", … } and { kind = "map", names = sorted, members = by name }.

local function read_text(path, value)
  if not utf8.len(value) then
    complain(path, "must be UTF-8")
  end
  return { kind = "text", value = value }
end

-- Without digits that reading it back does not need; JSON has one kind of number.
local function read_number(path, value)
  if value ~= value or value == math.huge or value == -math.huge then
    complain(path, "must be a finite number")
  end
  local whole = math.tointeger(value)
  if whole and (math.type(value) == "integer" or math.abs(value) < 2.0 ^ 53) then
    return { kind = "word", value = ("%d"):format(whole) }
  end
  local text
  for digits = 15, 17 do
    text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then
      break
    end
  end
  return { kind = "word", value = text }
end

local read_value

local function read_list(path, value, seen)
  local list = { kind = "list" }
  for i in pairs(value) do
    if math.type(i) ~= "integer" or i < 1 or i > #value then
      complain(path, "is a list, and has " .. tostring(i) .. " beside")
    end
  end
  for i = 1, #value do
    list[i] = read_value(("%s[%d]"):format(path, i), value[i], seen)
  end
  return list
end

local function read_map(path, value, seen)
  local map = { kind = "map", members = {} }
  for name in pairs(value) do
    if type(name) ~= "string" then
      complain(path, "has a member whose name is no string: " .. shown(name))
    end
    read_text(below(path, name), name)
  end
  map.names = sorted_names(value)
  for _, name in ipairs(map.names) do
    map.members[name] = read_value(below(path, name), value[name], seen)
  end
  return map
end

function read_value(path, value, seen)
  local kind = type(value)
  if kind == "string" then
    return read_text(path, value)
  elseif kind == "number" then
    return read_number(path, value)
  elseif kind == "boolean" then
    return { kind = "word", value = tostring(value) }
  elseif kind ~= "table" then
    complain(path, "must be a string, number, boolean or table, got " .. shown(value))
  elseif seen[value] then
    complain(path, "holds itself")
  end
  seen[value] = true
  local is_list = #value > 0 or (ARRAY ~= nil and getmetatable(value) == ARRAY)
  local node = (is_list and read_list or read_map)(path, value, seen)
  seen[value] = nil
  return node
end

-- ---- Bindings ------------------------------------------------------------------------------------

local function check_binding(path, fields)
  for name, value in pairs(fields) do
    local wanted = BINDING_FIELDS[name]
    if not wanted then
      complain(path, "has an unknown field '" .. shown(name) .. "'; it takes id, preview_id and remote")
    elseif type(value) ~= wanted:match "%a+" or value == "" then
      complain(below(path, name), "must be a " .. wanted .. ", got " .. shown(value))
    end
  end
  if fields.id == nil then
    complain(path, "needs an id")
  end
end

-- What kv stands for: the list of wrangler's tables, by binding.
local function read_kv(path, kv)
  if type(kv) ~= "table" then
    complain(path, "must be a table from bindings to ids, got " .. shown(kv))
  end
  for binding in pairs(kv) do
    if type(binding) ~= "string" or not binding:find "^[%a_$][%w_$]*$" then
      complain(path, "has a binding that is no identifier: " .. shown(binding))
    end
  end
  local list = { kind = "list" }
  for i, binding in ipairs(sorted_names(kv)) do
    local fields, place = kv[binding], below(path, binding)
    if type(fields) == "string" then
      fields = { id = fields }
    elseif type(fields) ~= "table" then
      complain(place, "must be an id, or a table with one, got " .. shown(fields))
    end
    check_binding(place, fields)
    list[i] = read_map(place, fields, {})
    table.insert(list[i].names, 1, "binding")
    list[i].members.binding = { kind = "text", value = binding }
  end
  return list
end

-- The config, or one environment of it.
local function read_part(path, part)
  if type(part) ~= "table" then
    complain(path, "must be a table, got " .. shown(part))
  end
  local others = {}
  for name, value in pairs(part) do
    if name == "kv_namespaces" then
      complain(below(path, name), "is written from kv, a table from bindings to ids")
    elseif name ~= "kv" and name ~= "env" then
      others[name] = value
    end
  end
  local map = read_map(path, others, {})
  if part.kv ~= nil then
    map.members.kv_namespaces = read_kv(below(path, "kv"), part.kv)
    map.names = sorted_names(map.members)
  end
  return map
end

local function read_config(config)
  local map = read_part("", config)
  local envs = config.env
  if envs == nil then
    return map
  elseif type(envs) ~= "table" then
    complain("env", "must be a table from names to environments, got " .. shown(envs))
  end
  local parts = { kind = "map", members = {} }
  for name, env in pairs(envs) do
    if type(name) ~= "string" or name == "" then
      complain("env", "has an environment whose name is no string: " .. shown(name))
    end
    local path = below("env", read_text("env", name).value)
    parts.members[name] = read_part(path, env)
    if env.env ~= nil then
      complain(below(path, "env"), "is an environment in another one")
    end
  end
  parts.names = sorted_names(parts.members)
  if #parts.names > 0 then
    map.members.env = parts
    map.names[#map.names + 1] = "env" -- behind the others
  end
  return map
end

-- ---- Writing -------------------------------------------------------------------------------------

local function toml_name(name)
  return is_bare(name) and name or quoted(name)
end

-- On one line.
local function toml_inline(node)
  if node.kind == "text" then
    return quoted(node.value)
  elseif node.kind == "word" then
    return node.value
  end
  local items = {}
  if node.kind == "list" then
    for i, item in ipairs(node) do
      items[i] = toml_inline(item)
    end
    return "[" .. table.concat(items, ", ") .. "]"
  end
  for i, name in ipairs(node.names) do
    items[i] = toml_name(name) .. " = " .. toml_inline(node.members[name])
  end
  return #items == 0 and "{}" or "{ " .. table.concat(items, ", ") .. " }"
end

-- A list that is written as [[tables]].
local function is_tables(node)
  for _, item in ipairs(node) do
    if item.kind ~= "map" then
      return false
    end
  end
  return node.kind == "list" and #node > 0
end

local function toml_lines(out, map, names)
  for _, name in ipairs(names) do
    out[#out + 1] = toml_name(name) .. " = " .. toml_inline(map.members[name]) .. "\n"
  end
end

local function toml_header(out, brackets, path)
  out[#out + 1] = (#out > 0 and "\n" or "") .. brackets:format(path) .. "\n"
end

-- `path` is nil at the top level.
local function toml_table(out, map, path)
  local lines, tables = {}, {}
  for _, name in ipairs(map.names) do
    local node = map.members[name]
    local list = (node.kind == "map" or is_tables(node)) and tables or lines
    list[#list + 1] = name
  end
  if path and (#lines > 0 or #tables == 0) then
    toml_header(out, "[%s]", path)
  end
  toml_lines(out, map, lines)
  for _, name in ipairs(tables) do
    local node, place = map.members[name], (path and path .. "." or "") .. toml_name(name)
    if node.kind == "map" then
      toml_table(out, node, place)
    else
      for _, item in ipairs(node) do
        toml_header(out, "[[%s]]", place)
        toml_lines(out, item, item.names)
      end
    end
  end
end

local function json_value(node, indent)
  if node.kind == "text" then
    return quoted(node.value)
  elseif node.kind == "word" then
    return node.value
  end
  local items, inner = {}, indent .. "  "
  if node.kind == "list" then
    for i, item in ipairs(node) do
      items[i] = inner .. json_value(item, inner)
    end
  else
    for i, name in ipairs(node.names) do
      items[i] = inner .. quoted(name) .. ": " .. json_value(node.members[name], inner)
    end
  end
  local open, close = "{", "}"
  if node.kind == "list" then
    open, close = "[", "]"
  end
  if #items == 0 then
    return open .. close
  end
  return open .. "\n" .. table.concat(items, ",\n") .. "\n" .. indent .. close
end

-- ---- The module ----------------------------------------------------------------------------------

local function read_or_raise(config)
  local ok, map = pcall(read_config, config)
  if not ok then
    error(map, 3)
  end
  return map
end

---The text of a wrangler.toml. Raises about a member that cannot be one, with its place.
---
---    local wrangler = require "cfkv.wrangler"
---    print(wrangler.toml { name = "shop", kv = { CACHE = "0f2a0f2a0f2a0f2a0f2a0f2a0f2a0f2a" } })
---@param config cfkv.wrangler_config
---@return string
function wrangler.toml(config)
  local map, out = read_or_raise(config), {}
  toml_table(out, map)
  return table.concat(out)
end

---The text of a wrangler.json (or .jsonc). Raises about a member that cannot be one, with its place.
---
---    local wrangler = require "cfkv.wrangler"
---    print(wrangler.json { name = "shop", env = { dev = { kv = {} } } })
---@param config cfkv.wrangler_config
---@return string
function wrangler.json(config)
  local map = read_or_raise(config)
  return json_value(map, "") .. "\n"
end

-- As naming.parse, which would blame this file for a template that is none.
local function parse(template, name, known)
  local ok, parts, why, ambiguous = pcall(naming.parse, template, name, known)
  if not ok then
    error("cfkv.wrangler: " .. parts:gsub("^.-:%d+: ", ""), 0)
  elseif ambiguous then
    error("cfkv.wrangler: " .. why:gsub("^title", "output") .. "; say which names are known", 0)
  end
  return parts
end

local function is_id(value)
  return type(value) == "string" and #value == 32 and not value:find "[^%da-f]"
end

local function read_bindings(outputs, template, known)
  local envs, taken = {}, {}
  parse(template, "", known)
  for _, name in ipairs(sorted_names(outputs)) do
    local parts = is_id(outputs[name]) and parse(template, name, known)
    if parts then
      local env, binding = parts.env, parts.purpose:upper():gsub("[^%w_]", "_")
      local place = env .. "." .. binding
      if taken[place] then
        error(("cfkv.wrangler: outputs '%s' and '%s' are both %s"):format(taken[place], name, place), 0)
      end
      taken[place] = name
      envs[env] = envs[env] or {}
      envs[env][binding] = outputs[name]
    end
  end
  return envs
end

-- Whether every name is one that an output can have.
local function are_outputs(outputs)
  if type(outputs) ~= "table" then
    return false
  end
  for name in pairs(outputs) do
    if type(name) ~= "string" then
      return false
    end
  end
  return true
end

---The ids among outputs, for `kv`: { prod = { CONFIG = "0f2a…" }, … }. The template, which has
---{purpose} and {env} and may have other parts, says what the names of outputs are made of; the
---binding is the purpose in capitals. Outputs of other names, and values that are no ids (32
---hexadecimal digits), are left out. `known` lists the names that a part can have, as for
---naming.parse: it chooses ({ app = { "shop" } }), and settles "user_session_prod".
---
---    local wrangler = require "cfkv.wrangler"
---    local ids = wrangler.bindings({ config_prod = "0f2a0f2a0f2a0f2a0f2a0f2a0f2a0f2a" }, "{purpose}_{env}")
---    print(ids.prod.CONFIG)  --> 0f2a0f2a0f2a0f2a0f2a0f2a0f2a0f2a
---@param outputs table<string, any>
---@param template string
---@param known? table<string, string[]>
---@return table<string, table<string, string>>
function wrangler.bindings(outputs, template, known)
  if not are_outputs(outputs) then
    error("cfkv.wrangler: the outputs must be a table from names to values, got " .. shown(outputs), 2)
  elseif type(template) ~= "string" or not (template:find "{purpose}" and template:find "{env}") then
    error("cfkv.wrangler: the template must have {purpose} and {env}, got " .. shown(template), 2)
  end
  local ok, envs = pcall(read_bindings, outputs, template, known)
  if not ok then
    error(envs, 2)
  end
  return envs
end

return wrangler
