-- NAME='value', which a POSIX shell sources; parsers of .env files take it too, but for a value with
-- a single quote, which most of them do not unquote.

local outputs = require "outputs"
local text = require "text"
local view = require "view"

local env = { about = "assignments for a shell or a .env file" }


-- In capitals; what is no letter, digit or _ is _, a character of several bytes one of them; what
-- begins with a digit gets a _ in front.
local function shell_name(name)
  local plain = name:gsub("[\x80-\xBF]", ""):gsub("%W", "_"):upper()
  return plain:find "^[%a_]" and plain or "_" .. plain
end


-- In single quotes nothing but their end is special; for one inside, they end and begin again.
local function shell_quoted(value)
  return "'" .. value:gsub("'", [['\'']]) .. "'"
end


function env.entries(all)
  local problems = {}
  for name, value in view.sorted(all) do
    if outputs.value(value):find("\0", 1, true) then
      problems[#problems + 1] = {
        message = ("output %s has a NUL in its value, which no environment variable can hold")
          :format(text.quoted(name)),
        hint = "--format json can hold it",
      }
    end
  end
  outputs.check_distinct(all, shell_name, problems)
  return outputs.entries(all, problems, function(name, value)
    return shell_name(name) .. "=" .. shell_quoted(outputs.value(value)) .. "\n"
  end)
end


return env
