--- Fixtures of files that are imported, and an account of the emulator that has what is in them.
---
---     local account = imported.account(fixtures)      -- fills an account; fixtures are made again by its ids
---     local p, e = imported.maker(all)                -- one that has `all`: title → key → { value, metadata }
---     local r, lua = imported.check(p, e, folder, file)
---                         imports a file that lies in a folder of its own, and holds the laws against it: what is
---                         refused writes nothing (`lua` is nil then), else a plan has nothing to do, and a second
---                         import changes nothing
---
--- `fixtures` is a function that gives the list of { name, value } and is called again when the ids of the
--- account are known; tf.id has them then.
local assert = require "luassert"
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"
local reader = require "support.reader"
local sorted = require "support.sorted"
local tf = require "support.terraform"

local imported = {}


local function titles_by_id()
  local titles = {}
  for title, id in pairs(tf.ids) do
    titles[id] = title
  end
  return titles
end


-- What one file has, as titles and their keys.
local function collect(told, all)
  local by_id, by_ref = titles_by_id(), {}
  for _, one in ipairs(told) do
    local what, fields = one[1], one[2]
    local title = what == "namespace" and (fields.title or by_id[fields.id])
    if type(title) == "string" then
      by_ref[fields.ref] = title
      all[title] = all[title] or {}
    end
  end
  for _, one in ipairs(told) do
    local fields = one[2]
    local title = one[1] == "key" and (fields.ref and by_ref[fields.ref] or by_id[fields.id])
    if title and type(fields.key) == "string" and type(fields.value) == "string" then
      all[title] = all[title] or {}
      all[title][fields.key] = { value = fields.value, metadata = fields.metadata }
    end
  end
end


local function lua_string(s)
  return '"' .. s:gsub(".", function(c)
    return ("\\x%02X"):format(c:byte())
  end) .. '"'
end


-- A configuration that makes all of it.
local function making(all)
  local lines = { 'local cfkv = require "cfkv"\ncfkv.project { name = "maker", title_max = 512 }' }
  for _, title in ipairs(sorted.names(all)) do
    lines[#lines + 1] = "do local ns = cfkv.namespace { title = " .. lua_string(title) .. " }"
    for _, key in ipairs(sorted.names(all[title])) do
      local of = all[title][key]
      lines[#lines + 1] = ("ns:put(%s, %s%s)"):format(lua_string(key), lua_string(of.value), of.metadata
        and ", { metadata = cfkv.json.decode(" .. lua_string(of.metadata) .. ") }" or "")
    end
    lines[#lines + 1] = "end"
  end
  return table.concat(lines, "\n") .. "\n"
end


function imported.maker(all)
  local p = project.quick { ["maker/kv.lua"] = making(all) }
  local e = emulator.start(p, "--memory")
  project.ok(e:run_in_account(p, "-C", "maker", "apply", "--yes"))
  return p, e
end


-- → the project, its emulator, the fixtures.
function imported.account(name, file_of, fixtures)
  tf.ids = {}
  local all = {}
  for _, fixture in ipairs(fixtures()) do
    collect(reader.tell(name, tf.view(fixture.value, file_of(fixture))), all)
  end
  for title in pairs(tf.ids) do
    all[title] = all[title] or {}
  end
  local p, e = imported.maker(all)
  tf.ids = {}
  for _, ns in ipairs(cjson.decode(e:run_in_account(p, "kv", "namespace", "list", "--json").out)) do
    tf.ids[ns.title] = ns.id
  end
  return p, e, fixtures()
end


-- ---- The laws ------------------------------------------------------------------------------------

local function files_of(p, folder)
  local files = {}
  for _, name in ipairs(p:files(folder)) do
    files[name] = not name:find "%.lock$" and p:read(folder .. "/" .. name) or nil
  end
  return files
end


function imported.check(p, e, folder, file)
  local given = files_of(p, folder)
  local r = e:run_in_account(p, "-C", folder, "import", file)
  if r.code ~= 0 then
    assert.equal(3, r.code, r.out .. r.err)
    assert.same(given, files_of(p, folder))
    return r
  end
  local before, plan = files_of(p, folder), e:run_in_account(p, "-C", folder, "plan", "--detailed-exitcode")
  assert.equal(0, plan.code, before["kv.lua"] .. plan.out .. plan.err)
  project.ok(e:run_in_account(p, "-C", folder, "import", file))
  assert.same(before, files_of(p, folder))
  return r, before["kv.lua"]
end


return imported
