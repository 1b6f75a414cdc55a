-- The annotations of LuaLS, in which stdlib says what its functions take and give: read here, so that
-- help, editors and programs have them from one place.
--
-- annotations.read(source, module) → what the file of that module describes:
--
--   about      paragraphs at its top
--   names      a list of
--     name       "cfkv.bulk.put"; "ns:put" is a method of what cfkv.namespace gives
--     call       "cfkv.bulk.put(namespace, source, options)"; nil for what is no function
--     doc        paragraphs
--     example    Lua, or nil
--     place      "configurations", "scripts" or "configurations and scripts"
--     params     a list of { name =, type =, optional = BOOLEAN, doc = }
--     returns    a list of { type =, name = or nil, doc = }
--   types      a list of { name =, doc =, base = or nil, fields = { { name =, type =, optional =, doc = } … } }
--              and of { name =, doc =, type = }, an alias

local annotations = {}

local ANYWHERE = "configurations and scripts"
local CLOSES = { ["("] = ")", ["{"] = "}", ["["] = "]", ["<"] = ">" }


local function trim(s)
  return s:match "^%s*(.-)%s*$"
end


-- Where the type ends that `s` begins with: at a blank that is in no bracket and continues nothing.
local function type_end(s)
  local open = {}
  for at = 1, #s do
    local c = s:sub(at, at)
    if CLOSES[c] then
      open[#open + 1] = CLOSES[c]
    elseif c == open[#open] then
      open[#open] = nil
    elseif c == " " and #open == 0 and not s:sub(1, at - 1):find "[,:|]$" and s:sub(at + 1, at + 1) ~= "|" then
      return at
    end
  end
  return #s + 1
end


local function split_type(s)
  s = trim(s)
  local at = type_end(s)
  return s:sub(1, at - 1), trim(s:sub(at))
end


-- "name? TYPE doc", of @field and @param.
local function read_member(s)
  local name, mark, rest = s:match "^%s*([%w_]+)(%??)%s+(.*)$"
  local kind, doc = split_type(rest)
  return { name = name, optional = mark == "?", type = kind, doc = doc }
end


-- "TYPE name doc", of @return.
local function read_return(s)
  local kind, rest = split_type(s)
  local name, doc = rest:match "^([%a_][%w_]*)%s*(.*)$"
  return { type = kind, name = name, doc = doc or "" }
end


-- Paragraphs and the example of lines of text; what is indented is the example.
local function read_text(lines)
  local words, example = {}, {}
  local margin = #lines > 0 and lines[1]:sub(1, 1) == " " and 1 or 0
  for _, line in ipairs(lines) do
    line = line:sub(margin + 1)
    if line:sub(1, 4) == "    " then
      example[#example + 1] = line:sub(5)
    elseif #example > 0 and line == "" then
      example[#example + 1] = ""
    else
      words[#words + 1] = line
    end
  end
  return trim(table.concat(words, "\n")), #example > 0 and trim(table.concat(example, "\n")) or nil
end


local reader = {}
reader.__index = reader


-- What the block so far was about. A type has the text above its own line.
local function new_block()
  return { lines = {}, params = {}, returns = {}, annotated = false }
end


function reader:annotation(tag, rest)
  local block = self.block
  if tag == "class" or tag == "alias" then
    local name, more = rest:gsub("^%(exact%)%s*", ""):match "^([%w_%.]+):?%s*(.*)$"
    local doc = read_text(block.lines)
    block.type = { name = name, doc = doc }
    if tag == "class" then
      block.type.base, block.type.fields = more ~= "" and more or nil, {}
    else
      block.type.type = more
    end
    self.types[#self.types + 1] = block.type
  elseif tag == "field" then
    table.insert(block.type.fields, read_member(rest))
  elseif tag == "param" then
    table.insert(block.params, read_member(rest))
  elseif tag == "return" then
    table.insert(block.returns, read_return(rest))
  elseif tag == "overload" then
    local params, result = rest:match "^fun%((.-)%):?%s*(.*)$"
    for param in params:gmatch "[^,]+" do
      local name, kind = param:match "^%s*([%w_]+):%s*(.-)%s*$"
      table.insert(block.params, { name = name, optional = false, type = kind, doc = "" })
    end
    if result ~= "" then
      table.insert(block.returns, { type = result, doc = "" })
    end
    block.overload = true
  end
  block.annotated = true
end


-- "cfkv.key" is a table, "cfkv.key.put" a function of it; nil for what is private.
function reader:name_of(line)
  local block = self.block
  local name, args = line:match "^function%s+([%w_%.:]+)%s*(%b())"
  if not name then
    name, args = line:match "^local function%s+([%w_]+)%s*(%b())"
    if name ~= self.module then
      name = nil
    end
  end
  if not name then
    name = line:match "^([%a_][%w_]*%.[%w_%.]+)%s*="
  end
  if not name or (#block.lines == 0 and not block.annotated and args) then
    return nil
  end
  name = name:gsub("^handle:", "ns:"):gsub("^" .. self.module .. "%f[%W]", self.prefix)
  return name, args
end


function reader:code(line)
  local block = self.block
  local name, args = self:name_of(line)
  if name and (#block.lines > 0 or block.annotated) then
    local doc, example = read_text(block.lines)
    if block.overload then
      args = " { … }"
    end
    self.names[#self.names + 1] = {
      name = name, call = args and name .. args, doc = doc, example = example, place = self.place,
      params = block.params, returns = block.returns,
    }
  end
  self.block = new_block()
end


function reader:line(line)
  local block = self.block
  local text = line:match "^%-%-%-(.*)$"
  local tag, rest = line:match "^%-%-%-@(%l+)%s*(.*)$"
  local section = line:match "^%-%- %-%-%-%- (.-) %-+$"
  if tag then
    self:annotation(tag, rest)
  elseif text then
    block.lines[#block.lines + 1] = text
  elseif section then
    self.place = section:match "in (configurations and scripts)" or section:match "in (configurations)"
      or section:match "in (scripts)" or ANYWHERE
  elseif line ~= "" and line:sub(1, 2) ~= "--" then
    self:code(line)
  elseif line == "" then
    if not self.about and #block.lines > 0 and not block.annotated then
      self.about, self.example = read_text(block.lines)
    end
    self.block = new_block()
  end
end


function annotations.read(source, module)
  local prefix = module == "cfkv" and "cfkv" or "cfkv." .. module
  local self = setmetatable({ names = {}, types = {}, place = ANYWHERE, module = module, prefix = prefix,
    block = new_block() }, reader)
  for line in source:gmatch "([^\n]*)\n" do
    self:line(line)
  end
  return { about = self.about or "", example = self.example, names = self.names, types = self.types }
end


return annotations
