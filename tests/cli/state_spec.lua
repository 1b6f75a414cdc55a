local project = require "support.project"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local ns = cfkv.namespace { app = "shop", purpose = "config", env = "dev", binding = "CONFIG",
  ttl_seconds = 600, description = "flags", protect = true }
ns:put("flags", "s3cret-value")
ns:bulk { { key = "x", value = "1" } }
cfkv.namespace { title = "lone" }
cfkv.output("id", ns.id)
cfkv.output("url", "kv://" .. ns.id .. "/x")
cfkv.output("limits", { max = 17, on = true })
cfkv.output("lines", "a\nb")
]]

local p


before_each(function()
  p = project.new { ["kv.lua"] = CONFIG }
  local r = p:run("apply", "--local", "--yes", "--quiet")
  assert.equal(0, r.code, r.err)
end)

after_each(project.cleanup)

describe("output", function()
  local id

  before_each(function() id = p:run("output", "id", "--local").out:match "^(%x+)\n$" end)

  it("prints one line each, sorted; what would spoil a line is quoted", function()
    local r = p:run("output", "--local")
    assert.equal(0, r.code, r.err)
    assert.equal(("id = %s\nlimits = {\"max\":17,\"on\":true}\nlines = \"a\\nb\"\nurl = kv://%s/x\n")
      :format(id, id), r.out)
  end)

  it("prints the value alone when it is named", function()
    assert.equal("kv://" .. id .. "/x\n", p:run("output", "url", "--local").out)
    assert.equal('{"max":17,"on":true}\n', p:run("output", "limits", "--local").out)
    assert.equal("a\nb\n", p:run("output", "lines", "--local").out)
    assert.equal('"a\\nb"\n', p:run("output", "lines", "--local", "--json").out)
  end)

  it("is an object of name to value with --json", function()
    local document = p:run("output", "--local", "--json").json()
    assert.equal(id, document.id)
    assert.equal(17, document.limits.max)
  end)

  it("does not evaluate the configuration", function()
    p:write("kv.lua", "error 'no'")
    assert.equal(0, p:run("output", "--local").code)
  end)

  it("fails for an unknown name, with the nearest", function()
    local r = p:run("output", "idd", "--local")
    assert.equal(1, r.code)
    assert.equal("cfkv: there is no output 'idd'\n  hint: did you mean 'id'?\n", r.err)
  end)

  it("without --local reads the state file, and says where the outputs are when there is none", function()
    local r = p:run "output"
    assert.equal(1, r.code)
    assert.equal("cfkv: there is no state 'kv.state.json'\n"
      .. "  hint: add --local for the outputs of the local store\n", r.err)
  end)

  it("reads the state file beside the configuration", function()
    p:write("conf/x.state.json", [[{
      "accounts": {}, "outputs": { "a": "b" }, "project": "shop",
      "salt": "00000000000000000000000000000000", "version": 1
    }]])
    local r = p:run("output", "a", "-f", "conf/x.lua")
    assert.equal("b\n", r.out, r.err)
    assert.equal("b\n", p:run("output", "a", "--state", "conf/x.state.json").out)
  end)

  it("refuses a state file that is broken or newer, and leaves it as it is", function()
    for _, text in ipairs { "{", "[]", '{"version":99}', "" } do
      p:write("kv.state.json", text)
      local r = p:run "output"
      assert.equal(3, r.code, text)
      assert.truthy(r.err:find("kv.state.json", 1, true), r.err)
      assert.equal(text, p:read "kv.state.json")
    end
  end)
end)

