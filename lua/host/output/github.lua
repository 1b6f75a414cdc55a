-- What a step of GitHub Actions appends to $GITHUB_OUTPUT or $GITHUB_ENV: name=value, or
-- name<<DELIMITER, the value and the delimiter on lines of their own. The runner takes the bytes
-- between the two lines but for the newline before the second one, so newlines at the end of a value
-- stay. (A runner on Windows takes away a CR that a value ends in as well.)

local outputs = require "outputs"
local text = require "text"

local github = { about = "lines for $GITHUB_OUTPUT" }


-- One that nobody who chose the value can have known.
local function delimiter(value)
  local chosen
  repeat
    chosen = "ghadelimiter_" .. text.random()
  until not value:find(chosen, 1, true)
  return chosen
end


function github.entries(all)
  local problems = {}
  outputs.check_identifiers(all, problems)
  outputs.check_distinct(all, string.lower, problems) -- as GitHub looks names up
  return outputs.entries(all, problems, function(name, value)
    value = outputs.value(value)
    if not value:find "[\r\n]" then
      return name .. "=" .. value .. "\n"
    end
    local line = delimiter(value)
    return name .. "<<" .. line .. "\n" .. value .. "\n" .. line .. "\n"
  end)
end


return github
