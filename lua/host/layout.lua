-- Columns and nouns.

local text = require "text"

local layout = {}


-- `cell` with blanks behind it, so that `shown` of it (without: all) take `width` columns.
function layout.pad(cell, width, shown)
  return cell .. (" "):rep(width - text.columns(shown or cell))
end


-- "1 key", "3 keys".
function layout.count(n, noun)
  return ("%d %s%s"):format(n, noun, n == 1 and "" or "s")
end


return layout
