-- A disk that is full during a backup: it says so, nothing passes for whole, and what was written
-- is gone on with once there is room.

local cjson = require "cjson"
local project = require "support.project"

local ok = project.ok

describe("a backup onto a full disk", function()
  after_each(project.cleanup)

  for _, name in ipairs { "b.jsonl", "b.jsonl.gz" } do
    it("is gone on with when there is room: " .. name, function()
      local items = {}
      for i = 1, 300 do
        items[i] = cjson.encode { key = ("k%03d"):format(i), value = ("v"):rep(1000) .. i } .. "\n"
      end
      local p = project.new { ["items.jsonl"] = table.concat(items),
        ["kv.lua"] = 'require("cfkv").project { name = "b" } require("cfkv").namespace { title = "src" }' }
      ok(p:run("apply", "--local", "--yes"))
      ok(p:run("kv", "bulk", "put", "items.jsonl", "--namespace", "src", "--local"))
      local r = p:run("backup", "src", "--local", "-o", name, { before = "trap '' XFSZ; ulimit -f 200;" })
      assert.equal(1, r.code)
      assert.match("cannot write '" .. name:gsub("%p", "%%%0") .. "%.partial'", r.err)
      assert.match("goes on", r.err)
      assert.falsy(p:exists(name))
      r = ok(p:run("backup", "src", "--local", "-o", name, "--json"))
      assert.match("from an interrupted run", r.err)
      assert.equal(300, r.json().backups[1].keys)
      assert.falsy(p:exists(name .. ".partial"))
      ok(p:run("restore", name, "--local", "--namespace", "new", "--create"))
    end)
  end
end)
