-- A stack as Pulumi and SST keep it: { version, deployment = { resources } } as `pulumi stack export` prints it,
-- or { version, checkpoint = { stack, latest = { resources } } }, the file of a backend.

local let_go = require "import.pulumi.let_go"
local member = require "import.pulumi.member"
local resources = require "import.pulumi.resources"
local text = require "text"

local stack = {}

local OLDEST, NEWEST = 3, 4 -- versions of the document; the 4th has the same resources


function stack.recognises(value)
  return value.deployment ~= nil or value.checkpoint ~= nil
    or member.string(member.list(value, "resources")[1], "urn") ~= nil
end


-- Where the resources are; nil where it was told why there are none.
local function deployment_of(document, into)
  local value = document.value
  local checkpoint = member.object(value, "checkpoint")
  local of = member.object(value, "deployment") or member.object(checkpoint, "latest")
    or value.deployment == nil and value.checkpoint == nil and value or nil
  local version = value.version
  if version ~= nil and version ~= OLDEST and version ~= NEWEST then
    local newer = math.type(version) == "integer" and version > NEWEST
    into.refuse(document.line, "import.version", ("the stack is of %s, and %d is read"):format(
      math.type(version) == "integer" and "version " .. version or "a version that is no number", OLDEST),
      newer and "a newer Pulumi wrote it: see whether there is a newer cfkv"
        or "write it anew with a current Pulumi: pulumi stack export >stack.json")
    return nil
  elseif not of then
    into.refuse(document.line, "import.format",
      "the stack holds no deployment: nothing was ever deployed with it, or it is cut off",
      "name the stack that has the namespaces: pulumi stack export --stack NAME >stack.json")
    return nil
  end
  return of, checkpoint
end


-- Why a resource is none that is there, or is somebody else's; nil: it is.
local function reason_to_skip(resource)
  if member.flag(resource, "delete") then
    return "deleted"
  elseif member.flag(resource, "external") then
    return "external"
  elseif member.flag(resource, "pendingReplacement") then
    return "replaced"
  end
end

local SKIPPED = {
  { "deleted", "waits for its deletion (\"delete\": true)", "wait for their deletion (\"delete\": true)",
    "'pulumi up' or 'pulumi refresh' ends it; then export the stack again" },
  { "external", "is only read there (\"external\": true)", "are only read there (\"external\": true)",
    "import what makes them, or name the account with --match" },
  { "replaced", "was deleted and not made anew yet (\"pendingReplacement\": true)",
    "were deleted and not made anew yet (\"pendingReplacement\": true)",
    "'pulumi up' makes them; then export the stack again" },
}


local function tell_skipped(into, line, counts)
  for _, row in ipairs(SKIPPED) do
    local n = counts[row[1]]
    if n then
      into.warn(line, "import.skipped", ("%d resource%s of KV %s, and %s left out"):format(n, n == 1 and "" or "s",
        n == 1 and row[2] or row[3], n == 1 and "is" or "are"), row[4])
    end
  end
end


-- What was going on when the stack was written.
local function tell_pending(into, document, deployment)
  local n, kv = #member.list(deployment, "pending_operations"), nil
  for _, operation in ipairs(member.list(deployment, "pending_operations")) do
    local kind = member.kind(member.string(member.object(operation, "resource"), "type"))
    if (kind == "namespace" or kind == "key") and not kv then
      kv = member.object(operation, "resource")
    end
  end
  if n > 0 then
    local _, _, name = member.urn(member.string(kv, "urn"))
    into.warn(document.line, "import.pending", ("%d operation%s of Pulumi %s not finished when the stack was written%s")
      :format(n, n == 1 and "" or "s", n == 1 and "was" or "were",
        name and (", one of them on %s"):format(text.quoted(name)) or ""),
      "'pulumi refresh' finds out what became of them; then export the stack again")
  end
end


local function resource_of(value)
  local _, _, name = member.urn(member.string(value, "urn"))
  return { resource = value, kind = member.kind(member.string(value, "type")), ref = member.string(value, "urn"),
    name = name, options = value, line = value["@line"] }
end


function stack.read(document, _, into)
  local deployment, checkpoint = deployment_of(document, into)
  if not deployment then
    return
  end
  local counts, list, others = {}, {}, 0
  for _, value in ipairs(member.list(deployment, "resources")) do
    local one = member.is_object(value) and resource_of(value)
    local reason = one and one.kind and reason_to_skip(value)
    if one and reason then
      counts[reason] = (counts[reason] or 0) + 1
    elseif one and one.kind then
      list[#list + 1] = one
      resources.tell(into, one)
    else
      others = others + 1
    end
  end
  tell_skipped(into, document.line, counts)
  tell_pending(into, document, deployment)
  into.foreign(others)
  local lines = let_go.lines(list, member.list(deployment, "resources"), member.string(checkpoint, "stack"))
  if #lines > 0 then
    into.let_go { lines = lines }
  end
end


return stack
