--- Golden files: what a change of the code alters in a text shows in the change of a file.
---
---     local golden = require "support.golden"
---
---     golden.check("puts", golden.masked(text)) -- against tests/golden/puts.txt
---
--- GOLDEN=write writes the files anew, to be read before they are committed.
---
--- golden.masked(text)       without what is made of chance or of the clock
--- golden.check(name, text)  raises at the first line that differs; a name with an ending is that of the file
local project = require "support.project"

local golden = {}


-- The salt, all that is hashed with it, times that are near, and ids, which are numbered as they come.
function golden.masked(text)
  local ids, n = {}, 0
  text = text:gsub('("salt": ?)"%x+"', '%1"…"'):gsub('("hmac": ?)"(v%d:)%x+"', '%1"%2…"')
  text = text:gsub('("expiration": ?)(%d+)', function(name, time)
    return math.abs(time - os.time()) < 1e6 and name .. "soon" or nil
  end)
  text = text:gsub("%d%d%d%d%-%d%d%-%d%d %d%d:%d%d UTC", "DATE")
  text = text:gsub('("created": ?)"%d%d%d%d%-%d%d%-%d%d"', '%1"DATE"')
  text = text:gsub("about %d+:%d%d at this rate", "about … at this rate"):gsub('("seconds": )%d+', "%1…")
  return (text:gsub("%f[%x]" .. ("%x"):rep(32) .. "%f[%X]", function(id)
    if not ids[id] then
      n = n + 1
      ids[id] = "id-" .. n
    end
    return ids[id]
  end))
end


-- The first line that differs, where it stands and what it was.
local function difference(old, new)
  local before = old:gmatch "([^\n]*)\n?"
  local n = 0
  for line in new:gmatch "([^\n]*)\n?" do
    n = n + 1
    local was = before()
    if line ~= was then
      return ("line %d: %s\n  was: %s"):format(n, line, was)
    end
  end
  return before() and "it is shorter" or ""
end


function golden.check(name, text)
  local path = "tests/golden/" .. name .. (name:find(".", 1, true) and "" or ".txt")
  if os.getenv "GOLDEN" == "write" then
    local f = assert(io.open(path, "wb"))
    f:write(text)
    f:close()
  end
  local differs = difference(project.slurp(path) or "", text)
  if differs ~= "" then
    error(path .. ", " .. differs, 2)
  end
end


return golden
