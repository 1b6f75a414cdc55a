-- What Pulumi writes, imported where it is: each stack of tests/import/pulumi in a folder of its own, from an account
-- that has what is in it. The plan behind it is empty, a second import changes nothing, what is refused writes
-- nothing, and what a person gets to read is in a golden file (GOLDEN=write).
local cjson = require "cjson"
local emulator = require "support.emulator"
local golden = require "support.golden"
local imported = require "support.imported"
local project = require "support.project"
local reader = require "support.reader"

local FOLDER = "tests/import/pulumi/"
local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)
local OURS = "023e105f4ecef8ad9ca31a8372d0c353" -- the account of the fixtures


-- Stacks of one account: titles are unique then. The checkpoints are twins of them (tests/spec).
local function stacks()
  local list = {}
  for _, file in ipairs(reader.folder "pulumi") do
    local name = file.name
    if (name:find "^stack" or name:find "sst") and not name:find "accounts" then
      list[#list + 1] = file
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

  it("leads to a plan that is empty, and to Lua that a person would have written", function()
    local p, e = emulator.quick()
    local list = stacks()
    local ids = fill(e, list)
    local parts = {}
    for i, stack in ipairs(list) do
      local text = stack.text:gsub(OURS, emulator.ACCOUNT):gsub(("%x"):rep(32), ids)
      local folder = stack.name:match "^[%w-]+"
      p:write(folder .. "/stack.json", text)
      local r, lua = imported.check(p, e, folder, "stack.json")
      parts[i] = ("== %s\n%s%s"):format(stack.name, r.err, -- what stands above is everybody's
        lua and lua:match "\n(cfkv%.project.*)" or "")
    end
    golden.check("imported_pulumi", golden.masked(table.concat(parts, "\n")))
  end)

  it("gives an error with its place, or a configuration, whatever is in the file", function()
    math.randomseed(16)
    local p, all = project.quick(), {}
    for name in io.popen("LC_ALL=C ls " .. FOLDER .. "*.json"):lines() do
      all[#all + 1] = cjson.decode(project.slurp(name))
    end
    for round = 1, 150 do
      local value = reader.mutate(math.random, reader.view(all[round % #all + 1]), 25)
      p:write("f/stack.json", cjson.encode(value))
      local r = p:run("-C", "f", "import", "stack.json")
      assert.is_true(r.code == 0 or r.code == 3, r.err)
      assert.falsy(r.err:find("a bug in cfkv", 1, true), r.err)
      if r.code == 3 then
        assert.matches("error: ", r.err, 1, true)
      end
      p:sh "rm -rf f"
    end
  end)

  -- What a shell makes of the lines by which Pulumi lets go: URNs, in the order in which they were deleted.
  local function deleted(p, view)
    local lines
    for _, one in ipairs(reader.tell("pulumi", view)) do
      lines = one[1] == "let_go" and one[2].lines or lines
    end
    p:write("fake/pulumi", '#!/bin/sh\ncase "$1 $2" in "stack export") cat stack.json ;; '
      .. [["state delete") printf '%s\n' "$3" >>deleted ;; *) exit 1; esac]] .. "\n")
    p:sh "chmod +x fake/pulumi"
    local begin = "set -e; PATH=$PWD/fake:$PATH; rm -f deleted; touch deleted\n"
    project.ok(p:sh(begin .. table.concat(lines, "\n") .. "\n"))
    local urns = {}
    for urn in p:read "deleted":gmatch "[^\n]+" do
      urns[#urns + 1] = urn
    end
    return urns
  end

  -- Those of a stack that it may delete by a line of their own; keys first.
  local function urns_of(view)
    local keys, namespaces = {}, {}
    for _, resource in ipairs(view.documents[1].value.deployment.resources) do
      local skipped = type(resource) ~= "table" or resource.delete or resource.external or resource.pendingReplacement
      local list = not skipped and type(resource.urn) == "string" and resource.urn:find "^urn:[ -~]*$"
        and (resource.type:find "WorkersKv$" and keys or resource.type:find "WorkersKvNamespace$" and namespaces)
      if list then
        list[#list + 1] = resource.urn
      end
    end
    return table.move(namespaces, 1, #namespaces, #keys + 1, keys)
  end

  it("says by which commands Pulumi lets go, and a shell takes them as they are meant", function()
    local p = project.quick()
    for _, stack in ipairs(stacks()) do
      if stack.name:find "^stack" and not stack.name:find "empty" and not stack.name:find "version" then
        local view = reader.json(stack.text, stack.name)
        assert.same(urns_of(view), deleted(p, view), stack.name)
      end
    end
  end)

  it("says so in a loop where they are many", function()
    local p, resources = project.quick(), {}
    local function add(kind, name, outputs)
      local token = ("cloudflare:index/workers%s:Workers%s"):format(kind, kind)
      resources[#resources + 1] = { urn = ("urn:pulumi:it's::p::%s::%s"):format(token, name), type = token,
        outputs = outputs }
    end
    for i = 1, 15 do
      local id = ("%032x"):format(i)
      add("KvNamespace", "$(n) " .. i, { id = id, title = "n" .. i, accountId = OURS })
      add("Kv", "k `" .. i .. "`", { namespaceId = id, keyName = "k", value = "v" })
    end
    local text = cjson.encode { version = 3, deployment = { resources = resources } }
    p:write("stack.json", text)
    local urns = deleted(p, reader.json(text, "stack.json"))
    assert.equal(30, #urns)
    for i, resource in ipairs(resources) do
      assert.equal(resource.urn, urns[31 - i])
    end
  end)

  it("takes a checkpoint as it lies in a backend, compressed", function()
    local p, e = emulator.quick()
    local stack = { name = "checkpoint-v6-keys.json", text = project.slurp(FOLDER .. "checkpoint-v6-keys.json") }
    local ids = fill(e, { stack })
    p:write("dev.json", (stack.text:gsub(OURS, emulator.ACCOUNT):gsub(("%x"):rep(32), ids)))
    p:sh "gzip dev.json"
    project.ok(e:run_in_account(p, "import", "dev.json.gz"))
    assert.equal(0, e:run_in_account(p, "plan", "--detailed-exitcode").code)
  end)
end)
