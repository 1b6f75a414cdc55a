-- Ids by which tools take over what is there: parts with slashes between them.

local text = require "text"

local ids = {}


-- A part that has no slash: it is split at them, and each part decoded.
function ids.part(s)
  return (s:gsub("[/%%]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end


-- nil: one of the parts is not known.
function ids.join(parts)
  for _, part in ipairs(parts) do
    if part == text.null then
      return nil
    end
  end
  return table.concat(parts, "/")
end


return ids
