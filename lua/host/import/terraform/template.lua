-- Strings of Terraform's JSON syntax, which are templates: "shop-${var.env}".
--
-- What is asked for is looked up in a scope, a function from an expression's words ({ "var", "env" }) to a
-- value: a string, a number, a boolean, { ref = ADDRESS }, or nil and the expression is not known here. Nothing
-- is computed: functions, operators and directives are not known.

local member = require "import.terraform.member"
local text = require "text"
local views = require "view"

local template = {}

local PARTS_MAX = 1000 -- of one template

template.UNKNOWN = setmetatable({}, { __metatable = "unknown" })


-- The words of 'a.b["c"].d[0]'; nil: it is more than a name. An index that is a name itself is a list of words.
function template.words(expression)
  local words, at = {}, expression:find "%S" or 1
  while at <= #expression and not expression:find("^%s+$", at) do
    local _, last, word = expression:find(#words == 0 and "^([%a_][%w_-]*)" or "^%.([%a_][%w_-]*)", at)
    if not word then
      _, last, word = expression:find('^%["([^"\\]*)"%]', at)
    end
    if not word then
      _, last, word = expression:find("^%[(%d+)%]", at)
      word = word and math.tointeger(tonumber(word))
    end
    if not word and #words > 0 then
      _, last, word = expression:find("^%[([%a_][%w_.-]*)%]", at)
      word = word and template.words(word)
    end
    if not word or #words == 0 and type(word) ~= "string" then
      return nil
    end
    words[#words + 1] = word
    at = last + 1
  end
  return #words > 0 and words or nil
end


-- Where the `}` is that ends what begins before `at`; quotes inside may hold braces.
local function closing(s, at)
  local depth, quoted = 1, false
  while true do
    local found = s:find(quoted and '["\\]' or '["{}]', at)
    if not found then
      return nil
    end
    local char = s:sub(found, found)
    if char == '"' then
      quoted = not quoted
    elseif char == "\\" then
      found = found + 1
    else
      depth = depth + (char == "{" and 1 or -1)
    end
    if depth == 0 then
      return found
    end
    at = found + 1
  end
end


-- As Terraform makes a text of a number or a boolean; nil: it does not.
function template.as_text(value)
  if type(value) == "string" then
    return value
  elseif type(value) == "number" then
    return text.number(value)
  elseif type(value) == "boolean" then
    return tostring(value)
  end
end


local function look_up(expression, scope)
  local words = template.words(expression)
  if not words then
    return nil
  end
  return scope(words, expression)
end


-- What a string says: a text, or what its one expression is, or template.UNKNOWN and the first expression that is
-- not known.
function template.value(s, scope)
  local parts, at, n = {}, 1, 0
  while true do
    local open = s:find("[$%%]%{", at)
    if not open then
      parts[#parts + 1] = s:sub(at)
      return table.concat(parts)
    end
    local mark = s:sub(open, open)
    if open > at and s:sub(open - 1, open - 1) == mark then
      parts[#parts + 1] = s:sub(at, open - 2) .. mark .. "{"
      at = open + 2
    else
      local close = mark == "$" and closing(s, open + 2)
      local expression = s:sub(open, close or #s)
      n = n + 1
      local value = close and n <= PARTS_MAX and look_up(s:sub(open + 2, close - 1), scope) or nil
      if value == nil then
        return template.UNKNOWN, expression
      elseif open == 1 and close == #s then
        return value
      end
      local word = template.as_text(value)
      if not word then
        return template.UNKNOWN, expression
      end
      parts[#parts + 1] = s:sub(at, open - 1) .. word
      at = close + 1
    end
  end
end


-- A copy in which all strings are what they say; `unknown(path, expression)` is called for those that nobody
-- can say, which are left out.
function template.evaluated(value, scope, unknown, path)
  if type(value) == "string" then
    local said, expression = template.value(value, scope)
    if said == template.UNKNOWN then
      unknown(path, expression)
      return nil
    end
    return said
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  if member.is_array(value) then
    for i, item in ipairs(value) do
      local said = template.evaluated(item, scope, unknown, ("%s[%d]"):format(path, i - 1))
      copy[i] = said == nil and text.null or said
    end
    return setmetatable(copy, { __metatable = "array" })
  end
  for name, item in views.sorted(value) do
    if name ~= "//" then
      copy[name] = template.evaluated(item, scope, unknown, path == "" and name or path .. "." .. name)
    end
  end
  return setmetatable(copy, { __metatable = "object" })
end


return template
