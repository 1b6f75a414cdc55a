-- What a script would have written (cfkv run --dry-run), below what it printed: the namespaces and
-- their keys as plan/text.lua shows them, and then
--
--   keys  { new, changed, unchanged, deleted: keys of the namespace above }
--   close { the same of all of them; create, rename, delete: namespaces; writes, deletes: keys that
--           the account would be billed for }

local layout = require "layout"
local plan = require "plan.text"

local dry_run = { open = plan.open, section = plan.section }


local function list(counts)
  local parts = {}
  for _, row in ipairs(counts) do
    local n = row[1]
    if n > 0 then
      parts[#parts + 1] = row[3] and layout.count(n, row[2], row[3]) or ("%d %s"):format(n, row[2])
    end
  end
  return table.concat(parts, ", ")
end


function dry_run.keys(keys)
  local put = keys.new + keys.changed + keys.unchanged
  local kinds = list { { keys.new, "new" }, { keys.changed, "with another value, metadata or expiry" },
    { keys.unchanged, "as it is there", "as they are there" } }
  local lines = {}
  if put > 0 then
    lines[1] = ("  %s would be put: %s\n"):format(layout.count(put, "key"), kinds)
  end
  if keys.deleted > 0 then
    lines[#lines + 1] = ("  %s would be deleted\n"):format(layout.count(keys.deleted, "key"))
  end
  return table.concat(lines)
end


function dry_run.close(all)
  local done = list { { all.create, "namespace created", "namespaces created" },
    { all.rename, "namespace renamed", "namespaces renamed" },
    { all.delete, "namespace deleted", "namespaces deleted" },
    { all.new, "key put", "keys put" }, { all.changed, "key overwritten", "keys overwritten" },
    { all.unchanged, "key written as it is", "keys written as they are" },
    { all.deleted, "key deleted", "keys deleted" } }
  local cost = list { { all.writes, "write", "writes" }, { all.deletes, "delete", "deletes" } }
  return ("\nDry run: nothing was written. Without --dry-run: %s.\n"):format(done ~= "" and done or "nothing")
    .. (cost ~= "" and ("Cost: %s.\n"):format(cost) or "")
end


return dry_run
