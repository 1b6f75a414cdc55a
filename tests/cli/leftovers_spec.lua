-- Ids that stay in wrangler configs when their namespaces go.

local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
local FILE = 'cfkv.wrangler { path = "wrangler.toml" }\n'
local CACHE = 'cfkv.namespace { title = "cache", env = "prod", binding = "CACHE"%s }\n'
local KEPT = 'cfkv.namespace { title = "kept", env = "dev", binding = "KEPT" }\n'
local THIRD = 'cfkv.namespace { title = "third" }\n'
local TOML = 'name = "shop"\n'

describe("an id whose namespace goes", function()
  local p, e

  after_each(emulator.cleanup_all)

  local function apply(...)
    return ok(e:run(p, "apply", "--yes", ...))
  end

  local function declare(...)
    p:write("kv.lua", HEAD .. table.concat { ... })
  end

  local function applied(fields, ...)
    p = project.quick { ["wrangler.toml"] = TOML }
    e = emulator.start(p, "--memory")
    declare(CACHE:format(fields or ""), KEPT, FILE, ...)
    apply()
    return p:run("output", "--json").json() and p:read("wrangler.toml"):match 'id = "(%x+)"'
  end

  local function of_code(r, code)
    local list = {}
    for _, d in ipairs(r.json().diagnostics) do
      if d.code == code then
        list[#list + 1] = d
      end
    end
    return list
  end

  local function left_over(...)
    return of_code(ok(e:run(p, "plan", "--json", ...)), "wrangler.left_over")
  end


  it("is told by plan and apply in a file that is declared no more, which is not edited", function()
    local id = applied()
    local before = p:read "wrangler.toml"
    declare(KEPT)
    local message = ("wrangler.toml:3: warning: binding 'CACHE' of environment 'prod' in 'wrangler.toml' (line 3) " ..
      "keeps the id %s of namespace 'cache', which is deleted"):format(id)
    for _, r in ipairs { ok(e:run(p, "plan")), apply() } do
      assert.matches(message, r.err, 1, true)
      assert.matches("put the file's cfkv.wrangler line back for this apply, which takes it out", r.err, 1, true)
    end
    assert.equal(before, p:read "wrangler.toml")
    assert.same({}, left_over())
  end)


  it("is taken out by the apply that the hint names", function()
    applied()
    declare(KEPT, FILE)
    assert.same({}, left_over())
    apply()
    assert.falsy(p:read("wrangler.toml"):find("CACHE", 1, true))
  end)


  it("is told when the namespace is only forgotten, and works on", function()
    applied ', on_remove = "keep"'
    declare(KEPT)
    local d = left_over()[1]
    assert.matches("of namespace 'cache', which is forgotten", d.message, 1, true)
    assert.matches("the id goes on working", d.hint, 1, true)
    assert.same({ "wrangler.toml", 3 }, { d.file, d.line })
  end)


  it("is told when somebody else deleted the namespace", function()
    local id = applied()
    ok(e:run(p, "kv", "namespace", "delete", "--namespace-id", id, "--yes", "--allow-data-loss"))
    declare(KEPT)
    assert.matches("of namespace 'cache', which is gone", left_over()[1].message, 1, true)
  end)


  it("is told when the namespace is made anew under another one", function()
    local id = applied()
    ok(e:run(p, "kv", "namespace", "delete", "--namespace-id", id, "--yes", "--allow-data-loss"))
    declare(CACHE:format "", KEPT)
    local d = left_over()[1]
    assert.matches(("keeps the id %s of namespace 'cache', which is gone"):format(id), d.message, 1, true)
    declare(CACHE:format "", KEPT, FILE)
    assert.same({}, left_over())
  end)


  it("is not told of what outlives a destroy and is bound by a declared file", function()
    applied ', on_remove = "keep"'
    assert.falsy(ok(e:run(p, "destroy", "--yes")).err:find("keeps the id", 1, true))
  end)


  it("is told in a declared file whose binding was changed by hand", function()
    local id = applied()
    p:write("wrangler.toml", (p:read("wrangler.toml"):gsub('"CACHE"', '"OURS"')))
    declare(KEPT, FILE)
    local d = left_over()[1]
    assert.matches(("binding 'OURS' of environment 'prod' in 'wrangler.toml' (line 3) keeps the id %s of"):format(id),
      d.message, 1, true)
    assert.matches("take the binding out of the file, or give it another id", d.hint, 1, true)
  end)


  it("is told as a preview_id too", function()
    applied ", preview = true"
    declare(KEPT)
    local members = {}
    for _, d in ipairs(left_over()) do
      members[#members + 1] = d.message:match "keeps the (%S+) %x+ of namespace '%S+'"
    end
    assert.same({ "id", "preview_id" }, members)
  end)


  it("is told, with the file, when the file is gone", function()
    local id = applied()
    os.remove(p:path "wrangler.toml")
    declare(KEPT)
    local d = left_over()[1]
    assert.matches(("'wrangler.toml' is not there any more: cfkv wrote the id %s of namespace 'cache' into it, " ..
      "which is deleted, for binding 'CACHE'"):format(id), d.message, 1, true)
    apply()
    assert.same({}, left_over())
  end)


  it("is told of a file that became a link, which is not read", function()
    applied()
    p:write("elsewhere.toml", "this is no TOML = = =")
    os.remove(p:path "wrangler.toml")
    assert(os.execute(("ln -s elsewhere.toml %s"):format(project.quote(p:path "wrangler.toml"))))
    declare(KEPT)
    local d = left_over()[1]
    assert.matches("'wrangler.toml' is not read: cfkv wrote the id", d.message, 1, true)
    assert.matches("leads through a symbolic link; take the binding out of it by hand", d.hint, 1, true)
    apply()
  end)


  it("is told of a recorded path that leads out of the project, which is not read", function()
    for _, path in ipairs { "../outside.toml", "/etc/passwd.toml" } do
      applied()
      p:write("kv.state.json", (p:read("kv.state.json"):gsub('"wrangler.toml"', '"' .. path .. '"')))
      declare(KEPT)
      local d = left_over()[1]
      assert.matches(("'%s' is not read: cfkv wrote the id"):format(path), d.message, 1, true)
      emulator.cleanup_all()
    end
  end)


  it("is told of a file that is no config any more", function()
    applied()
    p:write("wrangler.toml", "= =")
    declare(KEPT)
    assert.matches("'wrangler.toml' is not read", left_over()[1].message, 1, true)
  end)


  it("is told by destroy, of what it does not take out", function()
    applied()
    declare(CACHE:format "", KEPT)
    local r = ok(e:run(p, "destroy", "--yes"))
    assert.matches("'CACHE' of environment 'prod' in 'wrangler.toml' (line 3) keeps the id", r.err, 1, true)
    assert.falsy(r.err:find("line back", 1, true))
    p:write("wrangler.toml", TOML)
    declare(CACHE:format "", KEPT, FILE)
    apply()
    assert.falsy(ok(e:run(p, "destroy", "--yes")).err:find("keeps the id", 1, true))
  end)


  it("is told by runs with filters of what is inside them", function()
    applied("", THIRD)
    declare(THIRD)
    local kept = "of namespace 'kept'"
    assert.equal(1, #left_over("--env", "prod"))
    assert.matches(kept, left_over("--only", "kept")[1].message, 1, true)
    assert.matches("of namespace 'cache'", apply("--env", "prod", "--only", "cache").err, 1, true)
    assert.matches(kept, apply("--env", "dev").err, 1, true)
    assert.same({}, left_over())
  end)


  it("is told by state rm before it asks", function()
    local id = applied()
    local r = p:run("state", "rm", "cache")
    assert.equal(5, r.code)
    assert.matches(("'CACHE' of environment 'prod' in 'wrangler.toml' (line 3) keeps the id %s of namespace 'cache'")
      :format(id), r.err, 1, true)
    r = ok(p:run("state", "rm", "cache", "--yes"))
    assert.matches("the next apply takes it out where the file is declared", r.err, 1, true)
    os.remove(p:path "wrangler.toml")
    assert.matches("'wrangler.toml' is not there any more", ok(p:run("state", "rm", "kept", "--yes")).err, 1, true)
  end)


  it("is told of the local store's own", function()
    p = project.quick { ["wrangler.toml"] = TOML }
    declare(CACHE:format "", KEPT, FILE)
    ok(p:run("apply", "--local", "--yes"))
    declare(KEPT)
    assert.matches("keeps the id %x+ of namespace 'cache', which is deleted",
      ok(p:run("plan", "--local", "--allow-mass-delete")).err)
  end)


  it("is not told locally when it is the account's, and lives there", function()
    applied()
    ok(p:run("apply", "--local", "--yes"))
    declare(KEPT)
    assert.same({}, of_code(ok(p:run("plan", "--local", "--json")), "wrangler.left_over"))
  end)


  it("may go later: that nobody will tell is told when the file is declared no more", function()
    applied()
    declare(CACHE:format "", KEPT)
    assert.matches("'wrangler.toml' is declared no more: its bindings KEPT, CACHE stay, and cfkv takes no more " ..
      "care of them", apply().err, 1, true)
    assert.same({}, of_code(ok(e:run(p, "plan", "--json")), "wrangler.undeclared"))
  end)


  it("is where it was when its file has another name by now, and nothing is told", function()
    applied()
    assert(os.rename(p:path "wrangler.toml", p:path "renamed.toml"))
    declare(CACHE:format "", KEPT, (FILE:gsub("wrangler.toml", "renamed.toml")))
    assert.same({}, ok(e:run(p, "plan", "--json")).json().diagnostics)
  end)
end)
