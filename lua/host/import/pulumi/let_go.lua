-- How Pulumi, or SST, is made to forget what cfkv manages from now on: commands for a shell, and comments.

local member = require "import.pulumi.member"
local text = require "text"
local view = require "view"

local let_go = {}

local DEPENDENTS = 10 -- that are named
local LINES = 20      -- commands; more are a loop


-- URNs of all that a resource was made from.
local function depends_on(resource)
  local seen = {}
  local function add(urn)
    if type(urn) == "string" then
      seen[urn] = true
    end
  end
  for _, urn in ipairs(member.list(resource, "dependencies")) do
    add(urn)
  end
  for _, list in pairs(member.object(resource, "propertyDependencies") or {}) do
    for _, urn in ipairs(view.is_array(list) and list or {}) do
      add(urn)
    end
  end
  add(resource.parent)
  add(resource.deletedWith)
  return seen
end


-- Names of what stays and was made from what goes.
local function dependents(all, going)
  local names = {}
  for _, resource in ipairs(all) do
    local urn = member.string(resource, "urn")
    if urn and not going[urn] then
      for other in pairs(depends_on(resource)) do
        if going[other] then
          local _, _, name = member.urn(urn)
          names[#names + 1] = text.quoted(name or urn)
          break
        end
      end
    end
  end
  return names
end


-- Keys first: what a resource was made from goes behind it.
local function in_order(list)
  local ordered = {}
  for _, kind in ipairs { "key", "namespace" } do
    for _, one in ipairs(list) do
      if one.kind == kind and member.urn(one.ref) then
        ordered[#ordered + 1] = one
      end
    end
  end
  return ordered
end


local function pulumi_line(one, stack)
  return ("pulumi state delete %s%s%s"):format(text.shell(one.ref),
    stack and stack ~= "" and " --stack " .. text.shell(stack) or "",
    member.flag(one.resource, "protect") and " --force" or "")
end


local function sst_line(one, stage)
  return ("sst state remove %s%s"):format(text.shell(one.name),
    stage and stage ~= "" and " --stage " .. text.shell(stage) or "")
end


-- Whether SST made it: a component of its own is above it.
local function is_sst(list)
  for _, one in ipairs(list) do
    if one.ref:find("::sst:", 1, true) then
      return true
    end
  end
  return false
end


-- Of many in one stack: its resources stand behind what they were made from, so the last one goes first.
local LOOP = [[
pulumi stack export%s | jq -r '.deployment.resources[]
    | select(.type | IN("cloudflare:index/workersKv:WorkersKv",
        "cloudflare:index/workersKvNamespace:WorkersKvNamespace"))
    | select(.delete != true and .external != true) | .urn' | tac |
  while read -r urn; do pulumi state delete "$urn"%s --yes%s </dev/null; done]]

local function loop_lines(ordered, stack)
  local protected = ""
  for _, one in ipairs(ordered) do
    protected = member.flag(one.resource, "protect") and " --force" or protected
  end
  local option = stack and stack ~= "" and " --stack " .. text.shell(stack) or ""
  local lines = {}
  for line in LOOP:format(option, option, protected):gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end
  return lines
end


local PROGRAM = "# take them out of the program as well, and do not run 'pulumi destroy': what is in the "
  .. "program and not in the stack, the next 'pulumi up' makes anew"
local SST = "# or write removal: \"retain\" into sst.config.ts, deploy, and take the components out; 'sst remove' "
  .. "without it deletes the namespaces with all keys"


-- The name of a stack: as its checkpoint has it, else as the URNs have it.
local function stack_of(one, checkpoint)
  return checkpoint and checkpoint:find "^[%w_./-]+$" and checkpoint or member.urn(one.ref)
end


local function line_of(one, sst, checkpoint)
  if not text.is_plain(one.ref) then
    return "# one whose name no terminal can show: pulumi state delete lists it"
  elseif sst and one.name then
    return sst_line(one, (member.urn(one.ref)))
  end
  return pulumi_line(one, stack_of(one, checkpoint))
end


-- Lines for a shell. `list`: what was imported, as import.pulumi.resources has it; `all`: the resources of the
-- stack; `checkpoint`: the name that a checkpoint says.
function let_go.lines(list, all, checkpoint)
  local ordered, going, lines = in_order(list), {}, {}
  if #ordered == 0 then
    return lines
  end
  local sst = is_sst(ordered)
  for _, one in ipairs(ordered) do
    going[one.ref] = true
  end
  local names = dependents(all, going)
  if #names > 0 and not sst then
    local more = #names - DEPENDENTS
    local shown = table.concat(names, ", ", 1, math.min(#names, DEPENDENTS))
    lines[1] = ("# first write the ids into the program where %s%s was made from these resources, and run 'pulumi up'")
      :format(shown, more > 0 and (" and %d more"):format(more) or "")
  end
  if #ordered > LINES and not sst then
    local more = loop_lines(ordered, stack_of(ordered[1], checkpoint))
    table.move(more, 1, #more, #lines + 1, lines)
  else
    for _, one in ipairs(ordered) do
      lines[#lines + 1] = line_of(one, sst, checkpoint)
    end
  end
  lines[#lines + 1] = sst and SST or PROGRAM
  return lines
end


return let_go
