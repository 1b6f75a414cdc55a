-- What `cfkv help TOPIC` prints: host/topic/*.lua, of which each is
--
--   about   one line for the list of topics
--   text    paragraphs of at most 80 columns; what stands between ``` lines is an example, which
--           tests/cli/readme_spec.lua runs
--   fields  true: the fields of a namespace stand behind it
--   rows    the section of the manual page for which its first rows are ("ENVIRONMENT")

local layout = require "layout"

local topics = {}

local WIDTH = 80 -- for which they are written
local FIELDS = "A namespace has these fields (*: cfkv.project { defaults } may give it for all):"
local DOC = 27 -- the column of what a field is


-- The pieces of a text, in order: kind is "example", "rows" (what is indented as it is to be seen),
-- "item" (of a list) or "words" (a paragraph, in one line).
function topics.pieces(text)
  local pieces, piece, fenced = {}, nil, false
  local function add(kind, line, join)
    if not piece or piece.kind ~= kind or kind == "item" and line:sub(1, 2) == "- " then
      piece = { kind = kind, text = line }
      pieces[#pieces + 1] = piece
    else
      piece.text = piece.text .. join .. line
    end
  end
  for line in text:gmatch "([^\n]*)\n" do
    if line:sub(1, 3) == "```" then
      fenced, piece = not fenced, nil
    elseif fenced then
      add("example", line, "\n")
    elseif line == "" then
      piece = nil
    elseif line:sub(1, 2) == "- " then
      add("item", line)
    elseif piece and piece.kind == "item" then
      add("item", line:match "^%s*(.*)$", " ")
    elseif line:sub(1, 1) == " " then
      add("rows", line, "\n")
    else
      add("words", line, " ")
    end
  end
  return pieces
end


-- As a terminal shows it that is narrower than 80 columns.
local function narrow_page(text, width)
  local parts, before = {}, nil
  for i, piece in ipairs(topics.pieces(text)) do
    local shown = piece.text .. "\n"
    if piece.kind == "words" then
      shown = layout.wrap(piece.text, 0, width)
    elseif piece.kind == "item" then
      shown = "- " .. layout.wrap(piece.text:sub(3), 2, width)
    elseif piece.kind == "example" then
      shown = "    " .. shown:gsub("\n(.)", "\n    %1")
    end
    parts[i] = (i > 1 and not (piece.kind == "item" and before == "item") and "\n" or "") .. shown
    before = piece.kind
  end
  return table.concat(parts)
end


-- The text as a terminal shows it: examples are indented, and their fences gone.
local function page(text, width)
  local lines, inside = {}, false
  if width < WIDTH then
    return narrow_page(text, width)
  end
  for line in text:gmatch "([^\n]*)\n" do
    if line:sub(1, 3) == "```" then
      inside = not inside
    else
      lines[#lines + 1] = inside and line ~= "" and "    " .. line or line
    end
  end
  return table.concat(lines, "\n") .. "\n"
end


local function describe(all, width)
  local of_defaults = {}
  for _, field in ipairs(all["cfkv.defaults"]) do
    of_defaults[field.name] = true
  end
  local column = width < WIDTH and 6 or DOC
  local lines = { "\n" .. layout.wrap(FIELDS, 0, width) .. "\n" }
  for _, field in ipairs(all["cfkv.namespace_fields"]) do
    local left = layout.pad("  " .. field.name .. (of_defaults[field.name] and " *" or ""), 18) .. field.type
    left = column < DOC and left .. "\n" .. (" "):rep(column) or layout.pad(left, column)
    lines[#lines + 1] = left .. layout.wrap(field.doc, column, width)
  end
  return table.concat(lines)
end


-- The page of a topic; one that is about the fields of a namespace tells them.
function topics.page(all, name)
  local topic = require("topic." .. name)
  return page(topic.text, all.width) .. (topic.fields and describe(all.fields, all.width) or "")
end


-- The list of the topics, by their names.
function topics.list(all)
  local rows = { "\ntopics ('cfkv help TOPIC'):\n" }
  for _, name in ipairs(all.topics) do
    local left = all.width < WIDTH and ("  %s\n      "):format(name) or layout.pad("  " .. name, 28)
    rows[#rows + 1] = left .. layout.wrap(require("topic." .. name).about, all.width < WIDTH and 6 or 28, all.width)
  end
  return table.concat(rows)
end


return topics
