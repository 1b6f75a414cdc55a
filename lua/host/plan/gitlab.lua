-- The report artefacts of GitLab that stand in a merge request: of a plan (drift) the one named
-- terraform, of validate the one named codequality.

local text = require "text"
local view = require "view"
local words = require "plan.words"

local gitlab = {}

local known = words.known

local head, counts

local REPORT = { ["+"] = "create", ["-"] = "delete", ["~"] = "update", ["!"] = "update" }
local BY_DRIFT = { deleted = "create", expired = "create", added = "delete" } -- what apply will do


local function count(entry)
  local n = known(entry.namespaces) and entry.namespaces.count or 1
  local bulk = known(entry.counts)
  if bulk and entry.action == "put" then
    counts.create = counts.create + bulk.new
    counts.update = counts.update + bulk.changed + bulk.overwrite
    return
  end
  local kind = head.command == "drift" and (BY_DRIFT[entry.action] or "update")
    or entry.action == "adopt" and "update" or REPORT[words.sign(entry)]
  if kind then
    counts[kind] = counts[kind] + n
  end
end


function gitlab.open(view_of_head)
  head, counts = view_of_head, { create = 0, update = 0, delete = 0 }
  return ""
end


function gitlab.section(section)
  for _, entry in ipairs(section.entries) do
    count(entry)
  end
  return ""
end


-- What stays the same from one run to the next, so that GitLab tells new ones from old ones.
local function fingerprint(diag)
  return text.digest(diag.code .. "\0" .. (known(diag.file) or "") .. "\0" .. diag.message)
end


local function quality()
  local items = {}
  for i, diag in ipairs(head.diagnostics) do
    local line = known(diag.line) or 1
    items[i] = ('{"check_name":%s,"description":%s,"fingerprint":"%s","location":{"lines":{"begin":%d},"path":%s},'
      .. '"severity":"%s"}'):format(text.string(diag.code), text.string(diag.message), fingerprint(diag),
      math.max(line, 1), text.string(known(diag.file) or known(head.by) or "kv.lua"),
      diag.severity == "error" and "major" or "minor")
  end
  return "[" .. table.concat(items, ",") .. "]\n"
end


function gitlab.close(tail)
  if head.command == "validate" then
    return quality()
  elseif known(head.verdict) then -- there is no plan
    return ""
  end
  counts.update = counts.update + #(known(tail.outputs) or {})
  return view.json(counts) .. "\n"
end


return gitlab
