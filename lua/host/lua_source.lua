-- Lua source that a program writes and people go on editing: the one place that knows how names and
-- strings of others are written, and how tables are laid out. What it writes reads back as what it
-- was given, whatever that is.
--
-- Fields are a list of pairs, in the order in which they are to stand: { { "title", "shop" }, … }.
-- A value is a string, an integer, a boolean, fields, a list (source.list) or Lua itself (source.raw).

local layout = require "layout"
local text = require "text"

local source = {}

local WIDTH = 100 -- of a line, where it can be held
local TABLE = 118 -- of rows below each other

local RESERVED = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then
    true until while]]):gmatch "%a+" do
  RESERVED[word] = true
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }


function source.list(items)
  return { kind = "list", items = items }
end


-- Lua as it is: a name, a call.
function source.raw(lua)
  return { kind = "raw", lua = lua }
end


-- A character that is not shown as it is (it may turn the direction of a line, or be none).
local function escaped(char)
  return (char:gsub(".", function(byte)
    return ESCAPES[byte] or (byte:find "[ -~]" and byte) or ("\\x%02X"):format(byte:byte())
  end))
end


-- In double quotes, in single ones where those stand in it. Bytes that are no text, and characters that no
-- terminal should get, are escapes.
function source.string(s)
  local quote = s:find('"', 1, true) and not s:find("'", 1, true) and "'" or '"'
  local parts, at = {}, 1
  while at <= #s do
    local odd = s:find('[^] !#-[^-~]', at) or #s + 1
    parts[#parts + 1] = s:sub(at, odd - 1)
    if odd <= #s then
      local last = utf8.len(s, odd, odd) and utf8.offset(s, 2, odd) - 1 or odd
      local char = s:sub(odd, last)
      local bare = char == '"' and quote == "'"
      parts[#parts + 1] = not bare and (char:find '[%c"\\]' or not text.is_plain(char)) and escaped(char) or char
      odd = last + 1
    end
    at = odd
  end
  return quote .. table.concat(parts) .. quote
end


-- true for what stands before an equals sign, or behind a dot, without quotes.
function source.is_name(s)
  return s:find "^[%a_][%w_]*$" ~= nil and not RESERVED[s]
end


function source.key(s)
  return source.is_name(s) and s or "[" .. source.string(s) .. "]"
end


local inline

local function inline_fields(fields)
  local parts = {}
  for i, field in ipairs(fields) do
    parts[i] = source.key(field[1]) .. " = " .. inline(field[2])
  end
  return parts
end


local function inline_list(list)
  local parts = {}
  for i, item in ipairs(list.items) do
    parts[i] = inline(item)
  end
  return parts
end


local function braces(parts)
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end


-- A value on one line.
function inline(value)
  local kind = type(value)
  if kind == "string" then
    return source.string(value)
  elseif kind ~= "table" then
    return tostring(value)
  elseif value.kind == "raw" then
    return value.lua
  end
  return braces(value.kind == "list" and inline_list(value) or inline_fields(value))
end

source.inline = inline


-- Parts, filled into lines behind `indent`.
local function filled(parts, indent)
  local lines, line = {}, ""
  for _, part in ipairs(parts) do
    if line ~= "" and text.columns(indent .. line .. " " .. part) + 1 > WIDTH then
      lines[#lines + 1], line = indent .. line .. "\n", ""
    end
    line = (line == "" and "" or line .. " ") .. part .. ","
  end
  return table.concat(lines) .. (line ~= "" and indent .. line .. "\n" or "")
end


local lines_of

-- "{ … }", over lines where it does not end before the margin; `used`: columns before and behind it.
local function value_text(value, indent, used)
  local line = inline(value)
  if type(value) ~= "table" or value.kind == "raw" or used + text.columns(line) <= WIDTH then
    return line
  end
  return "{\n" .. lines_of(value, indent .. "  ") .. indent .. "}"
end


-- What stands between braces that stand on lines of their own.
function lines_of(value, indent)
  if value.kind == "list" then
    return filled(inline_list(value), indent)
  end
  local lines = {}
  for i, field in ipairs(value) do
    local head = indent .. source.key(field[1]) .. " = "
    lines[i] = head .. value_text(field[2], indent, text.columns(head) + 1) .. ",\n"
  end
  return table.concat(lines)
end


-- Fields, as many in a line as go there; one that takes more than a line stands by itself.
local function packed_lines(fields, indent)
  local lines, run = {}, {}
  for i, field in ipairs(fields) do
    local part = source.key(field[1]) .. " = " .. inline(field[2])
    local long = text.columns(indent .. part) + 1 > WIDTH
    if not long then
      run[#run + 1] = part
    end
    if #run > 0 and (long or i == #fields) then
      lines[#lines + 1] = filled(run, indent)
      run = {}
    end
    if long then
      lines[#lines + 1] = lines_of({ field }, indent)
    end
  end
  return table.concat(lines)
end


-- A value behind `indent`; `used`: columns before and behind it on its first line.
source.value = value_text


-- "cfkv.project { … }\n", behind `indent`. `packed`: what does not end before the margin is laid out with as
-- many fields in a line as go there, else with one.
function source.call(name, fields, indent, packed)
  indent = indent or ""
  local head = indent .. name .. " "
  local line = head .. inline(fields)
  if text.columns(line) <= WIDTH then
    return line .. "\n"
  end
  return head .. "{\n" .. (packed and packed_lines or lines_of)(fields, indent .. "  ") .. indent .. "}\n"
end


-- Which of the arguments is laid out over lines: the longest table, else none.
local function breakable(args)
  local widest, at = 0, nil
  for i, arg in ipairs(args) do
    local columns = type(arg) == "table" and arg.kind ~= "raw" and text.columns(inline(arg)) or 0
    if columns > widest then
      widest, at = columns, i
    end
  end
  return at
end


-- "ns:put(key, value, { … })\n", behind `indent`: with a table over lines, or the arguments below each
-- other, where it does not end before the margin.
function source.invoke(name, args, indent)
  indent = indent or ""
  local parts = {}
  for i, arg in ipairs(args) do
    parts[i] = inline(arg)
  end
  local line = indent .. name .. "(" .. table.concat(parts, ", ") .. ")"
  local at = text.columns(line) > WIDTH and breakable(args)
  if at then
    parts[at] = "{\n" .. lines_of(args[at], indent .. "  ") .. indent .. "}"
    line = indent .. name .. "(" .. table.concat(parts, ", ") .. ")"
  elseif text.columns(line) > WIDTH then
    line = indent .. name .. "(" .. table.concat(parts, ",\n" .. indent .. "  ") .. ")"
  end
  return line .. "\n"
end


-- How wide the fields of a name are, over the rows that have it; nil where a row gets longer than `max`.
local function widths_of(name, rows, columns, max)
  local widths = {}
  for _, row in ipairs(rows) do
    for _, field in ipairs(row) do
      local n = text.columns(source.key(field[1]) .. " = " .. inline(field[2]))
      widths[field[1]] = math.max(widths[field[1]] or 0, n)
    end
  end
  local all = text.columns(name) + #" {  }" - 2
  for _, column in ipairs(columns) do
    all = all + (widths[column] and widths[column] + 2 or 0)
  end
  return all <= max and widths or nil
end


local function aligned(name, row, columns, widths)
  local values, line, gap = {}, name .. " { ", ""
  for _, field in ipairs(row) do
    values[field[1]] = source.key(field[1]) .. " = " .. inline(field[2])
  end
  for i, column in ipairs(columns) do
    if values[column] then
      line = line .. gap .. values[column] .. (i < #columns and "," or "")
      gap = (" "):rep(widths[column] - text.columns(values[column]) + 1)
    elseif widths[column] then
      gap = gap .. (" "):rep(widths[column] + 2)
    end
  end
  return (line:sub(-1) == "," and line:sub(1, -2) or line) .. " }\n"
end


-- The same call with several tables, one a line, their fields below each other; `columns` are the names
-- of all fields in the order in which they stand. What gets too long that way (`max` columns) stands one by
-- one, as source.call has it. Returns also whether they are below each other.
function source.calls(name, rows, columns, max, packed)
  local widths, lines = widths_of(name, rows, columns, max or TABLE), {}
  for i, row in ipairs(rows) do
    lines[i] = widths and aligned(name, row, columns, widths) or source.call(name, row, "", packed)
  end
  return table.concat(lines), widths ~= nil
end


-- A table of tables, { { key, fields }, … }: one a line, their fields below each other; `columns` as above.
function source.rows(rows, columns)
  local width, heads, tables = 0, {}, {}
  for i, row in ipairs(rows) do
    heads[i], tables[i] = source.key(row[1]), row[2]
    width = math.max(width, text.columns(heads[i]))
  end
  local lines = {}
  local widths = widths_of((" "):rep(width) .. "  = ", tables, columns, WIDTH)
  for i, row in ipairs(rows) do
    local head = "  " .. heads[i] .. (widths and (" "):rep(width - text.columns(heads[i])) or "") .. " ="
    if #row[2] == 0 then
      lines[i] = head .. " {},\n"
    else
      lines[i] = (widths and aligned(head, row[2], columns, widths) or source.call(head:sub(3), row[2], "  "))
        :sub(1, -2) .. ",\n"
    end
  end
  return "{\n" .. table.concat(lines) .. "}"
end


-- Pieces as one text, { "…" } or { lua = "purpose" }: "shop-" .. purpose.
function source.joined(pieces)
  local parts, plain = {}, ""
  local function flush()
    if plain ~= "" then
      parts[#parts + 1] = source.string(plain)
    end
    plain = ""
  end
  for _, piece in ipairs(pieces) do
    if piece.lua then
      flush()
      parts[#parts + 1] = piece.lua
    else
      plain = plain .. piece[1]
    end
  end
  flush()
  return source.raw(#parts > 0 and table.concat(parts, " .. ") or '""')
end


-- Paragraphs as comments, filled.
function source.comment(words, indent)
  local head = (indent or "") .. "-- "
  local body = layout.wrap(layout.shown(words), 0, WIDTH - #head)
  return (head .. body:sub(1, -2):gsub("\n", "\n" .. head) .. "\n")
end


return source
