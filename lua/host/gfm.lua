-- Text from outside in GitHub's Markdown, outside of fences: what Markdown, HTML or GitHub (mentions,
-- references, links, emoji) would make something of is escaped, or broken by a space of no width. Whoever
-- prints this into a log of GitHub Actions runs no command by it: text.defuse.

local layout = require "layout"

local gfm = {}

local NO_WIDTH = "\u{200B}"
local ENTITIES = { ["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;", ['"'] = "&quot;" }


-- What GitHub looks for in any text that is not code.
local function inert(s)
  s = layout.shown(s):gsub("[@#]", "%0" .. NO_WIDTH):gsub("://", ":" .. NO_WIDTH .. "//")
  return (s:gsub("([Ww][Ww][Ww])%.", "%1" .. NO_WIDTH .. "."):gsub(":([%w_+-]+:)", ":" .. NO_WIDTH .. "%1")
    :gsub("([Gg][Hh])%-", "%1" .. NO_WIDTH .. "-"))
end


-- For the inside of an HTML element.
function gfm.html(s)
  return (inert(s):gsub('[<>&"]', ENTITIES))
end


-- For a paragraph, an item or a cell; nothing of it may begin a line.
function gfm.escaped(s)
  return (inert(s):gsub("[<>&]", ENTITIES):gsub("[\\`*_%[%]|~$#]", "\\%0"))
end


return gfm
