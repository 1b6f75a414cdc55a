--- A reader of imported files (lua/host/import) by itself: what it tells of a view, without a program.
---
---     local reader = require "support.reader"
---
---     reader.of("planton", reader.yaml(text, "kv.yaml"))  what it told, a line each
---     reader.tell("planton", view)                        the same as a list of { what, fields }
---     reader.mutate(random, value, rarity, is_text)       a copy with something of it replaced
---
---     reader.folder("planton")                            the files of tests/import/planton: { name, text }
---     reader.seen(folder, "helm.yaml")                    the view of a file as the program itself makes it
---     reader.configs(folder)                              those of the wrangler configs of a folder
---     reader.damage("planton", views, 4000, { 8 })        reads that many mutants of the views, of these rarities in
---                                                         turn: none raises → the fewest lines that it told
---
---     reader.json(text, "stack.json")  the view of a JSON file; elements of `resources` have their line
---
--- The tables of a view are as src/host/host.h has them: they know whether they are object or array.
local cjson = require "cjson"
local lyaml = require "lyaml"
local project = require "support.project"

local reader = {}

local SUPPORT = project.program:match "^(.*)/" .. "/support/"

local ARRAY, OBJECT = { __metatable = "array" }, { __metatable = "object" }


local function quoted(s)
  return "'" .. s:gsub("[^ -~]", function(c)
    return ("\\x%02X"):format(c:byte())
  end) .. "'"
end


-- What the host state has of C, as far as readers use it.
local TEXT = {
  null = cjson.null, quoted = quoted, quote = quoted, string = cjson.encode, number = cjson.encode,
  columns = function(s)
    return utf8.len(s) or #s
  end,
  name = function(s)
    return s:find "[^%w_./-]" and '"' .. quoted(s):sub(2, -2) .. '"' or s
  end,
  is_plain = function(s)
    return not s:find "[^ -~]"
  end,
  from_base64 = function(s)
    return #s % 4 == 0 and not s:find "[^%w+/=]" and "bytes of " .. s or nil
  end,
  json = function(s)
    local ok, value = pcall(cjson.decode, s)
    if ok then
      return reader.view(value), s
    end
  end,
  shell = function(s)
    return s:find "[^%w@%%+=:,./_-]" and "'" .. s:gsub("'", "'\\''") .. "'" or s
  end,
}


local loaded = {}

local function load_reader(name)
  if not loaded[name] then
    local path, before = package.path, {}
    for module, value in pairs(package.loaded) do
      before[module] = value
    end
    package.path = "lua/host/?.lua;" .. path
    package.loaded.text = TEXT
    loaded[name] = require("import." .. name)
    package.path = path
    for module in pairs(package.loaded) do
      package.loaded[module] = before[module]
    end
  end
  return loaded[name]
end


-- A value of a parser as that of a view.
function reader.view(value)
  if type(value) ~= "table" then
    return value == lyaml.null and cjson.null or math.type(value) == "float" and math.tointeger(value) or value
  end
  local copy, is_array = {}, #value > 0 or getmetatable(value) == "array" or getmetatable(value) == ARRAY
  for k, v in pairs(value) do
    copy[k] = reader.view(v)
  end
  return setmetatable(copy, is_array and ARRAY or OBJECT)
end


