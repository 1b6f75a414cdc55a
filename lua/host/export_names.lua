-- Names that a file of another tool gives what is exported: letters, digits, dashes and underscores, each
-- once, and as near to the title as that goes.

local names = {}

local MAX = 60 -- bytes, before what tells one from another


-- "Shop: pages (EU)" is "Shop-pages-EU". Never empty, begins with a letter.
function names.plain(s)
  local plain = s:gsub("[^%w_]+", "-"):sub(1, MAX):gsub("^%-+", ""):gsub("%-+$", "")
  if plain == "" then
    return "kv"
  end
  return plain:find "^%a" and plain or "kv-" .. plain
end


-- The first free one of NAME, NAME-2, NAME-3 …
local function take(self, s)
  local plain = names.plain(s)
  local name, n = plain, self.used[plain] or 1
  while self.taken[name] do
    n = n + 1
    name = plain .. "-" .. n
  end
  self.used[plain], self.taken[name] = n, true
  return name
end


-- A set of names, in which those of the list are taken: `set:take(s)` gives one that nothing else has.
function names.new(reserved)
  local set = { taken = {}, used = {}, take = take }
  for _, name in ipairs(reserved) do
    set.taken[name] = true
  end
  return set
end


return names
