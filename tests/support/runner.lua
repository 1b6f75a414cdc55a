--- What the runner of GitHub Actions makes of a log: the commands in it, by its rules (actions/runner,
--- ActionCommand.cs and ActionCommandManager.cs).
---
---     local runner = require "support.runner"
---
---     assert.same({}, runner.commands(r.out .. r.err))
---     runner.commands(text)[1] → { name = "error", properties = { file = "kv.lua" }, data = "…" }
---
--- A line that begins with "::" behind blanks, and anything with "##[" in a line, is a command when its
--- name is one; from stop-commands to its token none is. stop-commands and the token that ends it are
--- no commands of the list.
local runner = {}

local NAMES = {}
for name in ([[stop-commands error warning notice debug group endgroup add-mask set-env set-output save-state
  add-path add-matcher remove-matcher echo]]):gmatch "%S+" do
  NAMES[name] = true
end

-- What .NET trims; U+200B is none of it.
local BLANKS = { "\u{85}", "\u{a0}", "\u{1680}", "\u{2028}", "\u{2029}", "\u{202f}", "\u{205f}", "\u{3000}" }
for c = 0x2000, 0x200a do
  BLANKS[#BLANKS + 1] = utf8.char(c)
end


local function trimmed(line)
  local before
  repeat
    before = line
    line = line:gsub("^%s+", "")
    for _, blank in ipairs(BLANKS) do
      if line:sub(1, #blank) == blank then
        line = line:sub(#blank + 1)
      end
    end
  until line == before
  return line
end


local function unescaped(s)
  return (s:gsub("%%(%x%x)", function(hex)
    return ({ ["0D"] = "\r", ["0A"] = "\n", ["3A"] = ":", ["2C"] = ",", ["25"] = "%" })[hex:upper()]
  end))
end


local function command(info, data, separator)
  local name, rest = info:match "^(%S*) ?(.*)$"
  local properties = {}
  for pair in rest:gmatch("[^" .. separator .. "]+") do
    local key, value = pair:match "^([^=]+)=(.+)$"
    if key then
      properties[key] = unescaped(value)
    end
  end
  return { name = name:lower(), properties = properties, data = unescaped(data) }
end


local function parsed(line)
  local info, data = trimmed(line):match "^::(.-)::(.*)$"
  if info then
    return command(info, data, ",")
  end
  info, data = line:match "##%[(.-)%](.*)$"
  return info and command(info, data, ";")
end


-- Lines end with LF, CR, or both.
function runner.lines(text)
  local lines = {}
  for line in (text:gsub("\r\n?", "\n") .. "\n"):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = line
  end
  return lines
end


-- Of lines in the order in which they are read.
function runner.of_lines(lines)
  local found, token = {}, nil
  for _, line in ipairs(lines) do
    local c = parsed(line)
    if token then
      token = not (c and c.name == token:lower()) and token or nil
    elseif c and c.name == "stop-commands" then
      token = c.data
    elseif c and NAMES[c.name] then
      found[#found + 1] = c
    end
  end
  return found
end


function runner.commands(text)
  return runner.of_lines(runner.lines(text))
end


return runner
