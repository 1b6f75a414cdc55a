local project = require "support.project"

describe("examples/quickstart", function()
  local p, applied

  setup(function()
    p = project.new()
    p:copy "examples/quickstart"
    p:sh "rm -rf .wrangler"
    applied = p:run("apply", "--local", "--yes", "--json")
  end)

  teardown(project.cleanup)

  it("applies nine namespaces with their seeds", function()
    assert.equal(0, applied.code, applied.err)
    assert.equal(9, applied.json().applied.create)
    assert.equal(12, applied.json().applied.put)
    local n = 0
    for _ in pairs(applied.json().outputs) do
      n = n + 1
    end
    assert.equal(9, n)
  end)

  it("then plans nothing, with exit 0 under --detailed-exitcode", function()
    local r = p:run("plan", "--local", "--detailed-exitcode", "--json")
    assert.equal(0, r.code, r.err)
    assert.same({}, r.json().actions)
    assert.equal("", r.err)
  end)

  it("runs its steps again and again", function()
    for _ = 1, 2 do
      local r = p:sh "./run cfkv"
      assert.equal(0, r.code, r.err)
      assert.truthy(r.out:find("\ncache_dev = %x+\n"))
    end
  end)
end)

describe("examples/account", function()
  teardown(project.cleanup)

  it("plans, applies and finds nothing left to do, on the emulator", function()
    local p = project.new()
    p:copy "examples/account"
    local r = p:sh "./run cfkv"
    assert.equal(0, r.code, r.err)
    assert.truthy(r.out:find("applied: 8 namespaces created, 1 namespace adopted, 20 keys put", 1, true), r.out)
    assert.truthy(r.out:find("Plan: no changes; 20 keys are as declared.", 1, true), r.out)
    assert.truthy(r.out:find("Drift: 0 differences in 9 namespaces.", 1, true), r.out)
    assert.truthy(r.out:find("\nshop_config_prod = %x+\n"), r.out)
    assert.same({ "kv.lua", "run", "seed/redirects.jsonl" }, p:files(), "it leaves something behind")
  end)
end)

describe("make install", function()
  after_each(project.cleanup)

  it("puts program and Lua files for editors below DESTDIR and PREFIX, and uninstall removes them", function()
    local p = project.new()
    local make = "make -C " .. project.quote(os.getenv "PWD") .. " DESTDIR=" .. p.dir .. "/root PREFIX=/usr "
    local r = p:sh(make .. "install", { timeout = 300 })
    assert.equal(0, r.code, r.err)
    local lua = "usr/share/cfkv/stdlib/"
    assert.same({ "usr/bin/cfkv", lua .. "cfkv/matrix.lua", lua .. "cfkv/naming.lua", lua .. "cfkv/versioned.lua",
      lua .. "meta/cfkv.lua" }, p:files "root")
    assert.equal("cfkv", p:sh("root/usr/bin/cfkv version").out:match "%S+")
    assert.equal(0, p:sh(make .. "uninstall").code)
    assert.same({}, p:files "root")
  end)
end)
