-- An import that writes a configuration, its seeds and the state, over an older configuration and in an empty
-- folder: killed before each write that outlives the process, and with each of them failing. What is there
-- afterwards is the old or the new, of each file; the next run finishes it, and leaves nothing beside it.
local emulator = require "support.emulator"
local project = require "support.project"

local OLD = 'local cfkv = require "cfkv"\ncfkv.project { name = "mine" }\ncfkv.namespace { title = "shop-a" }\n'


describe("an import", function()
  local p, e

  setup(function()
    p, e = emulator.quick()
    for _, title in ipairs { "shop-a", "shop-b" } do
      project.ok(e:run_in_account(p, "kv", "namespace", "create", title))
      p:write("value", "value of " .. title)
      project.ok(e:run_in_account(p, "kv", "key", "put", "key", "--path", "value", "--namespace", title))
    end
    project.ok(p:sh "rm value")
  end)
  teardown(emulator.cleanup_all)


  local function import(env)
    local all = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
    for name, value in pairs(env or {}) do
      all[name] = value
    end
    return p:run("import", "--all", "--keys", "--yes", { env = all })
  end


  local function begin(old)
    assert(p:sh "rm -rf seed kv.* log .cfkv".code == 0)
    if old then
      p:write("kv.lua", old)
    end
  end


  -- All files and what is in them, but for what differs by chance.
  local function files()
    local all = {}
    for _, path in ipairs(p:files()) do
      if path ~= "log" then
        all[path] = p:read(path):gsub('"salt": "%x+"', "")
      end
    end
    return all
  end


  local function points_of(old)
    begin(old)
    project.ok(import { CFKV_FAULT_LOG = p:path "log" })
    local n = 0
    for name in p:read "log":gmatch "%d+ ([%w.]+)\n" do
      n = n + (name:find "^%l+%.%l+" and 1 or 0)
    end
    return n, files()
  end


  for _, case in ipairs { { "in an empty folder" }, { "over a configuration", OLD } } do
    local where, old = table.unpack(case)

    it(where .. " that is killed is finished by the next one", function()
      local n, wanted = points_of(old)
      assert.is_true(n > 10, n)
      for at = 1, n do
        begin(old)
        local r = import { CFKV_FAULT = "kill:" .. at }
        assert.equal(128 + 9, r.code, at)
        local there = files()
        assert.truthy(there["kv.lua"] == old or there["kv.lua"] == wanted["kv.lua"], at)
        for path, text in pairs(wanted) do
          if path:find "^seed/" then
            assert.truthy(there[path] == nil or there[path] == text, at .. " " .. path)
          end
        end
        project.ok(import())
        assert.same(wanted, files(), "killed before write " .. at)
      end
    end)

    it(where .. " whose write fails writes nothing, or all but the state", function()
      local n, wanted = points_of(old)
      begin(old)
      local before = files()
      for at = 1, n do
        begin(old)
        local r = import { CFKV_FAULT = "fail:" .. at }
        if r.code ~= 0 then
          local there = files()
          assert.equal(1, r.code, at)
          assert.truthy(there["kv.lua"] == old or there["kv.lua"] == wanted["kv.lua"], at)
          if there["kv.lua"] == old then
            there["kv.state.json.lock"] = nil
            assert.same(before, there, at)
          end
        end
        project.ok(import())
        assert.same(wanted, files(), "with write " .. at .. " failing")
      end
    end)
  end
end)
