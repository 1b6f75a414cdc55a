--- What is imported, collected and merged: lua/host/import.lua and lua/host/import/inventory.lua on views made
--- by hand.
local cjson = require "cjson"
local views = require "support.views"

local A, B = ("a"):rep(32), ("b"):rep(32)
local ID, OTHER = ("1"):rep(32), ("2"):rep(32)


local function live(namespaces, more)
  local view = { account = A, name = "Acme", default = true, namespaces = namespaces }
  for name, value in pairs(more or {}) do
    view[name] = value
  end
  return { "account", view }
end


local function inventory_of(calls)
  calls[#calls + 1] = { "inventory", {} }
  local out = views.call("import", calls)
  return cjson.decode(out)
end


describe("import: what there is", function()
  it("takes what was wanted of an account, by title", function()
    local all = inventory_of {
      live { { id = OTHER, title = "shop-b", wanted = true }, { id = ID, title = "shop-a", wanted = true },
        { id = ("3"):rep(32), title = "other", wanted = false } },
    }
    assert.equal(2, #all.namespaces)
    assert.same({ "shop-a", ID, A }, { all.namespaces[1].title, all.namespaces[1].id, all.namespaces[1].account })
    assert.equal("shop-b", all.namespaces[2].title)
    assert.equal(A, all.default)
  end)

  it("keeps accounts apart", function()
    local all = inventory_of {
      live { { id = ID, title = "same", wanted = true } },
      live({ { id = OTHER, title = "same", wanted = true } }, { account = B, name = "Bee", default = false }),
    }
    assert.equal(2, #all.namespaces)
    assert.same({ A, B }, { all.namespaces[1].account, all.namespaces[2].account })
  end)

  it("refuses a file of no tool that it knows, and says which there are", function()
    local all = inventory_of {
      { "input", { file = "x.json", syntax = "json", documents = { { line = 1, number = 1, skipped = 0,
        value = { hello = "world" } } } } },
    }
    assert.equal(1, #all.problems)
    assert.equal("import.format", all.problems[1].code)
    assert.equal("x.json", all.problems[1].file)
    assert.truthy(all.problems[1].hint:find("Terraform", 1, true))
  end)

  it("refuses to import nothing", function()
    local all = inventory_of { live { { id = ID, title = "x", wanted = false } } }
    assert.equal("import.nothing", all.problems[1].code)
  end)
end)
