-- cfkv.migrate, killed before each write in turn: the next run finishes, and no key is lost or changed twice.
local project = require "support.project"

local SCRIPT = [[
  local cfkv = require "cfkv"
  local function rewrite(name, prefix, fn) return { name = name, prefix = prefix, rewrite = fn } end
  local r = assert(cfkv.migrate("shop", {
    rewrite("names", "user:", function(key) return "users/" .. key:sub(6) end),
    rewrite("values", "users/", function(key, value)
      local user = cfkv.json.decode(value)
      if user.v == 1 then return key, { v = 2, n = user.n * 10 } end
    end),
    { name = "count", run = function(ns)
      local n = 0
      for _ in cfkv.key.list(ns, { prefix = "users/" }) do n = n + 1 end
      cfkv.key.put(ns, "count", tostring(n))
    end },
  }))
  print(table.concat(r.ran, " "))
]]

local SHOW = [[
  local cfkv = require "cfkv"
  for k in cfkv.key.list "shop" do
    if k.key:sub(1, 5) ~= "cfkv/" then
      print(k.key, cfkv.key.get("shop", k.key), cfkv.json.encode(k.metadata or cfkv.null))
    end
  end
]]

local WANT = 'bystander\tb\tnull\ncount\t3\tnull\nusers/1\t{"n":10,"v":2}\t{"i":1}\n' ..
  'users/2\t{"n":20,"v":2}\t{"i":2}\nusers/3\t{"n":30,"v":2}\t{"i":3}\n'

describe("cfkv.migrate, killed:", function()
  after_each(project.cleanup)

  it("at every point, and run again", function()
    local n, ended = 0, false
    while not ended do
      n = n + 1
      local p = project.quick { ["migrate.lua"] = SCRIPT, ["show.lua"] = SHOW, ["seed.lua"] = [[
        local cfkv = require "cfkv"
        cfkv.strict()
        cfkv.namespace.create "shop"
        for i = 1, 3 do cfkv.key.put("shop", "user:" .. i, { v = 1, n = i }, { metadata = { i = i } }) end
        cfkv.key.put("shop", "bystander", "b")
      ]] }
      project.ok(p:run("run", "--local", "seed.lua"))
      local r = p:run("run", "--local", "migrate.lua", { env = { CFKV_FAULT = "kill:" .. n } })
      ended = r.code == 0
      assert.is_true(ended or r.code == 128 + 9, r.err)
      project.ok(p:run("run", "--local", "migrate.lua"))
      assert.equal(WANT, project.ok(p:run("run", "--local", "show.lua")).out, "killed at " .. n)
      assert.equal("\n", project.ok(p:run("run", "--local", "migrate.lua")).out)
      p:remove()
    end
    assert.is_true(n > 15, n .. " points")
  end)
end)
