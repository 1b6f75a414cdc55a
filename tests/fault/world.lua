--- What is on the disk after a run, read without cfkv: wrangler's store, the registry, the backups.
--
--     local world = require "fault.world"
--
-- world.look(p) → {
--     titles    = { [title] = id }, as registered
--     keys      = { ["title: key"] = text }, every stored pair: its value, and in brackets its
--                 expiration (seconds since the epoch) and metadata when it has them
--     blobs     = { ["title: key"] = blob id }
--     orphans   = files of values that no pair refers to
--     journal   = number of journal lines that wait to be folded in
--     documents = { [name] = state document }
-- }
-- world.backups(p)          the text of all finished backups
-- world.write(p, id, pairs) writes pairs as wrangler would (it knows nothing of cfkv): key → value
-- world.sql(p, database, text)  runs SQL on a database of the project

local cjson = require "cjson"
local project = require "support.project"

local world = {}

local V3 = ".wrangler/state/v3"
local REGISTRY = V3 .. "/cfkv.sqlite"
local OBJECTS = V3 .. "/kv/miniflare-KVNamespaceObject"

world.registry = REGISTRY


function world.sql(p, database, text)
  local r = p:sh("sqlite3 -bail " .. project.quote(database), { stdin = text })
  assert(r.code == 0, r.err)
  return r.out
end


local function databases(p)
  local list = {}
  for _, name in ipairs(p:exists(OBJECTS) and p:files(OBJECTS) or {}) do
    if name:find "^%x+%.sqlite$" then
      list[#list + 1] = OBJECTS .. "/" .. name
    end
  end
  return list
end


-- One look at all databases: { "registry" rows, "entry" rows }, each a decoded JSON object.
local function rows(p)
  local script = {}
  if p:exists(REGISTRY) then
    script[#script + 1] = ([[
      ATTACH '%s' AS r;
      SELECT json_object('table', 'namespace', 'id', id, 'title', title) FROM r.namespaces;
      SELECT json_object('table', 'document', 'name', name, 'content', CAST(content AS TEXT)) FROM r.documents;
      SELECT json_object('table', 'journal') FROM r.journal;
      DETACH r;]]):format(p:path(REGISTRY))
  end
  for _, path in ipairs(databases(p)) do
    script[#script + 1] = ([[
      ATTACH '%s' AS d;
      SELECT json_object('table', 'entry', 'key', key, 'blob', blob_id, 'expiration', expiration,
                         'metadata', metadata) FROM d._mf_entries;
      DETACH d;]]):format(p:path(path))
  end
  local list = {}
  for line in world.sql(p, ":memory:", table.concat(script, "\n")):gmatch "[^\n]+" do
    list[#list + 1] = cjson.decode(line)
  end
  return list
end


-- { [blob id] = { id = namespace id, value = bytes } }
local function blobs(p)
  local found = {}
  for _, name in ipairs(p:exists(V3 .. "/kv") and p:files(V3 .. "/kv") or {}) do
    local id, blob = name:match "^([^/]+)/blobs/([^/]+)$"
    if id then
      found[blob] = { id = id, value = p:read(V3 .. "/kv/" .. name) }
    end
  end
  return found
end


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


local function add_entry(seen, row, stored, title_of)
  local blob = stored[row.blob]
  if not blob then
    seen.keys["?: " .. row.key] = "its value is missing"
    return
  end
  local name = ("%s: %s"):format(title_of[blob.id] or "unregistered " .. blob.id, row.key)
  seen.keys[name] = shown(row, blob.value)
  seen.blobs[name] = row.blob
  blob.referred = true
end


function world.look(p)
  local seen = { titles = {}, keys = {}, blobs = {}, orphans = {}, journal = 0, documents = {} }
  local stored, title_of, entries = blobs(p), {}, {}
  for _, row in ipairs(rows(p)) do
    if row.table == "namespace" then
      seen.titles[row.title] = row.id
      title_of[row.id] = row.title
    elseif row.table == "document" then
      seen.documents[row.name] = row.content
    elseif row.table == "journal" then
      seen.journal = seen.journal + 1
    else
      entries[#entries + 1] = row
    end
  end
  for _, row in ipairs(entries) do
    add_entry(seen, row, stored, title_of)
  end
  for id, blob in pairs(stored) do
    if not blob.referred then
      seen.orphans[#seen.orphans + 1] = blob.id .. "/" .. id
    end
  end
  return seen
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


-- The database whose values lie in the folder of `id`: found by a blob that it refers to.
local function database_of(p, id)
  for blob, b in pairs(blobs(p)) do
    for _, path in ipairs(b.id == id and databases(p) or {}) do
      if world.sql(p, path, ("SELECT 1 FROM _mf_entries WHERE blob_id = '%s';"):format(blob)) ~= "" then
        return path
      end
    end
  end
  error("namespace " .. id .. " holds nothing yet")
end


function world.write(p, id, pairs_to_write)
  local path = database_of(p, id)
  for key, value in pairs(pairs_to_write) do
    local blob = ("%064x%016x"):format(#key * 1000 + #value, 1)
    p:write(("%s/kv/%s/blobs/%s"):format(V3, id, blob), value)
    world.sql(p, path, ("REPLACE INTO _mf_entries VALUES ('%s', '%s', NULL, NULL);"):format(key, blob))
  end
end


return world
