-- `cfkv completions`: host/completions/*.lua are the scripts, one a shell. What they offer they ask the
-- program for (src/cli/complete.h), and put it on the line as text: nothing of it is ever evaluated.

local completions = {}


function completions.script(shell)
  return require("completions." .. shell)
end


return completions
