-- What Pulumi writes, imported where it is: each stack of tests/import/pulumi in a folder of its own, from an account
-- that has what is in it. The plan behind it is empty, a second import changes nothing, what is refused writes
-- nothing, and what a person gets to read is in a golden file (GOLDEN=write).
local cjson = require "cjson"
local emulator = require "support.emulator"
local golden = require "support.golden"
local project = require "support.project"
local reader = require "support.reader"

local FOLDER = "tests/import/pulumi/"
local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)
local OURS = "023e105f4ecef8ad9ca31a8372d0c353" -- the account of the fixtures


local function slurp(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read "a"
  f:close()
  return text
end


-- Stacks of one account: titles are unique then. The checkpoints are twins of them (tests/spec).
local function stacks()
  local list = {}
  for name in io.popen("LC_ALL=C ls " .. FOLDER):lines() do
    local sst = name:find "sst"
    if (name:find "^stack" or sst) and not name:find "accounts" then
      list[#list + 1] = { name = name, text = slurp(FOLDER .. name) }
    end
  end
  return list
end


-- Makes what the stacks have → id of the fixture → id of the account.
local function fill(e, list)
  local ids, made = {}, {}
  for _, stack in ipairs(list) do
    local told = reader.tell("pulumi", reader.json(stack.text, stack.name))
    for _, one in ipairs(told) do
      local ns = one[1] == "namespace" and one[2]
      if ns and type(ns.title) == "string" then
        if not made[ns.title] then
          local _, answer = e:ask("POST", NAMESPACES, cjson.encode { title = ns.title })
          made[ns.title] = answer.result.id
        end
        ids[ns.id or ""] = made[ns.title]
      end
    end
    for _, one in ipairs(told) do
      local key = one[1] == "key" and one[2]
      if key and ids[key.id] and type(key.key) == "string" and (key.value or not made[ids[key.id] .. key.key]) then
        made[ids[key.id] .. key.key] = true
        local metadata = type(key.metadata) == "string" and cjson.decode(key.metadata) or key.metadata
        local pair = { key = key.key, value = key.value or "not in the stack", metadata = metadata }
        assert.equal(200, (e:ask("PUT", ("%s/%s/bulk"):format(NAMESPACES, ids[key.id]), cjson.encode { pair })))
      end
    end
  end
  return ids
end


describe("cfkv import of what Pulumi writes", function()
  after_each(emulator.cleanup_all)

  local function files_of(p, folder)
    local parts = {}
    for _, name in ipairs(p:files(folder)) do
      parts[#parts + 1] = not name:find "%.lock$" and name .. "\n" .. p:read(folder .. "/" .. name) or nil
    end
    return table.concat(parts, "\n")
  end

  -- What a person reads of it.
  local function import(p, e, folder, file)
    local r = e:run_in_account(p, "-C", folder, "import", file)
    if r.code ~= 0 then
      assert.equal(3, r.code, r.out .. r.err)
      assert.same({ file }, p:files(folder))
      return r.err
    end
    local plan = e:run_in_account(p, "-C", folder, "plan", "--detailed-exitcode")
    assert.equal(0, plan.code, files_of(p, folder) .. plan.out .. plan.err)
    local before = files_of(p, folder)
    project.ok(e:run_in_account(p, "-C", folder, "import", file))
    assert.equal(before, files_of(p, folder))
    return r.err .. p:read(folder .. "/kv.lua"):match "\n(cfkv%.project.*)" -- what stands above is everybody's
  end

  it("leads to a plan that is empty, and to Lua that a person would have written", function()
    local p, e = emulator.quick()
    local list = stacks()
    local ids = fill(e, list)
    local parts = {}
    for i, stack in ipairs(list) do
      local text = stack.text:gsub(OURS, emulator.ACCOUNT):gsub(("%x"):rep(32), ids)
      local folder = stack.name:match "^[%w-]+"
      p:write(folder .. "/stack.json", text)
      parts[i] = ("== %s\n%s"):format(stack.name, import(p, e, folder, "stack.json"))
    end
    golden.check("imported_pulumi", golden.masked(table.concat(parts, "\n")))
  end)

  it("takes a checkpoint as it lies in a backend, compressed", function()
    local p, e = emulator.quick()
    local stack = { name = "checkpoint-v6-keys.json", text = slurp(FOLDER .. "checkpoint-v6-keys.json") }
    local ids = fill(e, { stack })
    p:write("dev.json", (stack.text:gsub(OURS, emulator.ACCOUNT):gsub(("%x"):rep(32), ids)))
    p:sh "gzip dev.json"
    project.ok(e:run_in_account(p, "import", "dev.json.gz"))
    assert.equal(0, e:run_in_account(p, "plan", "--detailed-exitcode").code)
  end)
end)
