-- How texts for people are laid out.

local text = require "text"

local layout = {}


-- `cell` with blanks behind it, so that `shown` of it (without: all) take `width` columns.
function layout.pad(cell, width, shown)
  return cell .. (" "):rep(width - text.columns(shown or cell))
end


-- All of it, with what a terminal must not get as \xNN.
function layout.shown(s)
  return (s:gsub("[^']+", function(run)
    return text.quote(run):sub(2, -2)
  end))
end


-- "1 key", "3 keys".
function layout.count(n, noun)
  return ("%d %s%s"):format(n, noun, n == 1 and "" or "s")
end


-- Words in lines of at most 80 columns, of which all but the first begin at `column`; `at`: where
-- the first begins.
function layout.wrap(words, column, at)
  local lines, line, width = {}, "", at or column
  for word in words:gmatch "%S+" do
    local columns = text.columns(word)
    if line ~= "" and width + 1 + columns > 80 then
      lines[#lines + 1] = line
      line, width = "", column
    end
    local gap = line == "" and "" or " "
    line, width = line .. gap .. word, width + #gap + columns
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n" .. (" "):rep(column))
end


return layout
