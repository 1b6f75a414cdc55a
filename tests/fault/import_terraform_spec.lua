-- What Terraform has, imported where it is: each fixture is imported in a folder of its own from an account that
-- has what is in it. The plan behind it is empty, a second import changes nothing, what is refused writes nothing,
-- and what a person gets to read is in a golden file (GOLDEN=write).
local emulator = require "support.emulator"
local golden = require "support.golden"
local imported = require "support.imported"
local project = require "support.project"
local tf = require "support.terraform"

local FILES = { state = "terraform.tfstate", show = "show.json", plan = "plan.json", configuration = "cdk.tf.json" }


-- Without what all of them begin with.
local function declarations(lua)
  local _, last = lua:find('local cfkv = require "cfkv"\n\n', 1, true)
  return lua:sub(last + 1)
end


-- What is said of one, and the Lua that comes of it.
local function import(p, e, folder, file)
  local r, lua = imported.check(p, e, folder, file)
  return r.err .. (lua and declarations(lua) or "")
end


describe("cfkv import of what Terraform writes:", function()
  after_each(emulator.cleanup_all)

  for _, kind in ipairs { "state", "show", "plan", "configuration" } do
    it(kind, function()
      local function fixtures()
        return dofile("tests/import/terraform/" .. kind .. ".lua")
      end
      local function file_of(fixture)
        return fixture.file or FILES[kind]
      end
      local p, e, all = imported.account("terraform", file_of, fixtures)
      local parts = {}
      for i, fixture in ipairs(all) do
        local folder = "f" .. i
        p:write(folder .. "/" .. file_of(fixture), tf.text(fixture.value))
        parts[i] = ("== %s\n%s"):format(fixture.name, import(p, e, folder, file_of(fixture)))
      end
      golden.check("imported_terraform_" .. kind, golden.masked(table.concat(parts, "\n")))
    end)
  end

  it("all of them at once, of which each namespace is declared once", function()
    local files = {}
    local function fixtures()
      local all = {}
      for _, kind in ipairs { "state", "show", "plan" } do
        for i, fixture in ipairs(dofile("tests/import/terraform/" .. kind .. ".lua")) do
          if not fixture.name:find "version" and not fixture.name:find "no list" and not fixture.name:find "encrypted"
            and not fixture.name:find "providers can do" and not fixture.name:find "two accounts" then
            all[#all + 1] = { name = kind .. i .. ".json", value = fixture.value }
          end
        end
      end
      return all
    end
    local p, e, all = imported.account("terraform", function(fixture)
      return fixture.name
    end, fixtures)
    for i, fixture in ipairs(all) do
      p:write("all/" .. fixture.name, tf.text(fixture.value))
      files[i] = fixture.name
    end
    project.ok(e:run_in_account(p, "-C", "all", "import", table.unpack(files)))
    local plan = e:run_in_account(p, "-C", "all", "plan", "--detailed-exitcode")
    assert.equal(0, plan.code, p:read "all/kv.lua" .. plan.out .. plan.err)
  end)
end)
