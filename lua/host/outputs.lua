-- What the formats of outputs (host/output/*.lua) share. A format is a module with
--
--   about     what it is, as `cfkv help output` says it
--   entries   makes of a view, an object of name to value, the text; or nil and the problems
--
-- Each is quoted so that its reader gets back exactly the bytes of a string; a value that is no
-- string is canonical JSON, in tfvars the same as an HCL expression. One output is one entry, in the
-- order of the names.

local text = require "text"
local view = require "view"

local outputs = {}


-- The bytes of a string, or the JSON of anything else.
function outputs.value(value)
  return type(value) == "string" and value or view.json(value)
end


-- The problems of outputs whose names `fold` makes one.
function outputs.check_distinct(all, fold, problems)
  local seen = {}
  for name in view.sorted(all) do
    local folded = fold(name)
    if seen[folded] then
      problems[#problems + 1] = {
        message = ("outputs %s and %s are both %s in this format"):format(text.quoted(seen[folded]),
          text.quoted(name), text.quoted(folded)),
        hint = "give one of them another name, or print them one at a time",
      }
    end
    seen[folded] = seen[folded] or name
  end
end


-- The problems of names that are not a letter or _, then letters, digits, _ and -: GitHub and HCL
-- have the same rule.
function outputs.check_identifiers(all, problems)
  for name in view.sorted(all) do
    if not name:find "^[%a_][%w_-]*$" then
      problems[#problems + 1] = {
        message = ("output name %s is no identifier, as this format needs"):format(text.quoted(name)),
        hint = "use letters, digits, _ and -, beginning with a letter or _",
      }
    end
  end
end


-- What a format returns: all that `write` makes of names and values, unless there are problems.
function outputs.entries(all, problems, write)
  if #problems > 0 then
    return nil, problems
  end
  local entries = {}
  for name, value in view.sorted(all) do
    entries[#entries + 1] = write(name, value)
  end
  return table.concat(entries)
end


return outputs
