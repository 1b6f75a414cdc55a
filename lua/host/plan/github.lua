-- Annotations of diagnostics for GitHub Actions, commands that its runner reads from the log.

local words = require "plan.words"

local github = {}

local known = words.known

local KINDS_MAX = 10 -- of a kind that GitHub shows of a step


local function data(s)
  return (s:gsub("[%%\r\n]", { ["%"] = "%25", ["\r"] = "%0D", ["\n"] = "%0A" }))
end


local function property(s)
  return (data(s):gsub("[:,]", { [":"] = "%3A", [","] = "%2C" }))
end


-- Where the file lies in the workspace: `folder` is where the program was started.
local function path(folder, file)
  if file:sub(1, 1) == "/" then
    return file
  end
  local names = {}
  for name in (folder .. "/" .. file):gmatch "[^/]+" do
    if name == ".." and #names > 0 and names[#names] ~= ".." then
      names[#names] = nil
    elseif name ~= "." then
      names[#names + 1] = name
    end
  end
  return table.concat(names, "/")
end


local function annotation(diag, folder)
  local d = words.diagnostic(diag)
  local properties = {}
  local file, line = known(diag.file), known(diag.line)
  if file then
    properties[1] = "file=" .. property(path(folder, file))
    properties[2] = line and line > 0 and "line=" .. line or nil
    properties[3] = known(diag.column) and "col=" .. diag.column or nil
  end
  properties[#properties + 1] = "title=" .. property("cfkv: " .. diag.code)
  local message = d.message .. (d.also and "\n" .. d.also or "") .. (d.hint and "\nhint: " .. d.hint or "")
  return ("::%s %s::%s\n"):format(d.severity, table.concat(properties, ","), data(message))
end


-- Of { diagnostics =, folder = }: errors first, at most as many of each kind as are shown.
function github.annotations(all)
  local lines = {}
  for _, severity in ipairs { "error", "warning" } do
    local n = 0
    for _, diag in ipairs(all.diagnostics) do
      if diag.severity == severity and n < KINDS_MAX then
        n = n + 1
        lines[#lines + 1] = annotation(diag, known(all.folder) or "")
      end
    end
  end
  return table.concat(lines)
end


return github
