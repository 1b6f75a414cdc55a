-- What is kept before a loss is private, and goes with a word only (the rest: backup_spec).
local project = require "support.project"

describe("backups that were kept before a loss", function()
  local p

  local function ok(...)
    local r = p:run(...)
    assert.equal(0, r.code, r.err)
    return r
  end

  local function lose(key)
    ok("kv", "key", "put", key, "v", "--namespace", "n", "--local")
    ok("kv", "key", "delete", key, "--namespace", "n", "--local", "--yes")
  end

  local function listed()
    return ok("backup", "list", "--json").json().backups
  end

  before_each(function()
    p = project.new { ["kv.lua"] = [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", backups = { keep = 2, days = 1 } }
      cfkv.namespace { title = "n", binding = "N" }
    ]] }
    ok("apply", "--local", "--yes")
  end)

  after_each(project.cleanup)

  it("are none at first", function()
    assert.same({}, listed())
    assert.matches("there is no backup in", ok("backup", "list").err, 1, true)
  end)

  it("stay private", function()
    lose "a"
    assert.equal("700\n*\n600\n", p:sh("cd .cfkv/backups; stat -c %a .; cat .gitignore; stat -c %a *").out)
  end)

  it("are not deleted without a word", function()
    lose "a"
    p:sh "cd .cfkv/backups; for f in *; do mv $f $(echo $f | sed s/^20../2001/); done; touch -d 2001-01-01 *"
    lose "b"
    local r = p:run("backup", "purge", "--keep", "1", "--days", "1")
    assert.equal(5, r.code, r.err)
    assert.equal(2, #listed())
  end)
end)