describe("state", function()
  it("list shows address, id and title", function()
    local r = p:run("state", "list", "--local")
    assert.equal(0, r.code, r.err)
    assert.truthy(r.out:find("lone +%x+  lone\n"))
    assert.truthy(r.out:find("shop/config/dev +%x+  shop%-config%-dev\n"))
    local document = p:run("state", "list", "--local", "--json").json()
    assert.equal(1, document.format_version)
    assert.equal(2, #document.namespaces)
    assert.equal("local", document.namespaces[1].account_id)
  end)

  it("list says when there is nothing", function()
    local r = p:run("state", "list", "--local", "-f", "other.lua")
    assert.equal(0, r.code, r.err)
    assert.equal("", r.out)
    assert.truthy(r.err:find("nothing is recorded yet", 1, true))
  end)

  it("show tells everything recorded, and no value", function()
    local r = p:run("state", "show", "shop/config/dev", "--local")
    assert.equal(0, r.code, r.err)
    for _, part in ipairs { "shop-config-dev", "created", "600", "CONFIG", "'flags'", "inline:1" } do
      assert.truthy(r.out:find(part, 1, true), part)
    end
    local document = p:run("state", "show", "shop/config/dev", "--local", "--json")
    assert.is_true(document.json().protect)
    assert.equal("flags", document.json().keys[1].key)
    assert.equal(1, document.json().bulk[1].count)
    assert.falsy((r.out .. document.out):find("s3cret", 1, true))
  end)

  it("refuses an unknown address, with the nearest", function()
    for _, args in ipairs { { "show" }, { "rm", "--yes" }, { "unprotect" } } do
      local r = p:run("state", args[1], "shop/confg/dev", "--local", args[2])
      assert.equal(1, r.code)
      assert.truthy(r.err:find("did you mean 'shop/config/dev'?", 1, true), r.err)
    end
  end)

  it("mv gives a new address, and the plan then finds it there", function()
    local r = p:run("state", "mv", "lone", "single", "--local")
    assert.equal(0, r.code, r.err)
    p:write("kv.lua", (CONFIG:gsub('title = "lone"', 'title = "single"')))
    local s = p:run("plan", "--local", "--json").json().summary
    assert.equal(1, s.rename)
    assert.equal(0, s.create + s.delete)
  end)

  it("mv refuses an address that is taken", function()
    local r = p:run("state", "mv", "lone", "shop/config/dev", "--local")
    assert.equal(1, r.code)
    assert.truthy(r.err:find("shop/config/dev", 1, true))
  end)

  it("rm forgets after asking; the namespace stays and is adopted again", function()
    assert.equal(5, p:run("state", "rm", "lone", "--local").code)
    local r = p:run("state", "rm", "lone", "--local", "--yes")
    assert.equal(0, r.code, r.err)
    local s = p:run("plan", "--local", "--json").json().summary
    assert.equal(1, s.adopt)
    assert.equal(0, s.create)
  end)

  it("unprotect lifts the recorded protection", function()
    local r = p:run("state", "unprotect", "shop/config/dev", "--local")
    assert.equal(0, r.code, r.err)
    assert.is_false(p:run("state", "show", "shop/config/dev", "--local", "--json").json().protect)
  end)
end)


describe("a state file", function()
  local OLD = [[{
    "accounts": { "local": { "namespaces": {
      "a": { "id": "i", "origin": "created", "title": "a", "ttl_seconds": 0,
        "keys": { "k": { "hmac": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" } } }
    } } },
    "outputs": { "o": { "value": 1 } }, "project": "shop",
    "salt": "000102030405060708090a0b0c0d0e0f", "version": 1
  }]]

  it("of version 1 is read as it is; who writes makes it version 2 and says so, once", function()
    p:write("kv.state.json", OLD)
    local r = p:run("state", "show", "a")
    assert.equal(0, r.code, r.err)
    assert.truthy(r.out:find("'k' (unknown)", 1, true), r.out)
    assert.equal('{"value":1}\n', p:run("output", "o").out)
    assert.equal(OLD, p:read "kv.state.json")
    r = p:run("state", "mv", "a", "b")
    assert.equal(0, r.code, r.err)
    assert.truthy(r.err:find("state 'kv.state.json' is now of format version 2; an older cfkv refuses it", 1, true),
      r.err)
    assert.truthy(p:read("kv.state.json"):find('^{\n  "version": 2,'))
    assert.equal('{"value":1}\n', p:run("output", "o").out)
    r = p:run("state", "mv", "b", "a")
    assert.falsy(r.err:find("version", 1, true), r.err)
  end)

  it("keeps members that this version does not know", function()
    p:write("kv.state.json", (OLD:gsub('"version": 1', '"version": 2, "lineage": { "x": [1] }')
      :gsub('"title": "a"', '"title": "a", "zone": "eu"')))
    assert.equal(0, p:run("state", "mv", "a", "b").code)
    local text = p:read "kv.state.json"
    assert.truthy(text:find('"lineage": {\n    "x": [\n      1\n    ]\n  },', 1, true), text)
    assert.truthy(text:find('"zone": "eu"', 1, true), text)
  end)

  it("that is a link is followed: the link stays, and the lock lies beside what it points to", function()
    p:write("shared/prod.json", OLD)
    p:sh "ln -s shared/prod.json kv.state.json"
    assert.equal(0, p:run("state", "mv", "a", "b").code)
    local r = p:sh "test -L kv.state.json && ls . shared"
    assert.equal(0, r.code)
    assert.truthy(r.out:find("prod.json.lock", 1, true), r.out)
    assert.falsy(r.out:find("kv.state.json.lock", 1, true), r.out)
    assert.truthy(p:read("shared/prod.json"):find('"b": {', 1, true))
    p:sh "rm shared/prod.json"
    for _, args in ipairs { { "list" }, { "mv", "a", "b" } } do
      r = p:run("state", table.unpack(args))
      assert.equal(1, r.code)
      assert.truthy(r.err:find("is a link to a file that does not exist", 1, true), r.err)
    end
    assert.equal(0, p:sh("test -L kv.state.json").code)
  end)

  it("of no bytes is damaged, and left as it is", function()
    p:write("kv.state.json", "")
    for _, args in ipairs { { "list" }, { "mv", "a", "b" } } do
      local r = p:run("state", table.unpack(args))
      assert.equal(3, r.code)
      assert.truthy(r.err:find("'kv.state.json' is damaged: it is empty\n  hint: restore it", 1, true), r.err)
      assert.equal("", p:read "kv.state.json")
    end
  end)
end)
