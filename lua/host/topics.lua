-- What `cfkv help TOPIC` prints: host/topic/*.lua, of which each is
--
--   about   one line for the list of topics
--   text    paragraphs of at most 80 columns; what stands between ``` lines is an example, which
--           tests/cli/readme_spec.lua runs
--   fields  true: the fields of a namespace stand behind it

local layout = require "layout"

local topics = {}

local DOC = 27 -- the column of what a field is


-- The text as a terminal shows it: examples are indented, and their fences gone.
local function page(text)
  local lines, inside = {}, false
  for line in text:gmatch "([^\n]*)\n" do
    if line:sub(1, 3) == "```" then
      inside = not inside
    else
      lines[#lines + 1] = inside and line ~= "" and "    " .. line or line
    end
  end
  return table.concat(lines, "\n") .. "\n"
end


local function describe(fields)
  local lines = { "\nA namespace has these fields (*: cfkv.project { defaults } may give it for all):\n\n" }
  for _, field in ipairs(fields) do
    local name = layout.pad("  " .. field.name .. (field.default and " *" or ""), 18)
    lines[#lines + 1] = layout.pad(name .. field.type, DOC) .. layout.wrap(field.doc, DOC)
  end
  return table.concat(lines)
end


-- The page of a topic; one that is about the fields of a namespace tells them.
function topics.page(name, fields)
  local topic = require("topic." .. name)
  return page(topic.text) .. (topic.fields and describe(fields) or "")
end


-- The list of the topics, by their names.
function topics.list(names)
  local rows = { "\ntopics ('cfkv help TOPIC'):\n" }
  for _, name in ipairs(names) do
    rows[#rows + 1] = ("  %-24s  %s\n"):format(name, require("topic." .. name).about)
  end
  return table.concat(rows)
end


return topics
