-- What a restore or a copy is about to overwrite, above its question: as plan/text.lua shows the
-- keys of a plan, and then
--
--   close { shown = keys above, same = keys that stay as they are, more = other keys that are
--     overwritten, hidden = how many of these --verbose shows, complete = there are no others }

local layout = require "layout"
local plan = require "plan.text"

local overwrites = { open = plan.open, section = plan.section }


local function others(rest)
  local hint = rest.hidden > 0 and (" (--verbose shows %d of them)"):format(rest.hidden) or ""
  if rest.more > 0 then
    return ("and %s%s%s\n"):format(rest.complete and "" or "at least ", layout.count(rest.more, "more key"), hint)
  elseif not rest.complete then
    return "and perhaps more: only the first page of keys was looked at\n"
  end
  return ""
end


function overwrites.close(rest)
  if rest.shown == 0 and rest.same == 0 and rest.more == 0 and rest.complete then
    return "no key of these names is there\n"
  end
  local same = layout.count(rest.same, "key of the same name stays as it is", "keys of the same names stay as they are")
  return others(rest) .. (rest.same > 0 and same .. "\n" or "") .. "\n"
end


return overwrites
