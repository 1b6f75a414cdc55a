-- How a controller in a cluster is made to let go of a namespace or key: first that it leaves the real one
-- alone, then its object goes.

local text = require "text"

local let_go = {}

local FIRST = "# take the manifests out of what is applied (git, Helm) first: else they come back"
local OBSERVE = '{"spec":{"managementPolicies":["Observe"]}}'
local ORPHAN = '{"spec":{"deletionPolicy":"Orphan"}}'


-- Namespaced resources of Crossplane 2 have no deletionPolicy.
local function patch_of(group)
  return group:find(".m.", 1, true) and OBSERVE or ORPHAN
end


local function command(verb, resource, name, namespace, tail)
  local place = namespace and " -n " .. text.shell(namespace) or ""
  return ("kubectl %s%s %s %s%s"):format(verb, place, text.shell(resource), text.shell(name), tail or "")
end


-- The lines for a resource; nil: it never was in a cluster, or no name says which it is.
function let_go.lines(value, group, name, namespace, is_first)
  if not name or name:find "^%-" or (namespace or ""):find "^%-" or group == "kv.cloudflare.crossplane.io" then
    return nil
  end
  local version = value.apiVersion:match "/(.*)$"
  local resource = value.kind:lower() .. "." .. version .. "." .. group
  local lines = { is_first and FIRST or nil }
  if group:sub(-7) == ".k1c.io" then
    lines[#lines + 1] = "# its controller knows no way to let go: stop it before, then take off what waits for it"
    lines[#lines + 1] = command("patch", resource, name, namespace,
      " --type merge -p " .. text.shell '{"metadata":{"finalizers":null}}')
  else
    lines[#lines + 1] = command("patch", resource, name, namespace, " --type merge -p " .. text.shell(patch_of(group)))
  end
  lines[#lines + 1] = command("delete", resource, name, namespace)
  return lines
end


return let_go
