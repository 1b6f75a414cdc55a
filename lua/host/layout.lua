-- How texts for people are laid out.

local text = require "text"

local layout = {}

local WIDTH = 80


-- `cell` with blanks behind it, so that `shown` of it (without: all) take `width` columns.
function layout.pad(cell, width, shown)
  return cell .. (" "):rep(width - text.columns(shown or cell))
end


-- All of it, with what a terminal must not get as \xNN.
function layout.shown(s)
  if text.is_plain(s) then
    return s
  end
  return (s:gsub("[^']+", function(run)
    return text.quote(run):sub(2, -2)
  end))
end


-- A paragraph in lines of at most `width` (80) columns, the first of which begins behind column `indent`,
-- as the others do.
function layout.wrap(s, indent, width)
  local lines, line, at = {}, {}, indent
  for word in s:gmatch "[^ ]+" do
    local columns = text.columns(word)
    if #line > 0 and at + #line + columns > (width or WIDTH) then
      lines[#lines + 1] = table.concat(line, " ")
      line, at = {}, indent
    end
    line[#line + 1] = word
    at = at + columns
  end
  lines[#lines + 1] = table.concat(line, " ")
  return table.concat(lines, "\n" .. (" "):rep(indent)) .. "\n"
end


-- "1 key", "3 keys"; `many` is the plural of an irregular noun.
function layout.count(n, noun, many)
  return ("%d %s"):format(n, n == 1 and noun or many or noun .. "s")
end


return layout
