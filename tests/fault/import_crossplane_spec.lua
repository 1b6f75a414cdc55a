-- What Crossplane and operators manage, imported where it is: each file of tests/import/crossplane is imported in a
-- folder of its own from an account that has what is in all of them. The plan behind it is empty, a second import
-- changes nothing, what is refused writes nothing, and what a person gets to read is in a golden file (GOLDEN=write).
local cjson = require "cjson"
local emulator = require "support.emulator"
local golden = require "support.golden"
local imported = require "support.imported"
local project = require "support.project"
local reader = require "support.reader"
local views = require "support.views"

local FOLDER = "tests/import/crossplane/"


-- What a file has, as the program itself sees it, by title.
local function collect(name, all)
  local view = reader.seen(FOLDER, name)
  for _, ns in ipairs(cjson.decode(views.call("import", { { "input", view }, { "inventory", {} } })).namespaces) do
    if ns.title then
      local one = all[ns.title] or { ids = {}, keys = {} }
      all[ns.title] = one
      one.ids[#one.ids + 1] = ns.id
      for _, key in ipairs(ns.keys) do
        one.keys[key.key] = key.value and { value = key.value, metadata = key.metadata }
      end
    end
  end
end


-- By the id of a fixture, what stands for it in the account.
local function real_ids(e, p, all)
  local ids = {}
  for _, ns in ipairs(cjson.decode(e:run_in_account(p, "kv", "namespace", "list", "--json").out)) do
    for _, id in ipairs(all[ns.title].ids) do
      ids[id] = ns.id
    end
  end
  ids["023e105f4ecef8ad9ca31a8372d0c353"] = emulator.ACCOUNT
  return ids
end


describe("cfkv import of manifests of Crossplane", function()
  after_each(emulator.cleanup_all)

  it("declares what is there: nothing is left to do", function()
    local all, keys, parts = {}, {}, {}
    for _, manifest in ipairs(reader.folder "crossplane") do
      collect(manifest.name, all)
    end
    for title, one in pairs(all) do
      keys[title] = one.keys
    end
    local p, e = imported.maker(keys)
    local ids = real_ids(e, p, all)
    for i, manifest in ipairs(reader.folder "crossplane") do
      p:write(("f%d/%s"):format(i, manifest.name), (manifest.text:gsub("%f[%x]" .. ("%x"):rep(32) .. "%f[%X]",
        function(id)
          return ids[id:lower()]
        end)))
      local r, lua = imported.check(p, e, "f" .. i, manifest.name)
      parts[i] = ("== %s\n%s%s"):format(manifest.name, r.err, lua or "")
    end
    assert.is_true(#parts >= 12)
    golden.check("imported_crossplane", golden.masked(table.concat(parts, "\n")))
  end)
end)


describe("cfkv import of 100 MB of what Terraform manages", function()
  after_each(project.cleanup)

  local FOREIGN = '    {"mode":"managed","type":"aws_instance","name":"web","instances":[{"attributes":{"tags":{"Name"'
    .. ':"web","team":"platform"},"user_data":"#!/bin/sh\\necho \\"hello\\"\\n","sizes":[1,2.5,null],"on":true}}]},\n'
  local OURS = '    {"mode":"managed","type":"cloudflare_workers_kv_namespace","name":"n%d","instances":'
    .. '[{"attributes":{"account_id":"%s","id":"%032x","title":"shop-%d"}}]},\n'

  -- A state of the size that people have where everything is in one, with ten namespaces in it.
  local function write_state(path)
    local f, block = assert(io.open(path, "wb")), FOREIGN:rep(50000)
    f:write '{\n  "version": 4,\n  "terraform_version": "1.9.0",\n  "serial": 1,\n  "resources": [\n'
    for i = 1, 10 do
      f:write(block, OURS:format(i, ("a"):rep(32), i, i))
    end
    f:write(FOREIGN:sub(1, -3), "\n  ]\n}\n")
    assert.is_true(f:seek "cur" > 100e6)
    f:close()
  end


  -- The output of a bash line, in an environment of nothing, with the seconds of processor that it took.
  local function timed(p, line)
    local pipe = assert(io.popen(("cd %s && env -i PATH=/usr/bin:/bin HOME=/nonexistent bash -c %s 2>&1"):format(
      project.quote(p.dir), project.quote("TIMEFORMAT=%U; time " .. line))))
    local out = pipe:read "a"
    pipe:close()
    return out, assert(tonumber(out:match "([%d.]+)%s*$"), out)
  end

  it("takes less time than another program that reads it, and 64 MiB at most", function()
    local p = project.new {}
    write_state(p:path "big.tfstate")
    local out, seconds = timed(p, ("( ulimit -v 65536; %s import big.tfstate )"):format(project.quote(project.program)))
    assert.truthy(out:find("found 10 namespaces", 1, true), out)
    local _, jq = timed(p, "jq .version big.tfstate")
    assert.is_true(seconds < jq, ("%.2f s, and jq %.2f s"):format(seconds, jq))
  end)
end)
