--- `cfkv import` of Planton's manifests, with the account at hand: those of tests/import/planton that are sound,
--- each with the namespaces and keys that its author has. Behind it a plan has nothing to do, and a second
--- import changes nothing. The golden file has the configurations, and is made by GOLDEN=write.
local cjson = require "cjson"
local emulator = require "support.emulator"
local golden = require "support.golden"
local imported = require "support.imported"
local project = require "support.project"
local reader = require "support.reader"

local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

-- Those that are refused whole, and those that name what other files have.
local UNSOUND = { ["both-spellings.yaml"] = true, ["exported.yaml"] = true, ["hostile.yaml"] = true,
  ["g3-v1alpha1.yaml"] = true, ["g3-worker.yaml"] = true }


local function manifests()
  local list = {}
  for _, manifest in ipairs(reader.folder "planton") do
    list[#list + 1] = not UNSOUND[manifest.name] and manifest or nil
  end
  return list
end


local function ask(e, method, path, body)
  local status, answer = e:ask(method, NAMESPACES .. path, body)
  assert.equal(200, status)
  return answer.result
end


-- The text of a manifest as if its author had made what it says in the account of the emulator.
local function made(e, name, text)
  local told, ids, by_name = reader.tell("planton", reader.yaml(text, name)), {}, {}
  for _, one in ipairs(told) do
    local fields = one[2]
    if one[1] == "namespace" then
      local id = ask(e, "POST", "", cjson.encode { title = fields.title }).id
      ids[fields.id or ""], by_name[fields.name] = id, id
    elseif one[1] == "key" or one[1] == "binding" then
      if fields.id and not ids[fields.id] then
        ids[fields.id] = ask(e, "POST", "", cjson.encode { title = name:match "^[^.]+" .. " by id" }).id
      end
      local id = fields.id and ids[fields.id] or by_name[fields.ref_else or ""]
      if one[1] == "key" and fields.value and id then
        ask(e, "PUT", "/" .. id .. "/bulk", cjson.encode { { key = fields.key, value = fields.value,
          metadata = fields.metadata and cjson.decode(fields.metadata) } })
      end
    end
  end
  ids[""] = nil
  for given, id in pairs(ids) do
    text = text:gsub(given, id):gsub(given:upper(), id)
  end
  return (text:gsub('([aA]ccount_?[iI]d: "?)%x+', "%1" .. emulator.ACCOUNT))
end


describe("cfkv import of Planton's manifests", function()
  local parts, p, e = {}, nil, nil

  setup(function()
    p, e = emulator.quick()
  end)
  teardown(emulator.cleanup_all)

  for _, manifest in ipairs(manifests()) do
    local name = manifest.name

    it("declares just what " .. name .. " says", function()
      local folder = name:match "^[^.]+"
      p:write(folder .. "/" .. name, made(e, name, manifest.text))
      local r, lua = imported.check(p, e, folder, name)
      project.ok(r)
      parts[#parts + 1] = ("== %s\n%s%s%s"):format(name, lua:match "\ncfkv%.project.*",
        r.out:match "\n(found.-\n)\nnext:", r.err)
    end)
  end

  it("writes what a person would have written", function()
    golden.check("import_planton_lua", golden.masked(table.concat(parts, "\n")))
  end)
end)