-- The view of a YAML file.
function reader.yaml(text, file)
  local lines, line = { 1 }, 1
  for each in text:gmatch "([^\n]*)\n" do
    line = line + 1
    if each:sub(1, 3) == "---" then
      lines[#lines + 1] = line
    end
  end
  local documents = {}
  for i, value in ipairs(lyaml.load(text, { all = true })) do
    documents[i] = { line = lines[i], number = i, skipped = 0, value = reader.view(value) }
  end
  return { file = file, syntax = "yaml", documents = documents }
end


-- The lines on which the elements of arrays of that name begin, in their order, where each begins with a line
-- "{" of its own.
local function element_lines(text, name)
  local lines, number, indent = {}, 0, nil
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    local opens = line:match('^( *)"' .. name .. '": %[\r?$')
    if opens then
      indent = opens
    elseif indent and line:find("^" .. indent .. " {") then
      lines[#lines + 1] = number
    elseif indent and line:find("^" .. indent .. "%]") then
      indent = nil
    end
  end
  return lines
end


function reader.json(text, file)
  local value, lines, n = reader.view(cjson.decode(text)), element_lines(text, "resources"), 0
  local function number(of)
    for name, member in pairs(type(of) == "table" and of or {}) do
      for _, element in ipairs(name == "resources" and type(member) == "table" and member or {}) do
        if type(element) == "table" then
          n = n + 1
          rawset(element, "@line", lines[n])
        end
      end
      number(member)
    end
  end
  number(value)
  return { file = file, syntax = "json", documents = { { line = 1, number = 1, skipped = 0, value = value } } }
end


-- ---- Files ---------------------------------------------------------------------------------------

function reader.folder(name)
  local list, folder = {}, "tests/import/" .. name .. "/"
  for file in io.popen("LC_ALL=C ls " .. folder):lines() do
    list[#list + 1] = { name = file, text = project.slurp(folder .. file) }
  end
  return list
end


-- What a helper of the program says in a folder.
local function ask(folder, helper, words)
  local pipe = assert(io.popen(("cd %s && %s %s 2>&1"):format(project.quote(folder), project.quote(SUPPORT .. helper),
    words)))
  local out = pipe:read "a"
  assert(pipe:close(), out)
  return out
end


function reader.seen(folder, file)
  return cjson.decode(ask(folder, "foreign_view", project.quote(file)))
end


function reader.configs(folder)
  local list = {}
  for line in ask(folder, "config_view", "*.toml *.json *.jsonc"):gmatch "[^\n]+" do
    local view = cjson.decode(line)
    view.config = view.config and reader.view(view.config)
    list[#list + 1] = view
  end
  return list
end


-- ---- Telling -------------------------------------------------------------------------------------

function reader.tell(name, view)
  local module, told = load_reader(name), {}
  local function add(what)
    return function(fields)
      told[#told + 1] = { what, fields }
    end
  end
  local function problem(what)
    return function(line, code, message, hint)
      assert(type(code) == "string" and type(message) == "string" and type(hint) == "string")
      assert(utf8.len(message) and not message:find "%c" and not hint:find "%c", message)
      told[#told + 1] = { what, { line = line, code = code, message = message, hint = hint } }
    end
  end
  local into = { namespace = add "namespace", key = add "key", binding = add "binding", let_go = add "let_go",
    foreign = add "foreign", refuse = problem "refuse", warn = problem "warn" }
  for _, document in ipairs(view.documents or { false }) do
    if module.recognises(document or nil, view) then
      module.read(document or nil, view, into)
    else
      into.foreign(1)
    end
  end
  return told
end


-- JSON with its members in order.
local function json_of(value)
  if type(value) ~= "table" then
    return cjson.encode(value)
  end
  local names, parts = {}, {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = (type(name) == "string" and cjson.encode(name) .. ":" or "") .. json_of(value[name])
  end
  local is_array = #value > 0 or getmetatable(value) == "array"
  return (is_array and "[" or "{") .. table.concat(parts, ",") .. (is_array and "]" or "}")
end


local function fields_text(fields)
  local names, parts = {}, {}
  for field, value in pairs(fields) do
    names[#names + 1] = value ~= cjson.null and field or nil
  end
  table.sort(names)
  for i, field in ipairs(names) do
    local value = fields[field]
    parts[i] = field .. "=" .. (type(value) == "table" and json_of(value) or type(value) == "string"
      and (value:find "[%c\127-\255\"]" and quoted(value) or '"' .. value .. '"') or tostring(value))
  end
  return table.concat(parts, " ")
end


local function line_of(what, fields)
  if what == "let_go" then
    return "let go   " .. table.concat(fields.lines, "\n         ")
  elseif what == "foreign" then
    return "foreign  " .. fields
  elseif fields.message then
    return ("%-8s %s: %s [%s]\n         %s"):format(what, fields.line, fields.message, fields.code, fields.hint)
  end
  return ("%-8s %s"):format(what == "namespace" and "ns" or what, fields_text(fields))
end


function reader.of(name, view)
  local lines = {}
  for i, one in ipairs(reader.tell(name, view)) do
    lines[i] = line_of(one[1], one[2])
  end
  return table.concat(lines, "\n") .. "\n"
end


-- ---- Mutations -----------------------------------------------------------------------------------

local STRANGE = { cjson.null, true, false, 0, -1, 1.5, 1e300, "", "x", "\0", "\xff\xfe", "]]", "'\"\\",
  ("a"):rep(32), ("9"):rep(400), "\u{202e}" }

local function strange(random, is_text)
  local n = random(#STRANGE + 2)
  if is_text and type(STRANGE[n]) == "string" and not utf8.len(STRANGE[n]) then
    return "no UTF-8"
  end
  return n > #STRANGE and setmetatable(n == #STRANGE + 1 and {} or { "x", 1 }, n == #STRANGE + 1 and OBJECT or ARRAY)
    or STRANGE[n]
end


-- A copy of which each part is something else with a chance of one in `rarity`; `is_text`: that is UTF-8.
function reader.mutate(random, value, rarity, is_text)
  if random(rarity) == 1 then
    return strange(random, is_text)
  elseif type(value) ~= "table" then
    return value
  end
  local copy, names = setmetatable({}, getmetatable(value) == "array" and ARRAY or OBJECT), {}
  for k in pairs(value) do
    names[#names + 1] = k
  end
  table.sort(names)
  for _, k in ipairs(names) do
    local name = type(k) == "string" and random(2 * rarity) == 1 and "strange" .. k or k
    copy[name] = reader.mutate(random, value[k], rarity, is_text)
  end
  return copy
end


-- A view of whose documents something is replaced.
local function mutant(view, rarity)
  local documents = {}
  for i, document in ipairs(view.documents) do
    documents[i] = { line = document.line, number = i, skipped = 0,
      value = reader.mutate(math.random, document.value, rarity) }
  end
  return { file = view.file, syntax = view.syntax, documents = documents }
end


function reader.damage(name, views, rounds, rarities)
  local fewest = math.huge
  for round = 1, rounds do
    local view = views[round % #views + 1]
    local ok, told = pcall(reader.tell, name, mutant(view, rarities[round % #rarities + 1]))
    assert(ok, told)
    fewest = math.min(fewest, #told)
  end
  return fewest
end


return reader
