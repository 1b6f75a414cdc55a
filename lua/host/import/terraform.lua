-- What Terraform and OpenTofu write: states, what `terraform show -json` prints of states and plans, and
-- configurations in JSON (CDKTF's, and those of `cfkv export`).

local configuration = require "import.terraform.configuration"
local layout = require "layout"
local let_go = require "import.terraform.let_go"
local member = require "import.terraform.member"
local resources = require "import.terraform.resources"
local show = require "import.terraform.show"
local state = require "import.terraform.state"

local terraform = { tool = "terraform" }

local MESSAGE_MAX = 600 -- bytes, of what has addresses of others in it

local SHAPES = { state, show, configuration } -- in this order they are asked


local function shape_of(value, file)
  for _, shape in ipairs(SHAPES) do
    if shape.recognises(value, file) then
      return shape
    end
  end
end


-- `document.value` is of concern.
function terraform.recognises(document, view)
  return document ~= nil and member.is_object(document.value) and shape_of(document.value, view.file) ~= nil
end


-- The inventory's `into`, for messages with what a file calls its things in them.
local function guarded(into)
  local guard = setmetatable({}, { __index = into })
  for _, name in ipairs { "warn", "refuse" } do
    guard[name] = function(line, code, message, hint)
      local cut = #message > MESSAGE_MAX and message:sub(1, MESSAGE_MAX) .. "..." or message
      into[name](line, code, layout.shown(cut), layout.shown(hint))
    end
  end
  return guard
end


function terraform.read(document, view, into)
  local shape = shape_of(document.value, view.file)
  local context = { into = guarded(into), view = view, line = document.line, said = {} }
  local list, program = shape.resources(context, document.value)
  if not list then
    return
  end
  resources.tell(context, list)
  local lines = let_go.lines(resources.in_state(list), program, shape ~= configuration)
  if #lines > 0 then
    into.let_go { lines = lines }
  end
end


return terraform
