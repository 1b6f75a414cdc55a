-- YAML that a program writes and people go on editing: the one place that knows what needs quotes. What it
-- writes reads back as what it was given, by parsers of YAML 1.1 and 1.2 alike.
--
-- Fields are a list of pairs, in the order in which they are to stand: { { "kind", "Kv" }, … }. A value is a
-- string, a number, a boolean, fields or a list (yaml.list). A string is valid UTF-8.

local layout = require "layout"
local text = require "text"

local yaml = {}

local WIDTH = 100 -- of a comment

-- What is no string without quotes, in either version, in any case.
local WORDS = {}
for word in ("true false yes no on off null y n"):gmatch "%a+" do
  WORDS[word] = true
end


function yaml.list(items)
  return { kind = "list", items = items }
end


-- Words of letters, digits and what no parser takes for more. What begins with a digit may be a number.
local function is_plain(s)
  return #s <= 80 and s:find "^[%a/][%w_./ -]*$" ~= nil and s:sub(-1) ~= " " and not WORDS[s:lower()]
end


-- Characters that end a line in YAML 1.1, or that no version of it allows as they are.
local function escaped(char)
  local code = utf8.codepoint(char)
  if code >= 0x7F and code < 0xA0 then
    return ("\\x%02X"):format(code)
  elseif code == 0x2028 or code == 0x2029 or code == 0xFEFF or code == 0xFFFE or code == 0xFFFF then
    return ("\\u%04X"):format(code)
  end
end


-- In single quotes nothing is an escape: for what would have many. In double quotes JSON's escapes are YAML's, too.
function yaml.scalar(value)
  if type(value) ~= "string" then
    return type(value) == "number" and text.number(value) or tostring(value)
  elseif is_plain(value) then
    return value
  elseif value:find '["\\]' and not value:find "[^ -~]" then
    return "'" .. value:gsub("'", "''") .. "'"
  end
  return (text.string(value):gsub("[\x7F\xC2\xE2\xEF][\x80-\xBF]*", escaped))
end


local add

local function add_fields(out, fields, indent, first)
  for i, field in ipairs(fields) do
    out[#out + 1] = (i == 1 and first or indent) .. yaml.scalar(field[1]) .. ":"
    add(out, field[2], indent .. "  ", indent)
  end
end


-- An item that is a map begins behind its dash.
local function add_items(out, items, indent)
  for _, item in ipairs(items) do
    if type(item) == "table" and item.kind ~= "list" and #item > 0 then
      add_fields(out, item, indent .. "  ", indent .. "- ")
    else
      out[#out + 1] = indent .. "-"
      add(out, item, indent .. "  ", indent .. "  ")
    end
  end
end


-- What stands behind a key or a dash.
function add(out, value, indent, list_indent)
  if type(value) ~= "table" then
    out[#out + 1] = " " .. yaml.scalar(value) .. "\n"
    return
  end
  local is_list = value.kind == "list"
  local items = is_list and value.items or value
  out[#out + 1] = #items == 0 and (is_list and " []\n" or " {}\n") or "\n"
  if is_list then
    add_items(out, items, list_indent)
  else
    add_fields(out, items, indent, indent)
  end
end


function yaml.document(fields)
  if #fields == 0 then
    return "{}\n"
  end
  local out = {}
  add_fields(out, fields, "", "")
  return table.concat(out)
end


-- Several documents, each { head = comment or nil, fields }, in one file.
function yaml.documents(list)
  local parts = {}
  for i, one in ipairs(list) do
    parts[i] = (one.head or "") .. yaml.document(one.fields)
  end
  return table.concat(parts, "---\n")
end


-- Words as a comment, filled.
function yaml.comment(words)
  local body = layout.wrap(layout.shown(words), 0, WIDTH - 2)
  return "# " .. body:sub(1, -2):gsub("\n", "\n# ") .. "\n"
end


return yaml
