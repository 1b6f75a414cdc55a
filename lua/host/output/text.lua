-- NAME = VALUE, for people: a string that a terminal would not show as it is stands there as JSON, so
-- that one output is one line.

local outputs = require "outputs"
local text = require "text"
local view = require "view"

local lines = { about = "as lines for people (the default)" }


function lines.entries(all)
  return outputs.entries(all, {}, function(name, value)
    local plain = outputs.value(value)
    if not text.is_plain(plain) then
      plain = text.show_json(view.json(value))
    end
    return name .. " = " .. plain .. "\n"
  end)
end


-- The same below a heading.
function lines.indented(all)
  return (lines.entries(all):gsub("[^\n]+\n", "  %0"))
end


-- The value of the only one alone, for $(cfkv output NAME).
function lines.value(all)
  return outputs.value(select(2, next(all))) .. "\n"
end


return lines
