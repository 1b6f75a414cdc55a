-- `--summary`: a plan (apply, drift) in one line an environment, and one of all.

local layout = require "layout"
local words = require "plan.words"

local summary = {}

local head, text


function summary.open(view)
  head, text = view, require "plan.text"
  return text.open(view)
end


-- What the sections hold is counted, not told.
function summary.section(section)
  text.section(section)
  return ""
end


function summary.close(tail)
  local lines = {}
  for i, env in ipairs(words.known(head.environments) or {}) do
    lines[i] = words.environment(env.name, env.account) .. ": "
      .. (head.command == "drift" and layout.count(env.items, "difference") or words.summary(env.summary)) .. "\n"
  end
  return table.concat(lines) .. text.verdict(tail)
end


return summary
