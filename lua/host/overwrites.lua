-- What a restore or a copy is about to overwrite, above its question: keys in the words of plans,
-- and what is known of the others.
--
--   { head = (plan/text.lua), entries = { those that are shown }, same = keys that stay as they are,
--     more = other keys that are overwritten, complete = there are no others than these,
--     hidden = how many of `more` --verbose shows }

local layout = require "layout"
local plan = require "plan.text"

local overwrites = {}


local function others(view)
  local hint = view.hidden > 0 and (" (--verbose shows %d of them)"):format(view.hidden) or ""
  if view.more > 0 then
    return ("and %s%s%s\n"):format(view.complete and "" or "at least ", layout.count(view.more, "more key"), hint)
  elseif not view.complete then
    return "and perhaps more: only the first page of keys was looked at\n"
  end
  return ""
end


function overwrites.text(view)
  local parts = { plan.open(view.head) }
  if #view.entries > 0 then
    parts[#parts + 1] = plan.section { shared = true, entries = view.entries }
  elseif view.same == 0 and view.more == 0 and view.complete then
    return "no key of these names is there\n"
  end
  parts[#parts + 1] = others(view)
  if view.same > 0 then
    parts[#parts + 1] = layout.count(view.same, "key of the same name stays as it is",
      "keys of the same names stay as they are") .. "\n"
  end
  parts[#parts + 1] = "\n"
  return table.concat(parts)
end


return overwrites
