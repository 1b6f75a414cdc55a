--- What is on the disk after a run, read without cfkv: wrangler's store, the registry, the backups.
--
--     local world = require "fault.world"
--
-- world.look(p) → {
--     titles    = { [title] = id }, as registered
--     keys      = { ["title: key"] = text }, every stored pair: its value, and in brackets its
--                 expiration (seconds since the epoch) and metadata when it has them
--     blobs     = { ["title: key"] = blob id }
--     orphans   = files of values that cfkv wrote and no pair refers to. (Those of other programs
--                 are never swept: a kill can leave one that was replaced.)
--     journal   = number of journal lines that wait to be folded in
--     documents = { [name] = state document }
-- }
-- world.backups(p)          the text of all finished backups
-- world.write(p, id, pairs) writes pairs as wrangler would (it knows nothing of cfkv): key → value
-- world.sql(p, database, text)  runs SQL on a database of the project

local cjson = require "cjson"
local project = require "support.project"

local world = {}

world.registry = ".wrangler/state/v3/cfkv.sqlite"


function world.sql(p, database, text)
  local r = p:sh("sqlite3 -bail " .. project.quote(database), { stdin = text })
  assert(r.code == 0, r.err)
  return r.out
end


-- Prints one JSON object a line: every row of the registry and of the namespaces' databases, and
-- every file of a value. Runs in the project's folder.
world.LOOK = [=[
  v3=.wrangler/state/v3
  shopt -s nullglob
  {
    [ ! -e $v3/cfkv.sqlite ] || echo "
      ATTACH '$v3/cfkv.sqlite' AS r;
      SELECT json_object('table', 'namespace', 'id', id, 'title', title) FROM r.namespaces;
      SELECT json_object('table', 'document', 'name', name, 'content', CAST(content AS TEXT)) FROM r.documents;
      SELECT json_object('table', 'journal') FROM r.journal;
      DETACH r;"
    for f in $v3/kv/miniflare-KVNamespaceObject/[0-9a-f]*.sqlite; do
      echo "
        ATTACH '$f' AS d;
        SELECT json_object('table', 'entry', 'key', key, 'blob', blob_id, 'expiration', expiration,
                           'metadata', metadata, 'database', '$f') FROM d._mf_entries;
        DETACH d;"
    done
    for f in $v3/kv/*/blobs/*; do
      echo "SELECT json_object('table', 'blob', 'file', '$f', 'value', CAST(readfile('$f') AS TEXT));"
    done
  } | sqlite3 -bail :memory:
]=]


local function shown(row, value)
  local text = value
  if row.expiration ~= cjson.null then
    text = ("%s [expires %d]"):format(text, row.expiration // 1000)
  end
  if row.metadata ~= cjson.null then
    text = ("%s [%s]"):format(text, row.metadata)
  end
  return text
end


-- How each kind of line changes what was seen; entries come after all others.
local add = {}


function add.namespace(seen, row)
  seen.titles[row.title] = row.id
  seen.title_of[row.id] = row.title
end


function add.document(seen, row)
  seen.documents[row.name] = row.content
end


function add.journal(seen)
  seen.journal = seen.journal + 1
end


function add.blob(seen, row)
  local id, blob = row.file:match "([^/]+)/blobs/([^/]+)$"
  seen.stored[blob] = { id = id, value = row.value, file = row.file }
end


function add.entry(seen, row)
  local blob = seen.stored[row.blob]
  if not blob then
    seen.keys["?: " .. row.key] = "its value is missing"
    return
  end
  local name = ("%s: %s"):format(seen.title_of[blob.id] or "unregistered " .. blob.id, row.key)
  seen.keys[name] = shown(row, blob.value)
  seen.blobs[name] = row.blob
  seen.database_of[blob.id] = row.database
  blob.referred = true
end


-- What the output of LOOK says.
function world.seen(lines)
  local seen = {
    titles = {}, keys = {}, blobs = {}, orphans = {}, journal = 0, documents = {},
    title_of = {}, stored = {}, database_of = {},
  }
  local entries = {}
  for line in lines:gmatch "[^\n]+" do
    local row = cjson.decode(line)
    if row.table == "entry" then
      entries[#entries + 1] = row
    else
      add[row.table](seen, row)
    end
  end
  for _, row in ipairs(entries) do
    add.entry(seen, row)
  end
  for name, blob in pairs(seen.stored) do
    if not blob.referred and name:find "^cfkv%-" then
      seen.orphans[#seen.orphans + 1] = blob.file
    end
  end
  return seen
end


function world.look(p)
  local r = p:sh(world.LOOK)
  assert(r.code == 0, r.err)
  return world.seen(r.out)
end


function world.backups(p)
  local texts = {}
  for _, name in ipairs(p:exists ".cfkv/backups" and p:files ".cfkv/backups" or {}) do
    if name:find "%.jsonl$" then
      texts[#texts + 1] = p:read(".cfkv/backups/" .. name)
    end
  end
  return table.concat(texts)
end


function world.write(p, id, pairs_to_write)
  local database = world.look(p).database_of[id]
  assert(database, "namespace " .. id .. " holds nothing yet")
  for key, value in pairs(pairs_to_write) do
    local blob = ("%064x%016x"):format(#key * 1000 + #value, 1)
    p:write((".wrangler/state/v3/kv/%s/blobs/%s"):format(id, blob), value)
    world.sql(p, database, ("REPLACE INTO _mf_entries VALUES ('%s', '%s', NULL, NULL);"):format(key, blob))
  end
end


-- For cases in one shell: what a step says goes to files beside the folder, its exit code is a line
-- on stdout.
world.STEP = [[
  step() {
    local name=$1
    shift
    "$@" >../$name.out 2>../$name.err
    echo "$name $?"
  }
]]


return world
