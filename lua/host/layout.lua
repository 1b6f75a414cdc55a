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


return layout
