-- How Terraform is made to forget what cfkv manages from now on: commands for its state, and the blocks
-- that do the same by a configuration.

local address = require "import.terraform.address"
local layout = require "layout"
local text = require "text"

local let_go = {}

local WIDTH = 118 -- of a command, where one address does not need more
local BLOCKS = 3 -- that are shown


-- Addresses of resources of which all goes, and of single instances of the others.
local function addresses_of(resources)
  local list, of = {}, {}
  for _, resource in ipairs(resources) do
    local group = of[resource.resource]
    if not group then
      group = { whole = true, instances = {}, is_key = resource.is_key }
      of[resource.resource] = group
      list[#list + 1] = { name = resource.resource, group = group }
    end
    group.whole = group.whole and not (resource.of and resource.of.is_partial)
    if resource.goes then
      group.instances[#group.instances + 1] = resource.address
    else
      group.whole = false
    end
  end
  local addresses = {}
  for _, keys in ipairs { true, false } do
    for _, entry in ipairs(list) do
      if (entry.group.is_key or false) == keys and #entry.group.instances > 0 then
        local whole = entry.group.whole and { entry.name } or entry.group.instances
        table.move(whole, 1, #whole, #addresses + 1, addresses)
      end
    end
  end
  return addresses
end


local function commands(program, addresses)
  local lines, head = {}, program .. " state rm"
  local line = head
  for _, one in ipairs(addresses) do
    local word = " " .. text.shell(one)
    if line ~= head and #line + #word > WIDTH then
      lines[#lines + 1], line = line, head
    end
    line = line .. word
  end
  lines[#lines + 1] = line ~= head and line or nil
  return lines
end


-- What a configuration says instead: a resource is removed with all its instances.
local function blocks(addresses)
  local lines, seen, n, more = {}, {}, 0, 0
  for _, one in ipairs(addresses) do
    local from = layout.shown(address.configured(one))
    if not seen[from] then
      seen[from] = true
      n = n + 1
      if n <= BLOCKS then
        lines[#lines + 1] = ("#   removed {\n#     from = %s\n#     lifecycle { destroy = false }\n#   }"):format(from)
      else
        more = more + 1
      end
    end
  end
  if more > 0 then
    lines[#lines + 1] = ("#   … and so for %s"):format(layout.count(more, "more resource"))
  end
  return lines
end


-- Lines for a shell; what is not a command is a comment there. `resources`: { resource, address, is_key, goes };
-- `program`: "terraform" or "tofu"; `blind`: the settings of `lifecycle` were not to be seen.
function let_go.lines(resources, program, blind)
  local addresses = addresses_of(resources)
  if #addresses == 0 then
    return {}
  end
  local lines = {}
  if blind then
    lines[1] = "# A state does not tell what had lifecycle { prevent_destroy } (in kv.lua: protect = true) or"
    lines[2] = "# { ignore_changes } (in kv.lua: policy = \"once\"): see the .tf files before they go."
  end
  lines[#lines + 1] = blind and "# Take the resource blocks out of the .tf files in the same change."
    or "# Take them out of the configuration, or of the program that writes it; where it was applied, as well:"
  local rm = commands(program, addresses)
  table.move(rm, 1, #rm, #lines + 1, lines)
  lines[#lines + 1] = ("# Or have the configuration say it, in place of those blocks (%s):"):format(
    program == "tofu" and "OpenTofu 1.10 and later; before it without lifecycle" or "Terraform 1.7 and later")
  for _, block in ipairs(blocks(addresses)) do
    for line in block:gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
  end
  return lines
end


return let_go
