-- The refusal of an id that cfkv did not write says whose it is, and how it is adopted.

local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { %s, binding = "CONFIG" }
cfkv.wrangler { path = "wrangler.toml" }
]]
local TOML = 'name = "shop"\n\n[[kv_namespaces]]\nbinding = "CONFIG"\nid = "%s"\n'

describe("an id that cfkv did not write", function()
  local p, e, id

  after_each(emulator.cleanup_all)

  local function begin(title)
    p = project.quick { ["kv.lua"] = CONFIG:format 'title = "ours"' }
    e = emulator.start(p, "--memory")
    id = ok(e:run(p, "kv", "namespace", "create", title, "--json")).json().id
    p:write("wrangler.toml", TOML:format(id))
  end

  local function refused(...)
    local r = e:run(p, ...)
    assert.equal(5, r.code, r.err .. r.out)
    return r.err
  end


  it("is refused with the title of its namespace and the declarations that adopt it", function()
    begin "other"
    local err = refused("apply", "--yes")
    assert.matches(("has the id %s, which cfkv did not write (it is namespace 'other'); the declared namespace " ..
      "will be created"):format(id), err, 1, true)
    assert.matches(('hint: cfkv.namespace { title = "other" } adopts it, and { id = "%s" } does under the ' ..
      "declared title; select or another binding leaves it alone; --take-over gives it the declared id")
      :format(id), err, 1, true)
  end)


  it("is adopted by each of the declarations that are named", function()
    for _, declaration in ipairs { 'title = "other"', 'title = "ours", id = "%s"' } do
      begin "other"
      p:write("kv.lua", CONFIG:format(declaration:format(id)))
      ok(e:run(p, "apply", "--yes"))
      assert.equal(TOML:format(id), p:read "wrangler.toml")
      assert.equal(id, p:run("state", "list", "--json").json().namespaces[1].id)
      emulator.cleanup_all()
    end
  end)


  it("is adopted by its id where no Lua string is its title as it stands", function()
    begin 'the "other"'
    local err = refused("apply", "--yes")
    assert.matches("(it is namespace 'the \"other\"')", err, 1, true)
    assert.matches(('hint: cfkv.namespace { id = "%s" } adopts it; select'):format(id), err, 1, true)
  end)


  it("and that another declaration has names that one", function()
    begin "other"
    p:write("kv.lua", CONFIG:format 'title = "ours"' .. 'cfkv.namespace { title = "other" }\n')
    assert.matches("hint: give the binding to that one, which is declared in kv.lua:5; select",
      refused("apply", "--yes"), 1, true)
  end)


  it("is refused by cfkv wrangler with what is recorded of it", function()
    begin "other"
    local both = CONFIG:format 'title = "ours"' .. 'cfkv.namespace { title = "other" }\n'
    p:write("kv.lua", (both:gsub("cfkv.wrangler[^\n]*", "")))
    ok(e:run(p, "apply", "--yes"))
    p:write("kv.lua", both)
    local r = p:run "wrangler"
    assert.equal(5, r.code)
    assert.matches("which cfkv did not write (it is namespace 'other')", r.err, 1, true)
  end)


  it("and that nothing recorded has is looked up by plan", function()
    begin "other"
    p:write("kv.lua", (CONFIG:format('title = "ours"'):gsub("cfkv.wrangler[^\n]*", "")))
    ok(e:run(p, "apply", "--yes"))
    p:write("kv.lua", CONFIG:format 'title = "ours"')
    local r = p:run "wrangler"
    assert.equal(5, r.code)
    assert.matches("hint: cfkv plan says whose it is; select or another binding leaves it alone", r.err, 1, true)
  end)


  it("and that wrangler dev reads is told with where the seeds go instead", function()
    begin "other"
    p:write("kv.lua", CONFIG:format 'title = "ours"' .. 'cfkv.namespace { title = "second", binding = "SECOND" }\n')
    p:write("wrangler.toml", TOML:format(id) .. ('\n[[kv_namespaces]]\nbinding = "SECOND"\nid = "%s"\n'):format(id))
    local told = "binding 'SECOND' in 'wrangler.toml' (line 7) has the id " .. id ..
      ", so wrangler dev does not see what is seeded "
    assert.matches(told .. "into namespace 'second'\n", ok(p:run("plan", "--local")).err, 1, true)
    ok(p:run("apply", "--local", "--yes"))
    assert.matches((told:gsub("%p", "%%%0")) .. "under %x+\n", ok(p:run("plan", "--local")).err)
  end)
end)
