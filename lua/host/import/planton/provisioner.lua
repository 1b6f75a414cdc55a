-- How Planton lets go of what is imported: it has its resources from Pulumi or OpenTofu, one stack or one
-- state a manifest, and labels say which.

local text = require "text"

local provisioner = {}

local PULUMI = {
  CloudflareKvNamespace = "cloudflare:index/workersKvNamespace:WorkersKvNamespace::kv_namespace",
  CloudflareWorkersKvPair = "cloudflare:index/workersKv:WorkersKv::kv-pair",
}

local TOFU = {
  CloudflareKvNamespace = "cloudflare_workers_kv_namespace.main",
  CloudflareWorkersKvPair = "cloudflare_workers_kv.main",
}

-- Where the programs that Planton runs keep the labels, by the generation of the manifest.
local DOMAINS = { "planton.dev", "openmcf.org", "project-planton.org" }


-- The value of a label under any of the domains: label(labels, "pulumi", "stack.fqdn").
local function label(labels, prefix, name)
  for _, domain in ipairs(DOMAINS) do
    local value = labels[(prefix == "" and "" or prefix .. ".") .. domain .. "/" .. name]
    if type(value) == "string" and value ~= "" then
      return value
    end
  end
end


-- "org", "project", "stack"; nothing: the labels do not say all of it.
local function stack_of(labels)
  local fqdn = label(labels, "pulumi", "stack.fqdn")
  if fqdn then
    local org, project, stack = fqdn:match "^([^/]+)/([^/]+)/([^/]+)$"
    return org, project, stack
  end
  local org, project = label(labels, "pulumi", "organization"), label(labels, "pulumi", "project")
  local stack = label(labels, "pulumi", "stack.name")
  if org and project and stack then
    return org, project, stack
  end
end


local function pulumi_line(kind, labels)
  local org, project, stack = stack_of(labels)
  if not stack then
    return nil
  end
  return ("pulumi state delete %s --stack %s"):format(
    text.shell(("urn:pulumi:%s::%s::%s"):format(stack, project, PULUMI[kind])),
    text.shell(("%s/%s/%s"):format(org, project, stack)))
end


local BACKEND = { { "backend.bucket", "bucket" }, { "backend.key", "key" }, { "backend.object", "object" },
  { "backend.region", "region" }, { "backend.endpoint", "endpoint" } }

-- "gcs, bucket states, key kv.tfstate"; nil: no label says where the state is.
local function backend_of(labels, tool)
  local words = {}
  for _, prefix in ipairs { tool, tool == "tofu" and "terraform" or "tofu" } do
    words[1] = words[1] or label(labels, prefix, "backend.type")
    for _, row in ipairs(BACKEND) do
      local value = words[1] and label(labels, prefix, row[1])
      if value then
        words[#words + 1] = row[2] .. " " .. value
      end
    end
    if #words > 0 then
      return table.concat(words, ", ")
    end
  end
end


local function tofu_line(kind, labels, tool)
  local backend = backend_of(labels, tool)
  if not backend then
    return nil
  end
  return ("%s state rm %s   # where its backend is %s"):format(tool, TOFU[kind], text.quote(backend))
end


-- The command by which what stands behind a manifest of that kind is let go; nil: its labels do not say.
function provisioner.line(kind, labels)
  if not PULUMI[kind] then
    return nil
  end
  local tool = label(labels, "", "provisioner")
  if tool == "tofu" or tool == "terraform" then
    return tofu_line(kind, labels, tool)
  elseif tool == nil and backend_of(labels, "tofu") then
    return tofu_line(kind, labels, "tofu")
  end
  return pulumi_line(kind, labels)
end


return provisioner
