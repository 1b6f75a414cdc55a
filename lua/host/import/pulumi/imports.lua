-- The file of `pulumi import --file`: { resources = { { type, name, id }, … } }.

local member = require "import.pulumi.member"

local imports = {}


function imports.recognises(value)
  for _, item in ipairs(member.list(value, "resources")) do
    if member.kind(member.string(item, "type")) and member.string(item, "name") and member.string(item, "id") then
      return true
    end
  end
  -- An export of what has no ids yet.
  return next(value) == "resources" and next(value, "resources") == nil and #member.list(value, "resources") == 0
end


-- "a%2Fb" is "a/b".
local function decoded(s)
  return (s:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end


local READ = {
  namespace = function(into, item, line)
    local account, id = item.id:match "^([^/]*)/([^/]*)$"
    into.namespace { ref = item.name, line = line, account = account, id = id or item.id }
  end,
  key = function(into, item, line)
    local account, id, key = item.id:match "^([^/]*)/([^/]*)/(.*)$"
    if not account then
      return into.warn(line, "import.id", "the id of a key is ACCOUNT/NAMESPACE/KEY, and this one is not",
        "write it so; the key is left out")
    end
    into.key { id = id, account = account, key = decoded(key), line = line, of = item.name,
      why = "a file of 'pulumi import' holds no values" }
  end,
}


function imports.read(document, _, into)
  local others = 0
  for _, item in ipairs(member.list(document.value, "resources")) do
    local read = READ[member.kind(member.string(item, "type")) or ""]
    if read and member.string(item, "id") then
      read(into, item, item["@line"])
    else
      others = others + 1
    end
  end
  into.foreign(others)
end


return imports
