-- Which environments go and which stay, before the plan of `cfkv sweep`. The view: src/cli/cmd_sweep.c.

local layout = require "layout"
local text = require "text"

local sweep = {}


local function aged(e)
  if e.days == text.null then
    return "of unknown age"
  end
  return e.days == 0 and "of today" or layout.count(e.days, "day") .. " old"
end


-- verdict → why, of one that goes and of those that stay
local WHY = {
  goes = function(e, view)
    local late = e.days ~= text.null and e.days > view.days
    return ("goes: %s, %s%s"):format(layout.count(e.namespaces, "namespace"), aged(e), late and "" or ", not kept")
  end,
  declared = function() return "stays: it is declared" end,
  named = function(e) return ("stays: kept by %s"):format(layout.shown(e.kept_by)) end,
  young = function(e, view)
    return ("stays: %s, and goes after %s"):format(aged(e), layout.count(view.days, "day"))
  end,
  recent = function(e)
    return ("stays: %s, and may have been made after the list of those to keep; the next sweep tells"):format(aged(e))
  end,
  undated = function()
    return "stays: nobody recorded how old it is; 'cfkv destroy --env' removes it, or a list of those to keep"
  end,
}


function sweep.list(view)
  local match = text.quote(view.match)
  if #view.environments == 0 then
    return ("Environments: none is recorded that %s matches.\n\n"):format(match)
  end
  local width = 0
  for _, e in ipairs(view.environments) do
    width = math.max(width, text.columns(layout.shown(e.env)))
  end
  local lines = { ("Environments that %s matches:\n"):format(match) }
  for _, e in ipairs(view.environments) do
    lines[#lines + 1] = ("  %s %s  %s\n"):format(e.verdict == "goes" and "-" or " ",
      layout.pad(layout.shown(e.env), width), WHY[e.verdict](e, view))
  end
  return table.concat(lines) .. "\n"
end


return sweep
