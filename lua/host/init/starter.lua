-- A first Worker, for a folder that has none: it answers with what cfkv seeds.

local text = require "text"

local starter = {}

local WORKER = [[
// Answers with what kv.lua seeds: `npx wrangler dev`, once `cfkv apply --local` has run.
export default {
  async fetch(request, env) {
    return new Response(await env.KV.get("greeting"));
  },
};
]]


-- Its config, and the Worker where there is none yet.
function starter.worker(view)
  local files = { { path = view.config, text = view.text } }
  if view.worker ~= text.null then
    table.insert(files, 1, { path = view.worker, text = WORKER })
  end
  return files
end


return starter
