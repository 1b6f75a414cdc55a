-- What Terraform writes, as its reader tells of it: each fixture of tests/import/terraform, and what is said when
-- something of them is broken. The golden files are made by GOLDEN=write.
local golden = require "support.golden"
local reader = require "support.reader"
local tf = require "support.terraform"
local views = require "support.views"

local KINDS = { state = "terraform.tfstate", show = "show.json", plan = "plan.json", configuration = "cdk.tf.json" }
local NAMES = { "state", "show", "plan", "configuration" }

local function fixtures(kind)
  return dofile("tests/import/terraform/" .. kind .. ".lua")
end


local function views_of(kind)
  local list = {}
  for i, fixture in ipairs(fixtures(kind)) do
    list[i] = tf.view(fixture.value, KINDS[kind])
  end
  return list
end


describe("import: what Terraform writes", function()
  for _, kind in ipairs(NAMES) do
    it("is read in each shape, with all that is wrong with it: " .. kind, function()
      local parts = {}
      for i, fixture in ipairs(fixtures(kind)) do
        local view = tf.view(fixture.value, fixture.file or KINDS[kind])
        parts[i] = ("== %s\n%s"):format(fixture.name, reader.of("terraform", view))
      end
      golden.check("import_terraform_" .. kind, table.concat(parts, "\n"))
    end)
  end

  it("is not outgrown by what names itself again and again", function()
    local locals, count = { a0 = ("x"):rep(1000) }, {}
    for i = 1, 15 do
      locals["a" .. i] = ("${local.a%d}"):format(i - 1):rep(100)
    end
    for i = 1, 300 do
      count["c" .. i] = { title = "x", count = 999 }
    end
    local before, told = os.clock(), reader.tell("terraform", tf.view({ locals = locals, resource = { [tf.NAMESPACE] =
      tf.with({ a = { title = "${local.a15}" } }, count) } }, "cdk.tf.json"))
    assert.is_true(#told < 10400)
    assert.is_true(os.clock() - before < 5)
  end)

  it("may hold anything anywhere", function()
    math.randomseed(16)
    for _, kind in ipairs(NAMES) do
      assert.is_true(reader.damage("terraform", views_of(kind), 400, { 10, 40, 40 }) > 0)
    end
  end)

  -- In the host state, down to the merged list: a module that raises would end the helper.
  it("may hold anything anywhere, where it is merged, too", function()
    math.randomseed(17)
    local calls = {}
    for _, kind in ipairs(NAMES) do
      for _, view in ipairs(views_of(kind)) do
        view.documents[1].value = reader.mutate(math.random, view.documents[1].value, 30, true)
        calls[#calls + 1] = { "input", view }
      end
    end
    calls[#calls + 1] = { "inventory", {} }
    assert.is_true(#views.call("import", calls) > 10000)
  end)
end)
